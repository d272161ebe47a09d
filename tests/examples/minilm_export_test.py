"""minilm_export_test.py PROGRAM MODEL: the quickstart's program, from good and from bad input.

Whatever is wrong is named on standard error, the exit status is not 0, and an output file that was there stays as it was.
The last line of output is `N passed, N failed`.
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

program, model = Path(sys.argv[1]), Path(sys.argv[2])
counts = {True: 0, False: 0}


def check(what, holds, shown=""):
    counts[bool(holds)] += 1
    if not holds:
        print(f"FAILED {what}\n    {shown}")


def run(folder, output, *more):
    return subprocess.run(
        [program, "--model", folder, "--output", output, *more], capture_output=True, text=True, timeout=300, check=False
    )


def read(file):
    data = file.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def write(file, header, payload):
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write_bytes(struct.pack("<Q", len(text)) + text + payload)


def broken(change):
    """A copy of the model that `change` damages."""
    folder = Path(tempfile.mkdtemp(dir=scratch))
    shutil.copytree(model, folder, dirs_exist_ok=True)
    change(folder)
    return folder


def without_weight(folder):
    header, payload = read(folder / "model.safetensors")
    header["renamed"] = header.pop("encoder.layer.0.attention.self.query.weight")
    write(folder / "model.safetensors", header, payload)


def transposed(folder):
    header, payload = read(folder / "model.safetensors")
    header["encoder.layer.0.intermediate.dense.weight"]["shape"].reverse()
    write(folder / "model.safetensors", header, payload)


def retyped(folder):
    header, payload = read(folder / "model.safetensors")
    header["embeddings.LayerNorm.weight"]["dtype"] = "I32"
    write(folder / "model.safetensors", header, payload)


def truncated(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])


def not_json(folder):
    (folder / "config.json").write_text("{", encoding="utf-8")


with tempfile.TemporaryDirectory() as scratch:
    output = Path(scratch) / "model.onnx"
    done = run(model, output)
    check("a good model is exported", done.returncode == 0 and output.stat().st_size > 1000, done.stderr)
    check("the contract is shown", "input_ids" in done.stdout and "sequence_length" in done.stdout, done.stdout)
    check("every dimension is compared", done.stdout.count("as declared") == 3, done.stdout)
    check("the file is used", "Similarities" in done.stdout, done.stdout)

    before = output.read_bytes()
    for name, change, words in [
        ("a missing weight", without_weight, ["encoder.layer.0.attention.self.query.weight"]),
        ("a wrong shape", transposed, ["encoder.layer.0.intermediate.dense.weight", "shape"]),
        ("a wrong dtype", retyped, ["embeddings.LayerNorm.weight", "I32"]),
        ("a truncated file", truncated, ["model.safetensors"]),
        ("no weights", lambda folder: (folder / "model.safetensors").unlink(), ["model.safetensors"]),
        ("no vocabulary", lambda folder: (folder / "vocab.txt").unlink(), ["vocab.txt"]),
        ("a configuration that is no JSON", not_json, ["config.json"]),
    ]:
        done = run(broken(change), output)
        missing = [word for word in words if word not in done.stderr]
        check(f"{name}: refused", done.returncode == 1 and not missing, done.stderr)
        check(f"{name}: one line", len(done.stderr.strip().splitlines()) == 1, done.stderr)
        check(f"{name}: the old file is as it was", output.read_bytes() == before)

    for arguments, word in [(["--opset", "16"], "16"), (["--opset", "x"], "--opset"), (["--nothing", "1"], "unknown")]:
        done = run(model, output, *arguments)
        check(f"{arguments}: refused", done.returncode != 0 and word in done.stderr, done.stderr)
        check(f"{arguments}: the old file is as it was", output.read_bytes() == before)
    done = run(model, Path(scratch) / "nowhere" / "model.onnx")
    check("a folder that is not there: refused", done.returncode == 1 and "nowhere" in done.stderr, done.stderr)
    check("nothing is left behind", sorted(os.listdir(scratch)) == sorted({*os.listdir(scratch)} - {"model.onnx.tmp"}))

print(f"{counts[True]} passed, {counts[False]} failed")
sys.exit(1 if counts[False] else 0)
