/// export/lower/pointwise/trigonometry.hpp: angles and hyperbolic functions.
///
/// Room: export/lower/pointwise. Includes operands.hpp and exponential.hpp. pointwise.hpp collects the themes. ONNX
/// Runtime computes most of these in float32 only; from Sin, Cos, Exp, Log and Tanh, which it has, they are composed in
/// float64.
#pragma once

#include <constexport/export/lower/pointwise/exponential.hpp>
#include <constexport/export/lower/pointwise/operands.hpp>
#include <constexport/export/lowering_table.hpp>

#include <numbers>

namespace constexport::lower {

/// The angle whose sine and cosine are given (hypotenuse 1), in float64, from one that is off by some rounding of
/// float32: the sine of what is missing is the missing angle.
inline term refined(term coarse, term sine, term cosine) {
  return coarse + (sine * cos(coarse) - cosine * sin(coarse));
}
inline term in_float32(char const* op, term x) { return apply(op, x.as(dtype::float32)).as(dtype::float64); }

inline term tan(term x) { return x.type() == dtype::float64 ? sin(x) / cos(x) : apply("Tan", x); }
inline term atan(term x) {
  if (x.type() != dtype::float64) return apply("Atan", x);
  term const cosine = reciprocal(sqrt(x * x + 1));
  term const sine = where(equal(cosine, 0), sign(x), x * cosine);
  return refined(in_float32("Atan", x), sine, cosine);
}
inline term asin(term x) {
  if (x.type() != dtype::float64) return apply("Asin", x);
  return refined(in_float32("Asin", x), x, sqrt((1 - x) * (x + 1)));
}
inline term acos(term x) {
  if (x.type() != dtype::float64) return apply("Acos", x);
  return refined(in_float32("Acos", x), sqrt((1 - x) * (x + 1)), x);
}
inline term cosh(term x) {
  if (x.type() != dtype::float64) return apply("Cosh", x);
  return (exp(x) + exp(-x)) * 0.5;
}
inline term sinh(term x) { return x.type() == dtype::float64 ? tanh(x) * cosh(x) : apply("Sinh", x); }
inline term asinh(term x) {
  if (x.type() != dtype::float64) return apply("Asinh", x);
  // Written with the inverse, which does not overflow where the square would.
  term const size = abs(x), inverse = reciprocal(size);
  return sign(x) * log1p(size + size / (inverse + sqrt(inverse * inverse + 1)));
}
inline term acosh(term x) {
  if (x.type() != dtype::float64) return apply("Acosh", x);
  return log(x + sqrt((x - 1) * (x + 1)));
}
inline term atanh(term x) {
  if (x.type() != dtype::float64) return apply("Atanh", x);
  return log1p(x * 2 / (1 - x)) * 0.5;
}

/// The angle of the point (x, y), within [-pi, pi]. A negative zero `y` is below the axis.
inline term atan2(term y, term x) {
  term const quotient = abs(y) / abs(x);
  term const steep = atan(where(equal(y, 0), 0, quotient));
  term const above = where(x < 0, std::numbers::pi - steep, steep);
  return where(minimum(y, reciprocal(y)) < 0, -above, above);
}

/// sin(pi x) / (pi x), 1 at 0.
inline term sinc(term x) {
  term const angle = x * std::numbers::pi;
  return where(equal(x, 0), 1, sin(angle) / angle);
}

/// Of real numbers: 0 or pi.
inline value_list angle(call& c, builder& b) {
  term const x{&b, c.tensor("self")};
  dtype const type = c.result_type();
  if (x.type() == dtype::boolean) return {logical_xor(x, x).as(type).id};
  term const half_turn = (x < 0).as(type) * std::numbers::pi;
  return {(is_floating(x.type()) ? where(isnan(x), x, half_turn) : half_turn).id};
}

inline void add_trigonometry(lowering_table& table) {
  table.add({"aten::sin"}, elementwise("Sin"));
  table.add({"aten::cos"}, elementwise("Cos"));
  table.add({"aten::tanh"}, elementwise("Tanh"));
  table.add({"aten::tan"}, formula([](term x) { return tan(x); }));
  table.add({"aten::asin", "aten::arcsin"}, formula([](term x) { return asin(x); }));
  table.add({"aten::acos", "aten::arccos"}, formula([](term x) { return acos(x); }));
  table.add({"aten::atan", "aten::arctan"}, formula([](term x) { return atan(x); }));
  table.add({"aten::sinh"}, formula([](term x) { return sinh(x); }));
  table.add({"aten::cosh"}, formula([](term x) { return cosh(x); }));
  table.add({"aten::asinh", "aten::arcsinh"}, formula([](term x) { return asinh(x); }));
  table.add({"aten::acosh", "aten::arccosh"}, formula([](term x) { return acosh(x); }));
  table.add({"aten::atanh", "aten::arctanh"}, formula([](term x) { return atanh(x); }));
  table.add({"aten::atan2", "aten::arctan2"}, formula2("other", [](term y, term x) { return atan2(y, x); }));
  table.add({"aten::sinc", "aten::special_sinc"}, formula([](term x) { return sinc(x); }));
  table.add({"aten::angle"}, angle);
  table.add({"aten::deg2rad"}, formula([](term x) { return x * (std::numbers::pi / 180); }));
  table.add({"aten::rad2deg"}, formula([](term x) { return x * (180 / std::numbers::pi); }));
  table.add({"aten::hypot"}, formula2("other", [](term x, term y) { return sqrt(x * x + y * y); }));
}

}  // namespace constexport::lower
