"""c_header_test.py PROGRAM CC: a C program reads what `constexport emit c-dummy-inputs` writes.

The elements are those that tests/dummy/make_expected.py computes by itself.
"""

import pathlib
import struct
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(TESTS / "tools"), str(TESTS / "dummy")]
from command import run  # noqa: E402
from make_expected import integer, real  # noqa: E402

PROGRAM = """
#include "gpt2_io.h"
#include <stdio.h>
static gpt2_all_inputs_t inputs;
static gpt2_all_outputs_t outputs;
int main(void) {
  int64_t const shape[GPT2_PAST_KEY_VALUES_1_VALUE_RANK] = GPT2_PAST_KEY_VALUES_1_VALUE_SHAPE;
  printf("%s %d %d %d %d\\n", GPT2_PAST_KEY_VALUES_1_VALUE_NAME, (int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3]);
  printf("%d %d %d\\n", GPT2_ALL_INPUTS, GPT2_ALL_OUTPUTS, (int)(sizeof inputs.past_key_values_0_key / sizeof(float)));
  printf("%d\\n", (int)(sizeof outputs.logits / sizeof(float)));
  for (int i = 0; i < GPT2_INPUT_IDS_SIZE; ++i) printf("%ld ", (long)gpt2_input_ids_dummy[i / 3][i % 3]);
  printf("\\n");
  float const* const past = &gpt2_past_key_values_1_value_dummy[0][0][0][0];
  for (int i = 0; i < GPT2_PAST_KEY_VALUES_1_VALUE_SIZE; ++i) printf("%a ", past[i]);
  printf("\\n");
  return 0;
}
"""
MODEL = ["--model-type", "gpt2", "--task", "text-generation-with-past"]


def main():
    with tempfile.TemporaryDirectory() as folder:
        return check(*sys.argv[1:], pathlib.Path(folder))


def check(program, compiler, folder):
    problems = []
    config = folder / "config.json"
    config.write_text('{"model_type": "gpt2", "n_layer": 2, "n_head": 12, "n_embd": 768, "vocab_size": 50257}', encoding="utf-8")
    model = [*MODEL, "--config", str(config)]
    arguments = ["--axis", "batch_size=2", "--axis", "sequence_length=3", "--axis", "past_sequence_length=4", "--name", "gpt2"]
    code, header, err = run(program, "emit", "c-dummy-inputs", *model, *arguments)
    if code:
        print(err)
        return 1
    source = folder / "main.c"
    source.write_text(PROGRAM, encoding="utf-8")
    (folder / "gpt2_io.h").write_text(header, encoding="utf-8")
    flags = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-Wno-unused-const-variable"]
    subprocess.run([compiler, *flags, source, "-o", folder / "program"], check=True)
    lines = subprocess.run([folder / "program"], capture_output=True, text=True, check=True).stdout.splitlines()

    layers = 2
    heading = ["past_key_values.1.value 2 12 4 64", f"{3 + 2 * layers} {1 + 2 * layers} {2 * 12 * 4 * 64}", str(2 * 3 * 50257)]
    if lines[:3] != heading:
        problems.append(f"names, shapes and sizes: {lines[:3]}")
    if [int(text) for text in lines[3].split()] != [integer(0, "input_ids", i, 0, 50257) for i in range(6)]:
        problems.append(f"input_ids: {lines[3]}")
    found = [float.fromhex(text) for text in lines[4].split()]
    expected = [float(real(0, "past_key_values.1.value", i, 0, 1, 24)) for i in range(2 * 12 * 4 * 64)]
    if found != expected or found != [struct.unpack("f", struct.pack("f", value))[0] for value in found]:
        problems.append(f"past_key_values.1.value: {found[:4]} for {expected[:4]}")

    for given, words in (
        (["--name", "my-model"], ['"my-model" is no identifier']),
        (["--axis", "batch_size=64"], ["more than a million elements"]),
    ):
        code, out, err = run(program, "emit", "c-dummy-inputs", *model, *given)
        if code != 2 or out or any(word not in err for word in words):
            problems.append(f"{given}: {code} {err}")
    for problem in problems:
        print(problem)
    print(f"{len(found)} elements compared" if not problems else f"{len(problems)} failed")
    return 1 if problems else 0


sys.exit(main())
