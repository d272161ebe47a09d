/// core/dtype.hpp: the element types of ONNX tensors.
///
/// Room: core. Includes freestanding standard headers only. Everything that handles tensors depends on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace constexport {

/// Element type of a tensor. The values are those of `TensorProto.DataType` (onnx.proto).
enum class dtype : std::int32_t {
  undefined = 0,
  float32 = 1,
  uint8 = 2,
  int8 = 3,
  uint16 = 4,
  int16 = 5,
  int32 = 6,
  int64 = 7,
  string = 8,
  boolean = 9,
  float16 = 10,
  float64 = 11,
  uint32 = 12,
  uint64 = 13,
  complex64 = 14,
  complex128 = 15,
  bfloat16 = 16,
  float8e4m3fn = 17,
  float8e4m3fnuz = 18,
  float8e5m2 = 19,
  float8e5m2fnuz = 20,
  uint4 = 21,
  int4 = 22,
  float4e2m1 = 23,
  float8e8m0 = 24,
  uint2 = 25,
  int2 = 26,
};

namespace detail {

struct dtype_row {
  dtype type;
  std::string_view name;     // as NumPy and LibTorch spell it
  std::uint8_t bits;         // 0: no fixed size
  std::uint8_t since_opset;  // first ai.onnx opset whose Cast and Constant accept it
  bool floating;
};

inline constexpr dtype_row dtype_rows[] = {
    {dtype::undefined, "undefined", 0, 1, false},
    {dtype::float32, "float32", 32, 1, true},
    {dtype::uint8, "uint8", 8, 1, false},
    {dtype::int8, "int8", 8, 1, false},
    {dtype::uint16, "uint16", 16, 1, false},
    {dtype::int16, "int16", 16, 1, false},
    {dtype::int32, "int32", 32, 1, false},
    {dtype::int64, "int64", 64, 1, false},
    {dtype::string, "string", 0, 1, false},
    {dtype::boolean, "bool", 8, 1, false},
    {dtype::float16, "float16", 16, 1, true},
    {dtype::float64, "float64", 64, 1, true},
    {dtype::uint32, "uint32", 32, 1, false},
    {dtype::uint64, "uint64", 64, 1, false},
    {dtype::complex64, "complex64", 64, 1, false},
    {dtype::complex128, "complex128", 128, 1, false},
    {dtype::bfloat16, "bfloat16", 16, 13, true},
    {dtype::float8e4m3fn, "float8_e4m3fn", 8, 19, true},
    {dtype::float8e4m3fnuz, "float8_e4m3fnuz", 8, 19, true},
    {dtype::float8e5m2, "float8_e5m2", 8, 19, true},
    {dtype::float8e5m2fnuz, "float8_e5m2fnuz", 8, 19, true},
    {dtype::uint4, "uint4", 4, 21, false},
    {dtype::int4, "int4", 4, 21, false},
    {dtype::float4e2m1, "float4_e2m1", 4, 23, true},
    {dtype::float8e8m0, "float8_e8m0", 8, 24, true},
    {dtype::uint2, "uint2", 2, 25, false},
    {dtype::int2, "int2", 2, 25, false},
};

constexpr dtype_row const& row_of(dtype type) {
  auto const index = static_cast<std::size_t>(type);
  return dtype_rows[index < sizeof dtype_rows / sizeof *dtype_rows ? index : 0];
}

}  // namespace detail

/// Name of an element type, as LibTorch and NumPy spell it: "int64", "bool".
constexpr std::string_view name_of(dtype type) { return detail::row_of(type).name; }

/// Bits of one element; 0 where elements have no fixed size (string, undefined).
constexpr std::size_t bits_of(dtype type) { return detail::row_of(type).bits; }

/// Bytes of `count` elements; types of fewer than 8 bits are packed, the last byte is padded (IR specification).
constexpr std::size_t bytes_of(dtype type, std::size_t count) { return (bits_of(type) * count + 7) / 8; }

/// Does the type hold real numbers with a fraction?
constexpr bool is_floating(dtype type) { return detail::row_of(type).floating; }

/// Is `type` in the type lists of the ai.onnx operator set `opset`?
constexpr bool available_in(dtype type, int opset) {
  return type != dtype::undefined && detail::row_of(type).since_opset <= opset;
}

}  // namespace constexport
