"""consumers.py --root DIR --prefix DEPS --meson MESON -- COMPILER...: the library as its users meet it.

Installed and found with pkg-config and with CMake (where it is there), as a Meson subproject, as a single header, without any optional part,
in programs of two files, in one whose build checks its model's file, and in an object file that wants neither heap, exceptions nor RTTI.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from outcomes import Failure, case, finish  # noqa: E402

HERE = Path(__file__).parent
OPTIONAL = ("eigen", "libtorch", "onnx", "onnxruntime", "tests", "examples", "bench")
# What a light layer must never ask the linker for: heap, exceptions, RTTI, streams, static guards.
UNWANTED = re.compile(
    r"^(_Znw|_Zna|_Zdl|_Zda|malloc|calloc|realloc|free$|__cxa_|_Unwind|__gxx_personality|_ZTI|_ZTVN10__cxxabiv|_ZSt|_ZNSt|_ZNKSt)"
)
# A machine without an operating system: what is built for it cannot run where the build does.
CROSS = """[binaries]
cpp = 'arm-none-eabi-g++'
ar = 'arm-none-eabi-ar'
[built-in options]
cpp_args = ['-mcpu=cortex-m4', '-mthumb', '-Wno-psabi']
cpp_link_args = ['-mcpu=cortex-m4', '-mthumb', '--specs=nosys.specs']
[host_machine]
system = 'none'
cpu_family = 'arm'
cpu = 'cortex-m4'
endian = 'little'
"""


def run(*command, cwd=None, env=None):
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        tail = "\n  ".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise Failure(f"{' '.join(map(str, command))}\n  exit status {done.returncode}\n  {tail}")
    return done.stdout


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
        run(*compiler, "-std=c++20", *flags, *boost, HERE / "plain/consumer.cpp", "-o", folder / "program")
        run(folder / "program")

    def copied(folder, *projects):
        for project in projects:
            shutil.copytree(HERE / project, folder, dirs_exist_ok=True)
        return folder

    def cmake(folder):
        places = f"-DCMAKE_PREFIX_PATH={install(folder)};{arguments.prefix}/usr"
        run("cmake", "-G", "Ninja", "-S", HERE / "plain", "-B", folder / "cmake-build", places, env=environment)
        run("cmake", "--build", folder / "cmake-build", env=environment)
        run(folder / "cmake-build/program")

    def subproject_of(folder):
        (folder / "subprojects").mkdir()
        (folder / "subprojects/constexport").symlink_to(root)
        return folder

    def subproject(folder):
        subproject_of(copied(folder, "plain"))
        run(meson, "setup", folder / "build", folder, env=environment)
        run(meson, "compile", "-C", folder / "build", env=environment)
        run(folder / "build/program")

    def follows_the_file(folder, setup, build, program, env=environment):
        """Builds with the file that agrees, fails with one that does not, and builds again; `program` is run, or called."""
        use = program if callable(program) else lambda: run(program)
        agrees, differs = (root / "tests/fuzz/corpus/check" / name for name in ("gpt2_optimum.onnx", "good.onnx"))
        shutil.copyfile(agrees, folder / "model.onnx")
        run(*setup, env=env)
        build(env)
        use()
        shutil.copyfile(differs, folder / "model.onnx")
        try:
            build(env)
        except Failure as failure:
            if "the file has another tensor at this place" not in str(failure):
                raise
        else:
            raise Failure("a file that disagrees is built without an error")
        shutil.copyfile(agrees, folder / "model.onnx")
        build(env)
        use()

    def cmake_check(folder):
        places = f"-DCMAKE_PREFIX_PATH={install(folder)};{arguments.prefix}/usr"
        command = f"-DCONSTEXPORT_COMMAND={arguments.command}"
        built = folder / "cmake-build"
        setup = ["cmake", "-G", "Ninja", "-S", copied(folder, "checked"), "-B", built, places, command]
        follows_the_file(folder, setup, lambda env: run("cmake", "--build", built, env=env), built / "program")

    def documented_lines(first, last):
        """The indented lines of docs/checking.md from the one that begins with `first` to the one that begins with `last`."""
        text = (root / "docs/checking.md").read_text(encoding="utf-8")
        text = text[text.index(f"\n{first}") : text.index(f"\n{last}")]
        return "".join(line[4:] + "\n" for line in text.splitlines() if line.startswith("    "))

    def documented_cmake(folder):
        """The document's lines make a whole project, of which no version of CMake has anything to say."""
        copied(folder, "documented")
        (folder / "decoder").mkdir()
        run(
            *compiler, "-std=c++20", f"-I{root}/include", *boost, folder / "write_models.cpp", "-o", folder / "write_models"
        )
        run(folder / "write_models", folder / "model.onnx", folder / "decoder/model.onnx")
        lines = documented_lines("With CMake", "With Meson")
        project = folder / "CMakeLists.txt"
        project.write_text(f"cmake_minimum_required(VERSION 3.16)\nproject(app CXX)\n{lines}")
        places = f"-DCMAKE_PREFIX_PATH={install(folder / 'library')};{arguments.prefix}/usr"
        setup = ["cmake", "-Werror=dev", "-G", "Ninja", "-S", folder, "-B", folder / "built", places, f"-DCONSTEXPORT_COMMAND={arguments.command}"]
        run(*setup, env=environment)
        run("cmake", "--build", folder / "built", env=environment)
        if run(folder / "built/app") != "3 and 27 inputs\n":
            raise Failure("the headers are of other models")
        for wrong, words in (
            (lines.replace("NAMESPACE decoder_io ", ""), "app has a model_io.hpp already"),
            (lines.replace('"', ""), "a CONFIG with blanks stands in quotes"),
        ):
            project.write_text(f"cmake_minimum_required(VERSION 3.16)\nproject(app CXX)\n{wrong}")
            try:
                run(*setup, env=environment)
            except Failure as failure:
                if words not in " ".join(str(failure).split()):
                    raise
            else:
                raise Failure(f"no error that says {words}")

    def documented_meson(_):
        """The document's lines are those of the projects that the cases here build."""
        lines = documented_lines("With Meson", "`tests/consumers/`").replace("'app'", "'checked'").splitlines()
        projects = "".join((HERE / name / "meson.build").read_text(encoding="utf-8") for name in ("checked", "checked_installed"))
        if missing := [line for line in lines if line not in projects.splitlines() and not line.startswith("executable(")]:
            raise Failure(f"no project here has these lines: {missing}")

    def meson_check(folder):
        built = folder / "build"
        setup = [meson, "setup", built, subproject_of(copied(folder, "checked"))]
        follows_the_file(folder, setup, lambda env: run(meson, "compile", "-C", built, env=env), built / "program")

    def meson_cross_check(folder):
        """The header is described where the build runs; the program is for a Cortex-M4."""
        built, cross = folder / "build", folder / "cross.ini"
        cross.write_text(CROSS)
        env = dict(environment, CXX_FOR_BUILD=environment["CXX"])

        def is_for_the_target():
            if (built / "program").read_bytes()[:20] != b"\x7fELF\x01\x01\x01" + 9 * b"\0" + b"\x02\0\x28\0":
                raise Failure("the program is none for a 32-bit Arm")

        setup = [meson, "setup", built, subproject_of(copied(folder, "checked")), "--cross-file", cross]
        follows_the_file(folder, setup, lambda env: run(meson, "compile", "-C", built, env=env), is_for_the_target, env)

    def meson_check_without_cli11(folder):
        """Who uses the generator is told what to install; who does not needs nothing (`subproject`)."""
        built, native = folder / "build", folder / "native.ini"
        native.write_text("[binaries]\npkg-config = 'false'\npkgconfig = 'false'\ncmake = 'false'\n")
        (copied(folder, "checked") / "model.onnx").touch()
        run(meson, "setup", built, subproject_of(folder), "--native-file", native, env=environment)
        try:
            run(meson, "compile", "-C", built, env=environment)
        except Failure as failure:
            if "CLI11 was not found" not in str(failure) or "install libcli11-dev" not in str(failure):
                raise
        else:
            raise Failure("a header is made without the program that makes it")

    def installed_check(folder):
        prefix, source, built = install(folder), copied(folder / "source", "checked", "checked_installed"), folder / "built"
        (prefix / "bin").mkdir(exist_ok=True)
        (prefix / "bin/constexport").symlink_to(Path(arguments.command).resolve())
        env = dict(
            environment,
            PKG_CONFIG_PATH=str(prefix / "share/pkgconfig"),
            PATH=f"{prefix}/bin:{os.environ['PATH']}",
            CXXFLAGS=f"-isystem {arguments.prefix}/usr/include",
        )
        setup = [meson, "setup", built, source]
        follows_the_file(source, setup, lambda env: run(meson, "compile", "-C", built, env=env), built / "program", env)

    def single_header(folder):
        copied(folder, "checked")
        flags = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-fno-rtti", "-DSINGLE_HEADER", "-DCHECKED_HERE", *boost]

        def build(env):
            run(arguments.command, "header", folder / "model.onnx", "-o", folder / "model_io.hpp", env=env)
            run(*compiler, *flags, folder / "app.cpp", folder / "other.cpp", "-o", folder / "program", env=env)

        setup = [sys.executable, root / "tools/single_header", "-o", folder / "constexport.hpp"]
        follows_the_file(folder, setup, build, folder / "program")

    def single_header_of_one_model(folder):
        run(sys.executable, root / "tools/single_header", "-o", folder / "bert.hpp", "constexport/models/bert.hpp")
        (folder / "bert.cpp").write_text('#include "bert.hpp"\n#include "bert.hpp"\nstatic_assert(constexport::BertOnnxConfig<>::model_type == "bert");\n')
        run(*compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", *boost, "-fsyntax-only", folder / "bert.cpp")

    def two_files(folder):
        run(
            *compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-DWITH_OTHER_FILE", f"-I{root}/include", *boost,
            HERE / "plain/consumer.cpp", HERE / "plain/consumer_other.cpp", "-o", folder / "program",
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
    case("as a Meson subproject", subproject)
    case("as a single header of one model", single_header_of_one_model)
    if arguments.command:
        case("checked against a file by CMake, installed", cmake_check, "cmake")
        case("by the lines for CMake in docs/checking.md", documented_cmake, "cmake")
        case("by the lines for Meson in docs/checking.md", documented_meson)
        case("checked against a file by Meson, as a subproject", meson_check)
        case("checked against a file by Meson, as a subproject, for another machine", meson_cross_check, "arm-none-eabi-g++")
        case("checked against a file by Meson, as a subproject, without CLI11", meson_check_without_cli11)
        case("checked against a file by Meson, installed", installed_check, "pkg-config")
        case("checked against a file, as a single header", single_header)
    case("in a program of two files", two_files)
    case("light layers without heap, exceptions, RTTI and streams", light, "nm")

    return finish()


if __name__ == "__main__":
    sys.exit(main())
