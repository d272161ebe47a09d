"""consumers.py --root DIR --prefix DEPS --meson MESON -- COMPILER...: the library as its users meet it.

Installed and found with pkg-config and with CMake (where it is there), as a Meson subproject, without any optional part,
in a program of two files, and in an object file that wants neither heap, exceptions nor RTTI.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

outcomes = {"passed": 0, "failed": 0, "skipped": 0}
HERE = Path(__file__).parent
OPTIONAL = ("eigen", "libtorch", "onnx", "onnxruntime", "tests", "examples", "bench")
# What a light layer must never ask the linker for: heap, exceptions, RTTI, streams, static guards.
UNWANTED = re.compile(
    r"^(_Znw|_Zna|_Zdl|_Zda|malloc|calloc|realloc|free$|__cxa_|_Unwind|__gxx_personality|_ZTI|_ZTVN10__cxxabiv|_ZSt|_ZNSt|_ZNKSt)"
)


class Failure(Exception):
    pass


def run(*command, cwd=None, env=None):
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        tail = "\n  ".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise Failure(f"{' '.join(map(str, command))}\n  exit status {done.returncode}\n  {tail}")
    return done.stdout


def case(name, body, *needed):
    if missing := [program for program in needed if not shutil.which(program)]:
        outcomes["skipped"] += 1
        print(f"skipped {name}: no {', '.join(missing)}")
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            body(Path(folder))
            outcomes["passed"] += 1
        except Failure as failure:
            outcomes["failed"] += 1
            print(f"FAILED {name}\n  {failure}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--prefix", type=Path, required=True)
    parser.add_argument("--meson", required=True)
    parser.add_argument("--command", help="the program constexport, where it is built")
    parser.add_argument("compiler", nargs="+")
    arguments = parser.parse_args()
    root, meson, compiler = arguments.root, arguments.meson, arguments.compiler
    boost = ["-isystem", arguments.prefix / "usr/include"]
    without = [f"-D{feature}=disabled" for feature in OPTIONAL]
    environment = dict(os.environ, CXX=" ".join(compiler))
    # Meson tells its tests where it stands; a Meson that they start must not think it is inside that build.
    for name in ("MESON_TEST_ITERATION", "MESONINTROSPECT", "MESON_SOURCE_ROOT", "MESON_BUILD_ROOT"):
        environment.pop(name, None)

    def install(folder):
        run(meson, "setup", folder / "build", root, "--prefix", folder / "installed", *without, env=environment)
        # The headers need nothing built, and the command is not what is tested here.
        run(meson, "install", "-C", folder / "build", "--no-rebuild", "--tags", "devel", env=environment)
        return folder / "installed"

    def pkg_config(folder):
        prefix = install(folder)
        flags = run(
            "pkg-config", "--cflags", "constexport",
            env=dict(environment, PKG_CONFIG_PATH=str(prefix / "share/pkgconfig")),
        ).split()  # fmt: skip
        if not any(flag == f"-I{prefix}/include" for flag in flags):
            raise Failure(f"pkg-config names {flags}, not the installed headers")
        run(*compiler, "-std=c++20", *flags, *boost, HERE / "consumer.cpp", "-o", folder / "program")
        run(folder / "program")

    def cmake(folder):
        prefix = install(folder)
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.16)\nproject(consumer CXX)\n"
            "find_package(constexport REQUIRED)\n"
            f"add_executable(program {HERE}/consumer.cpp)\n"
            "target_link_libraries(program PRIVATE constexport::constexport)\n",
            encoding="utf-8",
        )
        places = f"-DCMAKE_PREFIX_PATH={prefix};{arguments.prefix}/usr"
        run("cmake", "-S", folder, "-B", folder / "cmake-build", places, env=environment)
        run("cmake", "--build", folder / "cmake-build", env=environment)
        run(folder / "cmake-build/program")

    def cmake_check(folder):
        prefix = install(folder)
        shutil.copy(root / "tests/fuzz/corpus/check/gpt2_optimum.onnx", folder / "model.onnx")
        (folder / "gpt2.hpp").write_text(
            "#include <constexport/models/gpt2.hpp>\n"
            "constexpr constexport::GPT2OnnxConfig<constexport::text_generation, constexport::use_past,\n"
            "                                      constexport::use_past_in_inputs> gpt2{constexport::num_layers = 2};\n",
            encoding="utf-8",
        )
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.16)\nproject(consumer CXX)\n"
            "find_package(constexport REQUIRED)\n"
            f"add_executable(program {HERE}/consumer.cpp)\n"
            "target_link_libraries(program PRIVATE constexport::constexport)\n"
            "constexport_check(TARGET program MODEL model.onnx CONFIG gpt2 INCLUDE gpt2.hpp)\n",
            encoding="utf-8",
        )
        places = f"-DCMAKE_PREFIX_PATH={prefix};{arguments.prefix}/usr"
        command = f"-DCONSTEXPORT_COMMAND={arguments.command}"
        run("cmake", "-S", folder, "-B", folder / "cmake-build", places, command, env=environment)
        run("cmake", "--build", folder / "cmake-build", env=environment)
        run(folder / "cmake-build/program")
        shutil.copy(root / "tests/fuzz/corpus/check/good.onnx", folder / "model.onnx")
        try:
            run("cmake", "--build", folder / "cmake-build", env=environment)
        except Failure as failure:
            if "the file has another tensor at this place" not in str(failure):
                raise
        else:
            raise Failure("a file that disagrees is built without an error")

    def subproject(folder):
        (folder / "subprojects").mkdir()
        (folder / "subprojects/constexport").symlink_to(root)
        shutil.copy(HERE / "consumer.cpp", folder)
        (folder / "meson.build").write_text(
            "project('consumer', 'cpp', default_options: ['cpp_std=c++20'])\n"
            "dep = dependency('constexport', fallback: 'constexport', required: true)\n"
            "executable('program', 'consumer.cpp', dependencies: dep)\n",
            encoding="utf-8",
        )
        run(meson, "setup", folder / "build", folder, env=environment)
        run(meson, "compile", "-C", folder / "build", env=environment)
        run(folder / "build/program")

    def two_files(folder):
        run(
            *compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-DWITH_OTHER_FILE", f"-I{root}/include", *boost,
            HERE / "consumer.cpp", HERE / "consumer_other.cpp", "-o", folder / "program",
        )  # fmt: skip
        run(folder / "program")

    def light(folder):
        run(
            *compiler, "-std=c++20", "-O2", "-fno-exceptions", "-fno-rtti", f"-I{root}/include", *boost,
            "-c", HERE / "light.cpp", "-o", folder / "light.o",
        )  # fmt: skip
        wanted = [line.split()[-1] for line in run("nm", "-u", folder / "light.o").splitlines() if line.strip()]
        if unwanted := [symbol for symbol in wanted if UNWANTED.match(symbol)]:
            raise Failure(f"the light layers want {', '.join(unwanted)}: heap, exceptions, RTTI or streams")

    case("installed, with pkg-config", pkg_config, "pkg-config")
    case("installed, with CMake", cmake, "cmake")
    if arguments.command:
        case("checked against a file by CMake", cmake_check, "cmake")
    case("as a Meson subproject", subproject)
    case("in a program of two files", two_files)
    case("light layers without heap, exceptions, RTTI and streams", light, "nm")

    line = f"{outcomes['passed']} passed, {outcomes['failed']} failed"
    print(line + (f", {outcomes['skipped']} skipped" if outcomes["skipped"] else ""))
    return 1 if outcomes["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
