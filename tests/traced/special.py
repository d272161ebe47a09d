"""What single model types need beside the common way: how they are built, their parts, their dummy inputs."""

import json
import pathlib
import tempfile
import types

import torch
import transformers
from optimum.exporters.tasks import TasksManager

import tiny

# Model types of which there is nothing to trace.
REASONS = {
    "internlm2": "its code is no part of transformers",
    "trocr": "transformers has only its decoder, and no model that has this contract's encoder as well",
    "vit_mae": "it hides patches at random",
    "vits": "it draws its noise at random",
}

# Another task than the first of the preferred ones.
TASKS = {
    "perceiver": "fill-mask",
    "imagegpt": "feature-extraction",
    "siglip": "zero-shot-image-classification",
    "metaclip_2": "zero-shot-image-classification",
}

# (part, variant, behavior, use_past, use_past_in_inputs) of model types that are exported as several files.
PARTS = {
    "sam": [
        ("vision_encoder", "split", None, False, False),
        ("prompt_encoder_mask_decoder", "split", None, False, False),
    ],
    "metaclip_2": [
        ("monolith", "monolith", None, False, False),
        ("vision_model", "split", None, False, False),
        ("text_model", "split", None, False, False),
    ],
    "speecht5": [
        ("encoder", "with-past", "encoder", False, False),
        ("decoder", "with-past", "decoder", True, False),
        ("postnet_and_vocoder", "with-past", None, True, False),
    ],
    "musicgen": [
        ("text_encoder", None, None, False, False),
        ("encodec_decode", None, None, False, False),
        ("decoder/10", None, "decoder", True, False),
        ("decoder/11", None, "decoder", True, True),
        ("build_delay_pattern_mask", None, None, False, False),
    ],
    "colpali": [(None, "vision", None, False, False), (None, "text", None, False, False)],
}

ARGUMENTS_OF_PART = {
    ("sam", "vision_encoder"): {"vision_encoder": True},
    ("sam", "prompt_encoder_mask_decoder"): {"vision_encoder": False},
    ("metaclip_2", "vision_model"): {"vision_model": True},
    ("metaclip_2", "text_model"): {"vision_model": False},
    ("speecht5", "postnet_and_vocoder"): {"is_postnet_and_vocoder": True},
    ("musicgen", "text_encoder"): {"model_part": "text_encoder"},
    ("musicgen", "encodec_decode"): {"model_part": "encodec_decode"},
    ("musicgen", "decoder/10"): {"model_part": "decoder"},
    ("musicgen", "decoder/11"): {"model_part": "decoder"},
    ("musicgen", "build_delay_pattern_mask"): {"model_part": "build_delay_pattern_mask"},
}

# Sizes of dummy inputs at which the trace is taken, beside a batch of 2 and 6 tokens.
SHAPES = {
    "convnext": {"height": 64, "width": 64},
    "convnextv2": {"height": 64, "width": 64},
    "hiera": {"height": 64, "width": 64},
    "levit": {"height": 64, "width": 64},
    "detr": {"height": 64, "width": 96},
    "table-transformer": {"height": 64, "width": 96},
    "maskformer": {"height": 64, "width": 64},
    "d_fine": {"height": 64, "width": 64},
    "rt_detr": {"height": 64, "width": 64},
    "rt_detr_v2": {"height": 64, "width": 64},
    "swin2sr": {"height": 16, "width": 16},
    "glpn": {"height": 64, "width": 64},
    "vitpose": {"height": 64, "width": 48},
}


def parts(model_type):
    return PARTS.get(model_type)


def arguments_of_part(model_type, part):
    return ARGUMENTS_OF_PART.get((model_type, part), {})


def is_encoder_decoder(model_type, task):
    try:
        return bool(getattr(configuration(model_type), "is_encoder_decoder", False))
    except Exception:  # tracing it says what is wrong
        return False


def configuration(model_type):
    if model_type.startswith("siglip-text"):
        return transformers.SiglipTextConfig(**tiny.shrunk(transformers.SiglipTextConfig().to_dict()))
    cls = transformers.AutoConfig.for_model(CONFIG_TYPES.get(model_type, model_type), **composite(model_type)).__class__
    fields = composite(model_type) or tiny.shrunk(cls().to_dict())
    fields = tiny.changed(fields, {} if composite(model_type) else tiny.FIELDS.get(model_type, {}))
    made = cls(**fields)
    if model_type == "colpali":  # Optimum's dummies read it there
        made.vlm_config.vision_config.num_image_tokens = 16
    made.architectures = []
    made.return_dict = True
    return made


CONFIG_TYPES = {
    "clip-text": "clip_text_model",
    "clip-text-with-projection": "clip_text_model",
    "gemma2-text-encoder": "gemma2",
    "t5-encoder": "t5",
    "transformer": "bert",
}


def composite(model_type):
    """The fields of configurations that have no default, because they are made of others."""
    if model_type in ("encoder-decoder", "vision-encoder-decoder"):
        fields = tiny.FIELDS[model_type]
        return {
            each: tiny.shrunk(transformers.AutoConfig.for_model(fields[each]["model_type"]).to_dict()) | fields[each]
            for each in fields
        } | {"decoder_start_token_id": 1, "pad_token_id": 0}
    if model_type == "musicgen":
        return {
            "text_encoder": {
                "model_type": "t5",
                **tiny.shrunk(transformers.T5Config().to_dict()),
            },
            "audio_encoder": {
                "model_type": "encodec",
                "hidden_size": 16,
                "num_filters": 4,
                "codebook_size": 32,
                "codebook_dim": 16,
                "upsampling_ratios": [4, 2],
                "target_bandwidths": [32000 / 1000 * 5 * 4 * 3.125],
                "num_lstm_layers": 1,
                "norm_type": "weight_norm",
            },
            "decoder": {
                "model_type": "musicgen_decoder",
                "vocab_size": 32,
                "hidden_size": 24,
                "num_hidden_layers": 2,
                "num_attention_heads": 4,
                "ffn_dim": 40,
                "num_codebooks": 4,
                "pad_token_id": 31,
                "bos_token_id": 31,
            },
        }
    return {}


def diffusion_model(model_type):
    import diffusers

    if model_type == "unet-2d-condition":
        return diffusers.UNet2DConditionModel(
            sample_size=16,
            block_out_channels=(16, 32),
            layers_per_block=1,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            cross_attention_dim=24,
            attention_head_dim=4,
            norm_num_groups=4,
        )
    if model_type in ("vae-decoder", "vae-encoder"):
        return diffusers.AutoencoderKL(
            sample_size=32,
            block_out_channels=(8, 16),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            latent_channels=4,
            norm_num_groups=4,
        )
    if model_type in ("dcae-decoder", "dcae-encoder"):
        return diffusers.AutoencoderDC(
            latent_channels=4,
            attention_head_dim=4,
            encoder_block_types=("ResBlock", "EfficientViTBlock"),
            decoder_block_types=("ResBlock", "EfficientViTBlock"),
            encoder_block_out_channels=(8, 16),
            decoder_block_out_channels=(8, 16),
            encoder_layers_per_block=(1, 1),
            decoder_layers_per_block=(1, 1),
            encoder_qkv_multiscales=((), (5,)),
            decoder_qkv_multiscales=((), (5,)),
            upsample_block_type="interpolate",
            downsample_block_type="stride_conv",
            decoder_norm_types="rms_norm",
            decoder_act_fns="silu",
        )
    if model_type == "flux-transformer-2d":
        return diffusers.FluxTransformer2DModel(
            in_channels=4,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=32,
            pooled_projection_dim=24,
            guidance_embeds=True,
            axes_dims_rope=(4, 4, 8),
        )
    if model_type == "sd3-transformer-2d":
        return diffusers.SD3Transformer2DModel(
            sample_size=16,
            patch_size=2,
            in_channels=4,
            out_channels=4,
            num_layers=2,
            attention_head_dim=8,
            num_attention_heads=4,
            caption_projection_dim=32,
            joint_attention_dim=32,
            pooled_projection_dim=24,
            pos_embed_max_size=32,
        )
    return diffusers.SanaTransformer2DModel(
        sample_size=8,
        patch_size=1,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_attention_heads=2,
        attention_head_dim=8,
        num_cross_attention_heads=2,
        cross_attention_head_dim=8,
        cross_attention_dim=16,
        caption_channels=24,
    )


class Parameters(types.SimpleNamespace):
    """A model's configuration where it is none of transformers'."""

    def to_dict(self):
        return dict(vars(self))


def build_diffusion(model_type):
    transformer_classes = {
        "clip-text": "CLIPTextModel",
        "clip-text-with-projection": "CLIPTextModelWithProjection",
        "gemma2-text-encoder": "Gemma2Model",
        "t5-encoder": "T5EncoderModel",
    }
    if model_type in transformer_classes:
        config = configuration(model_type)
        return config, getattr(transformers, transformer_classes[model_type])(config)
    model = diffusion_model(model_type)
    fields = {name: value for name, value in model.config.items() if not name.startswith("_")}
    fields |= {"requires_aesthetics_score": False, "text_encoder_projection_dim": 24}
    fields.setdefault("time_cond_proj_dim", None)
    if model_type == "sana-transformer":
        fields["vocab_size"] = 99
    config = Parameters(**fields)
    if model_type == "vae-encoder":
        model.forward = lambda sample: {"latent_parameters": model.encode(x=sample)["latent_dist"].parameters}
    elif model_type == "dcae-encoder":
        model.forward = lambda sample: {"latent_sample": model.encode(x=sample).latent}
    elif model_type in ("vae-decoder", "dcae-decoder"):
        model.forward = lambda latent_sample: model.decode(z=latent_sample)
    return config, model


def build_sentence_transformer(model_type):
    from sentence_transformers import SentenceTransformer, models

    if model_type == "clip":
        config = configuration("clip")
        tower = torch.nn.Module()
        tower.model = transformers.CLIPModel(config)
        made = torch.nn.Sequential(tower)
    else:
        config = configuration(model_type)
        with tempfile.TemporaryDirectory() as folder:
            words = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]", *map(chr, range(97, 123))]
            vocabulary = pathlib.Path(folder, "vocab.txt")
            vocabulary.write_text("\n".join(words))
            transformers.BertTokenizer(str(vocabulary)).save_pretrained(folder)
            transformers.BertModel(config).save_pretrained(folder)
            transformer = models.Transformer(folder)
            made = SentenceTransformer(modules=[transformer, models.Pooling(config.hidden_size)], device="cpu")
    made.__dict__["config"] = config
    return config, made


class SiglipTextProjection(transformers.SiglipTextModel):
    """The pooled output is behind the projection; pipelines call it by that name."""

    def forward(self, input_ids):
        results = super().forward(input_ids)
        return {"text_embeds": results.pooler_output, "last_hidden_state": results.last_hidden_state}


def build(library, model_type, task):
    """The configuration and a random model of it."""
    if library == "diffusers":
        return build_diffusion(model_type)
    if library == "sentence_transformers":
        return build_sentence_transformer(model_type)
    if library == "timm":
        import timm

        model = timm.create_model("test_resnet", num_classes=7)
        config = Parameters(**model.pretrained_cfg, num_channels=3)
        config.num_classes = 7
        model.config = config
        return config, model
    config = configuration(model_type)
    if model_type.startswith("siglip-text"):
        return config, (SiglipTextProjection if "projection" in model_type else transformers.SiglipTextModel)(config)
    if model_type == "sew-d":
        plain_softmax()
    cls = TasksManager.get_model_class_for_task(task, model_type=model_type, library=library)
    if hasattr(cls, "from_config"):
        return config, cls.from_config(config)
    return config, cls(config)


def plain_softmax():
    """SEW-D's softmax is a Python function with its own derivative, which TorchScript cannot hold; this is its value."""
    from transformers.models.sew_d import modeling_sew_d

    def apply(scores, mask, dim):
        hidden = ~mask.to(torch.bool)
        least = torch.tensor(torch.finfo(scores.dtype).min)
        return torch.softmax(scores.masked_fill(hidden, least), dim).masked_fill(hidden, 0)

    modeling_sew_d.XSoftmax.apply = staticmethod(apply)


def config_json(config):
    return json.loads(json.dumps(config.to_dict(), default=str))


PREPROCESSORS = {
    "pix2struct": {"image_processor": {"max_patches": 10, "patch_size": {"height": 4, "width": 4}}},
    "perceiver": {"size": {"height": 32, "width": 32}},
    "vitpose": {"size": {"height": 64, "width": 48}},
}


def make_preprocessor_known(model_type):
    """Optimum looks for it beside the model; here there is one only where it matters."""
    import optimum.utils.save_utils

    found = preprocessors(model_type) or [None]
    optimum.utils.save_utils.maybe_load_preprocessors = lambda *_, **__: found


def preprocessors(model_type):
    fields = PREPROCESSORS.get(model_type)
    if fields is None:
        return None
    made = types.SimpleNamespace(**fields)
    if "image_processor" in fields:
        made.image_processor = types.SimpleNamespace(**fields["image_processor"])
    return [None, made]


def preprocessor_json(model_type):
    return PREPROCESSORS.get(model_type)


def submodule(model, model_type, behavior, part):
    if model_type == "musicgen":
        return {
            "text_encoder": model.text_encoder,
            "encodec_decode": model.audio_encoder,
            "build_delay_pattern_mask": model.decoder,
        }.get(part, model)
    return model.get_encoder() if behavior == "encoder" and model_type != "speecht5" else model


def keywords(model, model_type):
    if model_type == "speecht5":
        config = transformers.SpeechT5HifiGanConfig(
            model_in_dim=16,
            upsample_initial_channel=16,
            upsample_rates=[4, 2],
            upsample_kernel_sizes=[8, 4],
            resblock_kernel_sizes=[3],
            resblock_dilation_sizes=[[1, 3]],
        )
        return {"vocoder_model": transformers.SpeechT5HifiGan(config)}
    return {}


def shapes(model_type):
    return SHAPES.get(model_type, {"height": 32, "width": 32})


def adjusted(model_type, dummies):
    if model_type == "musicgen" and "audio_codes" in dummies:
        dummies["audio_codes"] %= 32  # Optimum draws from the text's vocabulary
    return dummies
