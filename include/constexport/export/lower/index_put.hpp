/// export/lower/index_put.hpp: `x[indices] = values` with tensors of indices or masks.
///
/// Room: export/lower. Includes indexing.hpp and replace.hpp. scatter.hpp collects it. Where values do not depend on
/// how many elements a mask picks, the assignment is a selection and no scattering.
#pragma once

#include <constexport/export/lower/indexing.hpp>
#include <constexport/export/lower/replace.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// `x + y`, for booleans `x or y`.
inline value_id accumulated(builder& b, value_id x, value_id y, dim_list const& sizes) {
  return b.node(b.type(x) == dtype::boolean ? "Or" : "Add", {x, y}, {}, b.type(x), sizes);
}

/// One mask, and values that are the same for every element along the axis which it leaves.
inline value_id put_where(builder& b, value_id x, axis_index const& where, value_id values, bool accumulate) {
  std::int64_t const after = b.rank(x) - where.axis - where.span;
  std::vector<std::int64_t> added;
  for (std::int64_t i = 0; i < after; ++i) added.push_back(where.span + i);
  value_id const mask = b.unsqueeze(b.cast(where.tensor, dtype::boolean), added);
  if (std::int64_t const at = b.rank(values) - 1 - after; at >= 0) {
    // The axis of the elements becomes as many axes as the mask has.
    added.clear();
    for (std::int64_t i = 1; i < where.span; ++i) added.push_back(at + i);
    values = b.unsqueeze(values, added);
  }
  if (accumulate) values = accumulated(b, x, values, b.broadcast_dims(b.dims(x), b.dims(values)));
  return b.node("Where", {mask, values, x}, {}, b.type(x), b.dims(x));
}

inline value_list index_put(call& c, builder& b) {
  value_id const x = c.tensor("self");
  value_id values = b.cast(c.tensor("values"), b.type(x));
  bool const accumulate = c.has("accumulate") && c.flag("accumulate");
  std::vector<axis_index> given = axis_indices(c, b);
  if (given.empty()) {
    values = b.expand(values, b.dims(x));
    return {accumulate ? accumulated(b, x, values, b.dims(x)) : values};
  }
  dim const one = b.g.dims.number(1);
  if (given.size() == 1 && given[0].is_mask) {
    std::int64_t const after = b.rank(x) - given[0].axis - given[0].span, at = b.rank(values) - 1 - after;
    if (at < 0 || b.dim_of(values, at) == one) return {put_where(b, x, given[0], values, accumulate)};
  }
  known_masks_as_indices(b, given);
  dim count = one;
  bool masked = false;
  for (axis_index const& each : given) masked = masked || each.is_mask;
  if (masked) {
    index_plan const shape_only = plan_of(b, given, count);
    auto const behind = static_cast<std::int64_t>(shape_only.picked(b, x).size()) - shape_only.place() -
                        static_cast<std::int64_t>(shape_only.shape.size());
    std::int64_t const at = b.rank(values) - 1 - behind;
    if (at < 0 || b.dim_of(values, at) == one)
      c.decline("a mask beside other indices needs a value for each element that it picks");
    count = b.dim_of(values, at);
  }
  index_plan const plan = plan_of(b, given, count);
  // Values in the order of the tuples: the shape first, then the axes that are not indexed.
  values = b.expand(values, plan.picked(b, x));
  std::vector<std::int64_t> const in_place = shape_in_place(plan, b.rank(values)), first = plan.axes_first(b.rank(x));
  auto const inverse = [](std::vector<std::int64_t> const& perm) {
    std::vector<std::int64_t> result(perm.size());
    for (std::size_t i = 0; i < perm.size(); ++i)
      result[static_cast<std::size_t>(perm[i])] = static_cast<std::int64_t>(i);
    return result;
  };
  values = b.transpose(values, inverse(in_place));
  value_id const target = b.transpose(x, first);
  std::vector<attribute> attributes;
  if (accumulate) {
    if (b.type(x) == dtype::boolean) c.decline("ONNX adds no booleans");
    attributes.push_back({"reduction", std::string("add")});
  }
  dtype const type = b.type(x), through = accumulate ? addable(type) : type;
  value_id const written = b.node("ScatterND", {b.cast(target, through), tuples(b, plan), b.cast(values, through)},
                                  attributes, through, b.dims(target));
  return {b.transpose(b.cast(written, type), inverse(first))};
}

inline void add_index_put(lowering_table& table) {
  table.add({"aten::index_put", "aten::_unsafe_index_put", "aten::_index_put_impl"}, index_put);
}

}  // namespace constexport::lower
