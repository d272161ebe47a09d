"""run.py: runs the benchmarks with their peers and prints one table. `tools/bench` sets up, builds and calls this.

Nothing here is an assertion: a target that is missed is a "no" in the table. The exit status is 1 only if something
broke; the other benchmarks still run.
"""

import argparse
import importlib
import json
import os
import shutil
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, HERE)

from benchlib import machine, measure, report  # noqa: E402

GROUPS = {
    "compile": "compile.compile_time",
    "reading": "reading.reading",
    "command": "command.command",
    "check": "check.check",
    "decoding": "decoding.decoding",
    "flash": "flash.flash",
    "dummy": "dummy.dummy",
    "export": "export.export",
}


class Context:
    """What every group needs: where things are, how often to measure, what may be used."""

    def __init__(self, options):
        self.root = ROOT
        self.include = os.path.join(ROOT, "include")
        # Whole paths: some programs run in a folder of their own.
        self.build = options.build and os.path.abspath(options.build)
        self.python = options.peers and os.path.abspath(shutil.which(options.peers) or options.peers)
        self.model = options.model
        self.quick = options.quick
        self.counts = not options.no_counts and not options.quick
        self.include_flags = ["-I", self.include]
        hana = os.path.join(ROOT, ".deps/usr/include/boost/hana.hpp")
        if os.path.exists(hana) and not os.path.exists("/usr/include/boost/hana.hpp"):
            self.include_flags += ["-isystem", os.path.join(ROOT, ".deps/usr/include")]
        self.gcc = next((name for name in ("g++",) if shutil.which(name)), None)
        clang = next((name for name in ("clang++-19", "clang++-16", "clang++") if shutil.which(name)), None)
        self.compilers = [name for name in (self.gcc, clang) if name]

    def runs(self, number):
        return 2 if self.quick else number

    def say(self, text):
        print(f"[{time.time() - BEGAN:4.0f} s] {text}", file=sys.stderr, flush=True)

    def program(self, path):
        """A program of the build folder, or None."""
        full = os.path.join(self.build, "bench", path) if self.build else ""
        return full if os.access(full, os.X_OK) else None


BEGAN = time.time()


def write_atomically(path, text):
    with open(path + ".part", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".part", path)


def describe_in_words(facts, command):
    compilers = ", ".join(text for text in facts["compilers"].values() if text)
    peers = ", ".join(f"{name} {version}" for name, version in facts["peers"].items())
    return (
        f"`{command}` on {facts['date']}: {facts['processor']}, {facts['cores']} cores, {facts['system']}; {compilers}"
        + (f"; {peers}" if peers else "")
        + f". Load average {facts['load_before']:.1f} before, {facts['load_after']:.1f} after."
    )


def recorded(path, new):
    """The runs that the table is made of: `new`, and of earlier ones the groups that it has not."""
    with open(path, encoding="utf-8") as file:
        runs = json.load(file)["runs"]
    groups = {row["group"] for row in new["rows"]}
    for run in runs:
        run["rows"] = [row for row in run["rows"] if row["group"] not in groups]
    return [run for run in runs if run["rows"]] + [new]


def table_of(runs):
    """What each run was, and all rows in the order of the groups."""
    words, rows = [], {name: [] for name in GROUPS}
    for run in runs:
        groups = [name for name in GROUPS if any(row["group"] == name for row in run["rows"])]
        words.append(f"* {', '.join(groups)}: {describe_in_words(run['machine'], run['command'])}")
        for row in run["rows"]:
            rows[row["group"]].append(report.Row(**row))
    return "\n".join(words) + "\n\n" + report.markdown_table([row for name in GROUPS for row in rows[name]])


def fill_in(page, table):
    """Puts the table between the page's two marks."""
    with open(page, encoding="utf-8") as file:
        before, mark, rest = file.read().partition("<!-- results -->\n")
    _, end, after = rest.partition("<!-- end of results -->")
    if not mark or not end:
        raise measure.Failed(f"{page} has lost its marks <!-- results --> and <!-- end of results -->")
    write_atomically(page, f"{before}{mark}{table}\n{end}{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; none means all")
    parser.add_argument("--build", help="Meson build folder with the benchmark programs")
    parser.add_argument(
        "--peers", help="Python with torch, transformers and optimum; without it the peers' columns stay empty"
    )
    parser.add_argument("--model", help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--quick", action="store_true", help="two runs each: does everything work?")
    parser.add_argument("--no-counts", action="store_true", help="do not count instructions (callgrind takes minutes)")
    parser.add_argument(
        "--record", action="store_true", help="write bench/results/ and the table in docs/benchmarks.md"
    )
    parser.add_argument("--output", help="write the results as JSON to this file")
    options = parser.parse_args()
    if unknown := [name for name in options.groups if name not in GROUPS]:
        parser.error(f"no such group: {', '.join(unknown)} (there are {', '.join(GROUPS)})")

    context = Context(options)
    facts = machine.describe(context.compilers)
    facts["date"] = time.strftime("%Y-%m-%d", time.gmtime())
    facts["peers"] = {}
    if context.python:
        facts["peers"] = measure.run_json([context.python, os.path.join(HERE, "benchlib/peer_versions.py")])
    if facts["load_before"] > 1.5:
        context.say(
            f"the machine is busy (load average {facts['load_before']:.1f}): times will be too long, counts right"
        )

    rows, broken = [], []
    for name in options.groups or GROUPS:
        try:
            rows += importlib.import_module(GROUPS[name]).rows(context)
        except Exception as error:  # one broken benchmark must not hide the others
            broken.append(name)
            text = str(error) if isinstance(error, measure.Failed) else traceback.format_exc()
            print(f"error: the benchmarks of {name} broke off:\n{text}", file=sys.stderr)
    facts["load_after"] = os.getloadavg()[0]

    print(report.text_table(rows))
    command = "tools/bench" + "".join(f" {name}" for name in options.groups)
    print(describe_in_words(facts, command).replace("`", ""))
    missed = [row.what for row in rows if row.reached is False]
    print(
        f"{sum(row.reached is True for row in rows)} targets reached, {len(missed)} missed"
        + "".join(f"\n  missed: {what}" for what in missed)
    )

    record = {"command": command, "machine": facts, "rows": [vars(row) for row in rows]}
    if options.output:
        write_atomically(options.output, json.dumps(record, indent=1) + "\n")
    if options.record:
        path = os.path.join(HERE, "results/results.json")
        runs = recorded(path, record)
        write_atomically(path, json.dumps({"runs": runs}, indent=1) + "\n")
        fill_in(os.path.join(ROOT, "docs/benchmarks.md"), table_of(runs))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
