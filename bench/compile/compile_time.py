"""What the compiler pays: a model header, GPT-2 with 96 layers, a configuration compared with a file."""

import os
import re
import subprocess
import tempfile
import time

from benchlib import measure
from benchlib.report import Row

GROUP = "compile"
HERE = os.path.dirname(os.path.abspath(__file__))


def needed_headers(include, command):
    """(standard headers, Boost.Hana's headers) that bert.hpp's own files include: nobody's list that grows stale."""
    rule = measure.run([*command, "-M", os.path.join(HERE, "bert.cpp")])
    ours = {os.path.realpath(word) for word in rule.replace("\\\n", " ").split() if "/constexport/" in word}
    standard, hana = set(), set()
    for path in ours:
        with open(path, encoding="utf-8") as file:
            for name in re.findall(r"^#include <([^>]+)>", file.read(), re.M):
                if name.startswith("boost/"):
                    hana.add(name)
                elif not name.startswith("constexport/"):
                    standard.add(name)
    return sorted(standard), sorted(hana)


def header_rows(context, compiler, folder):
    command = [compiler, "-std=c++20", "-fsyntax-only", *context.include_flags]
    standard, hana = needed_headers(context.include, [compiler, "-std=c++20", *context.include_flags])
    files = {"bert": os.path.join(HERE, "bert.cpp")}
    for name, headers in (
        ("empty", []),
        ("models", ["constexport/models.hpp"]),
        ("standard", standard),
        ("standard and Hana", standard + hana),
    ):
        files[name] = os.path.join(folder, name.replace(" ", "_") + ".cpp")
        with open(files[name], "w", encoding="utf-8") as file:
            file.writelines(f"#include <{header}>\n" for header in headers)
    results = measure.take_turns(
        context.runs(21), {name: lambda path=path: measure.cost([*command, path]) for name, path in files.items()}
    )
    seconds = {name: measure.median([s for s, _ in values]) for name, values in results.items()}
    # Turn by turn: the noise of the machine is common to the two and cancels.
    above = measure.median([b - s for (b, _), (s, _) in zip(results["bert"], results["standard"])])
    counts = {}
    if context.counts:
        for name in ("bert", "standard"):
            counts[name], tool = measure.count_instructions([*command, files[name]])
            context.say(f"{compiler}, {name}: {counts[name] or tool} instructions")
    gated = compiler == context.gcc
    details = {
        "standard_headers": standard,
        "hana_headers": hana,
        "seconds": seconds,
        "spread": {name: measure.spread([s for s, _ in values]) for name, values in results.items()},
        "instructions": counts,
        "peak_bytes": {name: measure.median([m for _, m in values]) for name, values in results.items()},
    }
    include = f"#include <constexport/models/bert.hpp>, {compiler}"
    rows = [
        Row(GROUP, include, "s", seconds["bert"], seconds["standard"], "its standard headers alone", details=details),
        Row(
            GROUP,
            f"models/bert.hpp above its standard headers, {compiler}",
            "s",
            above,
            seconds["standard and Hana"] - seconds["standard"],
            "of it Boost.Hana",
        ),
    ]
    rows[0].at_most(0.35, gated)
    rows[1].at_most(0.20, gated)
    if counts.get("bert") and counts.get("standard"):
        what = f"models/bert.hpp, instructions of {compiler}"
        rows.append(Row(GROUP, what, "n", counts["bert"], counts["standard"], "its standard headers alone"))
    models = os.listdir(os.path.join(context.include, "constexport/models"))
    what = f"#include <constexport/models.hpp>, {len(models)} families, {compiler}"
    rows.append(Row(GROUP, what, "s", seconds["models"]))
    return rows


def gpt2_rows(context, compiler, folder):
    source, output = os.path.join(HERE, "gpt2_96.cpp"), os.path.join(folder, "gpt2_96.o")
    command = [compiler, "-std=c++20", "-O2", "-c", *context.include_flags, source, "-o", output]
    values = measure.take_turns(context.runs(7), {"": lambda: measure.cost(command)})[""]
    seconds, peak = (measure.median([value[i] for value in values]) for i in (0, 1))
    gated = compiler == context.gcc
    what = f"GPT-2 with 96 layers, contract and ModelProto, {compiler}"
    details = {"spread": measure.spread([s for s, _ in values])}
    return [
        Row(GROUP, f"{what}: time", "s", seconds, details=details).at_most(1, gated),
        Row(GROUP, f"{what}: memory", "B", peak).at_most(200e6, gated),
    ]


def elapsed(command):
    """Seconds from the start of a process to its end."""
    began = time.perf_counter()
    measure.run(command)
    return time.perf_counter() - began


def matches_rows(context, compiler, folder):
    """A file's header, and the check of a configuration against it."""
    program = os.path.join(context.build or "", "constexport")
    if not os.access(program, os.X_OK):
        context.say("constexport is not built: no check of a file's header")
        return []
    model, header, maker = (os.path.join(folder, name) for name in ("gpt2.onnx", "model_io.hpp", "gpt2_file"))
    flags = ["-std=c++20", *context.include_flags, "-I", folder]
    measure.run([compiler, *flags, os.path.join(HERE, "gpt2_12_file.cpp"), "-o", maker])
    with open(model, "wb") as file:
        subprocess.run([maker], check=True, stdout=file)
    command = [compiler, *flags, "-fsyntax-only", os.path.join(HERE, "gpt2_12_matches.cpp")]
    describe = [program, "header", model, "-o", header]
    measure.run(describe)
    values = measure.take_turns(
        context.runs(11),
        {
            "header": lambda: elapsed(describe),
            "contract": lambda: measure.cost(command)[0],
            "matches": lambda: measure.cost([*command, "-DMATCHES"])[0],
        },
    )
    seconds = {name: measure.median(each) for name, each in values.items()}
    details = {"spread": {name: measure.spread(each) for name, each in values.items()}}
    what = f"static_assert that a 12-layer GPT-2 matches its file, {compiler}"
    peer = "the contract, not compared"
    rows = [Row(GROUP, what, "s", seconds["matches"], seconds["contract"], peer, details=details)]
    if compiler == context.gcc:
        what = "constexport header of a 12-layer GPT-2, start-up included"
        rows.insert(0, Row(GROUP, what, "s", seconds["header"]))
    return rows


def template_rows(context, compiler):
    """Counts of instantiations, against the baseline file."""
    import compile.templates as templates

    name = templates.version(compiler)
    if name is None:
        return []
    rows = []
    baseline = templates.read_baseline().get(name, {})
    # The headers one by one are the test's business; here models.hpp stands for them.
    for source in [*templates.PROGRAMS, templates.EVERYTHING]:
        ours, everything = templates.count([compiler, "-std=c++20", "-w", *context.include_flags], source)
        now, before = sum(ours.values()), sum(baseline.get(source, {}).values())
        row = Row(GROUP, f"templates of ours that {source} instantiates, {name}", "n", now)
        row.details = {"in_all": everything}
        row.peer, row.peer_name = (before, "baseline") if before else (None, "no baseline")
        if before:
            row.target, row.reached = "<= baseline + 3 %", now <= before * templates.ALLOWED
        rows.append(row)
    return rows


def rows(context):
    result = []
    with tempfile.TemporaryDirectory() as folder:
        for compiler in context.compilers:
            context.say(f"compile time: {compiler}")
            result += header_rows(context, compiler, folder)
            result += gpt2_rows(context, compiler, folder)
            result += matches_rows(context, compiler, folder)
            result += template_rows(context, compiler)
    return result
