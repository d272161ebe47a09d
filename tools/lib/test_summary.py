"""test_summary.py TESTLOG MESONLOG: one line per test program, the output of those that failed, then the sum.

Meson counts programs; what matters is test cases. Catch2's closing lines ("All tests passed (7 assertions in 2 test
cases)", "test cases: 3 | 2 passed | 1 failed") and "N passed, N failed" lines are read; a program with neither is one case.
The exit status is 1 if anything failed or nothing ran.
"""

import json
import re
import sys

ALL_PASSED = re.compile(r"^All tests passed \(.* in (\d+) test cases?\)", re.M)
SOME_FAILED = re.compile(r"^test cases: +(\d+)(.*)$", re.M)
PLAIN = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)


def cases(result, output):
    """(passed, failed, skipped) of one test program."""
    passed = failed = skipped = 0
    if plain := PLAIN.findall(output):
        passed, failed, skipped = (int(n or 0) for n in plain[-1])
    elif match := ALL_PASSED.search(output):
        passed = int(match[1])
    elif match := SOME_FAILED.search(output):
        count = {word: int(n) for n, word in re.findall(r"(\d+) +(passed|failed|skipped)", match[2])}
        passed, failed, skipped = (count.get(word, 0) for word in ("passed", "failed", "skipped"))
        # "as expected" failures ([!shouldfail]) are neither: count them as passed.
        passed += int(match[1]) - passed - failed - skipped
    elif result == "SKIP":
        skipped = 1
    elif result in ("OK", "EXPECTEDFAIL"):
        passed = 1
    # A crash, a time-out or a sanitizer's report after the last case is a failure of its own.
    if result not in ("OK", "SKIP", "EXPECTEDFAIL") and failed == 0:
        failed = 1
    return passed, failed, skipped


def main():
    testlog, mesonlog = sys.argv[1:3]
    try:
        with open(testlog, encoding="utf-8", errors="replace") as file:
            tests = [json.loads(line) for line in file if line.strip()]
    except OSError:
        tests = []
    if not tests:
        with open(mesonlog, encoding="utf-8", errors="replace") as file:
            sys.stdout.write(file.read())
    total = [0, 0, 0]
    for test in tests:
        output = test.get("stdout", "") or ""
        errors = test.get("stderr", "") or ""
        counts = cases(test["result"], output)
        total = [a + b for a, b in zip(total, counts)]
        words = [f"{n} {word}" for n, word in zip(counts, ("passed", "failed", "skipped")) if n]
        name = test["name"].replace("constexport:", "")
        print(f"  {name:<40} {', '.join(words):<24} {test['duration']:6.1f} s", end="")
        print("" if test["result"] in ("OK", "SKIP") else f"  {test['result']}")
        if counts[1]:
            for text in (output, errors):
                if text.strip():
                    print("    | " + text.strip().replace("\n", "\n    | "))
    line = f"{total[0]} passed, {total[1]} failed"
    print(line + (f", {total[2]} skipped" if total[2] else ""), flush=True)
    return 0 if total[1] == 0 and total[0] > 0 else 1


sys.exit(main())
