"""run.py COMPILER FLAGS... -- CASE.cpp...: every case must fail to compile with its own message.

A case's first line is `// EXPECT: text`. The compiler must report one error, in at most 15 lines, whose first line holds the
text. Where the second line is `// SHOWS: text`, one of the lines must hold that fact. tests/rules/messages.py sees to it that
docs/errors.md has the message. The last line of output is `N passed, N failed`.
"""

import os
import re
import subprocess
import sys
import tempfile

# Lines before the first error say how the compiler got there.
LIMIT = 15


def main():
    split = sys.argv.index("--")
    command, cases = sys.argv[1:split], sys.argv[split + 1 :]
    passed = failed = 0
    for case in cases:
        with open(case, encoding="utf-8") as file:
            expected = file.readline().removeprefix("// EXPECT: ").strip()
            second = file.readline()
            fact = second.removeprefix("// SHOWS: ").strip() if second.startswith("// SHOWS: ") else ""
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [*command, "-c", "-o", os.path.join(folder, "case.o"), case],
                capture_output=True,
                text=True,
                env={**os.environ, "LC_ALL": "C", "COLUMNS": "500"},
                check=False,
            )
        lines = done.stderr.splitlines()
        errors = [line for line in lines if re.search(r"\b(fatal )?error: ", line)]
        start = lines.index(errors[0]) if errors else 0
        wrong = []
        if done.returncode == 0:
            wrong.append("it compiles")
        elif not errors or "constexport: " not in errors[0] or expected not in errors[0]:
            wrong.append(f"the first error is not '{expected}'")
        elif fact not in done.stderr:
            wrong.append(f"no line shows '{fact}'")
        elif len(errors) != 1:
            wrong.append(f"{len(errors)} errors instead of one")
        elif len(lines) > LIMIT:
            wrong.append(f"{len(lines)} lines of output, more than {LIMIT}")
        name = os.path.basename(case)
        if wrong:
            failed += 1
            print(f"{name}: {'; '.join(wrong)}")
            print("\n".join("    " + line[:400] for line in lines[:40]))
        else:
            passed += 1
            print(f"{name}: {len(lines)} lines, error at line {start + 1}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main())
