"""one_model.py COMPILER FLAGS...: a program that includes every model and uses one has no byte of the others.

Its object file is compared with that of the same program with the one model's header alone. The last line of output is
`N passed, N failed`.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sections(object_file):
    """Name -> size of every section that is loaded."""
    return {
        name: int(size, 16)
        for name, size, flags in re.findall(r"^ *\d+ (\S+) +([0-9a-f]{8}).*\n +(.*)$", run("objdump", "-h", object_file), re.M)
        if "ALLOC" in flags
    }


def main():
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        every, one = pathlib.Path(folder) / "every.cpp", pathlib.Path(folder) / "one.cpp"
        text = (HERE / "one_model.cpp").read_text(encoding="utf-8")
        every.write_text(text, encoding="utf-8")
        one.write_text(text.replace("constexport/models.hpp", "constexport/models/bert.hpp"), encoding="utf-8")
        for source in (every, one):
            run(*sys.argv[1:], "-O2", "-c", str(source), "-o", str(source.with_suffix(".o")))
        symbols = run("nm", "-C", str(every.with_suffix(".o")))
        others = sorted(set(re.findall(r"constexport::(?!Bert)(\w+OnnxConfig)<", symbols)) - {"OnnxConfig", "TextEncoderOnnxConfig"})
        if others:
            failures.append(f"symbols of other models: {others[:8]}")
        if b"whisper" in every.with_suffix(".o").read_bytes():
            failures.append("a text of another model is in the object file")
        sizes = sections(every.with_suffix(".o")), sections(one.with_suffix(".o"))
        if sizes[0] != sizes[1]:
            grown = {name: (size, sizes[1].get(name)) for name, size in sizes[0].items() if sizes[1].get(name) != size}
            failures.append(f"sections differ from those with one header: {grown}")
    for failure in failures:
        print(failure)
    print(f"{3 - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


sys.exit(main())
