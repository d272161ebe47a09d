/// export/lower/pointwise/comparison.hpp: comparisons, extrema and choices.
///
/// Room: export/lower/pointwise. Includes operands.hpp. pointwise.hpp collects the themes.
#pragma once

#include <constexport/export/lower/pointwise/operands.hpp>
#include <constexport/export/lowering_table.hpp>

#include <limits>

namespace constexport::lower {

inline lowering comparison(char const* op, bool negated = false) {
  return [op, negated](call& c, builder& b) -> value_list {
    dtype const type = common_type(c, "self", "other");
    term const result = compare(op, term_of(c, b, "self", type), term_of(c, b, "other", type));
    return {(negated ? logical_not(result) : result).id};
  };
}

/// `|self - other| <= atol + rtol * |other|`, infinities equal to themselves, and not-a-number likewise on demand.
inline term close(call& c, builder& b) {
  dtype const type = b.type(c.tensor("self"));
  term const x{&b, c.tensor("self")}, y{&b, b.cast(c.tensor("other"), type)};
  double const rtol = c.real("rtol"), atol = c.real("atol");
  term result = equal(x, y);
  if (c.flag("equal_nan") && is_floating(type)) result = logical_or(result, logical_and(isnan(x), isnan(y)));
  if (rtol == 0 && atol == 0) return result;
  dtype const inner = is_floating(type) ? inner_type(type) : dtype::float32;
  term const allowed = abs(y.as(inner)) * rtol + atol;
  term const difference = is_floating(type) ? abs(x.as(inner) - y.as(inner)) : abs(x - y).as(inner);
  // Where a difference is infinite, so can be what is allowed.
  term within = difference <= allowed;
  if (is_floating(type)) within = logical_and(within, difference < std::numeric_limits<double>::infinity());
  return logical_or(result, within);
}

/// One boolean for all elements.
inline term all(term x) {
  term const counted = x.as(dtype::int32);
  return term{x.b, x.b->reduce("ReduceMin", counted.id, {}, false)}.as(dtype::boolean);
}
/// Have two tensors the same sizes and elements?
inline value_list are_equal(call& c, builder& b) {
  term const x{&b, c.tensor("self")}, y{&b, c.tensor("other")};
  if (b.dims(x.id) != b.dims(y.id) || x.type() != y.type()) c.decline("the tensors have different sizes or types");
  return {all(equal(x, y)).id};
}
/// Is the only element not zero?
inline value_list is_nonzero(call& c, builder& b) { return {b.reshape(b.cast(c.tensor("self"), dtype::boolean), {})}; }

/// A property of floating-point numbers; `otherwise` is what holds for integers.
inline lowering property(term (*of)(term), bool otherwise) {
  return [of, otherwise](call& c, builder& b) -> value_list {
    term const x{&b, c.tensor("self")};
    if (is_floating(x.type())) return {of(x).id};
    term const same = equal(x, x);
    return {(otherwise ? same : logical_not(same)).id};
  };
}

/// The larger or smaller of two; not-a-number wins.
inline lowering extremum(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    dtype const type = c.result_type();
    return {b.broadcast(op, {operand(c, b, "self", type), operand(c, b, "other", type)})};
  };
}
/// The same where a number wins over not-a-number.
inline lowering number_extremum(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    dtype const type = c.result_type();
    term const x = term_of(c, b, "self", type), y = term_of(c, b, "other", type);
    term const chosen = apply(op, x, y);
    if (!is_floating(type)) return {chosen.id};
    return {where(isnan(x), y, where(isnan(y), x, chosen)).id};
  };
}

/// Bounds are tensors, numbers or None. The upper one counts where they are the wrong way round.
inline value_list clamp_between(call& c, builder& b) {
  dtype const type = c.result_type();
  term result = term_of(c, b, "self", type);
  bool const low = !c.is_none("min"), high = !c.is_none("max");
  if (low && high && !c.is_tensor("min") && !c.is_tensor("max") && type != dtype::boolean) {
    value_list const bounds{c.number("min", type), c.number("max", type)};
    return {b.node("Clip", {result.id, bounds[0], bounds[1]}, {}, type, b.dims(result.id))};
  }
  if (low) result = maximum(result, term_of(c, b, "min", type));
  if (high) result = minimum(result, term_of(c, b, "max", type));
  return {result.id};
}

inline value_list where_condition(call& c, builder& b) {
  if (!c.has("self")) c.decline("only the form with two alternatives is lowered here");
  dtype const type = c.result_type();
  term const condition{&b, b.cast(c.tensor("condition"), dtype::boolean)};
  return {where(condition, term_of(c, b, "self", type), term_of(c, b, "other", type)).id};
}

inline value_list masked_fill(call& c, builder& b) {
  dtype const type = c.result_type();
  term const mask{&b, b.cast(c.tensor("mask"), dtype::boolean)};
  return {where(mask, term_of(c, b, "value", type), term_of(c, b, "self", type)).id};
}

/// Numbers in the place of what is none.
inline value_list nan_to_num(call& c, builder& b) {
  dtype const type = c.result_type();
  term x{&b, c.tensor("self")};
  if (!is_floating(type)) return {x.id};
  double const infinity = std::numeric_limits<double>::infinity();
  auto const given = [&](char const* argument) { return !c.is_none(argument); };
  x = where(isnan(x), given("nan") ? c.scalar("nan") : at::Scalar(0.0), x);
  double largest = std::numeric_limits<double>::max();
  if (type == dtype::float32) largest = std::numeric_limits<float>::max();
  if (type == dtype::float16) largest = std::numeric_limits<c10::Half>::max();
  if (type == dtype::bfloat16) largest = std::numeric_limits<c10::BFloat16>::max();
  if (!given("posinf") && !given("neginf")) return {clamp(x, -largest, largest).id};
  term const source = x;
  x = where(equal(source, infinity), given("posinf") ? c.scalar("posinf") : at::Scalar(largest), x);
  return {where(equal(source, -infinity), given("neginf") ? c.scalar("neginf") : at::Scalar(-largest), x).id};
}

inline void add_comparison(lowering_table& table) {
  table.add({"aten::eq"}, comparison("Equal"));
  table.add({"aten::ne", "aten::not_equal"}, comparison("Equal", true));
  table.add({"aten::lt", "aten::less"}, comparison("Less"));
  table.add({"aten::le", "aten::less_equal"}, comparison("LessOrEqual"));
  table.add({"aten::gt", "aten::greater"}, comparison("Greater"));
  table.add({"aten::ge", "aten::greater_equal"}, comparison("GreaterOrEqual"));
  table.add({"aten::isclose"}, [](call& c, builder& b) -> value_list { return {close(c, b).id}; });
  table.add({"aten::allclose"}, [](call& c, builder& b) -> value_list { return {all(close(c, b)).id}; });
  table.add({"aten::equal"}, are_equal);
  table.add({"aten::is_nonzero"}, is_nonzero);
  table.add({"aten::isnan"}, property(isnan, false));
  table.add({"aten::isinf"}, property([](term x) { return isinf(x); }, false));
  table.add({"aten::isposinf"}, property([](term x) { return isinf(x, false, true); }, false));
  table.add({"aten::isneginf"}, property([](term x) { return isinf(x, true, false); }, false));
  table.add({"aten::isfinite"},
            property([](term x) { return abs(x) < std::numeric_limits<double>::infinity(); }, true));
  table.add({"aten::maximum", "aten::max.other"}, extremum("Max"));
  table.add({"aten::minimum", "aten::min.other"}, extremum("Min"));
  table.add({"aten::fmax"}, number_extremum("Max"));
  table.add({"aten::fmin"}, number_extremum("Min"));
  table.add({"aten::clamp", "aten::clamp_min", "aten::clamp_max", "aten::clip"}, clamp_between);
  table.add({"aten::where"}, where_condition);
  table.add({"aten::masked_fill"}, masked_fill);
  table.add({"aten::nan_to_num"}, nan_to_num);
  table.add({"aten::heaviside"}, formula2("values", [](term x, term values) {
              return where(equal(x, 0), values, (x > 0).as(values.type()));
            }));
}

}  // namespace constexport::lower
