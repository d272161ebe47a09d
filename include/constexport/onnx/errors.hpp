/// onnx/errors.hpp: what can be wrong with bytes that were read.
///
/// Room: onnx. Includes freestanding standard headers only. cursor.hpp, reader.hpp and contract_reader.hpp report with
/// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace constexport {

/// Why reading stopped.
enum class read_error : std::uint8_t {
  none,
  // protobuf
  truncated,
  bad_varint,
  bad_tag,
  group,
  wrong_wire_type,
  too_deep,
  twice,
  no_graph,
  // the contract's text
  syntax,
  missing_member,
  unknown_word,
  unknown_symbol,
  bad_expression,
  too_large,
};

/// The result of reading: an error and the offset of the byte at which it was noticed. True if there is none.
struct read_status {
  read_error error = read_error::none;
  std::size_t offset = 0;
  constexpr explicit operator bool() const { return error == read_error::none; }
  friend constexpr bool operator==(read_status const&, read_status const&) = default;
};

/// What an error means, for a message: "... at byte 1234".
constexpr std::string_view text_of(read_error error) {
  switch (error) {
    case read_error::none:
      return "no error";
    case read_error::truncated:
      return "the file is cut off, or a length is larger than what it is in";
    case read_error::bad_varint:
      return "a number takes more than 64 bits";
    case read_error::bad_tag:
      return "no protobuf field can begin here; this is not an ONNX file, or it is damaged";
    case read_error::group:
      return "a protobuf group, which ONNX does not use; this is not an ONNX file, or it is damaged";
    case read_error::wrong_wire_type:
      return "a field has another type than ONNX gives it";
    case read_error::too_deep:
      return "messages or expressions are nested too deeply";
    case read_error::twice:
      return "a message that can occur once occurs twice";
    case read_error::no_graph:
      return "there is no graph; this is not an ONNX model";
    case read_error::syntax:
      return "the contract's text is not the JSON that was expected";
    case read_error::missing_member:
      return "the contract's text lacks a member that it must have";
    case read_error::unknown_word:
      return "the contract's text has a word where others are known (a type, kind or role)";
    case read_error::unknown_symbol:
      return "an expression names an axis or parameter that is not declared";
    case read_error::bad_expression:
      return "an expression of the contract's text cannot be read";
    case read_error::too_large:
      return "the contract is larger than the storage given for it";
  }
  return "unknown error";
}

}  // namespace constexport
