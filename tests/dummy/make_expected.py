"""make_expected.py: writes expected.hpp, the values that the tests compare dummy inputs with.

Written from the paper and from the documented layout, in another language and with other arithmetic (exact fractions)
than the library. Known answers of the generator itself are those of the authors' Random123 (tests/kat_vectors), checked
at the start.
"""

import struct
from fractions import Fraction
from pathlib import Path

MASK = 0xFFFFFFFF
ROTATIONS = [(10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20)]


def threefry(counter, key, rounds):
    """Salmon et al., SC'11, section 3: Threefry-4x32."""
    parity = 0x1BD11BDA
    for word in key:
        parity ^= word
    schedule = [*key, parity]
    x = [(c + k) & MASK for c, k in zip(counter, schedule)]
    for number in range(rounds):
        for low, high, distance in zip((0, 2), (1, 3) if number % 2 == 0 else (3, 1), ROTATIONS[number % 8]):
            x[low] = (x[low] + x[high]) & MASK
            x[high] = ((x[high] << distance | x[high] >> (32 - distance)) & MASK) ^ x[low]
        if number % 4 == 3:
            turn = number // 4 + 1
            x = [(word + schedule[(turn + i) % 5] + (turn if i == 3 else 0)) & MASK for i, word in enumerate(x)]
    return x


PI = [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0, 0x082EFA98, 0xEC4E6C89]
KNOWN = [
    (13, [0] * 4, [0] * 4, [0x531C7E4F, 0x39491EE5, 0x2C855A92, 0x3D6ABF9A]),
    (13, [MASK] * 4, [MASK] * 4, [0xC4189358, 0x1C9CC83A, 0xD5881C67, 0x6A0A89E0]),
    (13, PI[:4], PI[4:], [0x4AA71D8F, 0x734738C2, 0x431FC6A8, 0xAE6DEBF1]),
    (20, [0] * 4, [0] * 4, [0x9C6CA96A, 0xE17EAE66, 0xFC10ECD4, 0x5256A7D8]),
    (20, [MASK] * 4, [MASK] * 4, [0x2A881696, 0x57012287, 0xF6C7446E, 0xA16A6732]),
]
for rounds, counter, key, answer in KNOWN:
    assert threefry(counter, key, rounds) == answer


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def identity(name):
    """FNV-1a, 64 bits."""
    return fnv(name.encode())


def word(seed, name, index, plane=0):
    hashed = identity(name)
    group, within = divmod(index, 64)
    which, lane = divmod(within, 16)
    block = group * 16 + lane
    key = [seed & MASK, seed >> 32, hashed & MASK, hashed >> 32]
    return threefry([block & MASK, block >> 32, plane, 0], key, 12)[which]


def integer(seed, name, index, lower, upper):
    count = upper - lower
    if count <= 2**32:
        return lower + (word(seed, name, index) * count >> 32)
    return lower + ((word(seed, name, index) << 32 | word(seed, name, index, 1)) * count >> 64)


def real(seed, name, index, lower, upper, digits):
    """The grid of multiples of a power of two that a significand of `digits` bits holds."""
    step = Fraction(2) ** ((max(abs(lower), abs(upper)) - 1).bit_length() - digits)
    first = -(-Fraction(lower) // step)
    count = -(-Fraction(upper) // step) - first
    bits = word(seed, name, index)
    if digits == 53:
        point = (bits << 32 | word(seed, name, index, 1)) * count >> 64
    else:
        point = bits * count >> 32
    return (first + point) * step


def element_bytes(kind, index):
    """Element `index` of a tensor "x" with the range that KINDS says, in memory."""
    layout, digits, lower, upper = KINDS[kind]
    if digits is None:
        return struct.pack("<" + layout, integer(SEED, "x", index, lower, upper))
    value = float(real(SEED, "x", index, lower, upper, digits))
    if kind == "bfloat16":
        return struct.pack("<f", value)[2:]
    return struct.pack("<" + layout, value)


KINDS = {
    "float32": ("f", 24, -1, 1),
    "float64": ("d", 53, 0, 1),
    "float16": ("e", 11, -3, 7),
    "bfloat16": ("f", 8, 0, 1),
    "bool": ("?", None, 0, 2),
    "int8": ("b", None, -128, 128),
    "int16": ("h", None, -3, 1000),
    "int32": ("i", None, 0, 50257),
    "int64": ("q", None, 0, 2**40),
    "uint8": ("B", None, 0, 256),
    "uint16": ("H", None, 0, 65536),
    "uint32": ("I", None, 0, 2**32),
    "uint64": ("Q", None, 1, 2**62),
}
SLICE = (37, 37 + 1000)


def c_array(kind, name, values):
    return f"inline constexpr {kind} {name}[] = {{{', '.join(values)}}};\n"


SEED = 0x0123456789ABCDEF
INDICES = list(range(8)) + [15, 16, 63, 64, 65, 1023, 1024, 99999, 2**36 + 5]
TEXT = '''/// Made by make_expected.py; do not edit.
#pragma once

#include <cstdint>

namespace expected {

'''
TEXT += c_array("std::uint64_t", "indices", [f"{i}u" for i in INDICES])
TEXT += f"inline constexpr std::uint64_t seed = {SEED:#x}u;\n"
TEXT += c_array("std::uint32_t", "words", [f"{word(SEED, 'x', i):#x}u" for i in INDICES])
TEXT += c_array("std::int64_t", "ids", [str(integer(SEED, "x", i, 0, 30522)) for i in INDICES])
TEXT += c_array("std::int64_t", "wide_ids", [str(integer(SEED, "x", i, -5, 2**40)) for i in INDICES])
for kind, suffix, digits in (("float", "f", 24), ("double", "", 53), ("float", "f", 11), ("float", "f", 8)):
    name = {24: "float32", 53: "float64", 11: "float16", 8: "bfloat16"}[digits]
    for label, lower, upper in (("unit", 0, 1), ("symmetric", -1, 1), ("box", 3, 640)):
        values = [float(real(SEED, "x", i, lower, upper, digits)) for i in INDICES]
        TEXT += c_array(kind, f"{name}_{label}", [value.hex() + suffix for value in values])
TEXT += f"inline constexpr std::uint64_t identity_of_layer_11 = {identity('past_key_values.11.key'):#x}u;\n"
TEXT += "\n// FNV-1a of the bytes of elements 37 to 1036, in the ranges that bytes.cpp has.\n"
for kind in KINDS:
    TEXT += f"inline constexpr std::uint64_t hash_of_{kind} = {fnv(b''.join(element_bytes(kind, i) for i in range(*SLICE))):#x}u;\n"
TEXT += "\n}  // namespace expected\n"

if __name__ == "__main__":
    Path(__file__).with_name("expected.hpp").write_text(TEXT, encoding="utf-8")
