"""What it takes to check a file of 90 MB, beyond starting the program, and what loading and checking it with the `onnx` package takes."""

import os
import subprocess
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
START = "import onnx"
PEER = "import sys, onnx\nonnx.checker.check_model(onnx.load(sys.argv[1]))"


def elapsed(command):
    """Seconds from the start of a process to its end."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
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
    with tempfile.TemporaryDirectory() as folder:
        path, contract = os.path.join(folder, "model.onnx"), os.path.join(folder, "contract.json")
        measure.run([context.python, "-c", MAKE, path])
        with open(contract, "w", encoding="utf-8") as file:
            file.write(CONTRACT)
        check = [program, "check", path, "--contract", contract]
        start, peer_start, peer = [program, "--version"], [context.python, "-c", START], [context.python, "-c", PEER, path]
        times = measure.take_turns(context.runs(31), {"start": lambda: elapsed(start), "check": lambda: elapsed(check)})
        peers = measure.take_turns(
            context.runs(5), {"start": lambda: elapsed(peer_start), "check": lambda: elapsed(peer)}
        )
        # A process cannot use less than the test's own; the peers need far more than that.
        memory = [measure.cost(command)[1] for command in (start, check, peer_start, peer)]

    def beyond(of):
        return max(measure.median(of["check"]) - measure.median(of["start"]), 1e-6)

    seconds = Row(GROUP, "check of 90 MB against a contract, beyond start-up", "s", beyond(times))
    seconds.details = {"spread": measure.spread(times["check"])}
    seconds.peer, seconds.peer_name = beyond(peers), "onnx.load and onnx.checker"
    seconds.ratio = seconds.peer / seconds.ours
    space = Row(GROUP, "its memory beyond start-up", "B", max(memory[1] - memory[0], 0))
    space.peer, space.peer_name = memory[3] - memory[2], "onnx.load and onnx.checker"
    return [seconds.at_most(TARGET_SECONDS), space.at_most(TARGET_BYTES)]
