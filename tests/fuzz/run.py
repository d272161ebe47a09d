"""run.py CLANG SECONDS SOURCE CORPUS FLAGS...: a short libFuzzer run under ASan and UBSan.

Starts from CORPUS, which stays as it is. Longer: give more SECONDS. Exits with 77 (skipped) where CLANG has no libFuzzer.
"""

import pathlib
import subprocess
import sys
import tempfile


def main():
    clang, seconds, source, corpus, *flags = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "fuzz"
        built = subprocess.run(
            [clang, "-std=c++20", "-O1", "-g1", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined", *flags, source, "-o", program],
            capture_output=True,
            text=True,
            check=False,
        )
        if built.returncode:
            if "libclang_rt" in built.stderr:
                print(f"skipped: {clang} has no libFuzzer; install its compiler-rt (libclang-rt-*-dev)")
                return 77
            print(built.stderr)
            return 1
        found = pathlib.Path(folder) / "found"
        found.mkdir()
        done = subprocess.run(
            [program, f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10", "-print_final_stats=1", f"-artifact_prefix={folder}/", found, corpus],
            capture_output=True,
            text=True,
            check=False,
        )
        lines = done.stderr.splitlines()
        print("\n".join(line for line in lines if line.startswith("stat::number_of_executed_units")) if done.returncode == 0 else done.stderr[-6000:])
        return done.returncode


sys.exit(main())
