"""generated_c.py --root DIR --prefix DEPS --command CONSTEXPORT -- COMPILER...: C that was made of a pinned ONNX file.

`constexport pin` fixes the axes of a file, emx-onnx-cgen makes C of it, and `constexport emit c-header --test-data` a
header. An emulated Cortex-M4 compares what that C computes with what the file gave before it was pinned. COMPILER makes
a host program that writes a file. Cases whose program is missing are skipped, and counted as such. The last line is
`N passed, N failed[, N skipped]`.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from firmware import CORTEX, CROSS, EMULATOR, TARGET, boost_folder, emulate, run, sections  # noqa: E402
from outcomes import Failure, case, finish  # noqa: E402

HERE = Path(__file__).parent
GENERATOR = "emx-onnx-cgen"
# Temporaries on the stack, weights among the constants: no heap, no file.
GENERATE = ["compile", "--large-temp-threshold", "0", "--large-weight-threshold", "0"]
# As examples/firmware/compare.c, for any number of tensors.
COMPARISON = """
#include "network.c"
#include "network_io.h"
#include <math.h>

void network(PARAMETERS);

static inline int differ_real(float const* found, float const* expected, int size) {
  int count = 0;
  for (int i = 0; i < size; ++i) count += !(fabsf(found[i] - expected[i]) <= 1e-5f + 1e-5f * fabsf(expected[i]));
  return count;
}
static inline int differ(void const* found, void const* expected, unsigned long size) {
  unsigned char const *a = found, *b = expected;
  int count = 0;
  for (unsigned long i = 0; i < size; ++i) count += a[i] != b[i];
  return count;
}
int count_differences(void) {
  static network_all_outputs_t outputs;
  network(ARGUMENTS);
  return COUNTS;
}
"""


def comparison(header):
    """A program for the tensors of a header."""
    tensors = re.findall(r"^typedef (\w+) network_(\w+)_t\[", header, re.M)
    given = [name for _, name in tensors if f" network_{name}_test = " in header]
    outputs = [(type_, name) for type_, name in tensors if f" network_{name}_expected = " in header]
    assert len(tensors) == len(given) + len(outputs)
    parameters = [f"const network_{name}_t {name}" for name in given] + [f"network_{name}_t {name}" for _, name in outputs]
    arguments = [f"network_{name}_test" for name in given] + [f"outputs.{name}" for _, name in outputs]
    counts = []
    for type_, name in outputs:
        found, wanted = f"outputs.{name}", f"network_{name}_expected"
        if type_ == "float":
            counts.append(f"differ_real((float const*){found}, (float const*){wanted}, NETWORK_{name.upper()}_SIZE)")
        else:
            counts.append(f"differ({found}, {wanted}, sizeof {found})")
    return COMPARISON.replace("PARAMETERS", ", ".join(parameters)).replace("ARGUMENTS", ", ".join(arguments)).replace("COUNTS", " + ".join(counts))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--prefix", type=Path, required=True)
    parser.add_argument("--command", required=True)
    parser.add_argument("compiler", nargs="+")
    arguments = parser.parse_args()
    example = arguments.root / "examples/firmware"
    # The compiler stands beside the Python that it is installed in.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def command(*words):
        return run(arguments.command, *words)

    def prepare(folder, network, name):
        """Everything that is made of a network, in `folder`; returns who gave the expected outputs."""
        import networks

        made, fed, sizes = network
        (folder / "dynamic.onnx").write_bytes(made.SerializeToString())
        results, by = networks.expected(made, fed)
        networks.write_test_data(folder / "test_data_set_0", made, fed, results)
        command("pin", folder / "dynamic.onnx", "-o", folder / "pinned.onnx", *(f"{axis}={size}" for axis, size in sizes.items()))
        # Generated code is not ours: in a folder of its own it has no warnings.
        (folder / "generated").mkdir()
        run(GENERATOR, *GENERATE, "--model-name", name, folder / "pinned.onnx", folder / f"generated/{name}.c")
        write_header(folder, name)
        return by

    def write_header(folder, name, file="pinned.onnx"):
        command("emit", "c-header", "--contract", folder / file, "--test-data", folder / "test_data_set_0", "--name", name, "-o", folder / f"{name}_io.h")
        return (folder / f"{name}_io.h").read_text(encoding="utf-8")

    def build(folder, source):
        run(CROSS + "gcc", *CORTEX, "-std=c11", f"-I{folder}", "-isystem", folder / "generated", "-c", source, "-o", folder / "compare.o")
        image = folder / "compare.elf"
        run(
            CROSS + "g++", *TARGET, folder / "compare.o", example / "run_compare.cpp", example / "numbers.cpp", example / "board.cpp",
            "-nostartfiles", "-T", example / "cortex_m4.ld", "-Wl,--gc-sections", "-lm", "-o", image,
        )  # fmt: skip
        return image

    def count(image):
        return int(emulate(image, may_fail=True).splitlines()[0].removesuffix(" differences"))

    def reproduces(folder, network, name="network", source=None):
        by = prepare(folder, network, name)
        header = (folder / f"{name}_io.h").read_text(encoding="utf-8")
        if source is None:
            source = folder / "compare.c"
            source.write_text(comparison(header), encoding="utf-8")
        image = build(folder, source)
        if differences := count(image):
            raise Failure(f"{differences} elements differ from {by}")
        # The sizes of the data fix the axes of the dynamic file as pin does.
        if write_header(folder, name, "dynamic.onnx") != header:
            raise Failure("the header of the dynamic file is another one")
        sizes = sections(image)
        print(f"{name if name != 'network' else network[0].graph.name}: as {by}; {sizes['.text']} bytes of code, {sizes['.rodata']} of constants")

    def random():
        import numpy

        return numpy.random.default_rng(1)

    def of(name):
        def body(folder):
            import networks

            reproduces(folder, getattr(networks, name)(random()))

        return body

    def the_example(folder):
        import networks

        reproduces(folder, networks.classifier(random()), "classifier", example / "compare.c")

    def with_cache(folder):
        import networks

        boost = boost_folder(arguments.prefix)
        hana = ["-isystem", boost] if boost and boost != Path("/usr/include") else []
        include = [f"-I{arguments.root / 'include'}", f"-I{arguments.root / 'examples/decoding'}"]
        run(*arguments.compiler, "-std=c++20", *include, *hana, HERE / "write_gpt2.cpp", "-o", folder / "write_gpt2")
        (folder / "gpt2.onnx").write_bytes(subprocess.run([folder / "write_gpt2"], capture_output=True, check=True).stdout)
        reproduces(folder, networks.gpt2(random(), folder / "gpt2.onnx"))

    def notices(folder):
        import networks

        made, fed, sizes = networks.classifier(random())
        prepare(folder, (made, fed, sizes), "classifier")
        results, _ = networks.expected(made, fed)
        results[0][0, 3] += 1e-4
        results[0][0, 9] = float("nan")
        networks.write_test_data(folder / "test_data_set_0", made, fed, results)
        write_header(folder, "classifier")
        if (differences := count(build(folder, example / "compare.c"))) != 2:
            raise Failure(f"{differences} differences found where 2 were made")
        # A network of another size than the header's.
        command("pin", folder / "dynamic.onnx", "-o", folder / "pinned.onnx", "batch=1", "height=16", "width=16")
        run(GENERATOR, *GENERATE, "--model-name", "classifier", folder / "pinned.onnx", folder / "generated/classifier.c")
        try:
            build(folder, example / "compare.c")
        except Failure as failure:
            if "conflicting types for 'classifier'" not in str(failure).replace("‘", "'").replace("’", "'"):
                raise
        else:
            raise Failure("a network of another shape than the header's compiles")

    needed = [GENERATOR, CROSS + "gcc", EMULATOR]
    case("the example's convolutions, in C, give the expected outputs", the_example, *needed)
    case("a perceptron with outputs of four dtypes", of("perceptron"), *needed)
    case("attention with a mask", of("attention"), *needed)
    case("GPT-2 with a key/value cache", with_cache, *needed)
    case("other outputs and other shapes are noticed", notices, *needed)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
