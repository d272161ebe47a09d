"""Outcomes of a script's checks, counted; `finish` says them in the words that tools/lib/test_summary.py reads."""

import importlib.metadata
import importlib.util
import re
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


def has_package(wanted):
    """Whether this Python has a package ("onnx", "torch>=2.6"); a broken one is here, too, and its cases fail."""
    name, _, least = wanted.partition(">=")
    if not importlib.util.find_spec(name) or not least:
        return importlib.util.find_spec(name) is not None
    least, here = ([int(part) for part in re.findall(r"\d+", text)[:2]] for text in (least, importlib.metadata.version(name)))
    return least <= here


def case(name, body, *programs, packages=()):
    """Runs body(folder), which raises Failure; it is skipped without one of the programs or of the Python packages."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing := missing + [f"Python package {package}" for package in packages if not has_package(package)]:
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
