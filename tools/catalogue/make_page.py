"""make_page.py CONSTEXPORT [-o docs/catalogue.html]: the page of all models and tasks, one HTML file without a network.

Asks the command for every configuration and writes what it answers into page.html. The page in docs/ is made by this; a test
makes it again and compares.
"""

import argparse
import concurrent.futures
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent.parent / "include/constexport/models.hpp"
LISTS = re.compile(r"using (\w+)_models =\s*model_list<(.*?)>;", re.S)


def modalities():
    """Class name -> "text encoder": the lists of models.hpp."""
    return {
        name.strip(): modality.replace("_", " ")
        for modality, names in LISTS.findall(MODELS.read_text(encoding="utf-8"))
        for name in names.split(",")
    }


def ask(program, *arguments):
    done = subprocess.run([program, *arguments, "--format", "json"], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def fold(tensors):
    """[name, dtype, [[dim, is dynamic], ...], layers]: layers of one tensor become one row with `*` in its name."""
    rows = {}
    for tensor in tensors:
        dims = [[dim, str(i) in tensor["dynamic_axes"]] for i, dim in enumerate(tensor["dims"])]
        name = re.sub(r"\.\d+(?=\.|$)", ".*", tensor["name"])
        key = (name, tensor["dtype"], json.dumps(dims))
        rows.setdefault(key, [name, tensor["dtype"], dims, 0])[3] += 1
    folded = list(rows.values())
    for row, tensor in zip(folded, tensors):
        if row[3] == 1 and "*" in row[0]:
            row[0] = next(t["name"] for t in tensors if re.sub(r"\.\d+(?=\.|$)", ".*", t["name"]) == row[0])
    return folded


def configurations(program, model):
    """Every configuration that the command shows for one model."""
    seen, result = set(), []
    for task, variant, part in itertools.product(model["tasks"], model["variants"] or [None], model["parts"] or [None]):
        for behavior, no_inputs in itertools.product([None, "encoder", "decoder"], [False, True]):
            if no_inputs and not task.endswith("-with-past"):
                continue
            arguments = ["show", model["model_type"], "--task", task, "--library", model["library"]]
            for name, value in (("--variant", variant), ("--part", part), ("--behavior", behavior)):
                arguments += [name, value] if value else []
            shown = ask(program, *arguments, *(["--no-past-in-inputs"] if no_inputs else []))
            if shown is None:
                continue
            words = [shown["task"], shown["behavior"], shown["part"], shown["variant"] if len(model["variants"]) > 1 else None]
            words.append("past in outputs only" if shown["use_past"] and not shown["use_past_in_inputs"] else None)
            label = ", ".join(word for word in words if word)
            if label in seen:
                continue
            seen.add(label)
            result.append(
                {
                    "label": label,
                    "task": shown["task"],
                    "opset": shown["opset"],
                    "atol": shown["atol_for_validation"],
                    "parameters": shown["parameters"],
                    "inputs": fold(shown["inputs"]),
                    "outputs": fold(shown["outputs"]),
                }
            )
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="the command constexport")
    parser.add_argument("-o", "--output", default=HERE.parent.parent / "docs/catalogue.html", type=Path)
    arguments = parser.parse_args()
    known = modalities()
    models = ask(arguments.program, "list")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        all_configurations = list(pool.map(lambda model: configurations(arguments.program, model), models))
    data = [
        {
            "library": model["library"],
            "model_type": model["model_type"],
            "class": model["class"],
            "modality": known[model["class"]],
            "configs": configs,
        }
        for model, configs in zip(models, all_configurations)
    ]
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    page = (HERE / "page.html").read_text(encoding="utf-8").replace("DATA", text)
    temporary = arguments.output.with_suffix(".tmp")
    temporary.write_text(page, encoding="utf-8")
    os.replace(temporary, arguments.output)
    print(f"{arguments.output}: {len(data)} models, {sum(map(len, all_configurations))} configurations, {len(page) / 1e6:.1f} MB")


sys.exit(main())
