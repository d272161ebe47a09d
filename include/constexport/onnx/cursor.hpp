/// onnx/cursor.hpp: reads protobuf's wire format field by field, from memory that is not trusted.
///
/// Room: onnx. Includes freestanding standard headers only; no heap, no exceptions, no recursion. reader.hpp gives the
/// fields their meaning. Every length is compared with what is left of the enclosing message before it is used.
#pragma once

#include <constexport/onnx/errors.hpp>
#include <constexport/onnx/part.hpp>
#include <constexport/onnx/wire.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace constexport::wire {

/// One field of a message: its number, how it is stored, and its value in the member that goes with that.
struct field {
  field_number number = 0;
  wire_type type = wire_type::varint;
  std::uint64_t bits = 0;    ///< varint, fixed32, fixed64
  std::string_view bytes{};  ///< length_delimited: a view into the file
  std::size_t offset = 0;    ///< of the field's first byte in the file
  std::size_t content = 0;   ///< of the value's first byte in the file

  constexpr std::int64_t integer() const { return static_cast<std::int64_t>(bits); }
  constexpr float number32() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); }
  constexpr double number64() const { return std::bit_cast<double>(bits); }
};

/// Walks over the fields of one message.
class cursor {
 public:
  constexpr cursor() = default;
  /// `offset`: where `bytes` begins in the file, for error messages.
  explicit constexpr cursor(std::string_view bytes, std::size_t offset = 0) : bytes_(bytes), offset_(offset) {}

  /// Reads the next field. False at the end and on an error, which `status()` tells apart.
  constexpr bool next(field& into) {
    if (!status_ || at_ == bytes_.size()) return false;
    std::size_t const start = at_;
    into.offset = offset_ + start;
    std::uint64_t tag = 0;
    if (!varint(tag)) return false;
    into.number = static_cast<field_number>(tag >> 3);
    into.type = static_cast<wire_type>(tag & 7);
    if (tag > 0xffffffffu || into.number == 0) return fail(read_error::bad_tag, start);
    into.content = offset_ + at_;
    switch (into.type) {
      case wire_type::varint:
        return varint(into.bits);
      case wire_type::fixed32:
        return fixed(4, into.bits);
      case wire_type::fixed64:
        return fixed(8, into.bits);
      case wire_type::length_delimited: {
        std::uint64_t size = 0;
        if (!varint(size)) return false;
        if (size > bytes_.size() - at_) return fail(read_error::truncated, start);
        into.content = offset_ + at_;
        into.bytes = constexport::detail::part(bytes_, at_, static_cast<std::size_t>(size));
        at_ += static_cast<std::size_t>(size);
        return true;
      }
    }
    bool const is_group = (tag & 7) == 3 || (tag & 7) == 4;
    return fail(is_group ? read_error::group : read_error::bad_tag, start);
  }

  /// A bare varint, as packed fields hold them.
  constexpr bool varint(std::uint64_t& value) {
    value = 0;
    std::size_t const start = at_;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at_ == bytes_.size()) return fail(read_error::truncated, start);
      auto const byte = static_cast<unsigned char>(bytes_[at_++]);
      if (shift == 63 && byte > 1) return fail(read_error::bad_varint, start);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return fail(read_error::bad_varint, start);
  }

  /// `width` bare bytes, little endian.
  constexpr bool fixed(std::size_t width, std::uint64_t& value) {
    if (width > bytes_.size() - at_) return fail(read_error::truncated, at_);
    value = 0;
    for (std::size_t i = width; i-- > 0;) value = (value << 8) | static_cast<unsigned char>(bytes_[at_ + i]);
    at_ += width;
    return true;
  }

  constexpr bool at_end() const { return !status_ || at_ == bytes_.size(); }
  constexpr read_status status() const { return status_; }

 private:
  constexpr bool fail(read_error error, std::size_t at) {
    status_ = {error, offset_ + at};
    return false;
  }

  std::string_view bytes_;
  std::size_t offset_ = 0;
  std::size_t at_ = 0;
  read_status status_;
};

}  // namespace constexport::wire
