"""What `constexport emit` writes, against golden files; readers_test.py has the tools read other ones.

Usage: emit_test.py PROGRAM GOLDEN. The golden files were written by hand from the tools' documentation.
"""

import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
from command import run  # noqa: E402

CONTRACT = {
    "inputs": [
        {"name": "ids", "dtype": "int64", "dims": ["batch", "length"]},
        {"name": "past", "dtype": "float16", "dims": ["batch", 4, "past_length", 8]},
        {"name": "mask", "dtype": "bool", "dims": ["batch", "past_length + length"]},
        {"name": "scale", "dtype": "float32", "dims": []},
    ],
    "outputs": [{"name": "logits", "dtype": "float32", "dims": ["batch", "length", 99]}],
    "axes": {
        "batch": {"max": 16},
        "length": {"default": 8, "multiple": 8, "max": 512},
        "past_length": {"min": 0, "default": 5, "max": 1000},
    },
}


def main():
    program, golden, problems = sys.argv[1], pathlib.Path(sys.argv[2]), []
    with tempfile.TemporaryDirectory() as name:
        contract = pathlib.Path(name, "contract.json")
        contract.write_text(json.dumps(CONTRACT))
        answers = {}
        for path in sorted(golden.iterdir()):
            code, out, err = run(program, "emit", path.stem, "--contract", str(contract), "--name", "decoder", "--limit", "past_length=1000")
            answers[path.stem] = out
            if code or err or out != path.read_text(encoding="utf-8"):
                problems.append(f"{path.stem}: {code} {err}\n{out}")

        # An axis that all tensors have first is Triton's batch.
        code, out, _ = run(program, "emit", "triton", "--model-type", "bert", "--task", "fill-mask", "--limit", "batch_size=8")
        if code or "max_batch_size: 8" not in out or "dims: [ -1, 30522 ]" not in out:
            problems.append(f"triton: {code} {out}")
        for arguments, words in (
            (["trtexec", "--model-type", "bert", "--task", "fill-mask"], ['"batch_size" of "input_ids" has no largest size', "--limit"]),
            (["trtexec", "--contract", str(contract), "--limit", "btch=3"], ['no axis "btch"']),
            (["trtexec", "--contract", str(contract), "--limit", "length=4"], ["its sizes are 8 to 512, multiples of 8"]),
            (["trtexec", "--contract", str(contract), "--limit", "batch"], ["--limit", "NAME=SIZE"]),
            (["tensort", "--contract", str(contract)], ["trtexec"]),
        ):
            code, out, err = run(program, "emit", *arguments)
            if code != 2 or out or any(word not in err for word in words):
                problems.append(f"{arguments}: {code} {out} {err}")

    names = {}
    exec(answers["dynamic-axes"], names)
    if names["dynamic_axes"]["mask"] != {0: "batch", 1: "past_length + length"}:
        problems.append("dynamic-axes are no Python")
    for problem in problems:
        print(problem)
    print(f"{len(answers)} formats")
    return 1 if problems else 0


sys.exit(main())
