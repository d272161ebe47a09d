"""Writes tests/data/examples: tiny random models, and what the Python reference computes for them.

Run only to make the data anew; the tests read the stored files. Made with transformers 4.57, tokenizers 0.22,
safetensors 0.8 and torch 2.13:  python make_reference.py ../data/examples FOLDER
FOLDER holds the vocab.txt of an uncased BERT, of which a part is kept.
"""

import json
import pathlib
import sys

import numpy
import torch
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import (
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    ViTConfig,
    ViTForImageClassification,
    ViTModel,
)
from transformers.cache_utils import DynamicCache

OUT = pathlib.Path(sys.argv[1])


def randomize(model):
    """Weights large enough that every part of the model matters to the result."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(0, 0.25)
            if "layernorm" in name.lower() and name.endswith("weight") or ".ln_" in name and name.endswith("weight"):
                parameter.add_(1)
    return model.eval()


def save_model(name, model):
    tied = {"lm_head.weight"}
    (OUT / name).mkdir(exist_ok=True)
    save_file(
        {k: v.contiguous() for k, v in model.state_dict().items() if k not in tied},
        OUT / name / "model.safetensors",
        metadata={"format": "pt"},
    )
    config = {k: v for k, v in model.config.to_dict().items() if k in KEPT[name]}
    (OUT / name / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def save_expected(name, tensors):
    save_file({k: v.detach().contiguous() for k, v in tensors.items()}, OUT / name / "expected.safetensors")


KEPT = {
    "bert": {
        "model_type", "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        "hidden_act", "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "hidden_dropout_prob",
        "attention_probs_dropout_prob", "position_embedding_type",
    },
    "gpt2": {
        "model_type", "vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "activation_function",
        "layer_norm_epsilon",
    },
    "vit": {
        "model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
        "image_size", "patch_size", "num_channels", "layer_norm_eps", "qkv_bias",
    },
}  # fmt: skip


def bert(vocab_size):
    config = BertConfig(
        vocab_size=vocab_size, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
        max_position_embeddings=20, attn_implementation="eager",
    )  # fmt: skip
    model = randomize(BertModel(config, add_pooling_layer=True))
    save_model("bert", model)
    ids = torch.randint(0, vocab_size, (3, 7))
    mask = torch.tensor([[1] * 7, [1, 1, 1, 1, 1, 0, 0], [1, 0, 0, 0, 0, 0, 0]])
    types = torch.tensor([[0, 0, 0, 1, 1, 1, 1], [0] * 7, [1] * 7])
    out = model(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
    save_expected(
        "bert", {"input_ids": ids, "attention_mask": mask, "token_type_ids": types, "last_hidden_state": out}
    )


def gpt2():
    config = GPT2Config(
        vocab_size=50, n_positions=24, n_embd=24, n_layer=2, n_head=3, attn_implementation="eager"
    )
    model = randomize(GPT2LMHeadModel(config))
    save_model("gpt2", model)
    batch, past, new = 2, 5, 3
    ids = torch.randint(0, 50, (batch, past + new))
    mask = torch.ones(batch, past + new, dtype=torch.int64)
    mask[1, :2] = 0  # padded on the left, as for generation
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    whole = model(input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=True)
    first = model(input_ids=ids[:, :past], attention_mask=mask[:, :past], position_ids=positions[:, :past],
                  use_cache=True)  # fmt: skip

    def layers(cache):
        return cache.to_legacy_cache()

    kept = [(k.clone(), v.clone()) for k, v in layers(first.past_key_values)]
    second = model(input_ids=ids[:, past:], attention_mask=mask, position_ids=positions[:, past:],
                   past_key_values=DynamicCache.from_legacy_cache(kept), use_cache=True)  # fmt: skip
    tensors = {"input_ids": ids, "attention_mask": mask, "position_ids": positions, "logits": whole.logits,
               "logits_with_past": second.logits}  # fmt: skip
    for layer, (key, value) in enumerate(layers(whole.past_key_values)):
        tensors[f"present.{layer}.key"], tensors[f"present.{layer}.value"] = key, value
    for layer, (key, value) in enumerate(kept):
        tensors[f"past_key_values.{layer}.key"], tensors[f"past_key_values.{layer}.value"] = key, value
    save_expected("gpt2", tensors)


def vit():
    config = ViTConfig(
        hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, image_size=12, patch_size=4,
        num_channels=3, num_labels=5, attn_implementation="eager",
    )  # fmt: skip
    model = randomize(ViTForImageClassification(config))
    save_model("vit", model)
    pixels = torch.randn(2, 3, 12, 12)
    save_expected(
        "vit",
        {
            "pixel_values": pixels,
            "last_hidden_state": model.vit(pixels).last_hidden_state,
            "logits": model(pixels).logits,
        },
    )


def dtypes():
    """One tensor of every element type the reader knows; values are checked in the test by hand."""
    save_file(
        {
            "F32": torch.tensor([[1.5, -2.0, 3.25], [0.0, 1e-3, -1e3]], dtype=torch.float32),
            "F16": torch.tensor([0.5, -1.0, 65504.0], dtype=torch.float16),
            "BF16": torch.tensor([1.0, -2.5], dtype=torch.bfloat16),
            "F64": torch.tensor(2.718281828459045, dtype=torch.float64),
            "I64": torch.tensor([-1, 2**40], dtype=torch.int64),
            "I32": torch.tensor([[7], [-8]], dtype=torch.int32),
            "U8": torch.tensor([0, 255], dtype=torch.uint8),
            "BOOL": torch.tensor([True, False, True]),
            "empty": torch.zeros(0, 4),
        },
        OUT / "dtypes.safetensors",
        metadata={"writer": "safetensors", "purpose": "every dtype"},
    )


TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "Hello, world! It's 3.14 (approximately) -- isn't it?",
    "unaffable embeddings unbelievably tokenization",
    "  tabs\tand\nnew\r\nlines   everywhere  ",
    "Élève, naïve café; Über-straße, Ångström & señor",
    "ČEŠTINA žluťoučký kůň, Łódź, İstanbul ığdır, ǅ",
    "Ελληνικά Ά ώ Ϋ and Cyrillic Ёлка й Й",
    "Việt Nam ễ Ậ ử",
    "combining e\u0301 n\u0303 a\u0308 o\u0302\u0323",
    "中文分词 mixed with text 日本語ガギグ",
    "한국어 문장",
    "price: $5 + 7 = 12 < 100% ^ ~ | `x` \\ @home #tag _under_ [MASK]",
    "quotes “double” ‘single’ … – — ¿qué? ¡sí! «guillemets»",
    "zero\u200bwidth \u00a0nbsp\u3000ideographic soft\u00adhyphen \ufffd \u0000 nul \u0007 bell",
    "emoji 😀 and 𝔘nicode 𠀀",
    "x" * 100 + " " + "x" * 101,
    "",
    " ",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa a",
    "ＦＵＬＬＷＩＤＴＨ ！，。、 「quoted」",
]


def wordpiece(vocab_folder):
    vocabulary = [t.rstrip("\n") for t in open(pathlib.Path(vocab_folder) / "vocab.txt", encoding="utf-8")]
    # A part of BERT's vocabulary: the special tokens, all single characters in use, and the pieces of the texts.
    def tokenizer(tokens):
        t = Tokenizer(models.WordPiece({w: i for i, w in enumerate(tokens)}, unk_token="[UNK]",
                                       max_input_chars_per_word=100))  # fmt: skip
        t.normalizer = normalizers.BertNormalizer(lowercase=True)
        t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        return t

    full = tokenizer(vocabulary)
    used = {piece for text in TEXTS for piece in full.encode(text, add_special_tokens=False).tokens}
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = set("abcdefghijklmnopqrstuvwxyz0123456789") | {"##" + c for c in "abcdefghijklmnopqrstuvwxyz"}
    small = special + [w for w in vocabulary if w in (used | letters) and w not in special]
    (OUT / "bert").mkdir(exist_ok=True)
    (OUT / "bert" / "vocab.txt").write_text("\n".join(small) + "\n", encoding="utf-8")
    reference = tokenizer(small)
    cls, sep = small.index("[CLS]"), small.index("[SEP]")
    cases = [
        {"text": text, "ids": [cls, *reference.encode(text, add_special_tokens=False).ids, sep]} for text in TEXTS
    ]
    (OUT / "wordpiece_expected.json").write_text(
        json.dumps(cases, ensure_ascii=True, indent=1, separators=(",", ":")).replace(",\n   ", ",") + "\n"
    )


torch.manual_seed(7)
wordpiece(sys.argv[2])
bert(len((OUT / "bert" / "vocab.txt").read_text(encoding="utf-8").splitlines()))
gpt2()
vit()
dtypes()
