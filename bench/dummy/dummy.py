"""Dummy inputs of GPT-2 with past (604 MB), one thread: ours beside LibTorch's fills and Optimum's generator."""

import os

from benchlib import measure
from benchlib.report import Row

GROUP = "dummy"
HERE = os.path.dirname(os.path.abspath(__file__))


def rows(context):
    program = context.program("dummy/bench_dummy")
    if not program:
        context.say("bench_dummy is not built (it needs LibTorch): no dummy inputs")
        return []
    context.say("dummy inputs")
    # Each process takes turns among its own fills; the processes take turns too.
    inner = 3 if context.quick else 7
    actions = {"ours": lambda: measure.run_json([program, inner])}
    if context.python:
        script = os.path.join(HERE, "optimum_dummy.py")
        actions["optimum"] = lambda: measure.run_json([context.python, script, 2 if context.quick else 3])
    values = measure.take_turns(context.runs(3), actions, warm_up=False)
    size = values["ours"][0]["bytes"]

    def rate(key):
        return size / measure.median([seconds for run in values["ours"] for seconds in run[key]])

    def row(what, ours, peer, name):
        return Row(GROUP, what, "B/s", rate(ours), rate(peer), name, ratio=rate(ours) / rate(peer))

    old, new = "604 MB of floats into tensors that exist", "604 MB of floats in new tensors"
    result = [
        row(old, "ours_in_place", "uniform_in_place", "uniform_").ratio_at_least(8),
        row(old, "ours_in_place", "fill_in_place", "fill_").ratio_at_least(0.5),
        row(new, "ours_new", "rand_new", "torch::rand").ratio_at_least(8),
        row(new, "ours_new", "full_new", "torch::full"),
        # The rows above use the memory of the run before again; this one takes it from the system, as the peer does.
        row(f"{new} and fresh memory", "ours_fresh", "rand_new", "torch::rand"),
    ]
    result[0].details = {"runs": values}
    if context.python:
        runs = values["optimum"]
        peer = runs[0]["bytes"] / measure.median([seconds for run in runs for seconds in run["seconds"]])
        what = "all inputs of GPT-2 with past in new tensors"
        ours = Row(GROUP, what, "B/s", rate("ours_new"), peer, "Optimum", ratio=rate("ours_new") / peer)
        result.append(ours.ratio_at_least(8))
    return result
