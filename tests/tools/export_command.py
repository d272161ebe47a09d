"""export_command.py EXPORTER SCRIPT_MODULE BROWSER PYTHON: files, reports and test data of `export` and `validate`.

SCRIPT_MODULE writes a TorchScript file. BROWSER and PYTHON (one that has the package onnx) may be empty: what needs them is
skipped, and counted. The last line of output counts them.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from outcomes import check, finish, skip

exporter, script_module, browser, python = sys.argv[1:5]

CONTRACT = """{"inputs": [{"name": "x", "dtype": "float32", "dims": ["n", 8]}],
 "outputs": [{"name": "y", "dtype": "float32", "dims": ["n", 8]}], "axes": {"n": {"default": 3, "min": 1, "max": 64}}}"""

SOURCE = """def forward(self, x):
  return torch.softmax(torch.linear(torch.tanh(torch.linear(x, self.first)), self.second), -1)
"""

READ_TEST_DATA = """
import sys, glob, onnx, numpy
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator
model = onnx.load(sys.argv[1])
for folder in sorted(glob.glob(sys.argv[2] + "/test_data_set_*")):
    tensors = {}
    for kind in ("input", "output"):
        tensor = onnx.TensorProto()
        with open(f"{folder}/{kind}_0.pb", "rb") as file:
            tensor.ParseFromString(file.read())
        tensors[tensor.name] = numpy_helper.to_array(tensor)
    y, = ReferenceEvaluator(model).run(None, {"x": tensors["x"]})
    numpy.testing.assert_allclose(y, tensors["y"], atol=1e-5)
    print(folder[-1], tensors["x"].shape[0])
"""


def run(*arguments, **more):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=240, check=False, **more)


def rendered(page):
    """What a person reads on the page."""
    with tempfile.TemporaryDirectory() as profile:
        done = run(browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--dump-dom", page.as_uri())
    text = re.sub(r"<(style|title).*?</\1>", "", done.stdout, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text))), done.stdout


with tempfile.TemporaryDirectory() as name:
    here = Path(name)
    os.environ["TMPDIR"] = name
    (here / "contract.json").write_text(CONTRACT)
    for seed in (1, 2):
        run(script_module, here / f"{seed}.pt", "--seed", seed, "first=64x8", "second=8x64", input=SOURCE)
    selection = ["--contract", here / "contract.json"]

    done = run(exporter, "export", here / "1.pt", *selection, "-o", here / "1.onnx", "--external-data", "always")
    check("a TorchScript file is exported", done.returncode == 0 and "largest error" in done.stdout, done.stdout + done.stderr)
    check("weights beside it", (here / "1.onnx.data").exists() and "weights beside it" in done.stdout, done.stdout)

    validate = [exporter, "validate", here / "1.onnx", *selection, "--against"]
    done = run(*validate, here / "1.pt", "--report", here / "equal.html", "--save-test-data", here / "data")
    check("it is equal", done.returncode == 0 and done.stdout.count("equal") == 3, done.stdout + done.stderr)
    different = run(*validate, here / "2.pt", "--report", here / "different.html")
    check("another module is not", different.returncode == 1 and "y differs from LibTorch" in different.stdout, different.stdout)
    done = run(*validate, here / "1.pt", "--axis", "n=7")
    check("one size", done.returncode == 0 and done.stdout.count("at n 7: equal") == 1 and done.stdout.count(" at ") == 1, done.stdout)
    for axis, message in (("m=7", 'no axis "m"'), ("n=65", "1 to 64"), ("n", "NAME=SIZE")):
        done = run(*validate, here / "1.pt", "--axis", axis)
        check(f"--axis {axis} is wrong", done.returncode == 2 and message in done.stderr, done.stderr)
    done = run(*validate, here / "1.pt", "--atol", "0")
    check("a tolerance of its own", done.returncode in (0, 1) and done.stderr == "", done.stderr)

    done = run(exporter, "export", here / "1.pt", *selection, "-o", here / "half.onnx", "--dtype", "float16")
    check("half precision", done.returncode == 0 and "x float16 [n, 8]" in done.stdout, done.stdout + done.stderr)
    check("half as large", os.path.getsize(here / "half.onnx") < 4096, os.path.getsize(here / "half.onnx"))

    # Where the file goes: by links, through a pipe, and never over what is read.
    def export(place, *more):
        return run(exporter, "export", here / "1.pt", *selection, "-o", place, *more)

    (here / "far").mkdir()
    (here / "far" / "old.onnx").write_text("old")
    (here / "link.onnx").symlink_to("far/old.onnx")
    done = export(here / "link.onnx", "--external-data", "always")
    check("a link stays", done.returncode == 0 and (here / "link.onnx").is_symlink() and (here / "link.onnx.data").exists(), done.stderr)
    check("what it points to is replaced", os.path.getsize(here / "far" / "old.onnx") == os.path.getsize(here / "link.onnx") > 100)
    os.mkfifo(here / "pipe")
    reader = subprocess.Popen(["cat", here / "pipe"], stdout=subprocess.PIPE)
    done = export(here / "pipe")
    piped = reader.communicate(timeout=60)[0]
    check("a pipe is written through", done.returncode == 0 and (here / "pipe").is_fifo() and b"Gemm" in piped, done.stderr)
    done = export(here / "pipe", "--external-data", "always")
    check("no weights lie beside a pipe", done.returncode == 2 and "no regular file" in done.stderr, done.stderr)
    (here / "m.onnx.data").write_bytes((here / "1.pt").read_bytes())
    for place, module in (("1.pt", "1.pt"), ("contract.json", "1.pt"), ("m.onnx", "m.onnx.data")):
        done = run(exporter, "export", here / module, *selection, "-o", here / place)
        check(f"{place} is not written over what is read", done.returncode == 2 and "which is read" in done.stderr, done.stderr)
    for place, why in ((here / "far", "it is a folder"), (here / "none" / "x.onnx", "No such file")):
        done = export(place)
        check(f"{place.name} cannot be written", done.returncode == 1 and f'"{place}" cannot be written: {why}' in done.stderr, done.stderr)
    (here / "kept.onnx").write_text("old")
    (here / "kept.onnx.data").mkdir()
    done = export(here / "kept.onnx", "--external-data", "always")
    check("both files or none", done.returncode == 1 and (here / "kept.onnx").read_text() == "old", done.stderr)
    left = [str(each) for each in here.rglob(".constexport-*")]
    check("nothing is left behind", not left, left)

    pages = {each: (here / f"{each}.html").read_text(encoding="utf-8") for each in ("equal", "different")}
    for each, page in pages.items():
        check(f"{each}: the page needs no network", not re.search(r"""(src|href|action)\s*=|@import|url\(|<script""", page))
    left = [each for each in os.listdir(here) if each.startswith("constexport-") and each.endswith(".json")]
    check("no profile is left", not left, left)
    if not browser:
        skip("no headless browser; install chromium", 5)
    else:
        text, dom = rendered(here / "equal.html")
        check("the verdict", "1.pt: equal" in text and "Differences None." in text, text[:400])
        check("the contract", "x float32 [n, 8]" in text and "y float32 [n, 8]" in text and "n 1 64 1" in text, text[:800])
        check("a picture for every assignment and output", dom.count('role="img"') == 3 and "n 8" in text and dom.count('class="assignment"') == 3, dom[:2000])
        slowest = re.search(r"Slowest node types (.*) Most frequent node types (.*)", text)
        check("node types", slowest and "Gemm" in slowest[1] and "ms" in slowest[1] and "Softmax 1" in slowest[2], text[-600:])
        text, dom = rendered(here / "different.html")
        check("what differs", "2.pt: different" in text and text.count("y at n ") == 3 and 'class="beyond"' in dom, text[:600])

    check("test data for every assignment", sorted(os.listdir(here / "data")) == [f"test_data_set_{i}" for i in range(3)])
    for number, size in enumerate((1, 3, 8)):
        done = run(Path(exporter).resolve().parent / "constexport", "emit", "c-header", "--contract", here / "1.onnx", "--test-data", here / f"data/test_data_set_{number}")
        check(f"test data as constants in C, n = {size}", "model_y_t model_y_expected = {" in done.stdout and f"typedef float model_y_t[{size}][8];" in done.stdout, done.stderr)
    if not python:
        skip("no Python package onnx")
    else:
        (here / "read.py").write_text(READ_TEST_DATA)
        done = run(python, here / "read.py", here / "1.onnx", here / "data")
        check("ONNX's own tools read the test data", done.returncode == 0 and done.stdout == "0 1\n1 3\n2 8\n", done.stdout + done.stderr)

sys.exit(finish())
