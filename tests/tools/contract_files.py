"""Contract files: what `show --format contract` writes for every configuration says the same when it is read back.

Usage: contract_files.py PROGRAM
"""

import concurrent.futures
import json
import pathlib
import sys
import tempfile

from command import equal, run


def selections(program):
    """Arguments of `show` for each model type, task, variant, part and behavior."""
    for model in json.loads(run(program, "list", "--format", "json")[1]):
        for task in model["tasks"]:
            for variant in model["variants"]:
                for part in model["parts"] or [None]:
                    base = [model["model_type"], "--task", task, "--library", model["library"], "--variant", variant]
                    yield base + (["--part", part] if part else [])
        if any("2text" in task or "seq2seq" in task for task in model["tasks"]):
            for behavior in ("encoder", "decoder"):
                for task in model["tasks"]:
                    yield [model["model_type"], "--task", task, "--library", model["library"], "--behavior", behavior]
                    yield [model["model_type"], "--task", task, "--library", model["library"], "--behavior", behavior, "--no-past-in-inputs"]


def same(wanted, given):
    """`a * (b * c)` is read as `a * b * c`."""
    if isinstance(wanted, dict) and isinstance(given, dict):
        return wanted.keys() == given.keys() and all(same(wanted[key], given[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(given, list):
        return len(wanted) == len(given) and all(map(same, wanted, given))
    return wanted == given or (isinstance(wanted, str) and isinstance(given, str) and equal(wanted, given))


def compare(program, folder, number, arguments):
    """A problem, "" if there is none, or None where there is no such configuration."""
    code, shown, _ = run(program, "show", *arguments, "--format", "json")
    if code == 2:
        return None
    code, written, err = run(program, "show", *arguments, "--format", "contract")
    if code:
        return f"cannot be written: {err}"
    path = pathlib.Path(folder, f"{number}.json")
    path.write_text(written, encoding="utf-8")
    code, read, err = run(program, "show", "--contract", str(path), "--format", "json")
    if code:
        return f"cannot be read: {err}"
    wanted, given = json.loads(shown), json.loads(read)
    for key in ("inputs", "outputs", "dummy_inputs", "parameters", "opset", "atol_for_validation", "class", "use_past", "use_past_in_inputs"):
        if not same(wanted[key], given[key]):
            return f"{key}: {given[key]} instead of {wanted[key]}"
    code, again, _ = run(program, "show", "--contract", str(path), "--format", "contract")
    if code or again != written:
        return "written once more, it is another text"
    # Ranges are in the text alone.
    contract = json.loads(written)
    for axis in contract["axes"].values():
        if not axis.get("min", 1) <= axis["default"] <= axis.get("max", axis["default"]):
            return f"an axis's default lies outside its range: {axis}"
    return ""


def main():
    program, problems, passed = sys.argv[1], [], 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        every = list(selections(program))
        for arguments, problem in zip(every, pool.map(lambda item: compare(program, folder, *item), enumerate(every)), strict=True):
            if problem:
                problems.append(f"{' '.join(arguments)}: {problem[:600]}")
            passed += problem == ""

        # Sizes of dummies are the defaults of the axes, and parameters those of config.json.
        config = pathlib.Path(folder, "config.json")
        config.write_text('{"n_layer": 3, "n_head": 4, "n_embd": 32}')
        code, out, _ = run(program, "show", "gpt2", "--task", "text-generation-with-past", "--config", str(config), "--axis", "sequence_length=5", "--format", "contract")
        contract = json.loads(out)
        if code or contract["axes"]["sequence_length"]["default"] != 5 or contract["parameters"]["num_hidden_layers"]["value"] != 3:
            problems.append(f"{code}: {contract['axes']} {contract['parameters']}")

        own = pathlib.Path(folder, "own.json")
        own.write_text(
            """{"inputs": [{"name": "x", "dtype": "float32", "dims": ["batch_size", 3, "?", "width * 2"]}],
                "outputs": [{"name": "y", "dims": null}, {"name": "z", "dtype": "int64", "dims": ["found", null]}],
                "axes": {"batch_size": {"min": 1, "max": 64, "default": 2}, "found": {"free": true}, "width": {"value": 5}}}"""
        )
        code, out, err = run(program, "show", "--contract", str(own))
        words = ["x  float32  batch_size, 3, x_dim2, width * 2", "y  ?", "derived", "z  int64  found, ?", "2 x 3 x 2 x 10"]
        if code or any(word not in out for word in words):
            problems.append(f"{code} {err}\n{out}")
        code, out, err = run(program, "show", "--contract", str(own), "--axis", "batch_size=65")
        if code != 2 or "not one that the axis may have" not in err:
            problems.append(f"{code} {err}")
    for problem in problems:
        print(problem)
    print(f"{passed} configurations the same")
    return 1 if problems or passed < 860 else 0


sys.exit(main())
