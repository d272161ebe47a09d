"""make_table.py RUNNER CASES... > docs/operators.md: LibTorch's operators that can be exported, from the code itself.

RUNNER is build-test/tests/export/operator_cases. It names the operators that have lowerings and their overloads, and
records what ONNX operators became of each in the operator cases, at which opsets.
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


def main():
    runner, cases = sys.argv[1], [Path(name) for name in sys.argv[2:]]
    names = {}
    for line in subprocess.run([runner, "--names"], capture_output=True, text=True, check=True).stdout.splitlines():
        name, overloads = line.split("\t")
        names[name] = overloads.split()
    became, opsets, family = defaultdict(set), defaultdict(set), {}
    for file in cases:
        with tempfile.NamedTemporaryFile("r") as record:
            subprocess.run([runner, "--spread", "--record", record.name, file], stdout=subprocess.DEVNULL, check=False)
            for line in record:
                name, opset, ops = line.rstrip("\n").split("\t")
                base = name.split(".")[0]
                became[base].update(ops.split())
                opsets[base].add(int(opset))
                family.setdefault(base, file.stem)
    refused = defaultdict(list)
    for file in cases:
        for line in file.read_text().splitlines():
            if found := re.search(r"@refused \"([^\"]+)\"", line):
                for base in re.findall(r"torch\.(?:ops\.aten\.)?(\w+)\(", line)[:1] or re.findall(r"x\.(\w+)\(", line)[:1]:
                    if found[1] not in refused["aten::" + base]:
                        refused["aten::" + base].append(found[1])
    bases = sorted({name.split(".")[0] for name in names} | set(became))
    print("# Operators\n")
    print("Made by `tools/operators/make_table.py build-test/tests/export/operator_cases tests/export/operators/*.txt`.\n")
    print(f"{len(bases)} operators of LibTorch have a lowering. An operator without one is replaced by the calls that LibTorch")
    print("makes of it, in-place and `out=` forms by the plain ones. ONNX operators are those of the operator cases, before")
    print("optimisation; the opset is the lowest at which a case was equal. A lowering may still refuse a call: with a message,")
    print("before anything is written.\n")
    groups = defaultdict(list)
    for base in bases:
        groups[FAMILIES.get(family.get(base), "others")].append(base)
    for group in sorted(groups, key=lambda name: (name == "others", name)):
        print(f"## {group[0].upper()}{group[1:]}\n")
        print("| operator | overloads | ONNX | opset | refused |")
        print("|---|---|---|---|---|")
        for base in groups[group]:
            overloads = next((names[n] for n in names if n.split(".")[0] == base), [])
            plain = [o for o in overloads if "out" not in o.split("_") and "out" != o and "_out" not in o and not o.startswith("names")]
            print(f"| `{base.removeprefix('aten::')}` | {' '.join(plain)} | {', '.join(sorted(became[base]))} |"
                  f" {min(opsets[base]) if opsets[base] else ''} | {'; '.join(refused.get(base, []))} |")
        print()


main()
