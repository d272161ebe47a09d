"""rules.py --root DIR [--commands COMPILE_COMMANDS_JSON] [--jobs N]: the promises that a tree can be checked for.

Layers (layers.txt), third-party headers, header sizes, the light layers' standard headers, each header compiled alone
(the light layers without exceptions and RTTI), no registry or machine named. One line per failure; the last line counts.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LIGHT = ("core", "config", "models", "dummy", "onnx")
# Standard headers that allocate, throw or cost more to parse than a light layer may.
HEAVY = {
    "iostream", "ostream", "istream", "sstream", "fstream", "iomanip", "string", "vector", "memory", "functional",
    "map", "unordered_map", "set", "unordered_set", "deque", "list", "any", "regex", "locale", "filesystem",
    "exception", "stdexcept", "typeinfo", "typeindex", "variant", "format", "thread", "mutex", "future",
}  # fmt: skip
MAX_LINES = 500
MAX_MEDIAN = 130
# Documents are linked to; nothing in the tree may name where packages come from or where it was made.
LINKS = {
    "www.apache.org", "github.com", "onnx.ai", "onnxruntime.ai", "arxiv.org", "huggingface.co", "pytorch.org",
    "docs.pytorch.org", "en.cppreference.com", "eel.is", "gcc.gnu.org", "www.boost.org", "mesonbuild.com",
    "keepachangelog.com", "semver.org", "www.open-std.org", "protobuf.dev", "eigen.tuxfamily.org", "unicode.org",
    "www.unicode.org", "opensource.org", "json-schema.org", "openai.com",
}  # fmt: skip
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
STANDARD = re.compile(r"^(sys/)?[a-z_0-9]+(\.h)?$")
POSIX = re.compile(r"^(sys/.*|unistd\.h|fcntl\.h|dlfcn\.h)$")

outcomes = {"passed": 0, "failed": 0, "skipped": 0}


def report(name, problems):
    """Counts one case; a problem says what, where and how to mend it."""
    outcomes["failed" if problems else "passed"] += 1
    if problems:
        print(f"FAILED {name}")
        for problem in problems:
            print(f"  {problem}")


def read_layers(path):
    layers = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, below, third = (part.strip() for part in line.split("|"))
            layers[name] = (set(below.split()) | {name}, tuple(third.split()))
    return layers


def includes_of(text):
    return [(match[1], match[2]) for match in INCLUDE.finditer(text)]


def layer_of(header):
    """The folder under include/constexport, or "" for an umbrella header that lies there itself."""
    parts = Path(header).parts
    return parts[1] if len(parts) > 2 else ""


def check_layers(headers, layers):
    for header, text in headers.items():
        layer = layer_of(header)
        if layer and layer not in layers:
            report(f"layer of {header}", [f"the folder {layer} has no row in tests/rules/layers.txt"])
            continue
        allowed, third = layers[layer] if layer else (set(layers), ())
        problems = []
        for quote, name in includes_of(text):
            if quote == '"':
                problems.append(f'#include "{name}": write <constexport/...>, so that the layer is seen')
            elif name.startswith("constexport/"):
                if name not in headers:
                    problems.append(f"#include <{name}>: there is no such header")
                elif layer_of(name) not in allowed and layer:
                    problems.append(f"#include <{name}>: {layer} may include only {', '.join(sorted(allowed))}")
            elif STANDARD.match(name):
                if layer in LIGHT and (name in HEAVY or POSIX.match(name)):
                    problems.append(f"#include <{name}>: {layer} has no heap, exceptions, RTTI, streams or system calls")
            elif not any(name == prefix or name.startswith((prefix + "/", prefix + "_")) for prefix in third):
                problems.append(f"#include <{name}>: a third-party header belongs into adapters/ or export/")
        report(f"includes of {header}", problems)


def check_cycles(headers):
    state, problems = {}, []

    def visit(header, trail):
        state[header] = "open"
        for _, name in includes_of(headers[header]):
            if state.get(name) == "open":
                problems.append(" -> ".join([*trail[trail.index(name) :], name]))
            elif name in headers and name not in state:
                visit(name, [*trail, name])
        state[header] = "done"

    for header in headers:
        if header not in state:
            visit(header, [header])
    report("no header includes itself through others", problems)


def check_sizes(headers):
    lines = {header: text.count("\n") for header, text in headers.items()}
    report(
        f"no header over {MAX_LINES} lines",
        [f"{h}: {n} lines; is there a room of its own in it?" for h, n in lines.items() if n > MAX_LINES],
    )
    median = statistics.median(lines.values())
    report(f"median under {MAX_MEDIAN} lines", [] if median < MAX_MEDIAN else [f"the median is {median} lines"])


def check_openings(headers):
    problems = []
    for header, text in headers.items():
        if "#pragma once" not in text:
            problems.append(f"{header}: no #pragma once")
        if not text.startswith("///"):
            problems.append(f"{header}: open with a /// comment: which room it is in, what it includes, who depends on it")
    report("every header says which room it is in", problems)


def tree_files(root):
    """What git tracks or would track; without git, everything but build folders."""
    try:
        listing = subprocess.run(
            ["git", "-C", root, "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True, check=True,
        ).stdout.decode()  # fmt: skip
        names = [name for name in listing.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [
            os.path.relpath(os.path.join(folder, name), root)
            for folder, _, files in os.walk(root)
            for name in files
            if not re.search(r"/(\.git|\.deps|build[^/]*)(/|$)", folder)
        ]
    return [name for name in names if os.path.isfile(os.path.join(root, name))]


def check_names(root):
    own_paths = re.compile(r"(?<![\w.<$])/(work/|root/|tmp/bash|home/[a-z])")
    hosts = re.compile(r"\bhttps?://([A-Za-z0-9.-]+)")
    paths, links = [], []
    for name in tree_files(root):
        data = (Path(root) / name).read_bytes()
        if b"\0" in data[:4096] or name == "tests/rules/rules.py":
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if own_paths.search(line):
                paths.append(f"{name}:{number}: {line.strip()[:100]}")
            links += [f"{name}:{number}: {host}" for host in hosts.findall(line) if host not in LINKS]
    report("no path of a machine in the tree", paths)
    report("no host in the tree but those of documents", links)


def check_documents(root, layers_file):
    document = Path(root) / "docs/architecture.md"
    if document.exists():
        quoted = layers_file.read_text(encoding="utf-8").strip()
        problems = [] if quoted in document.read_text(encoding="utf-8") else [f"{document.name} lacks the table of {layers_file.name}, word for word"]
        report("the architecture page shows the layers that are checked", problems)


# ---- each header alone -----------------------------------------------------------------------------------------------


def third_parties(header, headers, seen=None):
    """Third-party headers that a header needs, directly or through others."""
    seen = set() if seen is None else seen
    if header in seen:
        return set()
    seen.add(header)
    needed = set()
    for _, name in includes_of(headers[header]):
        if name in headers:
            needed |= third_parties(name, headers, seen)
        elif not STANDARD.match(name) and not name.startswith("constexport/"):
            needed.add(name)
        elif name.startswith("onnxruntime"):
            needed.add(name)
    return needed


def compile_command(commands, probe):
    """The compiler and flags that Meson uses for a probe file, without its own input and outputs."""
    for entry in commands:
        if entry["file"].endswith(probe):
            words, kept = shlex.split(entry["command"]), []
            while words:
                word = words.pop(0)
                if word in ("-o", "-MF", "-MQ"):
                    words.pop(0)
                elif word not in ("-c", "-MD") and not word.endswith(probe):
                    kept.append(word)
            return kept, entry["directory"]
    sys.exit(f"rules.py: {probe} is not among the build's compile commands")


def check_alone(headers, commands_file, jobs, found):
    commands = json.loads(Path(commands_file).read_text(encoding="utf-8"))
    plain, directory = compile_command(commands, "probe_plain.cpp")
    everything, _ = compile_command(commands, "probe_everything.cpp")
    parts = {"torch": "libtorch", "ATen": "libtorch", "c10": "libtorch", "onnx": "onnx", "google": "onnx",
             "onnxruntime_cxx_api.h": "onnxruntime", "onnxruntime_c_api.h": "onnxruntime",
             "Eigen": "eigen", "unsupported": "eigen"}  # fmt: skip
    others = {header: third_parties(header, headers) for header in headers}

    def parts_of(header):
        return {parts.get(name.split("/")[0]) for name in others[header]} - {None}

    # What most of LibTorch's users among the headers include is parsed once. Less is better: templates that wait in a
    # precompiled header (torch::nn's, say) are instantiated again in every file.
    users = [header for header in headers if "libtorch" in parts_of(header)]
    counts = collections.Counter(name for header in users for name in others[header] if parts.get(name.split("/")[0]) == "libtorch")
    shared = sorted(name for name, count in counts.items() if 2 * count > len(users)) if "libtorch" in found else []

    def compile_alone(header):
        needed = parts_of(header)
        if missing := needed - found:
            return header, None, f"needs {', '.join(sorted(missing))}"
        command = list(everything if needed else plain)
        if layer_of(header) in LIGHT:
            command += ["-fno-exceptions", "-fno-rtti"]
        elif "libtorch" in needed:
            command += ["-include", str(precompiled)]
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "alone.cpp"
            # Twice: #pragma once must hold, and no inline variable or function may be defined twice.
            source.write_text(f"#include <{header}>\n#include <{header}>\nint main() {{}}\n", encoding="utf-8")
            run = subprocess.run(
                [*command, "-fdiagnostics-color=never", "-fsyntax-only", str(source)], cwd=directory, capture_output=True, text=True, check=False
            )
        return header, run.returncode == 0, "\n  ".join(run.stderr.strip().splitlines()[:15])

    with tempfile.TemporaryDirectory(dir=directory) as folder, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        precompiled = Path(folder) / "libtorch.hpp"
        precompiled.write_text("".join(f"#include <{name}>\n" for name in shared), encoding="utf-8")
        if shared:
            # If this fails, the text is included, and says why.
            subprocess.run([*everything, "-x", "c++-header", str(precompiled), "-o", f"{precompiled}.gch"],
                           cwd=directory, capture_output=True, check=False)  # fmt: skip
        for header, good, text in pool.map(compile_alone, headers):
            if good is None:
                outcomes["skipped"] += 1
                print(f"skipped {header} alone: {text}")
            else:
                report(f"{header} compiles alone", [] if good else [text])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True)
    parser.add_argument("--commands", help="compile_commands.json; without it no header is compiled")
    parser.add_argument("--found", default="", help="parts that this build has, by comma")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()

    include = Path(arguments.root) / "include"
    headers = {
        path.relative_to(include).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(include.rglob("*.hpp"))
    }
    if not headers:
        sys.exit(f"rules.py: no header beneath {include}")
    if arguments.commands:
        check_alone(headers, arguments.commands, arguments.jobs, set(filter(None, arguments.found.split(","))))
    else:
        layers_file = Path(__file__).with_name("layers.txt")
        check_layers(headers, read_layers(layers_file))
        check_cycles(headers)
        check_sizes(headers)
        check_openings(headers)
        check_names(arguments.root)
        check_documents(arguments.root, layers_file)

    line = f"{outcomes['passed']} passed, {outcomes['failed']} failed"
    print(line + (f", {outcomes['skipped']} skipped" if outcomes["skipped"] else ""))
    return 1 if outcomes["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
