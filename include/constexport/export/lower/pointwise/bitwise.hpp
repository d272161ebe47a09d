/// export/lower/pointwise/bitwise.hpp: logic on booleans and on the bits of integers.
///
/// Room: export/lower/pointwise. Includes operands.hpp. pointwise.hpp collects the themes. ONNX has operators on bits
/// from opset 18, and shifts of unsigned integers only.
#pragma once

#include <constexport/export/lower/pointwise/operands.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace constexport::lower {

/// How wide an integer is, and the unsigned one that is as wide.
inline std::pair<std::int64_t, dtype> integer_width(dtype type) {
  switch (type) {
    case dtype::int64:
      return {64, dtype::uint64};
    case dtype::int32:
      return {32, dtype::uint32};
    case dtype::int16:
      return {16, dtype::uint16};
    default:
      return {8, dtype::uint8};
  }
}

inline term shifted(char const* direction, term x, term by) {
  dim_list const sizes = x.b->broadcast_dims(x.b->dims(x.id), x.b->dims(by.id));
  return {x.b, x.b->node("BitShift", {x.id, by.id}, {{"direction", std::string(direction)}}, x.type(), sizes)};
}

/// The bits of an integer along one more dimension, the lowest first, as booleans.
inline term bits(term x) {
  builder& b = *x.b;
  auto const [count, unsigned_type] = integer_width(x.type());
  term const places = term{&b, b.g.constant(at::arange(count))}.as(unsigned_type);
  term const column{&b, b.unsqueeze(x.as(unsigned_type).id, {b.rank(x.id)})};
  return apply("Mod", shifted("RIGHT", column, places), term{&b, b.scalar(2, dtype::int64)}.as(unsigned_type))
      .as(dtype::boolean);
}
/// The highest of 64 bits weighs the lowest number, and a product of matrices of integers is exact: ONNX Runtime's sum
/// is not.
inline term from_bits(term x, dtype type) {
  builder& b = *x.b;
  at::Tensor const weights = at::pow(2, at::arange(integer_width(type).first)).to(at::kLong);
  return term{&b, b.matmul(x.as(dtype::int64).id, b.g.constant(weights))}.as(type);
}

/// And, Or, Xor; on the bits of integers if `bitwise`.
inline lowering logical(char const* op, bool bitwise = false) {
  return [op, bitwise](call& c, builder& b) -> value_list {
    dtype const type = bitwise ? c.result_type() : dtype::boolean;
    term const x = term_of(c, b, "self", type), y = term_of(c, b, "other", type);
    if (type == dtype::boolean) return {apply(op, x, y).id};
    if (b.g.opset >= 18) return {apply(std::string("Bitwise") + op, x, y).id};
    return {from_bits(apply(op, bits(x), bits(y)), type).id};
  };
}

inline value_list logical_negation(call& c, builder& b) {
  return {b.unary("Not", b.cast(c.tensor("self"), dtype::boolean))};
}
inline value_list bitwise_negation(call& c, builder& b) {
  term const x{&b, c.tensor("self")};
  if (x.type() == dtype::boolean) return {logical_not(x).id};
  if (b.g.opset >= 18) return {apply("BitwiseNot", x).id};
  return {(at::Scalar(x.type() == dtype::uint8 ? 255 : -1) - x).id};
}

inline term too_far(term by, std::int64_t limit) { return logical_or(by < 0, by >= limit); }

/// Bits that leave are lost; whoever shifts by the width or more, or by a negative number, gets 0.
inline term left_shift(term x, term by) {
  builder& b = *x.b;
  auto const [width, unsigned_type] = integer_width(x.type());
  if (b.g.is_constant(by.id) && b.g[by.id].data.numel() == 1) {
    std::int64_t const places = b.g[by.id].data.item().toLong();
    if (places < 0 || places >= width) return x - x;
    if (places < width - 1) return x * (std::int64_t{1} << places);
  }
  term const result = shifted("LEFT", x.as(unsigned_type), by.as(unsigned_type)).as(x.type());
  return where(too_far(by, width), 0, result);
}
/// The sign bit follows.
inline term right_shift(term x, term by) {
  builder& b = *x.b;
  auto const [width, unsigned_type] = integer_width(x.type());
  bool const is_signed = unsigned_type != x.type();
  std::int64_t const limit = is_signed ? width - 1 : width;
  if (b.g.is_constant(by.id) && b.g[by.id].data.numel() == 1) {
    std::int64_t const places = b.g[by.id].data.item().toLong();
    if (places == 0) return x;
    if (places < 0 || places >= limit) return is_signed ? where(x < 0, at::Scalar(-1), x - x) : x - x;
    term const divisor = x.number(std::int64_t{1} << places);
    return (x - apply("Mod", x, divisor)) / divisor;
  }
  // Of negative numbers the complement is shifted, which is not negative.
  term const negative = x < 0;
  term const bits_set = is_signed ? where(negative, -1 - x, x) : x;
  term shift = shifted("RIGHT", bits_set.as(unsigned_type), by.as(unsigned_type)).as(x.type());
  shift = where(too_far(by, limit), 0, shift);
  return is_signed ? where(negative, -1 - shift, shift) : shift;
}

inline lowering shift(term (*how)(term, term)) {
  return [how](call& c, builder& b) -> value_list {
    dtype const type = c.result_type();
    return {how(term_of(c, b, "self", type), term_of(c, b, "other", type)).id};
  };
}

inline void add_bitwise(lowering_table& table) {
  table.add({"aten::logical_and"}, logical("And"));
  table.add({"aten::logical_or"}, logical("Or"));
  table.add({"aten::logical_xor"}, logical("Xor"));
  table.add({"aten::bitwise_and", "aten::__and__"}, logical("And", true));
  table.add({"aten::bitwise_or", "aten::__or__"}, logical("Or", true));
  table.add({"aten::bitwise_xor", "aten::__xor__"}, logical("Xor", true));
  table.add({"aten::logical_not"}, logical_negation);
  table.add({"aten::bitwise_not"}, bitwise_negation);
  table.add({"aten::bitwise_left_shift", "aten::__lshift__"}, shift(left_shift));
  table.add({"aten::bitwise_right_shift", "aten::__rshift__"}, shift(right_shift));
}

}  // namespace constexport::lower
