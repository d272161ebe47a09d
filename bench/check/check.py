"""What checking, comparing and pinning a file of 90 MB takes beyond starting the program, and what Python's packages take."""

import os
import tempfile
import time

from benchlib import measure
from benchlib.report import Row

GROUP = "check"
TARGET_SECONDS = 0.005
TARGET_BYTES = 4_000_000
# A file of the size of all-MiniLM-L6-v2: tensors of 1.5 MB between the nodes that use them, as exporters write them.
MAKE = """
import sys, numpy, onnx
from onnx import TensorProto, helper, numpy_helper
nodes, weights, value = [], [], "x"
for i in range(60):
    weights.append(numpy_helper.from_array(numpy.zeros((612, 612), numpy.float32), f"w{i}"))
    for op, inputs in (("MatMul", [f"w{i}"]), ("Relu", []), ("Add", [f"w{i}"]), ("Sigmoid", []), ("Neg", [])):
        nodes.append(helper.make_node(op, [value, *inputs], [f"{op}{i}"], name=f"/layer.{i}/{op}"))
        value = f"{op}{i}"
x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 612, 612])
y = helper.make_tensor_value_info(value, TensorProto.FLOAT, ["batch", 612, 612])
graph = helper.make_graph(nodes, "graph", [x], [y], weights)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), sys.argv[1])
"""
CONTRACT = """{"inputs": [{"name": "x", "dtype": "float32", "dims": ["batch", 612, 612]}],
 "outputs": [{"name": "Neg59", "dtype": "float32", "dims": ["batch", 612, 612]}]}"""
# What ours does, its words after the program's name, and the same in Python: the imports, then what is done.
ACTIONS = {
    "check": (
        ["check", "model.onnx", "--contract", "contract.json"],
        "onnx.load and onnx.checker",
        "import onnx",
        "onnx.checker.check_model(onnx.load('model.onnx'))",
    ),
    "diff": (
        ["diff", "model.onnx", "model.onnx"],
        "onnx.load of both",
        "import onnx",
        "old, new = onnx.load('model.onnx'), onnx.load('model.onnx')\n"
        "assert list(old.graph.input) == list(new.graph.input) and list(old.graph.output) == list(new.graph.output)",
    ),
    "pin": (
        ["pin", "model.onnx", "-o", "pinned.onnx", "batch=1"],
        "onnxruntime's make_dynamic_shape_fixed",
        "import onnx\nfrom onnxruntime.tools.onnx_model_utils import fix_output_shapes, make_dim_param_fixed",
        "model = onnx.load('model.onnx')\nmake_dim_param_fixed(model.graph, 'batch', 1)\nfix_output_shapes(model)\n"
        "onnx.save(model, 'peer.onnx')",
    ),
}


def elapsed(command, folder):
    """Seconds from the start of a process to its end."""
    began = time.perf_counter()
    measure.run(command, cwd=folder)
    return time.perf_counter() - began


def rows(context):
    context.say("checking a file of 90 MB")
    program = os.path.join(context.build or "", "constexport")
    if not os.access(program, os.X_OK):
        context.say("constexport is not built: no times")
        return []
    if not context.python:
        context.say("no Python with the package onnx, which makes the file: no times")
        return []
    commands, peers = {"start": [program, "--version"]}, {}
    for name, (words, _, imports, work) in ACTIONS.items():
        commands[name] = [program, *words]
        peers[f"{name} peer, start"] = [context.python, "-c", imports]
        peers[f"{name} peer"] = [context.python, "-c", f"{imports}\n{work}"]
    with tempfile.TemporaryDirectory() as folder:
        measure.run([context.python, "-c", MAKE, "model.onnx"], cwd=folder)
        with open(os.path.join(folder, "contract.json"), "w", encoding="utf-8") as file:
            file.write(CONTRACT)

        def turns(runs, of):
            actions = {name: lambda words=words: elapsed(words, folder) for name, words in of.items()}
            return measure.take_turns(runs, actions)

        times, peer_times = turns(context.runs(31), commands), turns(context.runs(5), peers)
        # A process cannot use less than the test's own; the peers need far more than that.
        measured = ("start", "check", "check peer, start", "check peer")
        memory = {name: measure.cost({**commands, **peers}[name], cwd=folder)[1] for name in measured}

    def beyond(of, name, start):
        return max(measure.median(of[name]) - measure.median(of[start]), 1e-6)

    def row(what, name):
        result = Row(GROUP, f"{what}, beyond start-up", "s", beyond(times, name, "start"))
        result.details = {"spread": measure.spread(times[name])}
        result.peer, result.peer_name = beyond(peer_times, f"{name} peer", f"{name} peer, start"), ACTIONS[name][1]
        result.ratio = result.peer / result.ours
        return result

    seconds = row("check of 90 MB against a contract", "check").at_most(TARGET_SECONDS)
    space = Row(GROUP, "its memory beyond start-up", "B", max(memory["check"] - memory["start"], 0))
    space.peer, space.peer_name = memory["check peer"] - memory["check peer, start"], ACTIONS["check"][1]
    return [
        seconds,
        space.at_most(TARGET_BYTES),
        row("diff of two files of 90 MB", "diff"),
        row("pin of an axis of 90 MB, with a copy of the weights", "pin"),
    ]
