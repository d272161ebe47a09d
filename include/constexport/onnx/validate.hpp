/// onnx/validate.hpp: is a span of bytes a well-formed ModelProto?
///
/// Room: onnx. Includes freestanding standard headers only; no heap, no exceptions; recursion is limited. reader.hpp
/// runs it once, so that walking over the file afterwards cannot meet an error.
#pragma once

#include <constexport/onnx/cursor.hpp>
#include <constexport/onnx/field_rules.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace constexport::wire {

/// How deeply messages may lie in each other; protobuf's own limit. A graph within a graph takes three levels.
inline constexpr int max_nesting = 100;

namespace detail {

constexpr read_status check_packed(field const& packed, storage stored) {
  cursor values{packed.bytes, packed.content};
  std::uint64_t ignored = 0;
  if (stored == storage::varints) {
    while (!values.at_end()) values.varint(ignored);
    return values.status();
  }
  std::size_t const width = stored == storage::float32s ? 4 : 8;
  return packed.bytes.size() % width == 0 ? read_status{} : read_status{read_error::truncated, packed.offset};
}

constexpr bool fits(storage stored, wire_type type) {
  switch (stored) {
    case storage::varint:
      return type == wire_type::varint;
    case storage::varints:
      return type == wire_type::varint || type == wire_type::length_delimited;
    case storage::float32:
      return type == wire_type::fixed32;
    case storage::float32s:
      return type == wire_type::fixed32 || type == wire_type::length_delimited;
    case storage::float64s:
      return type == wire_type::fixed64 || type == wire_type::length_delimited;
    default:
      return type == wire_type::length_delimited;
  }
}

constexpr read_status check_message(std::string_view bytes, std::size_t offset, kind in, int depth) {
  if (depth > max_nesting) return {read_error::too_deep, offset};
  cursor fields{bytes, offset};
  std::uint64_t seen = 0;
  for (field each; fields.next(each);) {
    field_rule const* const rule = find_rule(in, each.number);
    if (rule == nullptr) continue;
    if (!fits(rule->stored, each.type)) return {read_error::wrong_wire_type, each.offset};
    read_status status;
    switch (rule->stored) {
      case storage::message:
        if ((seen >> each.number & 1) != 0) return {read_error::twice, each.offset};
        seen |= std::uint64_t{1} << each.number;
        [[fallthrough]];
      case storage::messages:
        status = check_message(each.bytes, each.content, rule->to, depth + 1);
        break;
      case storage::varints:
      case storage::float32s:
      case storage::float64s:
        // Weights are not walked through: the numbers of a tensor's data are checked by whoever reads them.
        if (each.type == wire_type::length_delimited && (in != kind::tensor || each.number == tensor_field::dims))
          status = check_packed(each, rule->stored);
        break;
      default:
        break;
    }
    if (!status) return status;
  }
  return fields.status();
}

}  // namespace detail

/// Checks every length, tag and known field of a ModelProto, without looking at weights. Unknown fields may be there.
constexpr read_status validate_model(std::string_view bytes) {
  return detail::check_message(bytes, 0, detail::kind::model, 0);
}

}  // namespace constexport::wire
