"""A step of greedy decoding with a typed session, and of the same loop written by hand on ONNX Runtime's API."""

import tempfile

from benchlib import measure
from benchlib.report import Row

GROUP = "decoding"
TARGET = 1.02
PEER = "by hand on ONNX Runtime"
# Tokens and rounds in one process: a second of the narrow model, twenty of GPT-2's own shape.
SHAPES = {"narrow": ("6 narrow layers", 200, 20), "gpt2": ("GPT-2's shape, 12 layers", 32, 5)}


def rows(context):
    program = context.program("decoding/decoding_bench")
    if not program:
        context.say("decoding_bench is not built (it needs ONNX Runtime): no decoding")
        return []
    result = []
    for shape, (words, tokens, rounds) in SHAPES.items():
        context.say(f"decoding: {words}")
        # Each process takes turns step by step, and every other one loads the loop by hand first. A file of random
        # weights is made in its folder and removed again.
        with tempfile.TemporaryDirectory() as folder:
            runs = [
                measure.run_json([program, shape, first, tokens, 1 if context.quick else rounds], cwd=folder)
                for _ in range(context.runs(3))
                for first in ("typed", "by_hand")
            ]
        ours, peer, ratio = (measure.median([run[key] for run in runs]) for key in ("typed", "by_hand", "ratio"))
        row = Row(GROUP, f"a token of {words}, one thread", "s", ours, peer, PEER, details={"runs": runs})
        row.ratio_note = f"{100 * (ratio - 1):+.1f} % (median of all pairs)"
        row.target, row.reached = f"<= {100 * (TARGET - 1):+.0f} %", ratio <= TARGET
        result.append(row)
        most = {key: max(run["allocations"][key] for run in runs) for key in ("typed", "by_hand")}
        what = f"allocations of its step outside ONNX Runtime, {words}"
        result.append(Row(GROUP, what, "n", most["typed"], most["by_hand"], PEER).at_most(0))
    return result
