"""Outcomes of a script's checks, counted; `finish` says them in the words that tools/lib/test_summary.py reads."""

import shutil
import tempfile
from pathlib import Path

count = {"passed": 0, "failed": 0, "skipped": 0}


class Failure(Exception):
    """What a case found; its text is shown."""


def check(what, holds, shown=""):
    if holds:
        count["passed"] += 1
    else:
        count["failed"] += 1
        print(f"FAILED {what}\n    {shown}", flush=True)


def skip(why, cases=1):
    count["skipped"] += cases
    print(f"skipped {why}")


def case(name, body, *needed):
    """Runs body(folder), which raises Failure; `needed` are programs without which it is skipped."""
    if missing := [program for program in needed if not shutil.which(program)]:
        skip(f"{name}: no {', '.join(missing)}")
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            body(Path(folder))
            count["passed"] += 1
        except Failure as failure:
            count["failed"] += 1
            print(f"FAILED {name}\n  {failure}")


def finish():
    """The exit status."""
    print(f"{count['passed']} passed, {count['failed']} failed" + (f", {count['skipped']} skipped" if count["skipped"] else ""))
    return 1 if count["failed"] else 0
