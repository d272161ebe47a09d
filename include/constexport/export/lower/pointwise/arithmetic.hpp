/// export/lower/pointwise/arithmetic.hpp: sums, products, signs and interpolation.
///
/// Room: export/lower/pointwise. Includes operands.hpp. pointwise.hpp collects the themes.
#pragma once

#include <constexport/export/lower/pointwise/operands.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cmath>

namespace constexport::lower {

/// The factor of the second operand: none, or one that changes nothing.
inline bool has_alpha(call& c) { return !c.is_none("alpha") && c.real("alpha") != 1; }

/// `op(self, alpha * other)` in the result's type; between booleans `logical` instead.
inline lowering arithmetic(char const* op, char const* logical) {
  return [op, logical](call& c, builder& b) -> value_list {
    dtype const type = c.result_type();
    if (type == dtype::boolean) {
      if (has_alpha(c)) return {operand(c, b, "self", type)};  // a false factor
      return {b.broadcast(logical, {operand(c, b, "self", type), operand(c, b, "other", type)})};
    }
    if (!has_alpha(c)) return {b.broadcast(op, {operand(c, b, "self", type), operand(c, b, "other", type)})};
    dtype const inner = inner_type(type);
    term const x = term_of(c, b, "self", inner), y = term_of(c, b, "other", inner);
    return {apply(op, x, y * c.scalar("alpha")).as(type).id};
  };
}

/// `other - alpha * self`.
inline value_list rsub(call& c, builder& b) {
  dtype const type = c.result_type();
  dtype const inner = has_alpha(c) ? inner_type(type) : type;
  term const x = term_of(c, b, "self", inner), y = term_of(c, b, "other", inner);
  return {(y - (has_alpha(c) ? x * c.scalar("alpha") : x)).as(type).id};
}

/// `self + value * tensor1 op tensor2`.
inline lowering combined(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    dtype const type = c.result_type(), inner = inner_type(type);
    term first = term_of(c, b, "tensor1", inner);
    if (c.real("value") != 1) first = first * c.scalar("value");
    return {(term_of(c, b, "self", inner) + apply(op, first, term_of(c, b, "tensor2", inner))).as(type).id};
  };
}

/// Linear interpolation. LibTorch counts from the nearer end, so that both ends are exact.
inline value_list lerp(call& c, builder& b) {
  dtype const type = c.result_type(), inner = inner_type(type);
  term const start = term_of(c, b, "self", inner), end = term_of(c, b, "end", inner);
  term const way = end - start;
  if (!c.is_tensor("weight")) {
    double const weight = c.real("weight");
    term const result = std::abs(weight) < 0.5 ? start + way * c.scalar("weight") : end - way * at::Scalar(1 - weight);
    return {result.as(type).id};
  }
  term const weight = term_of(c, b, "weight", inner);
  return {where(abs(weight) < 0.5, start + way * weight, end - way * (1 - weight)).as(type).id};
}

/// The sign bit, of zeros too.
inline value_list signbit(call& c, builder& b) {
  term const x{&b, c.tensor("self")};
  if (x.type() == dtype::boolean) return {logical_xor(x, x).id};
  // The reciprocal of a negative zero is minus infinity; that of minus infinity is a zero.
  return {(is_floating(x.type()) ? logical_or(x < 0, reciprocal(x) < 0) : x < 0).id};
}

inline void add_arithmetic(lowering_table& table) {
  table.add({"aten::add"}, arithmetic("Add", "Or"));
  table.add({"aten::sub", "aten::subtract"}, arithmetic("Sub", "Xor"));
  table.add({"aten::mul", "aten::multiply"}, arithmetic("Mul", "And"));
  table.add({"aten::rsub"}, rsub);
  table.add({"aten::addcmul"}, combined("Mul"));
  table.add({"aten::addcdiv"}, combined("Div"));
  table.add({"aten::lerp"}, lerp);
  table.add({"aten::abs", "aten::absolute"}, elementwise("Abs"));
  table.add({"aten::neg", "aten::negative"}, elementwise("Neg"));
  table.add({"aten::sign", "aten::sgn"}, elementwise("Sign"));
  table.add({"aten::signbit"}, signbit);
  table.add({"aten::square"}, formula([](term x) { return x * x; }));
  table.add({"aten::reciprocal"}, elementwise("Reciprocal"));
}

}  // namespace constexport::lower
