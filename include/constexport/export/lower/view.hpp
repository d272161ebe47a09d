/// export/lower/view.hpp: the same elements in another shape.
///
/// Room: export/lower. Includes indices.hpp. shape.hpp collects it.
#pragma once

#include <constexport/export/lower/indices.hpp>
#include <constexport/export/lowering_table.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace constexport::lower {

/// The shape that LibTorch's `view` means, with its -1 worked out.
inline dim_list viewed(builder& b, value_id x, dim_list sizes) {
  dim const open = b.g.dims.number(-1);
  auto const at = std::find(sizes.begin(), sizes.end(), open);
  if (at == sizes.end()) return sizes;
  // What occurs on both sides is left out first: quotients of sums need not be expanded then.
  dim_list above = b.dims(x), below;
  for (auto each = sizes.begin(); each != sizes.end(); ++each) {
    if (each == at) continue;
    if (auto const common = std::find(above.begin(), above.end(), *each); common != above.end())
      above.erase(common);
    else
      below.push_back(*each);
  }
  *at = b.g.dims.floor_divide(b.g.dims.product(above), b.g.dims.product(below));
  return sizes;
}

inline value_list view(call& c, builder& b) {
  value_id const x = c.tensor("self");
  if (c.has("dtype")) {
    if (c.result_type() == b.type(x)) return {x};
    c.decline("the bytes of a tensor as another type are no ONNX operator before BitCast of operator set 26");
  }
  return {b.reshape(x, viewed(b, x, c.sizes(c.has("shape") ? "shape" : "size")))};
}

inline value_list flatten(call& c, builder& b) {
  if (!c.has("start_dim") || c.has("out_dim")) c.decline("named dimensions are not exported");
  value_id const x = c.tensor("self");
  if (b.rank(x) == 0) return {b.reshape(x, {b.g.dims.number(1)})};
  auto const first = axis_of(c, b.rank(x), "start_dim"), last = axis_of(c, b.rank(x), "end_dim");
  dim_list const from = b.dims(x);
  dim_list sizes(from.begin(), from.begin() + first);
  sizes.push_back(b.g.dims.product({from.begin() + first, from.begin() + last + 1}));
  sizes.insert(sizes.end(), from.begin() + last + 1, from.end());
  return {b.reshape(x, sizes)};
}

inline value_list unflatten(call& c, builder& b) {
  value_id const x = c.tensor("self");
  auto const axis = axis_of(c, b.rank(x));
  if (c.has("names") && !c.is_none("names")) c.decline("named dimensions are not exported");
  dim_list inner = c.sizes("sizes"), sizes = b.dims(x);
  dim const whole = sizes[static_cast<std::size_t>(axis)];
  dim rest = b.g.dims.number(1);
  for (dim const each : inner)
    if (!b.g.dims.is_number(each, -1)) rest = b.g.dims.multiply(rest, each);
  for (dim& each : inner)
    if (b.g.dims.is_number(each, -1)) each = b.g.dims.floor_divide(whole, rest);
  sizes.erase(sizes.begin() + axis);
  sizes.insert(sizes.begin() + axis, inner.begin(), inner.end());
  return {b.reshape(x, sizes)};
}

inline value_list transpose(call& c, builder& b) {
  if (!c.has("dim0")) c.decline("named dimensions are not exported");
  return {b.swap(c.tensor("self"), c.integer("dim0"), c.integer("dim1"))};
}

inline value_list swapaxes(call& c, builder& b) {
  return c.has("axis0") ? value_list{b.swap(c.tensor("self"), c.integer("axis0"), c.integer("axis1"))}
                        : transpose(c, b);
}

inline value_list t(call& c, builder& b) {
  value_id const x = c.tensor("self");
  return {b.rank(x) < 2 ? x : b.swap(x, 0, 1)};
}

inline value_list numpy_t(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::vector<std::int64_t> backwards(static_cast<std::size_t>(b.rank(x)));
  std::iota(backwards.rbegin(), backwards.rend(), 0);
  return {b.transpose(x, backwards)};
}

inline value_list permute(call& c, builder& b) { return {b.transpose(c.tensor("self"), c.integers("dims"))}; }

inline value_list movedim(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::vector<std::int64_t> const from = axes_of(c, b.rank(x), "source"), to = axes_of(c, b.rank(x), "destination");
  std::vector<std::int64_t> perm(static_cast<std::size_t>(b.rank(x)), -1);
  for (std::size_t i = 0; i < from.size(); ++i) perm[static_cast<std::size_t>(to[i])] = from[i];
  std::int64_t next = 0;
  for (std::int64_t& each : perm) {
    if (each >= 0) continue;
    while (std::find(from.begin(), from.end(), next) != from.end()) ++next;
    each = next++;
  }
  return {b.transpose(x, perm)};
}

inline value_list unsqueeze(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = c.integer("dim");
  return {b.unsqueeze(x, {axis < 0 ? axis + b.rank(x) + 1 : axis})};
}

inline value_list squeeze(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::vector<std::int64_t> axes, ones;
  if (!c.has("dim")) {
    for (std::int64_t i = 0; i < b.rank(x); ++i) axes.push_back(i);
  } else if (c.is_list("dim")) {
    axes = axes_of(c, b.rank(x), "dim");
  } else {
    axes.push_back(axis_of(c, b.rank(x)));
  }
  dim const one = b.g.dims.number(1);
  for (std::int64_t const axis : axes) {
    if (b.rank(x) == 0) break;
    dim const size = b.dim_of(x, axis);
    if (size == one)
      ones.push_back(axis);
    else if (!b.g.dims.is_number(size) && !b.proven_at_most(b.g.dims.number(2), size))
      b.assumptions.insert(b.g.dims.text(size) + " != 1");  // LibTorch would leave that axis out, too
  }
  std::sort(ones.begin(), ones.end());
  return {b.squeeze(x, ones)};
}

inline value_list expand(call& c, builder& b) {
  value_id const x = c.tensor("self");
  dim_list sizes = c.sizes("size");
  std::size_t const added = sizes.size() - b.dims(x).size();
  for (std::size_t i = added; i < sizes.size(); ++i)
    if (b.g.dims.is_number(sizes[i], -1)) sizes[i] = b.dims(x)[i - added];
  return {b.expand(x, sizes)};
}

inline value_list expand_as(call& c, builder& b) { return {b.expand(c.tensor("self"), b.dims(c.tensor("other")))}; }

inline value_list shaped_as(call& c, builder& b) { return {b.reshape(c.tensor("self"), b.dims(c.tensor("other")))}; }

// ---- shapes that are tensors

inline value_list shape_as_tensor(call& c, builder& b) { return {b.shape_tensor(b.dims(c.tensor("self")))}; }

/// Whatever computed the shape, ONNX takes it as it is; only what the sizes are called is found from the runs.
inline value_list reshape_from_tensor(call& c, builder& b) {
  value_id const x = c.tensor("self");
  dim_list sizes;
  for (std::int64_t axis = 0; axis < c.result(0).dim(); ++axis) {
    seen_values seen;
    for (std::size_t run = 0; run < b.runs().size(); ++run) seen.push_back(c.result(0, run).size(axis));
    sizes.push_back(c.explained("shape", seen));
  }
  if (b.g.is_constant(c.tensor("shape"))) return {b.reshape(x, sizes)};
  return {b.node("Reshape", {x, b.cast(c.tensor("shape"), dtype::int64)}, {}, b.type(x), sizes)};
}

inline void add_view(lowering_table& table) {
  table.add({"aten::view", "aten::reshape", "aten::_unsafe_view", "aten::_reshape_alias", "aten::view_copy",
             "aten::_reshape_alias_copy", "aten::_reshape_copy"},
            view);
  table.add({"aten::view_as", "aten::reshape_as"}, shaped_as);
  table.add({"aten::_shape_as_tensor"}, shape_as_tensor);
  table.add({"aten::_reshape_from_tensor"}, reshape_from_tensor);
  table.add({"aten::flatten"}, flatten);
  table.add({"aten::unflatten"}, unflatten);
  table.add({"aten::transpose", "aten::transpose_copy"}, transpose);
  table.add({"aten::swapaxes", "aten::swapdims"}, swapaxes);
  table.add({"aten::t", "aten::t_copy"}, t);
  table.add({"aten::numpy_T"}, numpy_t);
  table.add({"aten::permute", "aten::permute_copy"}, permute);
  table.add({"aten::movedim", "aten::moveaxis"}, movedim);
  table.add({"aten::unsqueeze", "aten::unsqueeze_copy"}, unsqueeze);
  table.add({"aten::squeeze", "aten::squeeze_copy"}, squeeze);
  table.add({"aten::expand", "aten::expand_copy", "aten::broadcast_to"}, expand);
  table.add({"aten::expand_as"}, expand_as);
}

}  // namespace constexport::lower
