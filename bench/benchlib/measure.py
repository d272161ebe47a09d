"""Measuring: child processes with their CPU time and memory, runs that take turns, counts of instructions."""

import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile


class Failed(Exception):
    """A command that a benchmark needs went wrong; its output says how."""


def run(command, **options):
    """The command's standard output."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        text = (done.stdout + done.stderr).strip()[-4000:]
        raise Failed(f"{' '.join(map(str, command))}\nended with status {done.returncode}:\n{text}")
    return done.stdout


def run_json(command, **options):
    """The last line of the command's output, which is JSON."""
    lines = run(command, **options).strip().splitlines()
    if not lines:
        raise Failed(f"{' '.join(map(str, command))} printed nothing")
    return json.loads(lines[-1])


def cost(command, **options):
    """(seconds of user and system time, bytes of peak memory) of a command with all its children."""
    with tempfile.TemporaryFile() as output:
        # A child's peak is at least the memory of whoever starts it: this process must stay small.
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=output, **options)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            text = output.read().decode(errors="replace")[-4000:]
            raise Failed(f"{' '.join(map(str, command))}\nended with status {process.returncode}:\n{text}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def take_turns(runs, actions, warm_up=True):
    """Calls every action once to warm up, then `runs` times in turn, so that all see the same machine.

    `actions`: name -> function. Returns name -> list of results.
    """
    if warm_up:
        for action in actions.values():
            action()
    results = {name: [] for name in actions}
    for _ in range(runs):
        for name, action in actions.items():
            results[name].append(action())
    return results


def median(values):
    return statistics.median(values)


def spread(values):
    """Smallest and largest, for the record."""
    return [min(values), max(values)]


# ---- instructions ----------------------------------------------------------------------------------------------------


def _front_end(command):
    """The compiler proper that a g++ or clang++ command starts: what is worth counting, without the driver."""
    text = subprocess.run([*map(str, command), "-###"], capture_output=True, text=True).stderr
    for line in text.splitlines():
        if "cc1plus" in line or '"-cc1"' in line:
            words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line.strip())
            return [quoted or bare for quoted, bare in words]
    return list(map(str, command))


def count_instructions(command):
    """(instructions, tool), or (None, why not): with the processor's counter, else with callgrind."""
    command = _front_end(command)
    if shutil.which("perf"):
        done = subprocess.run(["perf", "stat", "-x;", "-e", "instructions:u", *command], capture_output=True, text=True)
        for line in done.stderr.splitlines():
            fields = line.split(";")
            if len(fields) > 2 and fields[2].startswith("instructions") and fields[0].isdigit():
                return int(fields[0]), "perf"
    if shutil.which("valgrind"):
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], capture_output=True, text=True
        )
        if match := re.search(r"Collected : (\d+)", done.stderr):
            return int(match[1]), "callgrind"
    return None, "neither perf's counters nor valgrind are here"
