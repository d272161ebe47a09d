"""Exports every traced model with the command, and writes what became of it as a table.

    export_models.py COMMAND TRACED [--page FILE.md] [--jobs N] [--require N] [MODEL_TYPE or NAME ...]

COMMAND is the built command `constexport`, TRACED the folder that trace_models.py filled. Each model is exported through
its own configuration and compared with LibTorch in ONNX Runtime at three assignments of its axes that were not
recorded. results.json in TRACED keeps what is known, so that a few models can be run again. Exit code 1 where fewer than
N model types are exported whole.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time

SECONDS = 300


def exported(command, folder, entry):
    path = folder / (entry["name"] + ".onnx")
    path.unlink(missing_ok=True)
    model_type, *options = entry["arguments"]
    arguments = [command, "export", str(folder / (entry["name"] + ".pt")), "--model-type", model_type, *options]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "NO_COLOR": "1"}
    began = time.monotonic()
    try:
        made = subprocess.run(
            [*arguments, "-o", str(path)], capture_output=True, text=True, timeout=SECONDS, env=environment
        )
        code, said, problem = made.returncode, made.stdout, made.stderr
    except subprocess.TimeoutExpired:
        code, said, problem = 1, "", f"took longer than {SECONDS} s"
    result = {"name": entry["name"], "seconds": round(time.monotonic() - began, 1), "code": code}
    if found := re.search(r", (\d+) nodes,", said):
        result["nodes"] = int(found[1])
    errors = [float(each) for each in re.findall(r"largest error ([0-9.einf+-]+)", said)]
    if errors:
        result["error"] = max(errors)
    result["equal"] = len(re.findall(r"^  at .*: equal", said, re.MULTILINE))
    result["assumes"] = re.findall(r"^  assumes +(.*)", said, re.MULTILINE)
    if code != 0:
        differences = [each.strip() for each in said.splitlines() if each.startswith("  at ") and ": equal" not in each]
        result["problem"] = "\n".join([problem.strip(), *differences]).strip() or f"the command ended with {code}"
    return result


def short(text, width=160):
    """The first sentence of a message, for a cell of a table."""
    text = re.sub(r"^(constexport|error): ", "", text.strip())
    text = re.sub(r"/\S*/", "", " ".join(text.split())).replace("|", "\\|")
    return text if len(text) <= width else text[: width - 1].rsplit(" ", 1)[0] + " ..."


def page(entries, results, model_types):
    whole = {each["model_type"] for each in entries}
    for each in entries:
        if each["name"] not in results or results[each["name"]]["code"] != 0:
            whole.discard(each["model_type"])
    good = sum(each["code"] == 0 for each in results.values())
    lines = [
        "# Traced models",
        "",
        "Tiny random models of transformers, diffusers, timm and sentence-transformers, traced with `torch.jit.trace` and",
        "exported by the command through their own configurations: the contract's names, axes and output dimensions are",
        "held against the real model. `tools/test --all` makes this page (tests/traced).",
        "",
        f"{good} of {len(entries)} traced modules are exported and agree with LibTorch at three assignments of their axes",
        f"that were not recorded; {len(whole)} of {len(model_types)} model types with all of their modules.",
        "",
        "| model type | task | module | nodes | largest error | |",
        "|---|---|---|---:|---:|---|",
    ]
    for each in entries:
        result = results.get(each["name"], {"code": 1, "problem": each.get("reason", "not run")})
        what = each["part"] or each["behavior"] or ""
        if each["behavior"] == "decoder" and "--no-past-in-inputs" not in each.get("arguments", []):
            what += " with past" if each["task"].endswith("-with-past") else ""
        cells = [each["model_type"], each["task"], what]
        if result["code"] == 0:
            error = result.get("error")
            note = each.get("note", "")
            cells += [str(result.get("nodes", "")), "" if error is None else f"{error:.1e}", note]
        else:
            cells += ["", "", short(result["problem"])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    arguments = sys.argv[1:]
    options = {}
    for name in ("--page", "--jobs", "--require"):
        if name in arguments:
            place = arguments.index(name)
            options[name] = arguments[place + 1]
            del arguments[place : place + 2]
    command, folder, *wanted = arguments
    folder = pathlib.Path(folder)
    entries = json.loads((folder / "manifest.json").read_text())
    known_path = folder / "results.json"
    results = json.loads(known_path.read_text()) if wanted and known_path.exists() else {}
    chosen = [
        each
        for each in entries
        if "reason" not in each and (not wanted or each["name"] in wanted or each["model_type"] in wanted)
    ]
    with concurrent.futures.ThreadPoolExecutor(int(options.get("--jobs", 1))) as pool:
        for done, result in enumerate(pool.map(lambda each: exported(command, folder, each), chosen), 1):
            results[result["name"]] = result
            state = f"equal at {result['equal']}" if result["code"] == 0 else short(result["problem"])
            print(f"[{done}/{len(chosen)}] {result['name']}: {state}", flush=True)
            known_path.write_text(json.dumps(results, indent=1))
    model_types = {(each["library"], each["model_type"]) for each in entries}
    text = page(entries, results, model_types)
    if "--page" in options:
        pathlib.Path(options["--page"]).write_text(text)
    print(text.splitlines()[6])
    print(text.splitlines()[7])
    whole = int(re.search(r"; (\d+) of", text)[1])
    return 1 if whole < int(options.get("--require", 0)) else 0


if __name__ == "__main__":
    sys.exit(main())
