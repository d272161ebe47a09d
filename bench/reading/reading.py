"""What a program pays to read a configuration's inputs and outputs, and what Optimum pays."""

import os
import re
import tempfile

from benchlib import measure
from benchlib.report import Row

GROUP = "reading"
HERE = os.path.dirname(os.path.abspath(__file__))
PADDING = ("endbr64", "nop", "nopw", "nopl", "xchg", "cs", "data16")


def instructions(context):
    """Function -> the instructions that it executes, from the disassembly of the optimised object file."""
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "reads.o")
        source = os.path.join(HERE, "reads.cpp")
        measure.run([context.gcc, "-std=c++20", "-O2", "-fno-pic", *context.include_flags, "-c", source, "-o", output])
        code = measure.run(["objdump", "-d", "--no-show-raw-insn", output])
    found = {}
    for name, body in re.findall(r"<(read_\w+)>:\n(.*?)(?:\n\n|\Z)", code, re.S):
        steps = [line.split("\t")[1].strip() for line in body.splitlines() if "\t" in line]
        found[name] = [step for step in steps if step.split()[0] not in PADDING]
    return found


def rows(context):
    context.say("reading a configuration")
    code = instructions(context)
    calls = [step for steps in code.values() for step in steps if step.startswith("call")]
    # An address, a length, a return; nothing is called and nothing computed.
    longest = max(len(steps) for steps in code.values())
    only_constants = not calls and all(
        re.match(r"(mov|lea|ret|xor)", step) for steps in code.values() for step in steps
    )
    what = "instructions to read one list of tensors (address, length, return)"
    result = [Row(GROUP, what, "n", longest, target="constants only", details={"code": code})]
    result[0].reached = only_constants and longest <= 3
    program = context.program("reading/bench_reading")
    if not program:
        context.say("bench_reading is not built: no times")
        return result
    actions = {"ours": lambda: measure.run_json([program])}
    if context.python:
        actions["peer"] = lambda: measure.run_json([context.python, os.path.join(HERE, "optimum_reading.py")])
    values = measure.take_turns(context.runs(3), actions)
    texts = {
        "bert": "inputs and outputs of BERT, constructed and read",
        "gpt2": "inputs and outputs of GPT-2 with past, constructed and read",
        "walk": "every name and rank of GPT-2 with past, lists at hand",
    }
    for key, text in texts.items():
        ours = measure.median([ns * 1e-9 for run in values["ours"] for ns in run[key]])
        peer = measure.median([s for run in values["peer"] for s in run[key]]) if context.python else None
        details = {"runs": {name: [run[key] for run in runs] for name, runs in values.items()}}
        row = Row(GROUP, text, "s", ours, peer, "Optimum" if peer else "", details=details)
        row.ratio = peer / ours if peer else None
        result.append(row)
    if context.python:
        imported = measure.median([run["import"] for run in values["peer"]])
        result.append(Row(GROUP, "before the first configuration: import", "s", None, imported, "Optimum"))
    return result
