/// export/build/term.hpp: formulas on values, written as formulas.
///
/// Room: export/build. Includes build.hpp. The lowerings of operators that are several ONNX nodes are written with it:
/// `x * sigmoid(x)` adds a Sigmoid and a Mul. Operands broadcast; numbers become constants of the other operand's type.
#pragma once

#include <constexport/export/build.hpp>

#include <string>
#include <utility>
#include <vector>

namespace constexport {

/// A value and the builder that computes with it.
struct term {
  builder* b;
  value_id id;

  dtype type() const { return b->type(id); }
  /// A constant of this term's type.
  term number(at::Scalar const& value) const { return {b, b->scalar(value, type())}; }
  term as(dtype to) const { return {b, b->cast(id, to)}; }
};

/// One node on one value.
inline term apply(std::string op, term x, std::vector<attribute> attributes = {}) {
  return {x.b, x.b->unary(std::move(op), x.id, std::move(attributes))};
}
/// One node that broadcasts two values of one type.
inline term apply(std::string op, term x, term y) { return {x.b, x.b->broadcast(std::move(op), {x.id, y.id})}; }
/// The same with a boolean result.
inline term compare(std::string op, term x, term y) {
  return {x.b, x.b->broadcast(std::move(op), {x.id, y.id}, dtype::boolean)};
}

inline term operator+(term x, term y) { return apply("Add", x, y); }
inline term operator-(term x, term y) { return apply("Sub", x, y); }
inline term operator*(term x, term y) { return apply("Mul", x, y); }
inline term operator/(term x, term y) { return apply("Div", x, y); }
inline term operator+(term x, at::Scalar const& y) { return x + x.number(y); }
inline term operator-(term x, at::Scalar const& y) { return x - x.number(y); }
inline term operator*(term x, at::Scalar const& y) { return x * x.number(y); }
inline term operator/(term x, at::Scalar const& y) { return x / x.number(y); }
inline term operator+(at::Scalar const& x, term y) { return y.number(x) + y; }
inline term operator-(at::Scalar const& x, term y) { return y.number(x) - y; }
inline term operator*(at::Scalar const& x, term y) { return y * y.number(x); }
inline term operator/(at::Scalar const& x, term y) { return y.number(x) / y; }
inline term operator-(term x) { return apply("Neg", x); }

// ---- booleans

inline term operator<(term x, term y) { return compare("Less", x, y); }
inline term operator<=(term x, term y) { return compare("LessOrEqual", x, y); }
inline term operator>(term x, term y) { return compare("Greater", x, y); }
inline term operator>=(term x, term y) { return compare("GreaterOrEqual", x, y); }
inline term operator<(term x, at::Scalar const& y) { return x < x.number(y); }
inline term operator<=(term x, at::Scalar const& y) { return x <= x.number(y); }
inline term operator>(term x, at::Scalar const& y) { return x > x.number(y); }
inline term operator>=(term x, at::Scalar const& y) { return x >= x.number(y); }
inline term equal(term x, term y) { return compare("Equal", x, y); }
inline term equal(term x, at::Scalar const& y) { return equal(x, x.number(y)); }
inline term logical_and(term x, term y) { return apply("And", x, y); }
inline term logical_or(term x, term y) { return apply("Or", x, y); }
inline term logical_xor(term x, term y) { return apply("Xor", x, y); }
inline term logical_not(term x) { return apply("Not", x); }
inline term isnan(term x) { return {x.b, x.b->node("IsNaN", {x.id}, {}, dtype::boolean, x.b->dims(x.id))}; }
/// Infinity of the signs that are asked for.
inline term isinf(term x, bool negative = true, bool positive = true) {
  std::vector<attribute> attributes;
  if (!negative) attributes.push_back({"detect_negative", std::int64_t{0}});
  if (!positive) attributes.push_back({"detect_positive", std::int64_t{0}});
  return {x.b, x.b->node("IsInf", {x.id}, std::move(attributes), dtype::boolean, x.b->dims(x.id))};
}
/// `x` where `condition` holds, else `y`.
inline term where(term condition, term x, term y) {
  return {x.b, x.b->broadcast("Where", {condition.id, x.id, y.id}, x.type())};
}
inline term where(term condition, at::Scalar const& x, term y) { return where(condition, y.number(x), y); }
inline term where(term condition, term x, at::Scalar const& y) { return where(condition, x, x.number(y)); }

// ---- functions

inline term abs(term x) { return apply("Abs", x); }
inline term sign(term x) { return apply("Sign", x); }
inline term floor(term x) { return apply("Floor", x); }
inline term ceil(term x) { return apply("Ceil", x); }
inline term round(term x) { return apply("Round", x); }
inline term exp(term x) { return apply("Exp", x); }
inline term log(term x) { return apply("Log", x); }
inline term sqrt(term x) { return apply("Sqrt", x); }
inline term reciprocal(term x) { return apply("Reciprocal", x); }
inline term sin(term x) { return apply("Sin", x); }
inline term cos(term x) { return apply("Cos", x); }
inline term tanh(term x) { return apply("Tanh", x); }
inline term sigmoid(term x) { return apply("Sigmoid", x); }
inline term pow(term x, term y) { return apply("Pow", x, y); }
inline term maximum(term x, term y) { return apply("Max", x, y); }
inline term minimum(term x, term y) { return apply("Min", x, y); }
inline term maximum(term x, at::Scalar const& y) { return maximum(x, x.number(y)); }
inline term minimum(term x, at::Scalar const& y) { return minimum(x, x.number(y)); }
/// Within two numbers, of which the upper one counts if they are the wrong way round.
inline term clamp(term x, at::Scalar const& low, at::Scalar const& high) {
  return {x.b, x.b->node("Clip", {x.id, x.number(low).id, x.number(high).id}, {}, x.type(), x.b->dims(x.id))};
}
/// The remainder of the division rounded towards zero, as C's `%` and `fmod`.
inline term fmod(term x, term y) {
  dim_list const sizes = x.b->broadcast_dims(x.b->dims(x.id), x.b->dims(y.id));
  return {x.b, x.b->node("Mod", {x.id, y.id}, {{"fmod", std::int64_t{1}}}, x.type(), sizes)};
}
/// Rounded towards zero; infinities stay.
inline term trunc(term x) { return sign(x) * floor(abs(x)); }

}  // namespace constexport
