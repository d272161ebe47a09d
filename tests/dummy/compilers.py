"""compilers.py FLAGS... -- COMPILER...: bytes.cpp gives the same bytes with every compiler and every option that could
change arithmetic, in constant expressions as well as in the program."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS = (
    ["-O0"],
    ["-O2", "-fno-exceptions", "-fno-rtti"],
    # Fused multiply-add, reassociation, other vectors, no denormals.
    ["-O3", "-march=native", "-ffast-math"],
)


def main():
    split = sys.argv.index("--")
    flags, compilers = sys.argv[1:split], sys.argv[split + 1 :]
    failures = 0
    for compiler in compilers:
        for options in OPTIONS:
            with tempfile.TemporaryDirectory() as folder:
                program = os.path.join(folder, "bytes")
                source = os.path.join(HERE, "bytes.cpp")
                subprocess.run([compiler, *flags, *options, source, "-o", program], check=True)
                wrong = subprocess.run([program], check=False).returncode
            print(f"{compiler} {' '.join(options)}: {wrong} of 26 byte sequences are wrong")
            failures += wrong != 0
    print(f"{len(compilers) * len(OPTIONS) - failures} passed, {failures} failed")
    return 1 if failures or not compilers else 0


sys.exit(main())
