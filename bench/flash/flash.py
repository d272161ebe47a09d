"""Flash and memory that the contract of a 12-layer GPT-2 takes on a Cortex-M4."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchlib.report import Row

GROUP = "flash"


def rows(context):
    # The tests' folders have names that groups of benchmarks have, too.
    before = list(sys.path)
    sys.path.insert(0, os.path.join(context.root, "tests/firmware"))
    import firmware

    sys.path[:] = before
    if not shutil.which(firmware.CROSS + "g++"):
        context.say(f"{firmware.CROSS}g++ is not installed: no figures of a microcontroller")
        return []
    context.say("a contract on a Cortex-M4")
    root = Path(context.root)
    with tempfile.TemporaryDirectory() as folder:
        measured = list(firmware.contracts(root, root / ".deps", Path(folder)))
    result = []
    for name, limit, flash, memory in measured:
        result.append(Row(GROUP, f"bytes of flash, GPT-2 with 12 layers: {name}", "n", flash).at_most(limit))
        result[-1].details = {"memory": memory}
    most = max(memory for _, _, _, memory in measured)
    result.append(Row(GROUP, "bytes of memory, the most of these", "n", most).at_most(0))
    return result
