"""test_data_test.py PROGRAM CC CXX...: test data as constants of C, of every type that has one, and what is refused.

The files are encoded here, byte by byte, in every way that TensorProto has; a program in C says the bytes of its constants.
The sets that the `onnx` package ships are compared with what it reads, where this Python has it.
"""

import json
import math
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(TESTS / "tools"))
from command import run  # noqa: E402
from outcomes import Failure, case, check, finish  # noqa: E402

# Number in TensorProto.DataType, format of struct, the field that holds elements that are not raw.
FLOATS, INT32S, INT64S, DOUBLES, UINT64S, RAW = 4, 5, 7, 10, 11, 9
DTYPES = {
    "float32": (1, "f", FLOATS), "uint8": (2, "B", INT32S), "int8": (3, "b", INT32S), "uint16": (4, "H", INT32S),
    "int16": (5, "h", INT32S), "int32": (6, "i", INT32S), "int64": (7, "q", INT64S), "bool": (9, "?", INT32S),
    "float16": (10, "H", INT32S), "float64": (11, "d", DOUBLES), "uint32": (12, "I", UINT64S),
    "uint64": (13, "Q", UINT64S), "bfloat16": (16, "H", INT32S),
}  # fmt: skip
NAN, INFINITY = math.nan, math.inf
# Six of each: the ends of the type, and what a literal may lose. Short floats are bits: -0, NaN, infinity, subnormal.
ELEMENTS = {
    "float32": [-0.0, NAN, INFINITY, -INFINITY, struct.unpack("f", b"\1\0\0\0")[0], struct.unpack("f", b"\xff\xff\x7f\x7f")[0]],
    "float64": [-0.0, NAN, INFINITY, -INFINITY, 5e-324, 1.7976931348623157e308],
    "float16": [0x8000, 0x7E01, 0x7C00, 0xFC00, 0x0001, 0x3C00],
    "bfloat16": [0x8000, 0x7FC1, 0x7F80, 0xFF80, 0x0001, 0x3F80],
    "bool": [True, False, False, True, True, False],
    **{f"int{bits}": [-(1 << (bits - 1)), (1 << (bits - 1)) - 1, -1, 0, 1, 7] for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": [0, (1 << bits) - 1, 1 << (bits - 1), 1, 2, 3] for bits in (8, 16, 32, 64)},
}


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def text(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(dtype, shape, elements, name="", way="raw"):
    """A TensorProto; `way`: raw, packed (as protobuf packs numbers), or single (each under its own tag)."""
    number, letter, field = DTYPES[dtype]
    is_real = field in (FLOATS, DOUBLES)
    out = b"".join(varint(1 << 3) + varint(size) for size in shape) + varint(2 << 3) + varint(number)
    each = [struct.pack("<" + letter, value) if is_real or way == "raw" else varint(int(value)) for value in elements]
    if way == "single":
        tag = varint(field << 3 | {FLOATS: 5, DOUBLES: 1}.get(field, 0))
        out += b"".join(tag + data for data in each)
    else:
        out += text(RAW if way == "raw" else field, b"".join(each))
    return out + (text(8, name.encode()) if name else b"")


CONTRACT = {
    "inputs": [
        {"name": "ids", "dtype": "int64", "dims": ["batch", "length"]},
        {"name": "mask", "dtype": "bool", "dims": ["batch", "past + length"]},
        {"name": "cache", "dtype": "float16", "dims": ["batch", "past", 2]},
        *({"name": f"in.{name}", "dtype": name, "dims": [3, "pairs"]} for name in DTYPES),
        {"name": "scale", "dtype": "float32", "dims": []},
    ],
    "outputs": [{"name": "logits", "dtype": "float32", "dims": ["batch", "length", 4]}, {"name": "rows", "dtype": "int32", "dims": ["2 * rows"]}],
    "axes": {
        "past": {"min": 0, "max": 6}, "length": {"multiple": 3}, "batch": {}, "pairs": {}, "rows": {"free": True, "min": 1},
    },
}  # fmt: skip
LOGITS = [(index - 11) / 7 for index in range(2 * 3 * 4)]


def files_of(way):
    """By name: of two rows of three, without a cache."""
    files = [
        tensor("int64", [2, 3], range(6), "ids", way),
        tensor("bool", [2, 3], [True] * 6, "", way),
        tensor("float16", [2, 0, 2], [], "", way),
        *(tensor(name, [3, 2], ELEMENTS[name], f"in.{name}", way) for name in DTYPES),
        tensor("float32", [], [-0.0], "", way),
    ]
    return {
        **{f"input_{index}.pb": data for index, data in enumerate(files)},
        "output_0.pb": tensor("float32", [2, 3, 4], LOGITS, "logits", way),
        "output_1.pb": tensor("int32", [4], [4, 5, 6, 7], "rows", way),
    }


# Everything that is compared: the name of the constant, the format of its elements, and the elements.
EXPECTED = {
    "io_ids_test": ("q", list(range(6))),
    "io_mask_test": ("?", [True] * 6),
    "io_cache_test": ("H", [0]),  # C has no array without elements
    **{f"io_in_{name}_test": (DTYPES[name][1], ELEMENTS[name]) for name in DTYPES},
    "io_scale_test": ("f", [-0.0]),
    "io_logits_expected": ("f", LOGITS),
    "io_rows_expected": ("i", [4, 5, 6, 7]),
}
PROGRAM = """
#include "io.h"
#include <stdio.h>
static void show(char const* name, void const* data, unsigned long size) {
  unsigned char const* bytes = (unsigned char const*)data;
  printf("%s ", name);
  for (unsigned long i = 0; i < size; ++i) printf("%02x", bytes[i]);
  printf("\\n");
}
/* The type says the shape. */
static float last(io_logits_t const logits) { return logits[1][2][3]; }
int main(void) {
  int const sizes[IO_LOGITS_RANK] = IO_LOGITS_SHAPE;
  printf("%d %d %d %d %.1f\\n", IO_CACHE_SIZE, sizes[0], sizes[1], sizes[2], (double)last(io_logits_expected) * 7);
SHOWN  return 0;
}
"""
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
LANGUAGES = {"C99": ["-x", "c", "-std=c99", "-Wconversion"], "C11": ["-x", "c", "-std=c11"], "C++17": ["-x", "c++", "-std=c++17"]}


def write(folder, files):
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def same(letter, data, elements):
    found = struct.unpack(f"<{len(elements)}{letter}", data)
    bits = b"".join(struct.pack("<" + letter, value) for value in elements)
    if letter not in "fd" or not any(math.isnan(value) for value in elements):
        return data == bits
    return all(a == b and math.copysign(1, a) == math.copysign(1, b) or math.isnan(a) and math.isnan(b) for a, b in zip(found, struct.unpack(f"<{len(elements)}{letter}", bits)))


def main():
    program, compilers = sys.argv[1], {"C99": sys.argv[2:3], "C11": sys.argv[2:3], "C++17": sys.argv[3:]}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        contract = folder / "contract.json"
        contract.write_text(json.dumps(CONTRACT), encoding="utf-8")

        def emit(data, *more):
            return run(program, "emit", "c-header", "--contract", str(contract), "--test-data", str(data), "--name", "io", *more)

        headers = {}
        for way in ("raw", "packed", "single"):
            code, headers[way], err = emit(write(folder / way, files_of(way)))
            check(f"{way}: written", code == 0, err)
        check("one header, however elements are stored", len(set(headers.values())) == 1)
        (folder / "io.h").write_text(headers["raw"], encoding="utf-8")
        shown = "".join(f'  show("{name}", {name}, sizeof {name});\n' for name in EXPECTED)
        (folder / "main.c").write_text(PROGRAM.replace("SHOWN", shown), encoding="utf-8")
        for language, flags in LANGUAGES.items():
            made = subprocess.run([*compilers[language], *flags, *STRICT, folder / "main.c", "-o", folder / "program"], capture_output=True, text=True, check=False)
            check(f"{language}: compiles", made.returncode == 0, made.stderr[:2000])
            if made.returncode:
                continue
            heading, *lines = subprocess.run([folder / "program"], capture_output=True, text=True, check=True).stdout.splitlines()
            check(f"{language}: sizes", heading == "0 2 3 4 12.0", heading)
            for line in lines:
                name, data = line.split()
                letter, elements = EXPECTED[name]
                check(f"{language}: {name}", len(data) == 2 * struct.calcsize(f"<{len(elements)}{letter}") and same(letter, bytes.fromhex(data), elements), data)

        refused(folder, emit)
        damaged(folder, emit)
        code, out, err = run(program, "emit", "triton", "--contract", str(contract), "--test-data", str(folder / "raw"))
        case("the sets that the onnx package ships", lambda folder: shipped(program, folder), packages=["onnx"])
        check("of other formats", code == 2 and not out and "--test-data goes with c-header" in err, err)
    return finish()


def refused(folder, emit):
    whole = files_of("raw")
    rows = [True] * 10
    cases = {
        "an input is missing": ({"input_16.pb": None}, [], ['before input 16 of the contract, "scale"']),
        "an output is missing": ({"output_1.pb": None}, [], ['before output 1 of the contract, "rows"']),
        "one input too many": ({"input_17.pb": whole["input_0.pb"]}, [], ["input_17.pb: the contract has 17 inputs"]),
        "another tensor": ({"input_1.pb": tensor("bool", [2, 3], [True] * 6, "msk")}, [], ['input_1.pb: this is "msk", but input 1 of the contract is "mask"']),
        "another dtype": ({"input_0.pb": tensor("int32", [2, 3], range(6))}, [], ['input_0.pb: "ids" is int32, but the contract says int64']),
        "another rank": ({"input_0.pb": tensor("int64", [6], range(6))}, [], ['"ids" has 1 dimensions, but the contract says 2']),
        "a fixed size": ({"output_0.pb": tensor("float32", [2, 3, 5], range(30))}, [], ['output_0.pb: "logits"[2] is 5, but the contract says 4']),
        "an axis": ({"output_0.pb": tensor("float32", [1, 3, 4], range(12))}, [], ['output_0.pb: "logits"[0] is 1, but batch is 2, by "ids"[0]']),
        "an expression": (
            {"input_1.pb": tensor("bool", [2, 5], rows)},
            [],
            ['input_1.pb: "mask"[1] is 5, but past + length is 3: ', 'past is 0, by "cache"[1]', 'length is 3, by "ids"[1]'],
        ),
        "no such size": ({"output_1.pb": tensor("int32", [3], range(3))}, [], ['"rows"[0] is 3, but 2 * rows is no size: rows is not known']),
        "a size out of range": (
            {"input_0.pb": tensor("int64", [2, 4], range(8)), "input_1.pb": tensor("bool", [2, 4], rows[:8]), "output_0.pb": tensor("float32", [2, 4, 4], range(32))},
            [],
            ['length is 4, by "ids"[1], but it must be at least 3, a multiple of 3'],
        ),
        "a size that was given": ({}, ["--axis", "batch=4"], ['"ids"[0] is 2, but batch is 4']),
        "a negative size": ({"input_2.pb": tensor("float16", [2, -1, 2], [])}, [], ['past is -1, by "cache"[1]', '"mask"[1] is 3']),
        "too few elements": ({"input_0.pb": tensor("int64", [2, 3], range(5))}, [], ['input_0.pb: "ids": a tensor has more or fewer elements']),
        "too many elements": ({"input_0.pb": tensor("int64", [2, 3], range(7))}, [], ['"ids": a tensor has more or fewer elements']),
        "a number that is no element": ({"input_1.pb": tensor("bool", [2, 3], [2] * 6, way="packed")}, [], ['"mask": this number is smaller or larger']),
        "a byte that is no element": ({"input_1.pb": tensor("uint8", [2, 3], [2] * 6).replace(b"\x10\2", b"\x10\x09")}, [], ['"mask": this number']),
        "elements elsewhere": ({"input_0.pb": tensor("int64", [2, 3], []) + varint(14 << 3) + varint(1)}, [], ['"ids" lie in another file']),
        "no protobuf": ({"output_0.pb": b"no protobuf"}, [], ["output_0.pb: ", "at byte"]),
        "an empty file": ({"output_0.pb": b""}, [], ['"logits" is undefined, but the contract says float32']),
        "no folder": ({name: None for name in whole}, [], ["no input_0.pb or output_0.pb"]),
    }  # fmt: skip
    for number, (what, (changed, more, words)) in enumerate(cases.items()):
        files = {name: data for name, data in {**whole, **changed}.items() if data is not None}
        code, out, err = emit(write(folder / f"refused_{number}", files), *more)
        check(what, code == 2 and not out and all(word in err for word in words) and err.count("\n") == 1, f"{code} {err}")
    large = {**whole, "input_0.pb": tensor("int64", [2, 3 << 18], bytes(3 << 19))}
    large["input_1.pb"] = tensor("bool", [2, 3 << 18], bytes(3 << 19))
    large["output_0.pb"] = tensor("float32", [2, 3 << 18, 4], bytes(3 << 21))
    code, out, err = emit(write(folder / "large", large))
    check("more than a header holds", code == 2 and not out and "more than a million elements" in err, f"{code} {err}")


def damaged(folder, emit):
    """Every cut and many changed bytes: a header, or one line that says what is wrong."""
    whole = tensor("int64", [2, 3], range(6), "ids", "packed")
    copies = [whole[:size] for size in range(len(whole))]
    copies += [whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :] for at in range(len(whole)) for bit in (0, 3, 7)]
    data, written, bad = write(folder / "damaged", files_of("raw")), 0, []
    for copy in copies:
        (data / "input_0.pb").write_bytes(copy)
        code, out, err = emit(data)
        written += code == 0
        if code == 0 and not out or code != 0 and (code != 2 or out or err.count("\n") != 1):
            bad.append(f"{copy.hex()}: {code} {err}")
    check("damaged files", not bad and written < len(copies) // 2, "\n".join(bad[:5]) or f"{written} of {len(copies)} written")


def shipped(program, folder):
    import numpy
    import onnx
    from onnx import numpy_helper

    header, number = folder / "io.h", {"NAN": NAN, "INFINITY": INFINITY, "-INFINITY": -INFINITY, "INT64_MIN": -(1 << 63)}
    written, problems, sets = 0, [], sorted((pathlib.Path(onnx.__file__).parent / "backend/test/data").glob("*/*/test_data_set_*"))
    for data in sets:
        code, _, err = run(program, "emit", "c-header", "--contract", str(data.parent / "model.onnx"), "--test-data", str(data), "-o", str(header))
        if code != 0:
            # What is no array of C, or not so many elements; a size that the file leaves open or that is 0 where none is.
            if code != 2 or not re.search(r"no type of C|holds strings|million elements|leaves it open|must be at least 1|cannot be described", err):
                problems.append(f"{data.parent.name}: {code} {err}")
            continue
        written += 1
        constants = re.findall(r"^static const model_\w+_t \w+_(test|expected) = \{\n(.*?)^\};", header.read_text(encoding="utf-8"), re.M | re.S)
        files = [data / f"{kind}_{index}.pb" for kind in ("input", "output") for index in range(len(list(data.glob(f"{kind}_*.pb"))))]
        for file, (_, text_of_all) in zip(files, constants, strict=True):
            expected = numpy_helper.to_array(onnx.load_tensor(file)).ravel()
            words = re.findall(r"[^\s{},]+", text_of_all)
            values = [number[word] if word in number else float.fromhex(word.rstrip("f")) if "." in word or "p" in word else int(word.rstrip("u"), 0) for word in words]
            if expected.size and not numpy.array_equal(numpy.array(values, expected.dtype), expected, equal_nan=expected.dtype.kind == "f"):
                problems.append(f"{file}: {values[:8]} for {expected[:8]}")
    if problems or written < len(sets) // 2:
        raise Failure(f"{written} of {len(sets)} written\n  " + "\n  ".join(problems[:10]))
    print(f"the onnx package's sets: {written} of {len(sets)} written, the others refused")


if __name__ == "__main__":
    sys.exit(main())
