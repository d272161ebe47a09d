"""peer_export.py EXPORTER MODEL_FOLDER OUTPUT EXPORTS: a peer exports all-MiniLM-L6-v2 so many times in one process.

EXPORTER: torchscript, dynamo (torch.onnx.export with dynamo=False or True) or optimum. Prints JSON: seconds of every
export, growth of the process's peak memory during each, nodes of the file.
"""

import json
import logging
import os
import sys
import time
import warnings

import onnx
import torch
from transformers import AutoConfig, BertModel

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)


def status(key):
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key + ":"))


def reset_peak():
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


class LastHiddenState(torch.nn.Module):
    """The one output that the contract has."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state


NAMES = ["input_ids", "attention_mask", "token_type_ids"]


def torch_export(model, output, dynamo):
    ids = torch.randint(0, model.config.vocab_size, (2, 16))
    arguments = (ids, torch.ones_like(ids), torch.zeros_like(ids))
    module = LastHiddenState(model)
    common = {"input_names": NAMES, "output_names": ["last_hidden_state"], "opset_version": 18, "dynamo": dynamo}
    if dynamo:
        # 511: at the model's own limit of 512 some releases refuse the range.
        batch, length = torch.export.Dim("batch_size", max=64), torch.export.Dim("sequence_length", max=511)
        common |= {"dynamic_shapes": {name: {0: batch, 1: length} for name in NAMES}, "verbose": False}
    else:
        axes = {0: "batch_size", 1: "sequence_length"}
        common["dynamic_axes"] = {name: axes for name in [*NAMES, "last_hidden_state"]}
    torch.onnx.export(module, arguments, output, **common)


def optimum_export(model, output):
    from pathlib import Path

    from optimum.exporters.onnx import export
    from optimum.exporters.onnx.model_configs import BertOnnxConfig

    config = BertOnnxConfig(model.config, task="feature-extraction")
    export(model, config, Path(output), opset=18)


def main():
    exporter, folder, output, exports = sys.argv[1:5]
    config = AutoConfig.from_pretrained(folder)
    model = BertModel.from_pretrained(folder, config=config, add_pooling_layer=False).eval()
    # Everything that belongs to a loaded model is in memory before the clock starts.
    touched = sum(float(parameter.detach().sum()) for parameter in model.parameters())
    assert touched == touched
    seconds, growth = [], []
    for _ in range(int(exports)):
        reset_peak()
        before = status("VmRSS")
        began = time.perf_counter()
        with torch.no_grad():
            if exporter == "optimum":
                optimum_export(model, output)
            else:
                torch_export(model, output, exporter == "dynamo")
        seconds.append(time.perf_counter() - began)
        growth.append(status("VmHWM") - before)
    size = os.path.getsize(output) + (os.path.getsize(output + ".data") if os.path.exists(output + ".data") else 0)
    nodes = len(onnx.load(output, load_external_data=False).graph.node)
    print(json.dumps({"seconds": seconds, "growth": growth, "nodes": nodes, "file_bytes": size}))


main()
