/// export/lower/pointwise/division.hpp: quotients, remainders and rounding.
///
/// Room: export/lower/pointwise. Includes operands.hpp. pointwise.hpp collects the themes. ONNX's Div of integers
/// rounds towards zero; its Mod has the divisor's sign, with `fmod` the dividend's.
#pragma once

#include <constexport/export/lower/pointwise/operands.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cmath>
#include <string>

namespace constexport::lower {

/// Is every element of a constant a power of two, so that dividing by it is exact?
inline bool is_power_of_two(term x) {
  if (!x.b->g.is_constant(x.id) || x.b->g[x.id].data.numel() != 1) return false;
  int exponent = 0;
  return std::abs(std::frexp(x.b->g[x.id].data.item().toDouble(), &exponent)) == 0.5;
}

/// -1 or 1 for a constant with one element, 0 if the sign is not known.
inline int known_sign(term x) {
  if (!x.b->g.is_constant(x.id) || x.b->g[x.id].data.numel() != 1) return 0;
  double const value = x.b->g[x.id].data.item().toDouble();
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}

/// Is the remainder not zero, with another sign than the divisor?
inline term disagrees(term rest, term divisor) {
  int const known = known_sign(divisor);
  if (known != 0) return known > 0 ? rest < 0 : rest > 0;
  return sign(rest) * divisor < 0;
}

/// The quotient rounded towards minus infinity. A floating-point quotient can be rounded up to an integer that it does
/// not reach, so it is counted from the exact remainder, as LibTorch does.
inline term floor_divide(term x, term y) {
  if (!is_floating(x.type())) return (x - apply("Mod", x, y)) / y;
  if (is_power_of_two(y)) return floor(x / y);
  term const rest = fmod(x, y);
  term const whole = round((x - rest) / y) - disagrees(rest, y).as(x.type());
  return known_sign(y) != 0 ? whole : where(equal(y, 0), x / y, whole);
}

inline value_list divide(call& c, builder& b) {
  dtype const type = c.result_type();
  std::string const mode = c.is_none("rounding_mode") ? "" : c.text("rounding_mode");
  if (mode.empty() || (mode == "trunc" && !is_floating(type)))
    return {b.broadcast("Div", {operand(c, b, "self", type), operand(c, b, "other", type)})};
  term const x = term_of(c, b, "self", inner_type(type)), y = term_of(c, b, "other", inner_type(type));
  return {(mode == "floor" ? floor_divide(x, y) : trunc(x / y)).as(type).id};
}

/// The remainder with the divisor's sign.
inline term remainder(term x, term y) {
  if (!is_floating(x.type())) return apply("Mod", x, y);
  term const rest = fmod(x, y);
  return where(disagrees(rest, y), rest + y, rest);
}

/// A rounding, which integers do not need.
inline lowering rounding(term (*how)(term)) {
  return [how](call& c, builder& b) -> value_list {
    term const x{&b, b.cast(c.tensor("self"), c.result_type())};
    return {is_floating(x.type()) ? how(x).id : x.id};
  };
}

/// Half to even, at a decimal place.
inline value_list round_decimals(call& c, builder& b) {
  dtype const type = c.result_type();
  std::int64_t const decimals = c.integer("decimals", 0);
  if (!is_floating(type)) {
    if (decimals != 0) c.decline("integers are not rounded to decimal places");
    return {c.tensor("self")};
  }
  if (decimals == 0) return {round(term{&b, c.tensor("self")}).id};
  term const x = term_of(c, b, "self", inner_type(type));
  double const scale = std::pow(10.0, static_cast<double>(std::abs(decimals)));
  return {(decimals > 0 ? round(x * scale) / scale : round(x / scale) * scale).as(type).id};
}

inline void add_division(lowering_table& table) {
  table.add({"aten::div", "aten::divide", "aten::true_divide"}, divide);
  table.add({"aten::floor_divide", "aten::_floor_divide", "aten::__floordiv__"},
            formula2("other", [](term x, term y) { return floor_divide(x, y); }));
  table.add({"aten::remainder"}, formula2("other", [](term x, term y) { return remainder(x, y); }));
  table.add({"aten::fmod"}, formula2("other", [](term x, term y) { return fmod(x, y); }));
  table.add({"aten::floor"}, rounding(floor));
  table.add({"aten::ceil"}, rounding(ceil));
  table.add({"aten::trunc", "aten::fix"}, rounding(trunc));
  table.add({"aten::round"}, round_decimals);
  table.add({"aten::special_round"}, round_decimals);
  table.add({"aten::frac"}, formula([](term x) { return fmod(x, x.number(1)); }));
}

}  // namespace constexport::lower
