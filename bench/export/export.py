"""Exporting all-MiniLM-L6-v2: our exporter beside torch.onnx.export (both of them) and Optimum."""

import os
import tempfile

from benchlib import measure
from benchlib.report import Row

GROUP = "export"
HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = {
    "torchscript": "torch.onnx.export, dynamo=False",
    "dynamo": "torch.onnx.export, dynamo=True",
    "optimum": "Optimum's export",
}


def rows(context):
    program = context.program("export/export_bench")
    if not program:
        context.say("export_bench is not built (it needs LibTorch and nlohmann-json): no export")
        return []
    if not context.model or not os.path.exists(os.path.join(context.model, "model.safetensors")):
        context.say("the model all-MiniLM-L6-v2 is not here (tools/setup fetches it): no export")
        return []
    exports = 2 if context.quick else 5
    # Nothing here loads from a hub.
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    failed = set()
    with tempfile.TemporaryDirectory() as folder:
        files = {name: os.path.join(folder, name + ".onnx") for name in ("ours", *PEERS)}

        def action(name, command):
            def call():
                if name in failed:
                    return None
                context.say(f"export: {name}")
                try:
                    return measure.run_json([*command, context.model, files[name], exports], env=environment)
                except measure.Failed as error:
                    if name == "ours":
                        raise
                    # A peer's release that cannot do it says nothing about the others.
                    failed.add(name)
                    context.say(f"{PEERS[name]} failed and is left out: {error}")
                    return None

            return call

        actions = {"ours": action("ours", [program])}
        if context.python:
            script = os.path.join(HERE, "peer_export.py")
            actions |= {name: action(name, [context.python, script, name]) for name in PEERS}
        # No turn to warm up: the first export of each process is the cold one, and counts apart.
        values = measure.take_turns(context.runs(3), actions, warm_up=False)
        values = {name: runs for name, runs in values.items() if name not in failed}
        files = {name: files[name] for name in values}
        compared = {}
        if context.python:
            context.say("export: comparing the files with PyTorch")
            command = [context.python, os.path.join(HERE, "compare.py"), context.model, *files.values()]
            compared = measure.run_json(command, env=environment)
            compared = {name: compared[path] for name, path in files.items()}

    def warm(name):
        return measure.median([seconds for run in values[name] for seconds in run["seconds"][1:]])

    def cold(name):
        return measure.median([run["seconds"][0] for run in values[name]])

    def peak(name):
        """Growth during the first export; later ones find the memory there already."""
        return measure.median([max(run["growth"]) for run in values[name]])

    weights = values["ours"][0]["weight_bytes"]
    nodes = {name: runs[0]["nodes"] for name, runs in values.items()}
    result = []
    if len(values) == 1:
        result.append(Row(GROUP, "MiniLM to a file, warm", "s", warm("ours")))
        result.append(Row(GROUP, "MiniLM to a file, cold", "s", cold("ours")))
    for name, least in (("torchscript", 4), ("dynamo", 20), ("optimum", None)):
        if name not in values:
            continue
        for when, figure in (("warm", warm), ("cold", cold)):
            ours, peer = figure("ours"), figure(name)
            row = Row(GROUP, f"MiniLM to a file, {when}", "s", ours, peer, PEERS[name], ratio=peer / ours)
            result.append(row.ratio_at_least(least) if least else row)
    result[0].details = {"runs": values, "compared": compared}
    for phase in ("record", "reconcile", "optimise", "write"):
        seconds = measure.median([each for run in values["ours"] for each in run[phase][1:]])
        result.append(Row(GROUP, f"of ours, warm: {phase}", "s", seconds))
    others = ", ".join(f"{nodes[name]} {name}" for name in PEERS if name in nodes)
    result.append(Row(GROUP, "nodes at opset 18", "n", nodes["ours"], None, others).at_most(230))
    grown = peak("ours")
    others = ", ".join(f"{peak(name) / weights:.2f}x {name}" for name in PEERS if name in values)
    row = Row(GROUP, "peak memory beyond the loaded module, over the weights", "B", grown, None, others)
    row.ratio, row.ratio_note = grown / weights, "of the weights"
    row.target, row.reached = "<= 1.3x", grown / weights <= 1.3
    result.append(row)
    if compared:
        worst = {
            name: max(float("inf") if error is None else error for error in each["errors"].values())
            for name, each in compared.items()
        }
        others = ", ".join(f"{worst[name]:.1e} {name}" for name in PEERS if name in worst)
        row = Row(
            GROUP, "largest error in ONNX Runtime against PyTorch, three shapes", "1", worst["ours"], None, others
        )
        result.append(row.at_most(1e-5))
    return result
