"""rodata.py COMPILER FLAGS...: constant dummy inputs are data of the object file, once, and no code makes them."""

import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
# 5 x 16 token ids, and one cache tensor of 5 x 3 x 71 x 8 floats.
USED = 5 * 16 * 8 + 5 * 3 * 71 * 8 * 4


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main():
    failures = []
    passed = 0

    def check(what, holds):
        nonlocal passed
        passed += bool(holds)
        if not holds:
            failures.append(what)

    for optimise in ("-O0", "-O2"):
        with tempfile.TemporaryDirectory() as folder:
            output = os.path.join(folder, "rodata.o")
            # Position-dependent: with -fPIC, tables of addresses lie in .data.rel.ro, read-only after loading.
            run(*sys.argv[1:], optimise, "-fno-pic", "-fno-exceptions", "-fno-rtti", "-c", os.path.join(HERE, "rodata.cpp"), "-o", output)
            headers = run("objdump", "-h", output)
            check(f"{optimise}: an initialiser runs before main", ".init_array" not in headers and ".ctors" not in headers)
            sizes = {}
            for name, size in re.findall(r"^ +\d+ (\S+) +([0-9a-f]+)", headers, re.M):
                # The section's kind is what stands before the mangled name.
                kind = next((k for k in (".rodata", ".data", ".bss", ".text") if name.startswith(k)), None)
                if kind:
                    sizes[kind] = sizes.get(kind, 0) + int(size, 16)
            check(f"{optimise}: writable data: {sizes}", sizes.get(".data", 0) == 0 and sizes.get(".bss", 0) == 0)
            # The two tensors that are used, and little else: neither the others nor the pieces they were made of.
            constants = sizes.get(".rodata", 0)
            check(f"{optimise}: {constants} bytes of constants for {USED} used", USED <= constants < USED + 1024)
            symbols = run("nm", "-C", output)
            makers = [line for line in symbols.splitlines() if re.search(r" [TtWw] .*(threefry|fill|random_words)", line)]
            check(f"{optimise}: code that makes values: {makers}", not makers)
    for failure in failures:
        print(failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


sys.exit(main())
