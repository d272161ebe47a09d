"""firmware.py --root DIR --prefix DEPS -- COMPILER...: the light layers on a Cortex-M4.

COMPILER makes the host's half. With arm-none-eabi-g++ the headers are compiled and measured, with qemu-system-arm the
example runs; cases whose program is missing are skipped, and counted as such. The last line is
`N passed, N failed[, N skipped]`.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from outcomes import Failure, case, finish  # noqa: E402

HERE = Path(__file__).parent
CROSS = "arm-none-eabi-"
EMULATOR = "qemu-system-arm"
LIGHT = ("core", "config", "models", "dummy", "onnx")
CORTEX = [
    "-mcpu=cortex-m4", "-mthumb", "-Os", "-ffunction-sections", "-fdata-sections", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow",
    "-Wconversion", "-Werror",
]  # fmt: skip
# -Wno-psabi: a note of g++ on functions that never leave the program. Static guards would want a runtime library.
TARGET = [*CORTEX, "-std=c++20", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-Wno-psabi"]
# What libgcc and a C library without a heap have: helpers of the processor's ABI, and memory and string functions.
ALLOWED = re.compile(r"^(__aeabi_\w+|mem(chr|cmp|cpy|move|set)|strlen)$")
# Bytes of flash that a 12-layer GPT-2 with a cache in its inputs may take, and of one without (the last row). The file
# is part of each; docs/embedded.md has these rows.
CACHE, TEXT, TABLE, FOLDED = "-DPAST_IN_INPUTS", "-DWITH_TEXT=true", "-DWITH_TABLE", "-DFOLDED"
FLASH = {
    "contract and folded ModelProto": ([CACHE, "-DWITH_TEXT=false", TABLE, FOLDED], 6144),
    "folded ModelProto that holds the contract": ([CACHE, TEXT, FOLDED], 4096),
    "contract and ModelProto": ([CACHE, "-DWITH_TEXT=false", TABLE], 8448),
    "ModelProto that holds the contract": ([CACHE, TEXT], 6656),
    "contract and ModelProto, without a cache in the inputs": (["-DWITH_TEXT=false", TABLE], 6144),
}


def run(*command, may_fail=False):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=300)
    if done.returncode and not may_fail:
        tail = "\n  ".join(line[:400] for line in (done.stdout + done.stderr).strip().splitlines()[-25:])
        raise Failure(f"{' '.join(map(str, command))}\n  exit status {done.returncode}\n  {tail}")
    # Semihosting writes to either.
    return done.stdout + done.stderr


def sections(file):
    """Sizes by kind of section, without what only a debugger reads."""
    sizes = {".text": 0, ".rodata": 0, ".data": 0, ".bss": 0, ".init_array": 0}
    for name, size in re.findall(r"^(\.\S+) +(\d+) +\d+$", run(CROSS + "size", "-A", file), re.M):
        for kind in sizes:
            if name == kind or name.startswith(kind + "."):
                sizes[kind] += int(size)
    return sizes


def boost_folder(prefix):
    """The folder of headers that has Boost.Hana, if there is one."""
    return next((folder for folder in (prefix / "usr/include", Path("/usr/include")) if (folder / "boost/hana").is_dir()), None)


def cross(root, prefix, folder, *command):
    """Runs the cross compiler with the headers of `root`; what it needs is put into `folder`."""
    # The host's folder of headers has a C library of the host in it, so Boost alone is taken out.
    boost, link = boost_folder(prefix), folder / "boost/boost"
    if boost and not link.exists():
        link.parent.mkdir()
        link.symlink_to(boost / "boost")
    return run(CROSS + "g++", *TARGET, f"-I{root / 'include'}", "-isystem", link.parent, *command)


def contracts(root, prefix, folder):
    """What a 12-layer GPT-2 takes: (name, limit of flash, bytes of flash, of memory) for each row of FLASH."""
    for name, (flags, limit) in FLASH.items():
        cross(root, prefix, folder, *flags, "-c", HERE / "figures.cpp", "-o", folder / "figures.o")
        sizes = sections(folder / "figures.o")
        # A constant that is made before main() is in memory, too.
        yield name, limit, sizes[".text"] + sizes[".rodata"], sizes[".data"] + sizes[".bss"] + sizes[".init_array"]


def emulate(image, may_fail=False):
    """What a program says; with `may_fail` also if its exit status is not 0."""
    command = [
        EMULATOR, "-M", "mps2-an386", "-display", "none", "-serial", "none", "-monitor", "none",
        "-semihosting-config", "enable=on,target=native", "-kernel", image,
    ]  # fmt: skip
    return run(*command, may_fail=may_fail)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--prefix", type=Path, required=True)
    parser.add_argument("compiler", nargs="+")
    arguments = parser.parse_args()
    root, include = arguments.root, arguments.root / "include"
    boost = boost_folder(arguments.prefix)

    def compiled(folder, *command):
        return cross(root, arguments.prefix, folder, *command)

    def headers(folder):
        names = ["constexport/models.hpp"]
        for layer in LIGHT:
            names += sorted(str(path.relative_to(include)) for path in (include / "constexport" / layer).rglob("*.hpp"))
        source = folder / "all.cpp"
        source.write_text("".join(f"#include <{name}>\n" for name in names), encoding="utf-8")
        compiled(folder, "-c", source, "-o", folder / "all.o")
        if taken := {kind: size for kind, size in sections(folder / "all.o").items() if size}:
            raise Failure(f"headers that nothing uses take {taken}")

    def no_heap(folder):
        compiled(folder, "-c", root / "tests/consumers/light.cpp", "-o", folder / "light.o")
        listing = run(CROSS + "nm", "-u", folder / "light.o").splitlines()
        wanted = [line.split()[-1] for line in listing if line.strip()]
        if unwanted := [symbol for symbol in wanted if not ALLOWED.match(symbol)]:
            raise Failure(f"the light layers want {', '.join(unwanted)}: a heap, exceptions, RTTI or streams")

    def unused(folder):
        sizes = []
        for flags in ([], ["-DUNUSED"]):
            compiled(folder, TEXT, *flags, "-c", HERE / "figures.cpp", "-o", folder / "figures.o")
            sizes.append(sections(folder / "figures.o"))
        if sizes[0] != sizes[1]:
            raise Failure(f"a configuration that the program does not use changes {sizes[0]} to {sizes[1]}")

    def flash(folder):
        problems = []
        for name, limit, taken, memory in contracts(root, arguments.prefix, folder):
            print(f"{name}: {taken} bytes of flash, {memory} of memory")
            if taken > limit or memory:
                problems.append(f"{name}: {taken} bytes of flash and {memory} of memory, at most {limit} and 0 are allowed")
            if taken < 1024:
                problems.append(f"{name}: {taken} bytes cannot be a contract: was it not kept?")
        if problems:
            raise Failure("\n  ".join(problems))

    def emulated(folder):
        example = root / "examples/firmware"
        shared = [example / "gpt2_interface.cpp", example / "numbers.cpp"]
        image, host = folder / "firmware.elf", folder / "host"
        compiled(
            folder, *shared, example / "board.cpp", "-nostartfiles", "-T", example / "cortex_m4.ld", "-Wl,--gc-sections",
            "-o", image,
        )  # fmt: skip
        hana = ["-isystem", boost] if boost and boost != Path("/usr/include") else []
        run(*arguments.compiler, "-std=c++20", "-O1", f"-I{include}", *hana, *shared, example / "host.cpp", "-o", host)
        ours = emulate(image).splitlines()
        figures = [line for line in ours if line.startswith(".")]
        values = [line for line in ours if not line.startswith(".")]
        expected = run(host).splitlines()
        if values != expected or len(expected) != 2 + 27 + 1 or expected[-1] != "rotated":
            raise Failure("the emulator and the host differ:\n  " + "\n  ".join([*values, "the host:", *expected]))
        measured = [f"{kind} {size}" for kind, size in sections(image).items() if kind != ".init_array"]
        if figures != measured:
            raise Failure(f"the program says {figures}, the linker {measured}")
        if sections(image)[".data"]:
            raise Failure("the example has initialised data")
        print("the example: " + ", ".join(figures))

    compiler = CROSS + "g++"
    case("every light header compiles for a Cortex-M4 and takes nothing", headers, compiler)
    case("the light layers want no heap, exceptions, RTTI or streams", no_heap, compiler)
    case("an unused configuration costs nothing", unused, compiler)
    case("a contract's flash and memory", flash, compiler)
    case("the example runs in an emulator as on the host", emulated, compiler, EMULATOR)

    return finish()


if __name__ == "__main__":
    sys.exit(main())
