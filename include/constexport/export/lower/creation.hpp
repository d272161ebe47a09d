/// export/lower/creation.hpp: tensors that are made, and parts that are written into others.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families. Writes through views arrive here as the
/// functional operators by which LibTorch replaces them.
#pragma once

#include <constexport/export/call.hpp>
#include <constexport/export/lower/pointwise.hpp>

#include <cstdint>

namespace constexport::lower {

/// The shape that a factory makes: its own argument, or that of the tensor it imitates.
inline dim_list made_sizes(call& c, builder& b) { return c.has("size") ? c.sizes("size") : b.dims(c.tensor("self")); }

inline lowering filled_with(int number) {
  return [number](call& c, builder& b) -> value_list { return {b.full(made_sizes(c, b), number, c.result_type())}; };
}

inline value_list full(call& c, builder& b) {
  return {b.expand(c.number("fill_value", c.result_type()), made_sizes(c, b))};
}

inline value_list fill(call& c, builder& b) {
  return {b.expand(operand(c, b, "value", c.result_type()), b.dims(c.tensor("self")))};
}

inline value_list arange(call& c, builder& b) {
  auto const integral = [&](char const* argument) { return !c.has(argument) || c.is_integer(argument); };
  if (!integral("start") || !integral("end") || !integral("step")) c.decline("the bounds are no integers");
  dim const start = c.has("start") ? c.size("start") : b.g.dims.number(0);
  std::int64_t const step = c.has("step") ? c.integer("step") : 1;
  if (step < 1) c.decline("the step is negative");
  dim const end = c.size("end");
  dim const length = b.positive(b.g.dims.subtract(end, start));
  value_id const range = b.node("Range", {b.size_scalar(start), b.size_scalar(end), b.scalar(step, dtype::int64)}, {},
                                dtype::int64, {b.g.dims.ceil_divide(length, step)});
  return {b.cast(range, c.result_type())};
}

/// The part on one side of a diagonal.
inline lowering triangle(std::int64_t upper) {
  return [upper](call& c, builder& b) -> value_list {
    value_id const x = c.tensor("self");
    dtype const type = b.type(x);
    // ONNX Runtime has this operator for few types.
    value_id const wide = is_floating(type) ? x : b.cast(x, dtype::int64);
    value_list inputs{wide};
    if (dim const diagonal = c.size("diagonal"); !b.g.dims.is_number(diagonal, 0))
      inputs.push_back(b.size_scalar(diagonal));
    return {b.cast(b.node("Trilu", inputs, {{"upper", upper}}, b.type(wide), b.dims(x)), type)};
  };
}

inline value_list copy(call& c, builder& b) {
  value_id const self = c.tensor("self");
  return {b.expand(b.cast(c.tensor("src"), b.type(self)), b.dims(self))};
}

/// `self` with elements [start, end) of one axis replaced by `part`.
inline value_id replaced(builder& b, value_id self, value_id part, std::int64_t axis, dim start, dim end) {
  dim const zero = b.g.dims.number(0), size = b.dim_of(self, axis);
  value_list pieces;
  if (start != zero) pieces.push_back(b.slice(self, axis, zero, start));
  pieces.push_back(part);
  if (end != size) pieces.push_back(b.slice(self, axis, end, size));
  return b.concat(pieces, axis);
}

inline value_list slice_scatter(call& c, builder& b) {
  if (c.integer("step", 1) != 1) c.decline("the step is not 1");
  value_id const self = c.tensor("self");
  std::int64_t const axis = c.integer("dim");
  dim const size = b.dim_of(self, axis);
  dim const start = c.is_none("start") ? b.g.dims.number(0) : b.clamped(c.size("start"), size);
  dim const end = c.is_none("end") ? size : b.clamped(c.size("end"), size);
  return {replaced(b, self, b.cast(c.tensor("src"), b.type(self)), axis, start, end)};
}

inline value_list select_scatter(call& c, builder& b) {
  value_id const self = c.tensor("self");
  auto const axis = static_cast<std::int64_t>(builder::index(c.integer("dim"), b.rank(self)));
  dim const index = b.clamped(c.size("index"), b.dim_of(self, axis));
  value_id const part = b.unsqueeze(b.cast(c.tensor("src"), b.type(self)), {axis});
  return {replaced(b, self, part, axis, index, b.g.dims.add(index, 1))};
}

inline void add_creation(lowering_table& table) {
  // What `empty` holds is never read before it is written.
  table.add({"aten::zeros", "aten::zeros_like", "aten::new_zeros", "aten::empty", "aten::empty_like", "aten::new_empty",
             "aten::zero"},
            filled_with(0));
  table.add({"aten::ones", "aten::ones_like", "aten::new_ones"}, filled_with(1));
  table.add({"aten::full", "aten::full_like", "aten::new_full"}, full);
  table.add({"aten::fill"}, fill);
  table.add({"aten::arange"}, arange);
  table.add({"aten::tril"}, triangle(0));
  table.add({"aten::triu"}, triangle(1));
  table.add({"aten::copy"}, copy);
  table.add({"aten::slice_scatter"}, slice_scatter);
  table.add({"aten::select_scatter"}, select_scatter);
}

}  // namespace constexport::lower
