/// export/lower/pointwise/exponential.hpp: powers, exponentials and logarithms.
///
/// Room: export/lower/pointwise. Includes operands.hpp. pointwise.hpp collects the themes.
#pragma once

#include <constexport/export/lower/pointwise/operands.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

namespace constexport::lower {

// ---- powers

/// By repeated multiplication, exact where an integer's power through floating point is not.
inline term integer_power(term x, std::int64_t exponent) {
  if (exponent == 0) return (x - x) + 1;
  term result = x;
  bool any = false;
  for (term square = x;; square = square * square) {
    if (exponent % 2 != 0) {
      result = any ? result * square : square;
      any = true;
    }
    exponent /= 2;
    if (exponent == 0) return result;
  }
}

inline value_list power(call& c, builder& b) {
  dtype const type = c.result_type();
  term const x = term_of(c, b, "self", type);
  if (!c.is_tensor("exponent") && !(c.is_integer("exponent") && !b.g.dims.is_number(c.size("exponent")))) {
    double const exponent = c.real("exponent");
    if (exponent == 1) return {x.id};
    if (exponent == 2) return {(x * x).id};
    if (exponent == 0.5) return {sqrt(x).id};
    if (exponent == -1) return {reciprocal(x).id};
    if (exponent == -0.5) return {reciprocal(sqrt(x)).id};
    if (!is_floating(type)) return {integer_power(x, static_cast<std::int64_t>(exponent)).id};
  }
  term const exponent = term_of(c, b, "exponent", type);
  if (is_floating(type) || type == dtype::boolean) return {pow(x, exponent).id};
  // A negative power of an integer is a fraction, cut to 0, except that of 1 and -1.
  term const inverse = logical_and(exponent < 0, equal(x, 0));
  return {where(inverse, 0, pow(x, exponent)).id};
}

// ---- exponentials

/// exp(x) - 1, without cancellation near 0.
inline term expm1(term x) { return tanh(x * 0.5) * (exp(x) + 1); }

// ---- logarithms

/// log(1 + x), without cancellation near 0: what rounding 1 + x adds to or takes from x is made up for by a factor, or
/// not made if there are digits to spare.
inline term log1p(term x) {
  if (x.type() != dtype::float64) return log(x.as(dtype::float64) + 1).as(x.type());
  term const sum = x + 1, seen = sum - 1;
  return where(equal(seen, 0), x, log(sum) * where(equal(seen, x), 1, x / seen));
}

/// log(exp(x) + exp(y)), or the same in powers of two. Equal infinities have no difference.
inline term logaddexp(term x, term y, bool in_powers_of_two) {
  term const distance = -abs(where(equal(x, y), 0, x - y));
  double const base = std::numbers::ln2;
  term const smaller = exp(in_powers_of_two ? distance * base : distance);
  term const rest = log(smaller + 1);
  return maximum(x, y) + (in_powers_of_two ? rest / base : rest);
}

/// x * log(y), which is 0 for 0 whatever number y is.
inline term xlogy(term x, term y) { return where(logical_and(equal(x, 0), logical_not(isnan(y))), 0, x * log(y)); }
inline term xlog1py(term x, term y) { return where(logical_and(equal(x, 0), logical_not(isnan(y))), 0, x * log1p(y)); }

/// log(x / (1 - x)), of x within [eps, 1 - eps].
inline value_list logit(call& c, builder& b) {
  dtype const type = c.result_type();
  term x = term_of(c, b, "self", inner_type(type));
  if (!c.is_none("eps")) {
    double const eps = c.real("eps");
    // What LibTorch computes then depends on whether an element is at the end of the tensor.
    if (eps > 0.5) c.decline("eps is above 0.5, so that the bounds are the wrong way round");
    if (eps >= 0) x = clamp(x, c.scalar("eps"), 1 - eps);
  }
  return {log(x / (1 - x)).as(type).id};
}

inline void add_exponential(lowering_table& table) {
  table.add({"aten::pow"}, power);
  table.add({"aten::float_power"}, power);
  table.add({"aten::sqrt"}, elementwise("Sqrt"));
  table.add({"aten::rsqrt"}, formula([](term x) { return reciprocal(sqrt(x)); }));
  table.add({"aten::exp"}, elementwise("Exp"));
  table.add({"aten::exp2", "aten::special_exp2"}, formula([](term x) { return pow(x.number(2), x); }));
  table.add({"aten::expm1", "aten::special_expm1"}, formula([](term x) { return expm1(x); }));
  table.add({"aten::log"}, elementwise("Log"));
  table.add({"aten::log2"}, formula([](term x) { return log(x) / std::numbers::ln2; }));
  table.add({"aten::log10"}, formula([](term x) { return log(x) / std::numbers::ln10; }));
  table.add({"aten::log1p", "aten::special_log1p"}, formula([](term x) { return log1p(x); }));
  table.add({"aten::logaddexp"}, formula2("other", [](term x, term y) { return logaddexp(x, y, false); }));
  table.add({"aten::logaddexp2"}, formula2("other", [](term x, term y) { return logaddexp(x, y, true); }));
  table.add({"aten::xlogy", "aten::special_xlogy"}, formula2("other", [](term x, term y) { return xlogy(x, y); }));
  table.add({"aten::special_xlog1py"}, formula2("other", [](term x, term y) { return xlog1py(x, y); }));
  table.add({"aten::logit", "aten::special_logit"}, logit);
}

}  // namespace constexport::lower
