"""rodata.py COMPILER FLAGS...: the contracts of an optimised object file are constants.

No initialiser runs before main, the tables lie in read-only sections, and a function that returns one of them is one
address and a return.
"""

import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main():
    failures = []
    passed = 0

    def check(what, holds):
        nonlocal passed
        passed += holds
        if not holds:
            failures.append(what)

    with tempfile.TemporaryDirectory() as folder:
        object_file = os.path.join(folder, "rodata.o")
        # Position-dependent: with -fPIC, tables of addresses lie in .data.rel.ro, read-only after loading.
        run(*sys.argv[1:], "-O2", "-fno-pic", "-c", os.path.join(HERE, "rodata.cpp"), "-o", object_file)
        symbols = run("nm", "-C", object_file)
        check("an initialiser runs before main", "_GLOBAL__sub_I" not in symbols and ".init_array" not in run("objdump", "-h", object_file))
        # nm's letters: B and D are writable memory.
        writable = [line for line in symbols.splitlines() if re.search(r"^[0-9a-f]+ [BbDd] ", line)]
        check(f"writable data: {writable}", not writable)
        code = run("objdump", "-d", "--no-show-raw-insn", object_file)
        for function in ("contract_of_gpt2", "bound_gpt2", "first_input_of_t5"):
            body = re.search(rf"<{function}>:\n(.*?)(?:\n\n|\Z)", code, re.S)[1]
            steps = [line.split("\t")[1].split()[0] for line in body.splitlines() if "\t" in line]
            steps = [step for step in steps if step not in ("endbr64", "nop", "nopw", "nopl", "xchg", "cs", "data16")]
            check(f"{function} executes {steps}", len(steps) == 2 and steps[0].startswith(("mov", "lea")) and steps[1].startswith("ret"))
    for failure in failures:
        print(failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


sys.exit(main())
