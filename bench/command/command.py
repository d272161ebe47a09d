"""What it takes from the shell's prompt to a contract, and what importing Optimum takes."""

import os
import time

from benchlib import measure
from benchlib.report import Row

GROUP = "command"
SHOW = ["show", "gpt2", "--task", "text-generation-with-past", "--format", "json"]
# What the same answer needs of Optimum: its registry, the model's configuration, and the lists.
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
    actions = {"show": lambda: elapsed([program, *SHOW]), "list": lambda: elapsed([program, "list"])}
    times = measure.take_turns(context.runs(31), actions)
    peer = None
    if context.python:
        peers = measure.take_turns(context.runs(3), {"peer": lambda: elapsed([context.python, "-c", PEER])})["peer"]
        peer = measure.median(peers)
    show = Row(GROUP, "contract of GPT-2 with past as JSON, start-up included", "s", measure.median(times["show"]))
    show.details = {"spread": measure.spread(times["show"])}
    show.peer, show.peer_name = peer, "Optimum" if peer else ""
    show.ratio = peer / show.ours if peer else None
    listed = Row(GROUP, "list of all models and tasks, start-up included", "s", measure.median(times["list"]))
    return [show.at_most(0.020), listed]
