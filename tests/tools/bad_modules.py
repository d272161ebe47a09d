"""bad_modules.py EXPORTER SCRIPT_MODULE: what cannot be exported is refused, each with its own message.

SCRIPT_MODULE writes a TorchScript file from source text. An existing file under the output's name must stay as it is, and
nothing may crash or hang. The last line of output is `N passed, N failed`.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from outcomes import check, finish

exporter, script_module = sys.argv[1:3]

ONE = {"inputs": [{"name": "x", "dtype": "float32", "dims": ["n", 4]}], "outputs": [{"name": "y", "dims": None}]}
TWO = {"inputs": [{"name": "x", "dtype": "float32", "dims": ["n", 4]}], "outputs": [{"name": "y", "dims": None}, {"name": "z", "dims": None}]}
TALL = {"inputs": [{"name": "x", "dtype": "float32", "dims": ["n", "m"]}], "outputs": [{"name": "y", "dims": None}]}

# name, forward's body, parameters, flags, contract, exit status, words in the message
CASES = [
    ("an affine map is exported", "return torch.linear(x, self.w)", ["w=3x4"], [], ONE, 0, ["equal"]),
    ("chance", "return x + torch.rand_like(x)", [], [], ONE, 1, ["aten::rand_like", "random"]),
    ("chance from nothing", "return x + torch.randn([4])", [], [], ONE, 1, ["aten::randn", "random"]),
    ("dropout in training", "return torch.dropout(x, 0.5, True)", [], [], ONE, 1, ["aten::dropout", "eval()"]),
    ("statistics of a batch", "return torch.batch_norm(x, None, None, self.m, self.v, True, 0.1, 1e-5, False)", ["m=4", "v=4"], [], ONE, 1, ["batch_norm", "eval()"]),
    ("a module that changes its weights", "self.w.add_(1.0)\n  return torch.linear(x, self.w)", ["w=3x4"], [], ONE, 1, ["aten::add_", "state"]),
    ("a branch on data", "if bool(x.sum() > 0.0):\n    return x.sin()\n  else:\n    return x.cos()", [], [], ONE, 1, ["prim::If", "aten::Bool", "torch.where"]),
    ("a branch on data that looks alike", "y = x\n  if bool(x.sum() > 1.0e9):\n    y = x.sin()\n  return y", [], [], ONE, 1, ["prim::If"]),
    ("a branch that only raises is none", "assert bool(x.sum() < 1.0e9), 'large'\n  return x.sin()", [], [], ONE, 0, ["equal"]),
    ("a loop on data", "y = x\n  while bool(y.sum() < 1.0e3):\n    y = y * 2.0 + 1.0\n  return y", [], [], ONE, 1, ["prim::Loop"]),
    ("a loop of as many rounds as an element says", "y = x\n  for i in range(int(x.abs().sum())):\n    y = y + 1.0\n  return y", [], [], ONE, 1, ["prim::Loop"]),
    ("a loop that never ends", "y = x\n  while True:\n    y = y + 1.0\n  return y", [], [], ONE, 1, ["prim::Loop", "never ends"]),
    ("a loop of fixed length", "y = x\n  for i in range(3):\n    y = y + torch.sin(y)\n  return y", [], [], ONE, 0, ["equal"]),
    ("a loop over a size", "y = x[:, 0]\n  for i in range(x.size(1)):\n    y = y + x[:, i]\n  return y", [], [], TALL, 1, ["runs differ"]),
    ("an output that is no tensor", "return x, 3", [], [], TWO, 1, ["Output 1", "no tensor"]),
    ("more outputs than the contract", "return x, x + 1.0", [], [], ONE, 1, ["returns 2 tensors", "1 outputs"]),
    ("fewer outputs than the contract", "return x", [], [], TWO, 1, ["returns 1 tensors", "2 outputs"]),
    ("a size that the module fixes", "return x.view(2, 4).sin()", [], [], ONE, 1, ["n", "view"]),
    ("all unsupported operators at once", "return torch.lgamma(torch.special_i0e(x))", [], [], ONE, 1, ["aten::lgamma", "aten::special_i0e"]),
    ("an error of the module's own", "assert x.size(1) > 7, 'not today'\n  return x", [], [], ONE, 1, ["not today"]),
    ("a loop without end that sizes steer", "y = x\n  while y.size(0) > 0:\n    y = y.clone()\n  return y", [], [], ONE, 1, ["did not end within 20 s"]),
]


def run(*arguments, **more):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=600, check=False, **more)


def export(module, contract, output):
    return run(exporter, "export", module, "--contract", contract, "-o", output, "--time-limit", 20)


with tempfile.TemporaryDirectory() as name:
    here = Path(name)
    output = here / "model.onnx"
    for what, body, parameters, flags, contract, status, words in CASES:
        (here / "contract.json").write_text(json.dumps(contract))
        saved = run(script_module, here / "module.pt", *flags, *parameters, input=f"def forward(self, x):\n  {body}\n")
        if saved.returncode != 0:
            check(what, False, "TorchScript does not compile it: " + saved.stderr)
            continue
        output.write_bytes(b"what was there")
        done = export(here / "module.pt", here / "contract.json", output)
        said = done.stdout + done.stderr
        check(what, done.returncode == status and all(word in said for word in words), f"status {done.returncode}: {said}")
        kept = output.read_bytes() == b"what was there"
        check(what + ": the file of before", kept == (status != 0), "was " + ("kept" if kept else "replaced"))
        check(what + ": nothing else is left", not [f for f in os.listdir(here) if f.startswith(".constexport")], str(os.listdir(here)))

    # Damaged files: whatever is cut off or changed, there is an answer.
    (here / "contract.json").write_text(json.dumps(ONE))
    run(script_module, here / "good.pt", "w=3x4", input="def forward(self, x):\n  return torch.linear(x, self.w)\n")
    good = (here / "good.pt").read_bytes()
    noise = random.Random(7)
    damaged = [("empty", b""), ("text", b"no TorchScript at all"), ("zip without content", b"PK\x05\x06" + bytes(18))]
    damaged += [(f"cut at {size}", good[:size]) for size in (1, 30, len(good) // 3, len(good) // 2, len(good) - 1)]
    for number in range(12):
        bytes_ = bytearray(good)
        for _ in range(8):
            bytes_[noise.randrange(len(bytes_))] = noise.randrange(256)
        damaged.append((f"changed {number}", bytes(bytes_)))
    output.write_bytes(b"what was there")
    for what, content in damaged:
        (here / "bad.pt").write_bytes(content)
        done = export(here / "bad.pt", here / "contract.json", output)
        if done.returncode == 0:  # the changed bytes were of a weight, or of nothing
            output.write_bytes(b"what was there")
            continue
        check(what, done.returncode == 1 and done.stderr.startswith("constexport: "), f"status {done.returncode}: {done.stdout}{done.stderr}")
        check(what + ": the file of before", output.read_bytes() == b"what was there")
    done = export(here / "nowhere.pt", here / "contract.json", output)
    check("no file", done.returncode == 1 and "nowhere.pt" in done.stderr and "torch.jit.save" in done.stderr, done.stderr)
    done = export(here / "good.pt", here / "nowhere.json", output)
    check("no contract", done.returncode in (1, 2) and "nowhere.json" in done.stderr, done.stderr)
    done = export(here / "good.pt", here / "contract.json", here / "no folder" / "model.onnx")
    check("no folder", done.returncode == 1 and "no folder" in done.stderr, done.stderr)
    (here / "contract.json").write_text(json.dumps({**ONE, "inputs": ONE["inputs"] + [{"name": "mask", "dtype": "int64", "dims": ["n"]}]}))
    done = export(here / "good.pt", here / "contract.json", output)
    check("more inputs than arguments", done.returncode == 1 and "takes (x)" in done.stderr and "(x, mask)" in done.stderr, done.stderr)

sys.exit(finish())
