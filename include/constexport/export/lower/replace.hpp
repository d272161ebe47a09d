/// export/lower/replace.hpp: tensors in which a regular part is replaced: what a write through a view becomes.
///
/// Room: export/lower. Includes strided.hpp and parts.hpp. scatter.hpp collects it.
#pragma once

#include <constexport/export/lower/parts.hpp>
#include <constexport/export/lower/strided.hpp>
#include <constexport/export/lowering_table.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// The type in which ONNX Runtime adds up what is scattered.
inline dtype addable(dtype type) { return type == dtype::float16 || type == dtype::bfloat16 ? dtype::float32 : type; }

/// ONNX's ScatterElements; `how` is its reduction.
inline value_id scattered(call& c, builder& b, value_id x, value_id index, value_id updates, std::int64_t axis,
                          std::string const& how = "none") {
  if ((how == "max" || how == "min") && b.g.opset < 18) c.decline("ONNX scatters extrema from operator set 18 on");
  if (how != "none" && b.type(x) == dtype::boolean) c.decline("ONNX adds no booleans");
  std::vector<attribute> attributes{{"axis", axis}};
  if (how != "none") attributes.push_back({"reduction", how});
  dtype const type = b.type(x), through = how == "none" ? type : addable(type);
  value_id const result = b.node("ScatterElements", {b.cast(x, through), index, b.cast(updates, through)},
                                 std::move(attributes), through, b.dims(x));
  return b.cast(result, type);
}

/// Slices along an axis, written to the places that a vector of indices names.
inline value_id slices_scattered(call& c, builder& b, value_id x, value_id index, value_id slices, std::int64_t axis,
                                 std::string const& how = "none") {
  if (axis != 0 || b.rank(x) == 1) return scattered(c, b, x, spread(b, index, b.dims(slices), axis), slices, axis, how);
  if (how != "none" && b.type(x) == dtype::boolean) c.decline("ONNX adds no booleans");
  std::vector<attribute> attributes;
  if (how != "none") attributes.push_back({"reduction", how});
  dtype const type = b.type(x), through = how == "none" ? type : addable(type);
  value_id const tuples = shaped(b, b.cast(index, dtype::int64), {b.dims(index)[0], b.g.dims.number(1)});
  value_id const result = b.node("ScatterND", {b.cast(x, through), tuples, b.cast(slices, through)},
                                 std::move(attributes), through, b.dims(x));
  return b.cast(result, type);
}

/// `x` with the elements [start, end) of one axis replaced by `part`; both as LibTorch's slices count.
inline value_id replaced(builder& b, value_id x, value_id part, std::int64_t axis, dim start, dim end) {
  dim_table& d = b.g.dims;
  dim const zero = d.number(0), size = b.dim_of(x, axis);
  dim const first = b.clamped(start, size);
  dim last = b.clamped(end, size);
  if (!b.proven_at_most(first, last) && !b.seen_at_most(first, last)) {
    // Nothing is replaced at some sizes; what follows begins where the part does.
    last = d.maximum(first, last);
    end = last;
  }
  value_list pieces;
  if (first != zero) pieces.push_back(b.slice(x, axis, zero, nearest(b, start, size)));
  pieces.push_back(part);
  if (last != size) pieces.push_back(b.slice(x, axis, nearest(b, end, size), open_end(b)));
  value_id const whole = b.concat(pieces, axis);
  if (b.dims(whole) == b.dims(x)) return whole;
  // The pieces' sizes are as long as the whole's, whatever expressions they have.
  b.g[whole].dims = b.dims(x);
  return whole;
}

inline value_list slice_scatter(call& c, builder& b) {
  value_id const x = c.tensor("self");
  value_id part = b.cast(c.tensor("src"), b.type(x));
  std::int64_t const axis = axis_of(c, b.rank(x)), step = c.integer("step", 1);
  dim const start = c.is_none("start") ? b.g.dims.number(0) : c.size("start");
  dim const end = c.is_none("end") ? open_end(b) : c.size("end");
  dim const size = b.dim_of(x, axis), first = b.clamped(start, size), last = b.clamped(end, size);
  if (step == 1) {
    if (b.dim_of(part, axis) == size && b.dims(part) == b.dims(x)) return {part};
    return {replaced(b, x, part, axis, start, end)};
  }
  return {slices_scattered(c, b, x, range(b, first, last, step), part, axis)};
}

inline value_list select_scatter(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = axis_of(c, b.rank(x));
  dim const size = b.dim_of(x, axis), one = b.g.dims.number(1);
  value_id const part = b.unsqueeze(b.cast(c.tensor("src"), b.type(x)), {axis});
  dim const index = nearest(b, c.size("index"), size);
  // The last one ends where the axis does.
  bool const last = b.g.dims.is_number(index, -1);
  return {replaced(b, x, part, axis, index, last ? open_end(b) : b.g.dims.add(index, one))};
}

inline value_list diagonal_scatter(call& c, builder& b) {
  value_id const x = c.tensor("self");
  diagonal_place const at = diagonal_of(c, b, x);
  value_id const rows = as_rows(b, x, at), part = b.cast(c.tensor("src"), b.type(x));
  dim_table& d = b.g.dims;
  dim const start = at.start(b), step = at.step(b);
  value_id places = range(b, d.number(0), at.length);
  if (b.g.is_constant(places) && d.is_number(step)) {
    places = b.g.constant(b.g[places].data * d.value(step) + d.value(start));
  } else {
    places = b.node("Mul", {places, b.size_scalar(step)}, {}, dtype::int64, {at.length});
    places = b.node("Add", {places, b.size_scalar(start)}, {}, dtype::int64, {at.length});
  }
  std::int64_t const axis = b.rank(rows) - 1;
  value_id result = slices_scattered(c, b, rows, places, part, axis);
  dim_list sizes = b.dims(rows);
  sizes.back() = at.rows;
  sizes.push_back(at.columns);
  result = b.reshape(result, sizes);
  std::vector<std::int64_t> perm(static_cast<std::size_t>(b.rank(x)), -1);
  perm[static_cast<std::size_t>(at.first)] = b.rank(x) - 2;
  perm[static_cast<std::size_t>(at.second)] = b.rank(x) - 1;
  std::int64_t next = 0;
  for (std::int64_t& each : perm)
    if (each < 0) each = next++;
  return {b.transpose(result, perm)};
}

inline value_list as_strided_scatter(call& c, builder& b) {
  value_id const x = c.tensor("self");
  if (!c.example("self").is_contiguous()) c.decline("the tensor is not contiguous");
  value_id const memory = in_memory_order(c, b, x);
  value_id const part = flat(b, b.cast(c.tensor("src"), b.type(x)));
  return {b.reshape(scattered(c, b, memory, flat(b, strided_places(c, b)), part, 0), b.dims(x))};
}

/// What a write through `unfold` becomes. LibTorch adds up what overlaps and forgets what lies between the windows, so
/// that this is the written tensor only if the windows fill the axis side by side.
inline value_list unfold_backward(call& c, builder& b) {
  value_id x = c.tensor("grad_in");
  dim_list const sizes = c.sizes("input_sizes");
  std::int64_t const axis = axis_of(c, static_cast<std::int64_t>(sizes.size())), size = c.integer("size");
  dim const length = sizes[static_cast<std::size_t>(axis)];
  if (size != c.integer("step") || b.g.dims.multiply(b.dim_of(x, axis), size) != length)
    c.decline("a write through windows that overlap, or that leave elements out, is not followed");
  std::vector<std::int64_t> perm(static_cast<std::size_t>(b.rank(x)));
  std::iota(perm.begin(), perm.end(), 0);
  std::rotate(perm.begin() + axis + 1, perm.end() - 1, perm.end());
  return {b.reshape(b.transpose(x, perm), sizes)};
}

inline void add_replace(lowering_table& table) {
  table.add({"aten::unfold_backward"}, unfold_backward);
  table.add({"aten::slice_scatter"}, slice_scatter);
  table.add({"aten::select_scatter"}, select_scatter);
  table.add({"aten::diagonal_scatter"}, diagonal_scatter);
  table.add({"aten::as_strided_scatter"}, as_strided_scatter);
}

}  // namespace constexport::lower
