/// export/lower/strided.hpp: elements at regular distances: windows, diagonals, strides.
///
/// Room: export/lower. Includes indices.hpp. shape.hpp collects it, scatter.hpp writes to the same places.
#pragma once

#include <constexport/export/lower/indices.hpp>
#include <constexport/export/lowering_table.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <utility>
#include <vector>

namespace constexport::lower {

/// Windows of `size` elements, `step` apart, along a new last axis.
inline value_list unfold(call& c, builder& b) {
  value_id x = c.tensor("self");
  std::int64_t const axis = axis_of(c, b.rank(x), "dimension"), step = c.integer("step");
  dim_table& d = b.g.dims;
  dim const size = c.size("size");
  if (b.rank(x) == 0) return {b.slice(with_axis(b, x), 0, d.number(0), size)};
  dim const length = b.dim_of(x, axis);
  dim const windows = d.add(d.floor_divide(d.subtract(length, size), step), 1);
  auto const at = static_cast<std::size_t>(axis);
  if (size == d.number(step)) {
    // Windows that lie side by side are another shape.
    x = b.slice(x, axis, d.number(0), d.multiply(windows, step));
    dim_list sizes = b.dims(x);
    sizes[at] = windows;
    sizes.insert(sizes.begin() + axis + 1, size);
    x = b.reshape(x, sizes);
  } else {
    value_id const starts = range(b, d.number(0), d.add(d.subtract(length, size), 1), step);
    value_id const inside = range(b, d.number(0), size);
    value_id places = no_value;
    if (b.g.is_constant(starts) && b.g.is_constant(inside))
      places = b.g.constant(b.g[starts].data.unsqueeze(1) + b.g[inside].data);
    else
      places = b.node("Add", {b.unsqueeze(starts, {1}), inside}, {}, dtype::int64, {windows, size});
    x = b.gather(x, places, axis);
  }
  std::vector<std::int64_t> perm(static_cast<std::size_t>(b.rank(x)));
  std::iota(perm.begin(), perm.end(), 0);
  std::rotate(perm.begin() + axis + 1, perm.begin() + axis + 2, perm.end());
  return {b.transpose(x, perm)};
}

// ---- diagonals

/// Where a diagonal lies: two axes, and its place in the matrix that they span, read row by row.
struct diagonal_place {
  std::int64_t first, second, offset;
  dim rows, columns, length;
  dim start(builder& b) const { return offset >= 0 ? b.g.dims.number(offset) : b.g.dims.multiply(columns, -offset); }
  dim step(builder& b) const { return b.g.dims.add(columns, 1); }
};

inline diagonal_place diagonal_of(call& c, builder& b, value_id x) {
  if (c.has("outdim")) c.decline("named dimensions are not exported");
  auto const axis = [&](char const* argument, std::int64_t otherwise) {
    return c.has(argument) ? axis_of(c, b.rank(x), argument) : otherwise;
  };
  diagonal_place at{
      axis("dim1", 0), axis("dim2", 1), c.has("offset") ? c.integer("offset") : c.integer("diagonal", 0), {}, {}, {}};
  at.rows = b.dim_of(x, at.first);
  at.columns = b.dim_of(x, at.second);
  dim const below = at.offset >= 0 ? at.rows : b.g.dims.add(at.rows, at.offset);
  dim const right = at.offset >= 0 ? b.g.dims.add(at.columns, -at.offset) : at.columns;
  dim const length = smaller(b, below, right), zero = b.g.dims.number(0);
  at.length = b.proven_at_most(zero, length) ? length : b.g.dims.maximum(zero, length);
  return at;
}

/// The two axes as one, at the end.
inline value_id as_rows(builder& b, value_id x, diagonal_place const& at) {
  std::vector<std::int64_t> perm;
  for (std::int64_t i = 0; i < b.rank(x); ++i)
    if (i != at.first && i != at.second) perm.push_back(i);
  perm.push_back(at.first);
  perm.push_back(at.second);
  x = b.transpose(x, perm);
  dim_list sizes = b.dims(x);
  sizes.pop_back();
  sizes.back() = b.g.dims.multiply(at.rows, at.columns);
  return b.reshape(x, sizes);
}

inline value_id diagonal_part(builder& b, value_id x, diagonal_place const& at) {
  value_id const rows = as_rows(b, x, at);
  dim_table& d = b.g.dims;
  dim const start = at.start(b), step = at.step(b), end = d.add(start, d.multiply(at.length, step));
  dim_list sizes = b.dims(rows);
  sizes.back() = at.length;
  return b.node("Slice",
                {rows, b.size_tensor(start), b.size_tensor(end), b.g.integers({b.rank(rows) - 1}), b.size_tensor(step)},
                {}, b.type(x), sizes);
}

inline value_list diagonal(call& c, builder& b) {
  value_id const x = c.tensor("self");
  return {diagonal_part(b, x, diagonal_of(c, b, x))};
}

/// A square matrix, zero outside the diagonal on which the elements of the last axis stand.
inline value_id embedded(builder& b, value_id x, std::int64_t offset) {
  dim_table& d = b.g.dims;
  dim_list sizes = b.dims(x);
  dim const side = d.add(sizes.back(), std::abs(offset));
  std::int64_t const rank = b.rank(x);
  if (offset != 0) {
    dim_list missing = sizes;
    missing.back() = d.number(std::abs(offset));
    value_id const zeros = b.full(missing, 0, b.type(x));
    x = b.concat({x, zeros}, rank - 1);
  }
  // Each row (or column, below the main diagonal) has its own element, which the mask keeps at one place.
  x = b.unsqueeze(x, {offset >= 0 ? rank : rank - 1});
  value_id mask = no_value;
  if (d.is_number(side)) {
    std::int64_t const n = d.value(side);
    mask = b.g.constant(at::diag_embed(at::ones(n - std::abs(offset), at::kBool), offset));
  } else {
    value_id const like = b.full({side, side}, 0, dtype::float32);
    mask = b.cast(b.unary("EyeLike", like, {{"k", offset}}), dtype::boolean);
  }
  sizes.back() = side;
  sizes.push_back(side);
  return b.node("Where", {mask, x, b.scalar(0, b.type(x))}, {}, b.type(x), sizes);
}

inline value_list diag_embed(call& c, builder& b) {
  value_id x = with_axis(b, c.tensor("self"));
  std::int64_t const rank = b.rank(x) + 1;
  std::int64_t first = axis_of(c, rank, "dim1"), second = axis_of(c, rank, "dim2"), offset = c.integer("offset");
  if (first > second) {
    std::swap(first, second);
    offset = -offset;
  }
  x = embedded(b, x, offset);
  std::vector<std::int64_t> perm(static_cast<std::size_t>(rank - 2));
  std::iota(perm.begin(), perm.end(), 0);
  perm.insert(perm.begin() + first, rank - 2);
  perm.insert(perm.begin() + second, rank - 1);
  return {b.transpose(x, perm)};
}

inline value_list diag(call& c, builder& b) {
  value_id const x = c.tensor("self");
  if (b.rank(x) == 1) return {embedded(b, x, c.integer("diagonal"))};
  return {diagonal_part(b, x, diagonal_of(c, b, x))};
}

inline value_list diagflat(call& c, builder& b) {
  return {embedded(b, flat(b, c.tensor("self")), c.integer("offset"))};
}

// ---- strides

/// All elements in the order in which they lie in memory, if the tensor fills its memory as far as the strides reach.
inline value_id in_memory_order(call& c, builder& b, value_id x) {
  at::Tensor const seen = c.example("self");
  bool whole = seen.storage_offset() == 0 && seen.is_non_overlapping_and_dense();
  dim_list const sizes = c.sizes("size"), strides = c.sizes("stride");
  dim last = c.is_none("storage_offset") ? b.g.dims.number(0) : c.size("storage_offset");
  for (std::size_t i = 0; i < sizes.size(); ++i)
    last = b.g.dims.add(last, b.g.dims.multiply(b.g.dims.add(sizes[i], -1), strides[i]));
  whole = whole && b.seen_at_most(b.g.dims.add(last, 1), b.g.dims.product(b.dims(x)));
  if (!whole) c.decline("the tensor is a part of another one's memory");
  std::vector<std::int64_t> perm(static_cast<std::size_t>(b.rank(x)));
  std::iota(perm.begin(), perm.end(), 0);
  std::stable_sort(perm.begin(), perm.end(),
                   [&](std::int64_t l, std::int64_t r) { return seen.stride(l) > seen.stride(r); });
  return flat(b, seen.is_contiguous() ? x : b.transpose(x, perm));
}

/// The places in memory that sizes and strides name.
inline value_id strided_places(call& c, builder& b) {
  dim_table& d = b.g.dims;
  dim_list const sizes = c.sizes("size"), strides = c.sizes("stride");
  dim const offset = c.is_none("storage_offset") ? d.number(0) : c.size("storage_offset");
  value_id places = b.size_scalar(offset);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    value_id const steps = range(b, d.number(0), sizes[i]), stride = b.size_scalar(strides[i]);
    dim_list const grown = [&] {
      dim_list result = b.dims(places);
      result.push_back(sizes[i]);
      return result;
    }();
    if (b.g.is_constant(steps) && b.g.is_constant(stride) && b.g.is_constant(places)) {
      places = b.g.constant(b.g[places].data.unsqueeze(-1) + b.g[steps].data * b.g[stride].data);
      continue;
    }
    value_id const moved = b.node("Mul", {steps, stride}, {}, dtype::int64, {sizes[i]});
    places = b.node("Add", {b.unsqueeze(places, {b.rank(places)}), moved}, {}, dtype::int64, grown);
  }
  return places;
}

inline value_list as_strided(call& c, builder& b) {
  value_id const x = in_memory_order(c, b, c.tensor("self"));
  return {b.gather(x, strided_places(c, b), 0)};
}

inline value_list trace(call& c, builder& b) {
  value_id const x = c.tensor("self");
  value_id const part = diagonal_part(b, x, diagonal_of(c, b, x));
  return {b.reduce("ReduceSum", b.cast(part, c.result_type()), {0}, false)};
}

inline void add_strided(lowering_table& table) {
  table.add({"aten::unfold", "aten::unfold_copy"}, unfold);
  table.add({"aten::diagonal", "aten::diagonal_copy"}, diagonal);
  table.add({"aten::diag"}, diag);
  table.add({"aten::diag_embed"}, diag_embed);
  table.add({"aten::diagflat"}, diagflat);
  table.add({"aten::trace"}, trace);
  table.add({"aten::as_strided", "aten::as_strided_copy"}, as_strided);
}

}  // namespace constexport::lower
