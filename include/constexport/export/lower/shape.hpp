/// export/lower/shape.hpp: other shapes of the same elements, parts of tensors, tensors put together.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/call.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
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
  if (c.has("dtype")) c.decline("a view of the bytes as another type has no ONNX counterpart");
  value_id const x = c.tensor("self");
  return {b.reshape(x, viewed(b, x, c.sizes(c.has("shape") ? "shape" : "size")))};
}

inline value_list flatten(call& c, builder& b) {
  if (!c.has("start_dim") || c.has("out_dim")) c.decline("named dimensions are not exported");
  value_id const x = c.tensor("self");
  if (b.rank(x) == 0) return {b.unsqueeze(x, {0})};
  std::size_t const first = builder::index(c.integer("start_dim"), b.rank(x));
  std::size_t const last = builder::index(c.integer("end_dim"), b.rank(x));
  dim_list const& from = b.dims(x);
  dim_list sizes(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(first));
  sizes.push_back(b.g.dims.product(
      {from.begin() + static_cast<std::ptrdiff_t>(first), from.begin() + static_cast<std::ptrdiff_t>(last) + 1}));
  sizes.insert(sizes.end(), from.begin() + static_cast<std::ptrdiff_t>(last) + 1, from.end());
  return {b.reshape(x, sizes)};
}

inline value_list transpose(call& c, builder& b) {
  if (!c.has("dim0")) c.decline("named dimensions are not exported");
  return {b.swap(c.tensor("self"), c.integer("dim0"), c.integer("dim1"))};
}

inline value_list t(call& c, builder& b) {
  value_id const x = c.tensor("self");
  return {b.rank(x) < 2 ? x : b.swap(x, 0, 1)};
}

inline value_list permute(call& c, builder& b) { return {b.transpose(c.tensor("self"), c.integers("dims"))}; }

inline value_list unsqueeze(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = c.integer("dim");
  return {b.unsqueeze(x, {axis < 0 ? axis + b.rank(x) + 1 : axis})};
}

inline value_list squeeze(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::vector<std::int64_t> axes;
  if (c.has("dim"))
    axes = c.integers("dim");
  else
    for (std::int64_t i = 0; i < b.rank(x); ++i) axes.push_back(i);
  std::vector<std::int64_t> ones;
  for (std::int64_t const axis : axes)
    if (b.rank(x) > 0 && b.g.dims.is_number(b.dim_of(x, axis), 1)) ones.push_back(axis);
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

inline value_list repeat(call& c, builder& b) {
  value_id x = c.tensor("self");
  dim_list const times = c.sizes("repeats");
  std::vector<std::int64_t> added(times.size() - b.dims(x).size());
  std::iota(added.begin(), added.end(), 0);
  x = b.unsqueeze(x, added);
  dim_list sizes = b.dims(x);
  for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = b.g.dims.multiply(sizes[i], times[i]);
  return {b.node("Tile", {x, b.shape_tensor(times)}, {}, b.type(x), sizes)};
}

inline value_list select(call& c, builder& b) {
  if (c.has("name")) c.decline("named dimensions are not exported");
  value_id const x = c.tensor("self");
  std::int64_t const axis = c.integer("dim");
  dim index = c.size("index");
  // `x.size(1) - 1` is -1, which needs no size.
  if (dim const from_end = b.g.dims.subtract(index, b.dim_of(x, axis)); b.g.dims.is_number(from_end)) index = from_end;
  return {b.gather(x, b.size_scalar(index), axis)};
}

inline value_list slice(call& c, builder& b) {
  value_id const x = c.tensor("self");
  dim const start = c.is_none("start") ? b.g.dims.number(0) : c.size("start");
  dim const end = c.is_none("end") ? b.g.dims.number(std::numeric_limits<std::int64_t>::max()) : c.size("end");
  return {b.slice(x, c.integer("dim"), start, end, c.integer("step", 1))};
}

inline value_list narrow(call& c, builder& b) {
  if (c.is_tensor("start")) c.decline("the start is a tensor");
  dim const start = c.size("start");
  return {b.slice(c.tensor("self"), c.integer("dim"), start, b.g.dims.add(start, c.size("length")))};
}

/// Parts of the given sizes along one axis, which they fill.
inline value_list parts(builder& b, value_id x, std::int64_t axis, dim_list const& sizes) {
  if (sizes.size() == 1) return {x};
  std::size_t const at = builder::index(axis, b.rank(x));
  std::vector<std::pair<dtype, dim_list>> results;
  value_list inputs{x};
  std::vector<attribute> attributes{{"axis", static_cast<std::int64_t>(at)}};
  if (std::count(sizes.begin(), sizes.end(), sizes[0]) != static_cast<std::ptrdiff_t>(sizes.size()))
    inputs.push_back(b.shape_tensor(sizes));
  else if (b.g.opset >= 18)
    attributes.push_back({"num_outputs", static_cast<std::int64_t>(sizes.size())});
  for (dim const size : sizes) {
    dim_list shape = b.dims(x);
    shape[at] = size;
    results.emplace_back(b.type(x), std::move(shape));
  }
  return b.g.node("Split", std::move(inputs), std::move(attributes), std::move(results));
}

/// Parts of `size` elements each, the last one smaller if need be.
inline value_list equal_parts(call& c, builder& b, value_id x, std::int64_t axis, dim size) {
  std::size_t const count = c.result_count();
  dim rest = b.dim_of(x, axis);
  dim_list sizes;
  for (std::size_t i = 0; i + 1 < count; ++i, rest = b.g.dims.subtract(rest, size)) sizes.push_back(size);
  sizes.push_back(rest);
  return parts(b, x, axis, sizes);
}

inline value_list split(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = c.integer("dim");
  if (c.has("split_sizes")) return parts(b, x, axis, c.sizes("split_sizes"));
  if (c.has("split_size") && c.is_list("split_size")) return parts(b, x, axis, c.sizes("split_size"));
  return equal_parts(c, b, x, axis, c.size("split_size"));
}

inline value_list chunk(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = c.integer("dim");
  return equal_parts(c, b, x, axis, b.g.dims.ceil_divide(b.dim_of(x, axis), c.integer("chunks")));
}

inline value_list unbind(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = c.integer("dim");
  value_list result;
  for (std::size_t i = 0; i < c.result_count(); ++i)
    result.push_back(b.gather(x, b.scalar(static_cast<std::int64_t>(i), dtype::int64), axis));
  return result;
}

inline value_list cat(call& c, builder& b) {
  value_list inputs;
  for (value_id const each : c.tensors("tensors")) {
    // An empty vector may stand among tensors of any rank and counts for nothing.
    if (b.rank(each) == 1 && b.g.dims.is_number(b.dims(each)[0], 0) && c.result(0).dim() != 1) continue;
    inputs.push_back(b.cast(each, c.result_type()));
  }
  return {b.concat(inputs, c.integer("dim"))};
}

inline value_list stack(call& c, builder& b) {
  value_list inputs;
  std::int64_t axis = c.integer("dim");
  if (axis < 0) axis += static_cast<std::int64_t>(c.result(0).dim());
  for (value_id const each : c.tensors("tensors")) inputs.push_back(b.unsqueeze(b.cast(each, c.result_type()), {axis}));
  return {b.concat(inputs, axis)};
}

inline value_list flip(call& c, builder& b) {
  value_id x = c.tensor("self");
  for (std::int64_t const axis : c.integers("dims")) {
    value_list const inputs{x, b.g.integers({-1}), b.g.integers({std::numeric_limits<std::int64_t>::min()}),
                            b.g.integers({axis}), b.g.integers({-1})};
    x = b.node("Slice", inputs, {}, b.type(x), b.dims(x));
  }
  return {x};
}

inline void add_shape(lowering_table& table) {
  table.add({"aten::view", "aten::reshape", "aten::_unsafe_view", "aten::_reshape_alias", "aten::view_copy"}, view);
  table.add({"aten::flatten"}, flatten);
  table.add({"aten::transpose", "aten::swapaxes", "aten::swapdims", "aten::transpose_copy"}, transpose);
  table.add({"aten::t", "aten::numpy_T", "aten::t_copy"}, t);
  table.add({"aten::permute", "aten::permute_copy"}, permute);
  table.add({"aten::unsqueeze", "aten::unsqueeze_copy"}, unsqueeze);
  table.add({"aten::squeeze", "aten::squeeze_copy"}, squeeze);
  table.add({"aten::expand", "aten::expand_copy"}, expand);
  table.add({"aten::repeat"}, repeat);
  table.add({"aten::select", "aten::select_copy"}, select);
  table.add({"aten::slice", "aten::slice_copy"}, slice);
  table.add({"aten::narrow"}, narrow);
  table.add({"aten::split", "aten::split_with_sizes", "aten::unsafe_split"}, split);
  table.add({"aten::chunk", "aten::unsafe_chunk"}, chunk);
  table.add({"aten::unbind"}, unbind);
  table.add({"aten::cat", "aten::concat", "aten::concatenate"}, cat);
  table.add({"aten::stack"}, stack);
  table.add({"aten::flip"}, flip);
}

}  // namespace constexport::lower
