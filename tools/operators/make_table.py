"""make_table.py [--names] RUNNER CASES... > docs/operators.md: LibTorch's operators that can be exported, from the code itself.

RUNNER is build-test/tests/export/operator_cases. It names the operators that have lowerings and their overloads, and
records what ONNX operators became of each in the operator cases, at which opsets. That takes a quarter of an hour; with
--names the cases are only read, and these two columns stay empty.
"""

import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

FAMILIES = {
    "activation": "activations", "adaptive": "pooling to a size", "attention": "attention", "bitwise": "logic and bits",
    "comparison": "comparison", "complex": "complex numbers and signals", "convolution": "convolutions",
    "creation": "creation and types", "embedding": "embeddings", "functions": "functions of a number", "grid": "grids",
    "indexing": "indexing", "linear": "linear algebra", "loss": "losses", "normalisation": "normalisation",
    "order": "order and search", "padding": "padding", "patches": "patches", "pointwise": "arithmetic", "pooling": "pooling",
    "recurrent": "recurrent layers", "reduction": "reductions", "resampling": "resampling", "scatter": "scattering",
    "shape": "views and shapes",
}


LOWERINGS = Path(__file__).parents[2] / "include/constexport/export/lower"


def print_reasons():
    """What lowerings say when they decline a call, from their code; "..." stands for a number."""
    reasons = set()
    for file in LOWERINGS.rglob("*.hpp"):
        for said in re.findall(r"\bdecline(?:\(|d\{)([^;]*)[)}];", file.read_text(encoding="utf-8")):
            parts = re.findall(r'((?:"[^"]*"\s*)+)', said)
            reasons.add("...".join("".join(re.findall('"([^"]*)"', part)) for part in parts))
    print("## Reasons\n")
    print("Where a lowering declines a call and LibTorch has no other calls for it, the message has one of these:\n")
    print("\n".join(f"* {reason}" for reason in sorted(reasons, key=str.casefold)))


def main():
    only_names = sys.argv[1] == "--names"
    runner, *files = sys.argv[2:] if only_names else sys.argv[1:]
    cases = [Path(name) for name in files]
    names = {}
    for line in subprocess.run([runner, "--names"], capture_output=True, text=True, check=True).stdout.splitlines():
        name, overloads = line.split("\t")
        names[name] = overloads.split()
    became, opsets, family = defaultdict(set), defaultdict(set), {}
    def run(file, opset):
        with tempfile.NamedTemporaryFile("r") as record:
            command = [runner, "--opset", str(opset), "--record", record.name, file]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
            for line in record:
                name, at, ops = line.rstrip("\n").split("\t")
                base = name.split(".")[0]
                became[base].update(ops.split())
                opsets[base].add(int(at))
                family.setdefault(base, file.stem)

    for file in [] if only_names else cases:
        run(file, 17)
    # What ONNX has later only.
    wanted = {name.split(".")[0] for name in names}
    for opset in () if only_names else (18, 20):
        for file in cases:
            text = file.read_text()
            if any(re.search(rf"\b{base.removeprefix('aten::')}\b", text) for base in wanted - set(opsets)):
                run(file, opset)
    for file in cases:  # an operator that only arrives beneath another has no case under its own name
        for word in re.findall(r"\b\w+\b", file.read_text()):
            if "aten::" + word in wanted:
                family.setdefault("aten::" + word, file.stem)
    refused = defaultdict(list)
    for file in cases:
        for line in file.read_text().splitlines():
            if found := re.search(r"@refused \"([^\"]+)\"", line):
                for base in re.findall(r"torch\.(?:ops\.aten\.)?(\w+)\(", line)[:1] or re.findall(r"x\.(\w+)\(", line)[:1]:
                    if found[1] not in refused["aten::" + base]:
                        refused["aten::" + base].append(found[1])
    bases = sorted({name.split(".")[0] for name in names} | set(became))
    print("# Operators\n")
    mode = " --names" if only_names else ""
    print(f"Made by `tools/operators/make_table.py{mode} build-test/tests/export/operator_cases tests/export/operators/*.txt`.\n")
    print(f"{len(bases)} operators of LibTorch have a lowering. An operator without one is replaced by the calls that LibTorch")
    print("makes of it, in-place and `out=` forms by the plain ones. A lowering may still refuse a call: with a message, before anything")
    print("is written; the last column has what the operator cases pin of it, and the last section all reasons.\n")
    if not only_names:
        print("ONNX operators are those of the operator cases, before optimisation; the opset is the lowest of 17, 18 and 20 at which a")
        print("case was exported.\n")
    groups = defaultdict(list)
    for base in bases:
        groups[FAMILIES.get(family.get(base), "others")].append(base)
    for group in sorted(groups, key=lambda name: (name == "others", name)):
        print(f"## {group[0].upper()}{group[1:]}\n")
        more = [] if only_names else ["ONNX", "opset"]
        print(f"| {' | '.join(['operator', 'overloads', *more, 'refused'])} |")
        print("|---" * (3 + len(more)) + "|")
        for base in groups[group]:
            overloads = next((names[n] for n in names if n.split(".")[0] == base), [])
            plain = [o for o in overloads if not re.search(r"(^|_)out$|^names|_names$|^Dimname", o)]
            made = [] if only_names else [", ".join(sorted(became[base])), str(min(opsets[base], default=""))]
            cells = ["`" + base.removeprefix("aten::") + "`", " ".join(plain), *made, "; ".join(refused.get(base, []))]
            print("| " + " | ".join(cells) + " |")
        print()
    print_reasons()


main()
