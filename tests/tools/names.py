"""Names of files that are no words: what a person sees of them, and what compilers take.

Usage: names.py PROGRAM CC CXX... Files are made with the official `onnx` package. The last line of output is
`N passed, N failed[, N skipped]`.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from onnx import TensorProto, helper

sys.dont_write_bytecode = True
from outcomes import check, finish  # noqa: E402

# Colours, a title of the window, a line of its own, a bell, a CSI of one byte, text that runs backwards, no UTF-8.
HOSTILE = [b"\x1b[31mred", b"\x1b]0;title\x07", b"a\nok  sound", b"a\r\tb", b"\x9b31m", b"\xc2\x9b31m", "\u202eabc".encode(), b"\xff\xfe", b"\xed\xa0\x80", b"\xf0\x9f", b"a\0b", b"\x7f"]  # fmt: skip
MARKUP = [b"<img src=x>", b"a|b", b"a`b", b"`|<b>", b"\\|", b"**x**", b"[a](b)", b"\\`", b"@all", b"&lt;"]
TAKEN = ["NULL", "EOF", "errno", "stdin", "INT_MAX", "SIGINT", "I", "linux", "PRId64", "int", "class", "restrict", "1x", "a.b", "x-y"]


def model(names, axes=(b"n",), outputs=(b"y",), dtype=TensorProto.FLOAT):
    """Names are bytes, which need be no UTF-8: they replace words of the same length, each with its length before it."""
    replaced = {}

    def word(name):
        made = next(w for i in range(26) if (w := (chr(0x41 + i) * len(name)).encode()) not in replaced)
        replaced[made] = name
        return made.decode()

    size = word(axes[0])
    inputs = [helper.make_tensor_value_info(word(name) if name else "", dtype, [size, 3]) for name in names]
    made = [helper.make_tensor_value_info(word(name), dtype, [size, 3]) for name in outputs]
    nodes = [helper.make_node("Identity", [inputs[0].name], [each.name]) for each in made if inputs]
    graph = helper.make_graph(nodes, "g", inputs, made)
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8).SerializeToString()
    for old, new in replaced.items():
        length = bytes([len(new)]) if len(new) < 128 else b""
        whole = whole.replace(length + old, length + new)
    return whole


def is_readable(data):
    """No control character but the ends of lines, and UTF-8 throughout."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", text)


def check_tables(program, folder):
    plain, odd, contract = folder / "plain.onnx", folder / "odd.onnx", folder / "plain.json"
    plain.write_bytes(model([b"x", b"z"]))
    contract.write_text('{"inputs": [{"name": "x", "dtype": "float32", "dims": ["n", 3]}], "outputs": []}')
    for name in [*HOSTILE, *MARKUP]:
        for whole in (model([name, b"z"], [b"n"]), model([b"x", b"z"], [name]), model([b"x", b"z"], [b"n"], [name])):
            odd.write_bytes(whole)
            for arguments in (
                ["check", odd], ["check", odd, "--contract", contract], ["check", odd, "--contract", plain], ["show", "--contract", odd],
                ["diff", odd, plain], ["diff", plain, odd], ["diff", odd, plain, "--format", "markdown"], ["diff", plain, odd, "--format", "markdown"],
                ["show", "--contract", odd, "--format", "json"], ["check", odd, "--contract", contract, "--format", "json"],
                ["check", odd, "--contract", contract, "--format", "sarif"], ["header", odd], ["emit", "genai", "--contract", odd],
                ["emit", "c-header", "--contract", odd], ["emit", "c-header", "--contract", odd, "--axis", "q=3"], ["pin", odd, "-o", folder / "out", "q=1"],
            ):  # fmt: skip
                done = subprocess.run([program, *map(str, arguments)], capture_output=True, timeout=60, check=False)
                title = f"{name!r} {[str(each) for each in arguments]}"
                is_json = arguments[-1] in ("json", "sarif")
                fits = json.loads(done.stdout or b"{}") is not None if is_json else is_readable(done.stdout)
                check(title, fits and is_readable(done.stderr), (done.stdout[:600], done.stderr[:600]))
                check(title, done.returncode in (0, 1, 2) and (done.stdout or done.stderr or arguments[0] == "pin"), done.returncode)
                if arguments[0] in ("check", "diff", "show") and "--format" not in arguments:
                    rows = done.stdout.decode(errors="replace").splitlines()
                    check(title, not any(row.startswith("ok") for row in rows), rows)
                if arguments[-1] == "markdown":
                    table = done.stdout.decode().split("\n\n", 1)[-1].splitlines()
                    cells = [re.sub(r"`[^`]*`|<code>[^<>|`]*</code>", "", row) for row in table]
                    check(title, all(row.count("|") == 6 and "<" not in row and "`" not in row for row in cells), table)


def check_compiled(program, folder, c, cxx):
    """Every header is refused with a message, or compiles without a warning."""
    flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
    standards = ([c, "-std=c99"], [c, "-std=gnu17"], [*cxx, "-std=c++20", "-xc++"])
    # What a program may well include before.
    before = "".join(f"#include <{name}.h>\n" for name in ("complex", "errno", "inttypes", "limits", "math", "signal", "stddef", "stdio", "stdlib", "string", "time", "wchar"))

    def compiles(title, text, commands, suffix):
        path = folder / f"io.{suffix}"
        path.write_text(text + ("int main(void) { return 0; }\n" if suffix == "c" else ""))
        for command in commands:
            done = subprocess.run([*command, *flags, str(path)], capture_output=True, text=True, timeout=120, check=False)
            check(f"{title}: {' '.join(command)}", done.returncode == 0, done.stderr[:600])

    file = folder / "m.onnx"
    text_type = TensorProto.STRING
    odd = [name for name in [*HOSTILE, *MARKUP] if b"\0" not in name]
    models = {f"{name!r}": model([name, b"zz"]) for name in odd}
    models |= {name: model([name.encode()], [b"n"], [b"y"]) for name in TAKEN}
    models |= {"all": model([name.encode() for name in TAKEN if name != "a.b"]), "empty": model([b""]), "no inputs": model([]), "no outputs": model([b"x"], [b"n"], []), "strings": model([b"x"], dtype=text_type)}
    models |= {"long": model([b"L" * 5000]), "longer": model([b"x"], [b"P" * 70000]), "nothing": model([], [b"n"], [])}
    refused = set()
    for title, whole in models.items():
        file.write_bytes(whole)
        for command, commands, suffix in ((["emit", "c-header", "--contract", file], standards, "c"), (["emit", "c-dummy-inputs", "--contract", file], standards, "c"), (["header", file], [standards[2]], "cpp")):
            done = subprocess.run([program, *map(str, command)], capture_output=True, timeout=60, check=False)
            if done.returncode:
                refused.add((title, command[-3] if suffix == "c" else "header"))
                check(f"{title} {command[0]}", done.returncode == 2 and not done.stdout and b": " in done.stderr, done)
            else:
                used = "static const void* const used[] = {" + ", ".join(f"&{name}" for name in re.findall(r"^static const \w+ (\w+) =", done.stdout.decode(), re.M)) + "};\nint use(void);\nint use(void) { return used[0] != 0; }\n"
                body = done.stdout.decode().replace("#pragma once\n", "")
                compiles(f"{title} {command[1]}", (before if suffix == "c" else "") + body + (used if "&" in used else ""), commands, suffix)
    wanted = {("empty", "c-header"), ("empty", "c-dummy-inputs"), ("long", "c-header"), ("long", "c-dummy-inputs"), ("strings", "c-dummy-inputs"), ("longer", "header")}
    check("refused", refused >= wanted and not {title for title, _ in refused - wanted} & {*TAKEN, "no inputs", "no outputs", "nothing"}, refused)

    # Namespaces: those that are given are refused, those that follow from a file's name get another.
    file.write_bytes(model([b"x"]))
    for name in ("NULL", "EOF", "errno", "main", "time", "printf", "size_t", "int64_t", "SIGINT", "INT_MAX", "a::NULL", "class", "restrict"):
        done = subprocess.run([program, "header", str(file), "--namespace", name], capture_output=True, text=True, timeout=60, check=False)
        check(name, done.returncode == 2 and f'"{name}"' in done.stderr, done)
    for name in ("NULL", "main", "time", "GPT2", "SIGLIP", "ELECTRA"):
        out = folder / f"{name}.hpp"
        subprocess.run([program, "header", str(file), "-o", str(out)], check=True, timeout=60)
        compiles(name, before.replace("#include <complex.h>\n", "") + out.read_text().replace("#pragma once\n", ""), [standards[2]], "cpp")
        check(name, name not in ("GPT2", "SIGLIP", "ELECTRA") or f"namespace {name} {{" in out.read_text(), out.read_text()[:300])


def check_descriptions(program, folder):
    """Names that occur twice are named; what is fixed says its size; a reason is the real one."""

    def run(*arguments):
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr

    file = folder / "twice.onnx"
    file.write_bytes(model([b"xx", b"zz"]).replace(b"zz", b"xx"))
    for arguments in (["show", "--contract", file], ["header", file], ["emit", "triton", "--contract", file], ["check", file]):
        code, out, err = run(*arguments)
        check(arguments[0], code in (1, 2) and re.search(r'"xx".*rename one|name-twice  xx', out + err), (code, out, err))
    contract = folder / "fixed.json"
    contract.write_text('{"inputs": [{"name": "x", "dtype": "float32", "dims": ["H", "n + H"]}, {"name": "k", "dtype": "int64", "dims": ["n"]}], "outputs": [], "axes": {"H": {"value": 8}}}')
    code, out, err = run("show", "--contract", contract)
    check("fixed axes", code == 0 and re.search(r"^fixed axes\n  H  8$", out, re.M), (code, out, err))
    code, out, _ = run("show", "--contract", contract, "--format", "json")
    check("fixed axes", json.loads(out)["fixed_axes"] == {"H": 8}, out)
    past = {"name": "past.0.key", "dtype": "float32", "dims": ["n", 4, "p", 8]}
    contract.write_text(json.dumps({"inputs": [{"name": "input_ids", "dtype": "int64", "dims": ["n", "s"]}, past], "outputs": [{"name": "logits", "dims": ["n", "s", 9]}]}))
    code, _, err = run("emit", "genai", "--contract", contract)
    check("genai", code == 2 and all(word in err for word in ('"past.0.key"', "does not say which output", '"past"', "--model-type")), err)


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_tables(program, folder)
        check_descriptions(program, folder)
        check_compiled(program, folder, sys.argv[2], sys.argv[3:])
    return finish()


sys.exit(main())
