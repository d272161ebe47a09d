"""compare.py MODEL_FOLDER FILE...: runs each file in ONNX Runtime beside PyTorch, from the same weights.

The module here is transformers' own, so it shares nothing with our exporter but the weights. Prints JSON: for every
file the largest absolute error at each shape. A file that the official checker (full check) refuses ends it.
"""

import json
import logging
import sys

import numpy
import onnx
import onnxruntime
import torch
from transformers import BertModel

logging.disable(logging.WARNING)
SHAPES = [(1, 1), (3, 29), (8, 128)]


def main():
    folder, *files = sys.argv[1:]
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    generator = numpy.random.default_rng(7)
    cases = []
    for batch, length in SHAPES:
        mask = numpy.ones((batch, length), numpy.int64)
        mask[-1, (length + 1) // 2 :] = 0
        feeds = {
            "input_ids": generator.integers(0, model.config.vocab_size, (batch, length)),
            "attention_mask": mask,
            "token_type_ids": generator.integers(0, 2, (batch, length)),
        }
        with torch.no_grad():
            expected = model(**{name: torch.from_numpy(value) for name, value in feeds.items()}).last_hidden_state
        cases.append((feeds, expected.numpy()))
    result = {}
    for file in files:
        onnx.checker.check_model(file, full_check=True)
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        names = {given.name for given in session.get_inputs()}
        errors = {}
        for feeds, expected in cases:
            (actual,) = session.run(None, {name: value for name, value in feeds.items() if name in names})[:1]
            shape = "x".join(map(str, feeds["input_ids"].shape))
            errors[shape] = float(numpy.abs(actual - expected).max()) if actual.shape == expected.shape else None
        result[file] = {"errors": errors}
    print(json.dumps(result))


main()
