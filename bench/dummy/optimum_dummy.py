"""The peer: Optimum's dummy inputs of GPT-2 with past, batch 8, 1,024 tokens, one thread. Seconds and bytes as JSON."""

import json
import sys
import time

import torch
from optimum.exporters.onnx.model_configs import GPT2OnnxConfig
from transformers import GPT2Config

torch.set_num_threads(1)
config = GPT2OnnxConfig(GPT2Config(), task="text-generation", use_past=True, use_past_in_inputs=True)


def size(value):
    return value.numel() * value.element_size() if isinstance(value, torch.Tensor) else sum(map(size, value))


seconds = []
total = 0
for _ in range(int(sys.argv[1]) + 1):
    began = time.perf_counter()
    inputs = config.generate_dummy_inputs(framework="pt", batch_size=8, sequence_length=1024)
    seconds.append(time.perf_counter() - began)
    total = sum(map(size, inputs.values()))
    # Freed before the next, so that the allocator may give the same memory again.
    del inputs
print(json.dumps({"seconds": seconds[1:], "bytes": total}))
