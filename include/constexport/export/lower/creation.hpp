/// export/lower/creation.hpp: tensors that are made from sizes and numbers.
///
/// Room: export/lower. Includes indices.hpp and pointwise.hpp. lower.hpp collects the families. What LibTorch makes
/// from constants only is a constant before it comes here; these are the tensors with sizes that vary.
#pragma once

#include <constexport/export/lower/indices.hpp>
#include <constexport/export/lower/pointwise.hpp>
#include <constexport/export/lowering_table.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace constexport::lower {

/// The shape that a factory makes: its own argument, or that of the tensor it imitates.
inline dim_list made_sizes(call& c, builder& b) { return c.has("size") ? c.sizes("size") : b.dims(c.tensor("self")); }

inline lowering filled_with(int number) {
  return [number](call& c, builder& b) -> value_list { return {b.full(made_sizes(c, b), number, c.result_type())}; };
}

inline value_list full(call& c, builder& b) {
  return {b.expand(operand(c, b, "fill_value", c.result_type()), made_sizes(c, b))};
}

inline value_list fill(call& c, builder& b) {
  return {b.expand(operand(c, b, "value", c.result_type()), b.dims(c.tensor("self")))};
}

inline value_list scalar_tensor(call& c, builder&) { return {c.number("s", c.result_type())}; }

inline value_list eye(call& c, builder& b) {
  dtype const type = c.result_type();
  dim const rows = c.size("n"), columns = c.has("m") ? c.size("m") : rows;
  bool const direct = type == dtype::float32 || type == dtype::float64 || type == dtype::int64;
  value_id const like = b.full({rows, columns}, 0, direct ? type : dtype::float32);
  return {b.cast(b.unary("EyeLike", like), type)};
}

/// The number of elements of an `arange` with bounds that are multiples of a power of two, as LibTorch counts them;
/// none if a bound is another number, for which rounding decides.
inline std::optional<dim> exact_length(call& c, builder& b) {
  dim_table& d = b.g.dims;
  call::scaled_size bounds[3] = {{d.number(0), 1}, {d.number(0), 1}, {d.number(1), 1}};
  char const* const names[3] = {"start", "end", "step"};
  std::int64_t scale = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    if (!c.has(names[i])) continue;
    auto const found = c.as_size(names[i]);
    if (!found) return std::nullopt;
    bounds[i] = *found;
    scale = std::max(scale, found->divisor);
  }
  for (auto& [size, divisor] : bounds) size = d.multiply(size, scale / divisor);
  if (!d.is_number(bounds[2].size)) return std::nullopt;
  std::int64_t const step = d.value(bounds[2].size);
  dim const distance =
      step > 0 ? d.subtract(bounds[1].size, bounds[0].size) : d.subtract(bounds[0].size, bounds[1].size);
  return d.ceil_divide(b.positive(distance), std::abs(step));
}

/// int64: from `start` by a positive step that is a size.
inline value_id range_by_size(builder& b, dim start, dim end, dim step) {
  dim const distance = b.positive(b.g.dims.subtract(end, start));
  dim length = b.g.dims.floor_divide(distance, step);
  if (b.g.dims.multiply(length, step) != distance)
    length = b.g.dims.floor_divide(b.g.dims.add(distance, b.g.dims.subtract(step, b.g.dims.number(1))), step);
  return b.node("Range", {b.size_scalar(start), b.size_scalar(end), b.size_scalar(step)}, {}, dtype::int64, {length});
}

inline value_list arange(call& c, builder& b) {
  dtype const type = c.result_type();
  auto const whole = [&](char const* argument) { return !c.has(argument) || c.is_integer(argument); };
  dim const zero = b.g.dims.number(0);
  if (whole("start") && whole("end") && whole("step")) {
    dim const start = c.has("start") ? c.size("start") : zero;
    if (c.has("step") && !b.g.dims.is_number(c.size("step")))
      return {b.cast(range_by_size(b, start, c.size("end"), c.size("step")), type)};
    return {b.cast(range(b, start, c.size("end"), c.has("step") ? c.integer("step") : 1), type)};
  }
  if (!is_floating(type)) c.decline("bounds that are no integers are rounded before the result is counted");
  auto const bound = [&](char const* argument, int otherwise) {
    return c.has(argument) ? c.number(argument, dtype::float64) : b.scalar(otherwise, dtype::float64);
  };
  std::optional<dim> const exact = exact_length(c, b);
  dim const length = exact ? *exact : c.data_size(0, 0);
  value_id const wide =
      b.node("Range", {bound("start", 0), bound("end", 0), bound("step", 1)}, {}, dtype::float64, {length});
  return {b.cast(wide, type)};
}

/// Numbers at equal distances, from both ends towards the middle, as LibTorch does it, so that the last one is exact.
inline value_id spaced(call& c, builder& b, dtype type) {
  dim const steps = c.size("steps"), one = b.g.dims.number(1), two = b.g.dims.number(2);
  value_id const start = operand(c, b, "start", type), end = operand(c, b, "end", type);
  value_id const place = range(b, b.g.dims.number(0), steps);
  value_id const gaps = b.size_scalar(b.g.dims.maximum(b.g.dims.subtract(steps, one), one));
  value_id const step = b.broadcast("Div", {b.broadcast("Sub", {end, start}), b.cast(gaps, type)});
  value_id const behind = b.broadcast("Sub", {b.size_scalar(b.g.dims.subtract(steps, one)), place});
  dim_list const sizes{steps};
  auto const moved = [&](char const* op, value_id from, value_id distance) {
    value_id const change = b.node("Mul", {step, b.cast(distance, type)}, {}, type, sizes);
    return b.node(op, {from, change}, {}, type, sizes);
  };
  value_id const middle = b.size_scalar(b.g.dims.maximum(b.g.dims.floor_divide(steps, two), one));
  value_id const first_half = b.node("Less", {place, middle}, {}, dtype::boolean, sizes);
  return where_else(b, first_half, moved("Add", start, place), moved("Sub", end, behind));
}

inline value_list linspace(call& c, builder& b) {
  dtype const type = c.result_type();
  return {b.cast(spaced(c, b, is_floating(type) ? type : dtype::float32), type)};
}

inline value_list logspace(call& c, builder& b) {
  dtype const type = c.result_type();
  if (!is_floating(type)) c.decline("powers that are rounded to integers are not exact");
  return {b.broadcast("Pow", {b.scalar(c.real("base"), type), spaced(c, b, type)})};
}

/// The part on one side of a diagonal.
inline lowering triangle(std::int64_t upper) {
  return [upper](call& c, builder& b) -> value_list {
    value_id const x = c.tensor("self");
    value_list inputs{x};
    if (dim const diagonal = c.size("diagonal"); !b.g.dims.is_number(diagonal, 0))
      inputs.push_back(b.size_scalar(diagonal));
    return {b.node("Trilu", inputs, {{"upper", upper}}, b.type(x), b.dims(x))};
  };
}

/// Where the elements of such a part stand: rows, then columns.
inline lowering triangle_indices(std::int64_t upper) {
  return [upper](call& c, builder& b) -> value_list {
    value_list inputs{b.full({c.size("row"), c.size("col")}, 1, dtype::float32)};
    if (dim const diagonal = c.size("offset"); !b.g.dims.is_number(diagonal, 0))
      inputs.push_back(b.size_scalar(diagonal));
    value_id const ones = b.node("Trilu", inputs, {{"upper", upper}}, dtype::float32, b.dims(inputs[0]));
    dim_list const sizes{b.g.dims.number(2), c.data_size(0, 1)};
    return {b.cast(b.node("NonZero", {ones}, {}, dtype::int64, sizes), c.result_type())};
  };
}

/// Ones at the places that the indices name along a new last axis.
inline value_list one_hot(call& c, builder& b) {
  value_id const x = c.tensor("self"), given = with_axis(b, x);
  bool const counted = b.g.dims.is_number(c.size("num_classes"), -1);
  dim const classes = counted ? c.data_size(0, b.rank(x)) : c.size("num_classes");
  value_id depth = no_value;
  if (counted)
    depth = b.broadcast("Add", {b.reduce("ReduceMax", flat(b, x), {0}, false), b.scalar(1, dtype::int64)});
  else
    depth = b.size_scalar(classes);
  dim_list sizes = b.dims(given);
  sizes.push_back(classes);
  value_id const made =
      b.node("OneHot", {given, depth, b.g.integers({0, 1})}, {{"axis", std::int64_t{-1}}}, dtype::int64, sizes);
  return {b.rank(x) == 0 ? b.squeeze(made, {0}) : made};
}

inline void add_creation(lowering_table& table) {
  // What `empty` holds is never read before it is written.
  table.add({"aten::zeros", "aten::zeros_like", "aten::new_zeros", "aten::empty", "aten::empty_like", "aten::new_empty",
             "aten::empty_strided", "aten::new_empty_strided", "aten::empty_permuted", "aten::zero"},
            filled_with(0));
  table.add({"aten::ones", "aten::ones_like", "aten::new_ones"}, filled_with(1));
  table.add({"aten::full", "aten::full_like", "aten::new_full"}, full);
  table.add({"aten::fill"}, fill);
  table.add({"aten::scalar_tensor"}, scalar_tensor);
  table.add({"aten::eye"}, eye);
  table.add({"aten::arange"}, arange);
  table.add({"aten::linspace"}, linspace);
  table.add({"aten::logspace"}, logspace);
  table.add({"aten::tril_indices"}, triangle_indices(0));
  table.add({"aten::triu_indices"}, triangle_indices(1));
  table.add({"aten::tril"}, triangle(0));
  table.add({"aten::triu"}, triangle(1));
  table.add({"aten::one_hot"}, one_hot);
}

}  // namespace constexport::lower
