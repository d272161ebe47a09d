/// onnx/tensor_elements.hpp: the elements of a stored tensor, in whichever field they are.
///
/// Room: onnx. Includes core's dtypes and freestanding standard headers; no heap, no exceptions. The one place that
/// reads weights: reader.hpp leaves them alone. Source: onnx/onnx.in.proto, TensorProto.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/onnx/cursor.hpp>
#include <constexport/onnx/tensor_view.hpp>
#include <constexport/onnx/validate.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport::wire {

/// A TensorProto that is a file of its own (test data), or why there is none.
struct tensor_file_view {
  read_status status;
  stored_tensor tensor;
  constexpr explicit operator bool() const { return static_cast<bool>(status); }
};

/// Reads the bytes of such a file; the tensor is views into them.
constexpr tensor_file_view read_tensor(std::string_view bytes) {
  tensor_file_view result;
  result.status = detail::check_message(bytes, 0, detail::kind::tensor, 0);
  field whole;
  whole.bytes = bytes;
  if (result) result.tensor = stored_tensor::read(whole);
  return result;
}

namespace detail {

// Where elements stand that are not in raw_data; the numbers there take `width` bytes, those of varints `bits_of`.
struct number_storage {
  field_number field;
  std::size_t width;
  bool is_varint;
};

constexpr number_storage storage_of(dtype type) {
  switch (type) {
    case dtype::float32:
    case dtype::complex64:
      return {tensor_field::float_data, 4, false};
    case dtype::float64:
    case dtype::complex128:
      return {tensor_field::double_data, 8, false};
    case dtype::int64:
      return {tensor_field::int64_data, 8, true};
    case dtype::uint32:
    case dtype::uint64:
      return {tensor_field::uint64_data, bits_of(type) / 8, true};
    default:
      return {tensor_field::int32_data, bits_of(type) / 8, true};
  }
}

// Is the varint an element of the type? Short floats stand there as their bits.
constexpr bool is_element(std::uint64_t bits, dtype type) {
  std::size_t const width = bits_of(type);
  if (width == 64) return true;
  if (type != dtype::int8 && type != dtype::int16 && type != dtype::int32) return bits >> width == 0;
  auto const value = static_cast<std::int64_t>(bits);
  std::int64_t const limit = std::int64_t{1} << (width - 1);
  return value >= -limit && value < limit;
}

}  // namespace detail

/// The elements, row-major and little endian, into memory of exactly their size (`bytes_of`). An error says at which
/// byte of `tensor.bytes` it is: more or fewer elements than there is room for, or a number that is no such element.
/// Data outside the file and elements below 8 bits are not read: the count is then wrong.
constexpr read_status read_elements(stored_tensor const& tensor, std::span<std::byte> out) {
  detail::number_storage const numbers = detail::storage_of(tensor.type);
  std::size_t used = 0;
  cursor fields{tensor.bytes};
  for (field each; fields.next(each);) {
    if (each.number == tensor_field::raw_data) {
      if (each.bytes.size() > out.size() - used) return {read_error::wrong_count, each.offset};
      for (char const byte : each.bytes) out[used++] = static_cast<std::byte>(byte);
    } else if (each.number == numbers.field && numbers.width > 0) {
      bool const is_packed = each.type == wire_type::length_delimited;
      cursor packed{is_packed ? each.bytes : std::string_view{}, each.content};
      for (std::uint64_t bits = each.bits; is_packed ? !packed.at_end() : true;) {
        if (is_packed && !(numbers.is_varint ? packed.varint(bits) : packed.fixed(numbers.width, bits))) break;
        if (numbers.width > out.size() - used) return {read_error::wrong_count, each.offset};
        if (numbers.is_varint && !detail::is_element(bits, tensor.type)) return {read_error::out_of_range, each.offset};
        for (std::size_t i = 0; i < numbers.width; ++i) out[used++] = static_cast<std::byte>(bits >> (8 * i));
        if (!is_packed) break;
      }
      if (!packed.status()) return packed.status();
    }
  }
  if (!fields.status()) return fields.status();
  if (used != out.size()) return {read_error::wrong_count, tensor.bytes.size()};
  if (tensor.type == dtype::boolean)
    for (std::byte const each : out)
      if (each > std::byte{1}) return {read_error::out_of_range, 0};
  return {};
}

}  // namespace constexport::wire
