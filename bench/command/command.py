"""From the shell's prompt to a contract, or to another tool's form of it; and what importing Optimum takes."""

import os
import time

from benchlib import measure
from benchlib.report import Row

GROUP = "command"
SHOW = ["show", "gpt2", "--task", "text-generation-with-past", "--format", "json"]
EMIT = ["emit", "dynamic-axes", "--model-type", "gpt2", "--task", "text-generation-with-past"]
# What the same answers need of Optimum: its registry, the model's configuration, and the lists.
PEER = """
from optimum.exporters.onnx.model_configs import GPT2OnnxConfig
from transformers import GPT2Config
onnx_config = GPT2OnnxConfig(GPT2Config(), task="text-generation", use_past=True, use_past_in_inputs=True)
assert onnx_config.inputs and onnx_config.outputs
"""


def elapsed(command):
    """Seconds from the start of a process to its end."""
    began = time.perf_counter()
    measure.run(command)
    return time.perf_counter() - began


def rows(context):
    context.say("the command from start to end")
    program = os.path.join(context.build or "", "constexport")
    if not os.access(program, os.X_OK):
        context.say("constexport is not built: no times")
        return []
    actions = {
        name: lambda words=words: elapsed([program, *words])
        for name, words in (("show", SHOW), ("emit", EMIT), ("list", ["list"]))
    }
    times = measure.take_turns(context.runs(31), actions)
    peer = None
    if context.python:
        peers = measure.take_turns(context.runs(3), {"peer": lambda: elapsed([context.python, "-c", PEER])})["peer"]
        peer = measure.median(peers)

    def row(what, name):
        result = Row(GROUP, f"{what}, start-up included", "s", measure.median(times[name]), peer)
        result.details = {"spread": measure.spread(times[name])}
        result.peer_name = "Optimum" if peer else ""
        result.ratio = peer / result.ours if peer else None
        return result

    show = row("contract of GPT-2 with past as JSON", "show").at_most(0.020)
    emit = row("its dynamic_axes for torch.onnx.export (emit)", "emit")
    listed = Row(GROUP, "list of all models and tasks, start-up included", "s", measure.median(times["list"]))
    return [show, emit, listed]
