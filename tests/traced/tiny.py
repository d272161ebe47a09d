"""Configurations of tiny models: what a model type's default configuration becomes, so that its random model has some
ten thousand parameters and still every kind of layer."""

import copy

# Sizes of fields that many configurations have; a field that holds no plain integer is left as it is.
SIZES = {
    "vocab_size": 99,
    "type_vocab_size": 3,
    "hidden_size": 32,
    "d_model": 32,
    "n_embd": 32,
    "embed_dim": 32,
    "dim": 32,
    "emb_dim": 32,
    "embedding_size": 24,
    "encoder_hidden_size": 32,
    "decoder_hidden_size": 32,
    "projection_dim": 16,
    "num_hidden_layers": 2,
    "num_layers": 2,
    "n_layer": 2,
    "n_layers": 2,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "num_encoder_layers": 2,
    "num_decoder_layers": 2,
    "num_attention_heads": 4,
    "num_heads": 4,
    "n_head": 4,
    "n_heads": 4,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "decoder_num_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 40,
    "encoder_ffn_dim": 40,
    "decoder_ffn_dim": 40,
    "ffn_dim": 40,
    "ffn_hidden_size": 40,
    "hidden_dim": 40,
    "d_ff": 40,
    "d_kv": 8,
    "head_dim": 8,
    "rotary_dim": 4,
    "max_position_embeddings": 128,
    "n_positions": 128,
    "n_ctx": 128,
    "image_size": 32,
    "patch_size": 8,
    "bos_token_id": 1,
    "pad_token_id": 0,
    "eos_token_id": 2,
    "decoder_start_token_id": 1,
    "sep_token_id": 2,
    "cls_token_id": 1,
    "mask_token_id": 3,
    "forced_eos_token_id": 2,
    "forced_bos_token_id": 1,
    "image_token_index": 4,
    "image_token_id": 4,
}


def shrunk(fields):
    """The sizes above for the fields that there are, in nested configurations too. Only these: what a configuration
    derives from others is left to it."""
    made = {}
    for name, value in fields.items():
        if isinstance(value, dict) and name.endswith("_config"):
            made[name] = shrunk(value)
            if "model_type" in value:
                made[name]["model_type"] = value["model_type"]
        elif name in SIZES and isinstance(value, int) and not isinstance(value, bool):
            made[name] = SIZES[name]
    return made


CONV_AUDIO = {
    "conv_dim": [16, 16, 16],
    "conv_kernel": [10, 3, 2],
    "conv_stride": [5, 2, 2],
    "num_feat_extract_layers": 3,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
    "tdnn_dim": [16, 16, 16, 16, 16],
    "xvector_output_dim": 16,
}
SWIN = {"embed_dim": 16, "depths": [1, 2], "num_heads": [2, 4], "window_size": 4, "patch_size": 4}
RESNET = {
    "model_type": "resnet",
    "embedding_size": 16,
    "hidden_sizes": [8, 8, 16, 16],
    "depths": [1, 1, 1, 1],
    "layer_type": "basic",
    "out_features": ["stage4"],
}
DETR = {
    "use_timm_backbone": False,
    "use_pretrained_backbone": False,
    "backbone": None,
    "backbone_config": RESNET,
    "num_queries": 7,
}
RT_DETR = {
    "backbone_config": {
        "model_type": "rt_detr_resnet",
        "embedding_size": 16,
        "hidden_sizes": [16, 24, 32, 40],
        "depths": [1, 1, 1, 1],
        "layer_type": "basic",
        "out_features": ["stage2", "stage3", "stage4"],
    },
    "encoder_in_channels": [24, 32, 40],
    "decoder_in_channels": [32, 32, 32],
    "encoder_hidden_dim": 32,
    "encoder_layers": 1,
    "feat_strides": [8, 16, 32],
    "num_queries": 7,
    "num_denoising": 0,
}

# What a model type needs beside the sizes above.
FIELDS = {
    "beit": {"out_features": None},
    "blenderbot": {"encoder_no_repeat_ngram_size": 0},
    "convnext": {"hidden_sizes": [8, 16, 16, 24], "depths": [1, 1, 2, 1], "image_size": 64, "patch_size": 4},
    "convnextv2": {"hidden_sizes": [8, 16, 16, 24], "depths": [1, 1, 2, 1], "image_size": 64, "patch_size": 4},
    "cvt": {"embed_dim": [8, 16, 32], "num_heads": [1, 2, 4], "depth": [1, 2, 3]},
    "colpali": {"embedding_dim": 16, "vlm_config": {"projection_dim": 32, "vision_config": {"projection_dim": 32}}},
    "d_fine": RT_DETR
    | {
        "backbone_config": {
            "model_type": "hgnet_v2",
            "stem_channels": [3, 8, 8],
            "stage_in_channels": [8, 8, 16, 16],
            "stage_mid_channels": [8, 8, 8, 8],
            "stage_out_channels": [8, 16, 16, 24],
            "stage_num_blocks": [1, 1, 1, 1],
            "stage_numb_of_layers": [2, 2, 2, 2],
            "hidden_sizes": [8, 16, 16, 24],
            "depths": [1, 1, 1, 1],
            "out_features": ["stage2", "stage3", "stage4"],
        },
        "encoder_in_channels": [16, 16, 24],
    },
    "data2vec-audio": CONV_AUDIO | {"num_conv_pos_embeddings": 3},
    "deepseek_v3": {
        "qk_rope_head_dim": 8,
        "qk_nope_head_dim": 8,
        "v_head_dim": 16,
        "q_lora_rank": 16,
        "kv_lora_rank": 16,
        "n_routed_experts": 4,
        "num_experts_per_tok": 2,
        "n_group": 2,
        "topk_group": 1,
        "moe_intermediate_size": 16,
        "first_k_dense_replace": 1,
        "num_key_value_heads": 4,
    },
    "detr": DETR,
    "table-transformer": DETR,
    "donut-swin": SWIN,
    "swin": SWIN,
    "swinv2": SWIN,
    "swin2sr": SWIN | {"depths": [2, 2], "num_heads": [2, 2], "patch_size": 1, "image_size": 16},
    "dpt": {
        "num_hidden_layers": 4,
        "backbone_out_indices": [0, 1, 2, 3],
        "neck_hidden_sizes": [8, 8, 16, 16],
        "fusion_hidden_size": 16,
        "is_hybrid": False,
    },
    "efficientnet": {
        "in_channels": [32, 16, 24],
        "out_channels": [16, 24, 40],
        "kernel_sizes": [3, 3, 5],
        "strides": [1, 2, 2],
        "num_block_repeats": [1, 1, 2],
        "expand_ratios": [1, 6, 6],
        "depthwise_padding": [],
        "width_coefficient": 1.0,
        "depth_coefficient": 1.0,
        "hidden_dim": 1280,
    },
    "encoder-decoder": {
        "encoder": {"model_type": "bert"},
        "decoder": {"model_type": "gpt2", "is_decoder": True, "add_cross_attention": True},
    },
    "vision-encoder-decoder": {
        "encoder": {"model_type": "vit"},
        "decoder": {"model_type": "gpt2", "is_decoder": True, "add_cross_attention": True},
    },
    "esm": {"vocab_size": 33, "pad_token_id": 1, "mask_token_id": 32, "position_embedding_type": "rotary"},
    "glpn": {"hidden_sizes": [8, 16, 16, 24], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 2, 2, 4]},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]], "window_size": 4},
    "gpt_oss": {"num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": 4},
    "hiera": {"embed_dim": 8, "depths": [1, 1, 2, 1], "num_heads": [1, 2, 4, 8], "image_size": [64, 64]},
    "hubert": CONV_AUDIO,
    "ibert": {"quant_mode": False},
    "layoutlmv3": {"coordinate_size": 6, "shape_size": 4, "input_size": 32},
    "levit": {
        "hidden_sizes": [16, 24, 32],
        "num_attention_heads": [2, 3, 4],
        "depths": [1, 1, 1],
        "key_dim": [4, 4, 4],
        "image_size": 64,
        "patch_size": 16,
    },
    "lilt": {"hidden_size": 48},
    "longformer": {"attention_window": [4, 4]},
    "maskformer": {
        "backbone_config": {"model_type": "swin", **SWIN, "depths": [1, 1, 1, 1], "num_heads": [2, 2, 4, 4]}
        | {"image_size": 64, "out_features": ["stage1", "stage2", "stage3", "stage4"]},
        "decoder_config": {"model_type": "detr", "num_queries": 7} | {"use_timm_backbone": False, "backbone": None},
        "fpn_feature_size": 32,
        "mask_feature_size": 32,
    },
    "mctct": {"attention_head_dim": 8},
    "nemotron": {"num_key_value_heads": 2},
    "owlvit": {"projection_dim": 32},
    "owlv2": {"projection_dim": 32},
    "perceiver": {
        "d_latents": 32,
        "num_latents": 8,
        "num_blocks": 1,
        "num_self_attends_per_block": 2,
        "num_self_attention_heads": 4,
        "num_cross_attention_heads": 4,
    },
    "phi": {"num_key_value_heads": 4},
    "pix2struct": {"vision_config": {"patch_embed_hidden_size": 48}},
    "poolformer": {"hidden_sizes": [8, 16, 16, 24], "depths": [1, 1, 1, 1]},
    "qwen3_moe": {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16},
    "resnet": {k: v for k, v in RESNET.items() if k not in ("model_type", "out_features")},
    "regnet": {"embedding_size": 16, "hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1], "groups_width": 8},
    "rt_detr": RT_DETR,
    "rt_detr_v2": RT_DETR,
    "sam": {
        "vision_config": {
            "output_channels": 32,
            "num_pos_feats": 16,
            "window_size": 2,
            "global_attn_indexes": [1],
            "mlp_dim": 40,
        },
        "prompt_encoder_config": {"hidden_size": 32, "image_embedding_size": 4, "mask_input_channels": 8},
        "mask_decoder_config": {"hidden_size": 32, "mlp_dim": 40, "iou_head_hidden_dim": 16},
    },
    "segformer": {"hidden_sizes": [8, 16, 16, 24], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 2, 2, 4]}
    | {"decoder_hidden_size": 16},
    "sew": CONV_AUDIO | {"squeeze_factor": 2},
    "sew-d": CONV_AUDIO | {"squeeze_factor": 2, "position_buckets": 8, "max_position_embeddings": 32},
    "speecht5": {
        "vocab_size": 40,
        "num_mel_bins": 16,
        "speaker_embedding_dim": 12,
        "speech_decoder_prenet_units": 16,
        "speech_decoder_postnet_units": 16,
        "speech_decoder_prenet_dropout": 0.0,
        "encoder_max_relative_position": 20,
    },
    "squeezebert": {"embedding_size": 32},
    "unispeech": CONV_AUDIO | {"num_codevectors_per_group": 8, "codevector_dim": 16},
    "unispeech-sat": CONV_AUDIO | {"num_codevectors_per_group": 8, "codevector_dim": 16},
    "vitpose": {
        "backbone_config": {
            "model_type": "vitpose_backbone",
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "image_size": [64, 48],
            "patch_size": [16, 16],
            "out_features": ["stage2"],
            "out_indices": None,
        },
        "num_labels": 5,
    },
    "wav2vec2": CONV_AUDIO,
    "wav2vec2-conformer": CONV_AUDIO | {"vocab_size": 99},
    "wavlm": CONV_AUDIO | {"num_buckets": 32, "max_bucket_distance": 80},
}


def changed(fields, changes):
    made = dict(fields)
    for name, value in changes.items():
        made[name] = changed(made.get(name) or {}, value) if isinstance(value, dict) else copy.deepcopy(value)
    return made
