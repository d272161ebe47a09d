"""What the figures were taken on."""

import os
import platform
import re
import subprocess


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        return None


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            if match := re.search(r"^model name\s*: (.*)$", file.read(), re.M):
                return match[1]
    except OSError:
        pass
    return platform.processor() or platform.machine()


def system():
    try:
        with open("/etc/os-release", encoding="utf-8") as file:
            return re.search(r'^PRETTY_NAME="?([^"\n]*)', file.read(), re.M)[1]
    except (OSError, TypeError):
        return platform.system()


def describe(compilers):
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": system(),
        "compilers": {name: first_line(name, "--version") for name in compilers},
        "load_before": os.getloadavg()[0],
    }
