"""Where the commands write, and what they never replace.

Usage: outputs.py PROGRAM. Files are made with the official `onnx` package. The last line of output is
`N passed, N failed[, N skipped]`.
"""

import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import threading

import numpy
from onnx import TensorProto, helper, numpy_helper

sys.dont_write_bytecode = True
from command import run  # noqa: E402
from outcomes import check, finish, skip  # noqa: E402

LEFT = ".constexport-*"


def model(location=None):
    weights = numpy_helper.from_array(numpy.ones(3, numpy.float32), "w")
    if location:
        weights.ClearField("raw_data")
        weights.data_location = TensorProto.EXTERNAL
        for key, value in {"location": location, "length": "12"}.items():
            weights.external_data.add(key=key, value=value)
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g", value[:1], value[1:], [weights])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8).SerializeToString()


def read_through(pipe, body):
    """What `body` writes to a named pipe, and what it returns."""
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    result = body()
    reader.join(20)
    return got[0] if got else None, result


def check_places(program, folder, command, source):
    """Every kind of place gets the bytes that a new file gets, and stays what it is."""

    def write(place, **more):
        return run(program, *command, "-o", str(place), **more)

    name = command[0]
    new = folder / "new"
    check(f"{name}, new", write(new) == (0, "", ""), write(new))
    wanted = new.read_bytes()

    old = folder / "old"
    old.write_text("old")
    old.chmod(0o640)
    write(old)
    check(f"{name}, over a file", old.read_bytes() == wanted and stat.S_IMODE(old.stat().st_mode) == 0o640, oct(old.stat().st_mode))

    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("old")
    for title, target in (("existing", elsewhere / "file"), ("missing", elsewhere / "made"), ("further", pathlib.Path("link to existing"))):
        link = folder / f"link to {title}"
        link.symlink_to(target)
        result = write(link)
        check(f"{name}, {link.name}", result == (0, "", "") and link.is_symlink() and link.read_bytes() == wanted, result)
    check(f"{name}, through links", (elsewhere / "file").read_bytes() == (elsewhere / "made").read_bytes() == wanted, "other bytes")

    pipe = folder / "pipe"
    os.mkfifo(pipe)
    got, result = read_through(pipe, lambda: write(pipe))
    check(f"{name}, pipe", result[0] == 0 and got == wanted and pipe.is_fifo(), (result, got))
    done = subprocess.run([program, *command, "-o", "/dev/stdout"], capture_output=True, check=False, timeout=60)
    is_same = done.stdout == wanted if name == "pin" else done.stdout.count(b"\n") == wanted.count(b"\n")
    check(f"{name}, /dev/stdout", done.returncode == 0 and is_same, done)
    appended = folder / "appended"
    appended.write_bytes(b"before\n")
    with appended.open("ab") as out:
        subprocess.run([program, *command, "-o", "/dev/fd/1"], stdout=out, check=False, timeout=60)
        out.write(b"after\n")
    text = appended.read_bytes()
    check(f"{name}, appended", text.startswith(b"before\n") and text.endswith(b"after\n") and len(text) > len(wanted) // 2, text)
    if os.geteuid() == 0:  # the machine's own devices are not put at risk
        for device, number in (("null", 3), ("full", 7)):
            os.mknod(folder / device, 0o666 | stat.S_IFCHR, os.makedev(1, number))
            result = write(folder / device)
            code = {"null": 0, "full": 1}[device]
            check(f"{name}, {device}", result[0] == code and stat.S_ISCHR((folder / device).stat().st_mode), result)
            check(f"{name}, {device}", code == 0 or str(folder / device) in result[2], result)
    else:
        skip(f"{name}: devices can be made by root alone", 4)

    kept = old.read_bytes()
    for place in (elsewhere, folder / "none" / "x", old / "x", folder / ("x" * 300)):
        result = write(place)
        check(f"{name}, {place.name[:9]}", result[0] == 1 and not result[1] and f'"{place}"' in result[2], result)
        check(f"{name}, {place.name[:9]}", ".constexport" not in result[2], result)
    longest = folder / ("x" * 251 + ".hpp")
    result = write(longest)
    check(f"{name}, the longest name", result[0] == 0 and longest.is_file(), result)
    result = write(source)
    check(f"{name}, its own source", name == "pin" or (result[0] == 2 and "which is read" in result[2]), result)
    check(f"{name}, empty", write("")[0] == 2, write(""))
    check(f"{name}, others stay", old.read_bytes() == kept, "has changed")
    left = [*folder.glob(LEFT), *elsewhere.glob(LEFT)]
    check(f"{name}, nothing is left behind", not left, left)


def check_external_data(program, folder):
    weights = numpy.ones(3, numpy.float32).tobytes()
    (folder / "w.bin").write_bytes(weights)
    (folder / "hard").hardlink_to(folder / "w.bin")
    (folder / "soft").symlink_to("w.bin")
    (folder / "other").mkdir()
    source = folder / "in.onnx"
    source.write_bytes(model("w.bin"))
    pipe = folder / "pipe"
    os.mkfifo(pipe)

    def pin(output, *more):
        return run(program, "pin", str(source), "-o", str(output), "n=2", *more)

    for name, words in (("w.bin", "external data"), ("hard", "external data"), ("soft", "external data"), ("other/w.bin", "external data"), ("pipe", "no regular file")):
        for how in ("copy", "link"):
            code, out, err = pin(folder / name, "--external-data", how)
            check(f"{name}, {how}", code == 2 and not out and words in err and str(folder / name) in err, (code, err))
    check("the weights stay", (folder / "w.bin").read_bytes() == weights and not any((folder / "other").iterdir()), "changed")
    (folder / "link.onnx").symlink_to("in.onnx")
    check("through a link", pin(folder / "link.onnx")[0] == 0 and (folder / "link.onnx").is_symlink(), pin(folder / "link.onnx"))
    source.write_bytes(model("w.bin"))
    # A model that cannot take its place leaves no data there, either.
    (folder / "other" / "out.onnx").mkdir()
    code, _, err = pin(folder / "other" / "out.onnx")
    check("all or nothing", code == 1 and [each.name for each in (folder / "other").iterdir()] == ["out.onnx"], err)
    for location, word in (("none.bin", "external-missing"), ("../w.bin", "external-path"), ("/etc/passwd", "external-path")):
        source.write_bytes(model(location))
        reported = run(program, "check", str(source), "--format", "json")[1]
        results = [pin(folder / place) for place in ("out.onnx", "other/new.onnx")]
        check(location, word in reported and all(code == 2 and '"w": ' in err for code, _, err in results), results)
        check(location, results[0] == results[1] and not (folder / "out.onnx").exists(), results)


def check_arguments(program, source):
    text = str(source)
    for arguments, words in (
        (["--at", "meson.build:1"], "--format sarif"),
        (["--format", "sarif", "--at", "meson.build:0"], '"meson.build:0"'),
        (["--format", "sarif", "--at", "meson.build:abc"], "FILE:LINE"),
        (["--format", "sarif", "--at", "meson.build:1x"], "FILE:LINE"),
        (["--format", "sarif", "--at", "meson.build:-1"], "FILE:LINE"),
        (["--format", "sarif", "--at", "meson.build:99999999999"], "FILE:LINE"),
        (["--format", "sarif", "--at", ":3"], "FILE:LINE"),
        (["--format", "sarif", "--at", ""], "--at"),
        (["--target", ""], "--target"),
        (["--contract", ""], "--contract"),
    ):
        code, out, err = run(program, "check", text, *arguments)
        check(" ".join(arguments), code == 2 and not out and words in err, (code, out, err))
    for arguments in (["--at", "meson.build:7"], ["--at", "meson.build"]):
        code, out, err = run(program, "check", text, "--format", "sarif", *arguments)
        check(arguments, code == 0 and not err, (code, err))


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        top = pathlib.Path(name)
        source = top / "m.onnx"
        contract = top / "c.json"
        source.write_bytes(model())
        contract.write_text('{"inputs": [{"name": "x", "dtype": "float32", "dims": ["n", 3]}], "outputs": []}')
        for command, read in (
            (["header", str(source), "--namespace", "io"], source),
            (["emit", "openvino", "--contract", str(contract)], contract),
            (["pin", str(source), "n=2"], source),
        ):
            folder = top / command[0]
            folder.mkdir()
            check_places(program, folder, command, read)
        folder = top / "external"
        folder.mkdir()
        check_external_data(program, folder)
        source.write_bytes(model())
        check_arguments(program, source)
    return finish()


sys.exit(main())
