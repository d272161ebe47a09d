"""The peer: constructs Optimum's configurations and reads their inputs and outputs. Prints seconds as JSON."""

import json
import time
import timeit

began = time.perf_counter()
from optimum.exporters.onnx.model_configs import BertOnnxConfig, GPT2OnnxConfig  # noqa: E402

imported = time.perf_counter() - began

from transformers import BertConfig, GPT2Config  # noqa: E402

bert_config, gpt2_config = BertConfig(), GPT2Config()


def bert():
    config = BertOnnxConfig(bert_config, task="feature-extraction")
    return config.inputs, config.outputs


def gpt2():
    config = GPT2OnnxConfig(gpt2_config, task="text-generation", use_past=True, use_past_in_inputs=True)
    return config.inputs, config.outputs


# Lists that were made before, as a caller has them who keeps the configuration.
kept = gpt2()


def rank(name, axes):
    # Optimum does not say how many dimensions there are; the highest dynamic one is the nearest.
    return max(axes) + 1


def walk():
    return sum(len(name) + rank(name, axes) for tensors in kept for name, axes in tensors.items())


def seconds(function, number=2000):
    return [time / number for time in timeit.repeat(function, number=number, repeat=7)]


print(
    json.dumps(
        {
            "import": imported,
            "bert": seconds(bert),
            "gpt2": seconds(gpt2),
            "walk": seconds(walk),
            "tensors": sum(map(len, kept)),
        }
    )
)
