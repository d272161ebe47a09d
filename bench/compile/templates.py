"""templates.py check|update|list --compiler CLANG [FLAGS...]: how many templates our files make Clang instantiate.

Three programs that use configurations, and every model header and models.hpp included alone. A clock cannot gate
compile time on a shared machine; counts are the same every time. `check` compares with templates.json and prints which
templates grew; more than 3 % in all of ours fails. `update` writes the file anew, `list` prints the largest. Only
templates of this library are counted: the standard library's depend on its release.
"""

import argparse
import collections
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BASELINE = os.path.join(HERE, "templates.json")
INCLUDE = os.path.normpath(os.path.join(HERE, "../../include"))
PROGRAMS = ["bert.cpp", "bases.cpp", "gpt2_96.cpp"]
EVERYTHING = "constexport/models.hpp"
HEADERS = sorted(
    os.path.relpath(path, INCLUDE) for path in glob.glob(os.path.join(INCLUDE, "constexport/models/*.hpp"))
)
SOURCES = PROGRAMS + [EVERYTHING] + HEADERS
ALLOWED = 1.03
SKIPPED = 77  # Meson's exit status for a test that cannot run here


def family(name):
    """`constexport::table<A, B>::row<3>` is of the family `constexport::table::row`."""
    out, depth, last = [], 0, ""
    for char in name:
        if char == "<" and (depth > 0 or last.isalnum() or last == "_"):
            depth += 1
        elif char == ">" and depth > 0:
            depth -= 1
        elif depth == 0:
            out.append(char)
        last = char
    return re.sub(r"\(anonymous (class|namespace|struct)[^)]*\)", "(anonymous)", "".join(out))


def count(command, source):
    """(Counter of families of ours, instantiations in all) of one file."""
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "trace.json")
        path = os.path.join(HERE, source)
        if source not in PROGRAMS:
            path = os.path.join(folder, "header.cpp")
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"#include <{source}>\n")
        subprocess.run(
            [
                *command,
                "-c",
                path,
                "-o",
                os.path.join(folder, "out.o"),
                f"-ftime-trace={trace}",
                "-ftime-trace-granularity=0",
            ],
            check=True,
        )
        with open(trace, encoding="utf-8") as file:
            events = json.load(file)["traceEvents"]
    names = [
        event["args"]["detail"] for event in events if event["name"] in ("InstantiateClass", "InstantiateFunction")
    ]
    ours = collections.Counter(family(name) for name in names if name.startswith("constexport::"))
    return ours, len(names)


def version(compiler):
    text = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"clang version (\d+)", text)
    return f"clang {match[1]}" if match else None


def read_baseline():
    try:
        with open(BASELINE, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["check", "update", "list"])
    parser.add_argument("--compiler", default="clang++")
    options, flags = parser.parse_known_args()
    name = version(options.compiler)
    if name is None:
        print(f"{options.compiler} is not Clang, which alone counts instantiations")
        return SKIPPED
    baseline = read_baseline()
    if options.action == "check" and name not in baseline:
        print(f"templates.json has no counts of {name}: run templates.py update --compiler {options.compiler}")
        return SKIPPED
    command = [options.compiler, "-std=c++20", "-w", *flags]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        counts = dict(zip(SOURCES, pool.map(lambda source: count(command, source), SOURCES)))

    if options.action == "update":
        # Of a single header the sum is enough: what it instantiates, models.hpp does too.
        baseline[name] = {
            source: {"all": sum(ours.values())} if source in HEADERS else dict(sorted(ours.items()))
            for source, (ours, _) in counts.items()
        }
        with open(BASELINE, "w", encoding="utf-8") as file:
            # A line per file, so that a change shows where it is.
            file.write("{\n")
            for compiler in sorted(baseline):
                file.write(f'"{compiler}": {{\n')
                kept = {source: baseline[compiler][source] for source in SOURCES if source in baseline[compiler]}
                lines = [f"{json.dumps(source)}: {json.dumps(counted)}" for source, counted in kept.items()]
                file.write(",\n".join(lines) + "\n}" + ("" if compiler == max(baseline) else ",") + "\n")
            file.write("}\n")
    for source, (ours, everything) in counts.items():
        print(f"{source}: {sum(ours.values())} of ours, {everything} in all")
        if options.action == "list":
            for each, times in ours.most_common(25):
                print(f"  {times:6}  {each}")
    if options.action != "check":
        return 0

    passed = failed = 0
    for source, (ours, _) in counts.items():
        before = collections.Counter(baseline[name].get(source, {}))
        now, then = sum(ours.values()), sum(before.values())
        changes = {
            each: ours[each] - before[each] for each in ours.keys() | before.keys() if ours[each] != before[each]
        }
        grew = now > then * ALLOWED
        passed, failed = passed + (not grew), failed + grew
        print(f"{source}: {then} -> {now} ({(now - then) / max(then, 1):+.1%})")
        if source in HEADERS:
            changes = dict(ours.most_common(10)) if grew else {}
        for each in sorted(changes, key=lambda key: -changes[key]):
            print(f"  {changes[each]:+6}  {each} ({before[each]} -> {ours[each]})")
    if failed:
        print("More than 3 % more instantiations than in templates.json. If they are worth it: templates.py update")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
