/// export/lower/indexing.hpp: elements picked by tensors of indices or by masks.
///
/// Room: export/lower. Includes indices.hpp. lower.hpp collects the families. The number of elements that a mask picks
/// depends on data: it is a symbol of its own.
#pragma once

#include <constexport/export/lower/indices.hpp>
#include <constexport/export/lowering_table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace constexport::lower {

inline value_list index_select(call& c, builder& b) {
  value_id const x = c.tensor("self");
  if (b.rank(x) == 0) return {x};
  return {b.gather(x, with_axis(b, c.tensor("index")), axis_of(c, b.rank(x)))};
}

inline value_list gather(call& c, builder& b) {
  value_id const x = c.tensor("self"), index = c.tensor("index");
  value_id const given = with_axis(b, x), places = with_axis(b, index);
  value_id const picked =
      b.node("GatherElements", {given, places}, {{"axis", axis_of(c, b.rank(x))}}, b.type(x), b.dims(places));
  return {b.reshape(picked, b.dims(index))};
}

inline value_list take(call& c, builder& b) { return {b.gather(flat(b, c.tensor("self")), c.tensor("index"), 0)}; }

// ---- masks

/// Merges the axes [first, first + count) into one.
inline value_id merged(builder& b, value_id x, std::int64_t first, std::int64_t count) {
  if (count == 1) return x;
  dim_list sizes = b.dims(x);
  auto const from = sizes.begin() + first;
  *from = b.g.dims.product({from, from + count});
  sizes.erase(from + 1, from + count);
  return b.reshape(x, sizes);
}

/// The elements where a mask over some axes holds, in one axis.
inline value_id compressed(builder& b, value_id x, value_id mask, std::int64_t axis, dim count) {
  x = merged(b, x, axis, b.rank(mask));
  dim_list sizes = b.dims(x);
  sizes[static_cast<std::size_t>(axis)] = count;
  value_id const condition = flat(b, b.cast(mask, dtype::boolean));
  return b.node("Compress", {x, condition}, {{"axis", axis}}, b.type(x), sizes);
}

inline value_list masked_select(call& c, builder& b) {
  value_id const x = c.tensor("self"), mask = c.tensor("mask");
  dim_list const sizes = b.broadcast_dims(b.dims(x), b.dims(mask));
  value_id const whole = b.expand(mask, sizes);
  dim const count = whole == mask ? picked_by(c, b, mask, 0) : c.data_size(0, 0);
  return {compressed(b, flat(b, b.expand(x, sizes)), flat(b, whole), 0, count)};
}

// ---- x[indices]

/// One tensor among the indices and the axes of `x` that it stands for: a mask for as many as it has.
struct axis_index {
  value_id tensor;
  std::int64_t axis, span;
  bool is_mask;
};

inline std::vector<axis_index> axis_indices(call& c, builder& b) {
  std::vector<axis_index> result;
  std::int64_t axis = 0;
  for (value_id const each : c.tensors("indices")) {
    bool const mask = each != no_value && is_mask(b, each);
    std::int64_t const span = mask ? b.rank(each) : 1;
    if (mask && span == 0) c.decline("a mask without dimensions adds an axis");
    if (each != no_value) result.push_back({each, axis, span, mask});
    axis += span;
  }
  return result;
}

/// Integer indices for some axes, broadcast against each other.
struct index_plan {
  std::vector<std::int64_t> axes;
  value_list indices;
  dim_list shape;    ///< of what the indices have in common
  bool is_together;  ///< the axes lie side by side, so that `shape` takes their place; else it comes first

  /// The shape of `x[indices]`.
  dim_list picked(builder& b, value_id x) const {
    dim_list result;
    for (std::int64_t i = 0; i < b.rank(x); ++i)
      if (std::find(axes.begin(), axes.end(), i) == axes.end()) result.push_back(b.dim_of(x, i));
    result.insert(result.begin() + place(), shape.begin(), shape.end());
    return result;
  }
  std::ptrdiff_t place() const { return is_together ? axes[0] : 0; }
  /// The indexed axes first.
  std::vector<std::int64_t> axes_first(std::int64_t rank) const {
    std::vector<std::int64_t> perm = axes;
    for (std::int64_t i = 0; i < rank; ++i)
      if (std::find(axes.begin(), axes.end(), i) == axes.end()) perm.push_back(i);
    return perm;
  }
};

/// Masks become the indices of the elements where they hold. `count` is the number of these, if there are masks.
inline index_plan plan_of(builder& b, std::vector<axis_index> const& given, dim count) {
  index_plan plan{{}, {}, {}, true};
  for (axis_index const& each : given) {
    if (!each.is_mask) {
      plan.axes.push_back(each.axis);
      plan.indices.push_back(each.tensor);
    } else {
      dim_list const sizes{b.g.dims.number(each.span), count};
      value_id const found = b.node("NonZero", {b.cast(each.tensor, dtype::boolean)}, {}, dtype::int64, sizes);
      for (std::int64_t i = 0; i < each.span; ++i) {
        plan.axes.push_back(each.axis + i);
        plan.indices.push_back(b.gather(found, b.scalar(i, dtype::int64), 0));
      }
    }
  }
  for (value_id const each : plan.indices) plan.shape = b.broadcast_dims(plan.shape, b.dims(each));
  for (std::size_t i = 1; i < plan.axes.size(); ++i)
    plan.is_together = plan.is_together && plan.axes[i] == plan.axes[i - 1] + 1;
  return plan;
}

/// One tuple of indices for each element: the shape, and the number of axes as last dimension.
inline value_id tuples(builder& b, index_plan const& plan) {
  bool constant = true;
  std::vector<at::Tensor> known;
  for (value_id const each : plan.indices) {
    constant = constant && b.g.is_constant(each);
    if (constant) known.push_back(b.g[each].data.to(at::kLong));
  }
  if (constant) return b.g.constant(at::stack(at::broadcast_tensors(known), -1));
  value_list columns;
  for (value_id const each : plan.indices) {
    value_id const spread_out = b.expand(b.cast(each, dtype::int64), plan.shape);
    columns.push_back(b.unsqueeze(spread_out, {static_cast<std::int64_t>(plan.shape.size())}));
  }
  return b.concat(columns, static_cast<std::int64_t>(plan.shape.size()));
}

/// From the shape in front to its place among the other axes.
inline std::vector<std::int64_t> shape_in_place(index_plan const& plan, std::int64_t rank) {
  auto const shape = static_cast<std::int64_t>(plan.shape.size());
  std::vector<std::int64_t> perm;
  for (std::int64_t i = shape; i < rank; ++i) perm.push_back(i);
  for (std::int64_t i = 0; i < shape; ++i) perm.insert(perm.begin() + plan.place() + i, i);
  return perm;
}

/// A constant mask is a list of indices.
inline void known_masks_as_indices(builder& b, std::vector<axis_index>& given) {
  std::vector<axis_index> result;
  for (axis_index const& each : given) {
    if (!each.is_mask || !b.g.is_constant(each.tensor)) {
      result.push_back(each);
      continue;
    }
    at::Tensor const places = b.g[each.tensor].data.nonzero();
    for (std::int64_t i = 0; i < each.span; ++i)
      result.push_back({b.g.constant(places.select(1, i).contiguous()), each.axis + i, 1, false});
  }
  given = std::move(result);
}

/// Places on the indexed axes as one, row by row; none if that needs more than tuples of indices do.
inline value_id merged_places(builder& b, value_id x, index_plan const& plan) {
  if (!plan.is_together) return no_value;
  bool constant = true, spreads = false;
  for (std::size_t i = 0; i < plan.indices.size(); ++i) {
    dim const size = b.dim_of(x, plan.axes[i]);
    if (i > 0 && !b.proven_at_most(b.g.dims.number(1), size)) return no_value;
    constant = constant && b.g.is_constant(plan.indices[i]) && (i == 0 || b.g.dims.is_number(size));
    spreads = spreads || b.dims(plan.indices[i]) != plan.shape;
  }
  if (!constant && plan.place() == 0 && !spreads) return no_value;
  if (constant) {
    at::Tensor places = b.g[plan.indices[0]].data.to(at::kLong);
    for (std::size_t i = 1; i < plan.indices.size(); ++i) {
      std::int64_t const size = b.g.dims.value(b.dim_of(x, plan.axes[i]));
      places = places * size + b.g[plan.indices[i]].data.to(at::kLong).remainder(size);
    }
    return b.g.constant(places);
  }
  // Where the first index counts from the end, so does the whole; the others must not.
  value_id places = b.cast(plan.indices[0], dtype::int64);
  for (std::size_t i = 1; i < plan.indices.size(); ++i) {
    value_id const size = b.size_scalar(b.dim_of(x, plan.axes[i]));
    value_id const own = b.broadcast("Mod", {b.cast(plan.indices[i], dtype::int64), size});
    places = b.broadcast("Add", {b.broadcast("Mul", {places, size}), own});
  }
  return places;
}

inline value_list index(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::vector<axis_index> given = axis_indices(c, b);
  known_masks_as_indices(b, given);
  if (given.empty()) return {x};
  if (given.size() == 1) {
    if (!given[0].is_mask) return {b.gather(x, given[0].tensor, given[0].axis)};
    value_id const mask = given[0].tensor;
    return {compressed(b, x, mask, given[0].axis, picked_by(c, b, mask, given[0].axis))};
  }
  dim count = b.g.dims.number(1);
  bool masked = false;
  for (axis_index const& each : given) masked = masked || each.is_mask;
  if (masked) {
    // The masks' axis is the last one of what the indices have in common.
    index_plan const shape_only = plan_of(b, given, count);
    count = c.data_size(0, shape_only.place() + static_cast<std::int64_t>(shape_only.shape.size()) - 1);
  }
  index_plan const plan = plan_of(b, given, count);
  if (value_id const places = merged_places(b, x, plan); places != no_value) {
    auto const count_of_axes = static_cast<std::int64_t>(plan.axes.size());
    return {b.gather(merged(b, x, plan.axes[0], count_of_axes), places, plan.axes[0])};
  }
  value_id const source = b.transpose(x, plan.axes_first(b.rank(x)));
  dim_list sizes = plan.shape;
  dim_list const from = b.dims(source);
  sizes.insert(sizes.end(), from.begin() + static_cast<std::ptrdiff_t>(plan.axes.size()), from.end());
  value_id const picked = b.node("GatherND", {source, tuples(b, plan)}, {}, b.type(x), sizes);
  return {b.transpose(picked, shape_in_place(plan, b.rank(picked)))};
}

inline void add_indexing(lowering_table& table) {
  table.add({"aten::index_select"}, index_select);
  table.add({"aten::gather"}, gather);
  table.add({"aten::take"}, take);
  table.add({"aten::masked_select"}, masked_select);
  table.add({"aten::index", "aten::_unsafe_index"}, index);
}

}  // namespace constexport::lower
