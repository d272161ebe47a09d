/// export/lower/parts.hpp: parts of tensors along an axis, and tensors put together along one.
///
/// Room: export/lower. Includes indices.hpp. shape.hpp collects it.
#pragma once

#include <constexport/export/lower/indices.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// A place on an axis, counted from the end where that needs no size: `x.size(1) - 1` is -1.
inline dim nearest(builder& b, dim index, dim size) {
  dim const from_end = b.g.dims.subtract(index, size);
  return b.g.dims.is_number(from_end) && !b.g.dims.is_number(index) && b.g.dims.value(from_end) < 0 ? from_end : index;
}

inline value_list select(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = axis_of(c, b.rank(x));
  return {b.gather(x, b.size_scalar(nearest(b, c.size("index"), b.dim_of(x, axis))), axis)};
}

inline value_list slice(call& c, builder& b) {
  value_id const x = c.tensor("self");
  dim const start = c.is_none("start") ? b.g.dims.number(0) : c.size("start");
  dim const end = c.is_none("end") ? open_end(b) : c.size("end");
  return {b.slice(x, axis_of(c, b.rank(x)), start, end, c.integer("step", 1))};
}

inline value_list narrow(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = axis_of(c, b.rank(x));
  if (c.is_tensor("start")) {
    // Indices may be negative, as the start; bounds of a slice could then end at 0.
    value_id const start = c.tensor("start");
    value_id const places = b.broadcast("Add", {range(b, b.g.dims.number(0), c.size("length")), flat(b, start)});
    return {b.gather(x, places, axis)};
  }
  dim const start = c.size("start"), end = b.g.dims.add(start, c.size("length"));
  bool const to_the_end = b.g.dims.is_number(start) && b.g.dims.is_number(end, 0) && b.g.dims.value(start) < 0;
  return {b.slice(x, axis, start, to_the_end ? open_end(b) : end)};
}

/// A call must return the same number of tensors in every run.
inline std::size_t part_count(call& c, builder& b) {
  std::size_t const count = c.result_count();
  for (std::size_t run = 1; run < b.runs().size(); ++run)
    if ((count > 0 && !c.result(count - 1, run).defined()) || c.result(count, run).defined())
      c.fail("it returns " + std::to_string(count) +
             " tensors in one run and another number of them at other sizes; fix the axis that decides it");
  return count;
}

/// Parts of the given sizes along one axis, which they fill. `computed`: Split finds the sizes by itself.
inline value_list parts(builder& b, value_id x, std::int64_t axis, dim_list const& sizes, bool computed = false) {
  if (sizes.size() == 1) return {x};
  std::vector<std::pair<dtype, dim_list>> results;
  value_list inputs{x};
  std::vector<attribute> attributes{{"axis", axis}};
  bool const equal = std::count(sizes.begin(), sizes.end(), sizes[0]) == static_cast<std::ptrdiff_t>(sizes.size());
  if (!equal && !(computed && b.g.opset >= 18))
    inputs.push_back(b.shape_tensor(sizes));
  else if (b.g.opset >= 18)
    attributes.push_back({"num_outputs", static_cast<std::int64_t>(sizes.size())});
  for (dim const size : sizes) {
    dim_list shape = b.dims(x);
    shape[static_cast<std::size_t>(axis)] = size;
    results.emplace_back(b.type(x), std::move(shape));
  }
  return b.g.node("Split", std::move(inputs), std::move(attributes), std::move(results));
}

/// Parts of `size` elements each, the last one smaller if need be.
inline value_list equal_parts(call& c, builder& b, value_id x, std::int64_t axis, dim size, bool computed) {
  std::size_t const count = part_count(c, b);
  dim rest = b.dim_of(x, axis);
  dim_list sizes;
  for (std::size_t i = 0; i + 1 < count; ++i, rest = b.g.dims.subtract(rest, size)) sizes.push_back(size);
  sizes.push_back(rest);
  // How many parts there are is what the runs showed.
  dim const one = b.g.dims.number(1), zero = b.g.dims.number(0);
  if (count > 1 && !b.proven_at_most(one, rest)) b.assumptions.insert("1 <= " + b.g.dims.text(rest));
  if (rest != zero && !b.proven_at_most(rest, size))
    b.assumptions.insert(b.g.dims.text(rest) + " <= " + b.g.dims.text(size));
  return parts(b, x, axis, sizes, computed);
}

inline value_list split(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = axis_of(c, b.rank(x));
  if (c.has("split_sizes")) return parts(b, x, axis, c.sizes("split_sizes"));
  if (c.is_list("split_size")) return parts(b, x, axis, c.sizes("split_size"));
  return equal_parts(c, b, x, axis, c.size("split_size"), false);
}

inline value_list chunk(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = axis_of(c, b.rank(x)), chunks = c.integer("chunks");
  dim const size = b.g.dims.ceil_divide(b.dim_of(x, axis), chunks);
  return equal_parts(c, b, x, axis, size, static_cast<std::int64_t>(c.result_count()) == chunks);
}

/// Sections whose sizes differ by one at most, the larger ones first.
inline value_list tensor_split(call& c, builder& b) {
  if (!c.has("sections")) c.decline("its parts are slices");
  value_id const x = c.tensor("self");
  std::int64_t const axis = axis_of(c, b.rank(x)), sections = c.integer("sections");
  dim_list sizes;
  for (std::int64_t i = 0; i < sections; ++i)
    sizes.push_back(b.g.dims.floor_divide(b.g.dims.add(b.dim_of(x, axis), sections - 1 - i), sections));
  return parts(b, x, axis, sizes);
}

inline value_list unbind(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = axis_of(c, b.rank(x));
  value_list result;
  for (std::size_t i = 0; i < part_count(c, b); ++i)
    result.push_back(b.gather(x, b.scalar(static_cast<std::int64_t>(i), dtype::int64), axis));
  return result;
}

inline value_list cat(call& c, builder& b) {
  value_list inputs;
  dim const zero = b.g.dims.number(0);
  value_list const all = c.tensors("tensors");
  for (value_id const each : all) {
    // An empty vector may stand among tensors of any rank and counts for nothing.
    if (b.rank(each) == 1 && b.dims(each)[0] == zero) continue;
    inputs.push_back(b.cast(each, c.result_type()));
  }
  if (inputs.empty()) return {b.cast(all[0], c.result_type())};
  return {b.concat(inputs, axis_of(c, b.rank(inputs[0])))};
}

inline value_list stack(call& c, builder& b) {
  value_list inputs;
  std::int64_t axis = c.integer("dim");
  if (axis < 0) axis += c.result(0).dim();
  for (value_id const each : c.tensors("tensors")) inputs.push_back(b.unsqueeze(b.cast(each, c.result_type()), {axis}));
  return {b.concat(inputs, axis)};
}

/// Matrices along the diagonal of one that is zero elsewhere.
inline value_list block_diag(call& c, builder& b) {
  dim_table& d = b.g.dims;
  dim const zero = d.number(0), one = d.number(1);
  value_list blocks;
  dim width = zero;
  for (value_id const each : c.tensors("tensors")) {
    value_id block = b.cast(each, c.result_type());
    if (b.rank(block) < 2) block = b.reshape(block, {one, b.rank(block) == 0 ? one : b.dims(block)[0]});
    width = d.add(width, b.dim_of(block, 1));
    blocks.push_back(block);
  }
  dim before = zero;
  for (value_id& block : blocks) {
    dim const own = b.dim_of(block, 1), after = d.subtract(width, d.add(before, own));
    block = b.node("Pad", {block, b.shape_tensor({zero, before, zero, after})}, {}, b.type(block),
                   {b.dims(block)[0], width});
    before = d.add(before, own);
  }
  return {b.concat(blocks, 0)};
}

inline void add_parts(lowering_table& table) {
  table.add({"aten::block_diag"}, block_diag);
  table.add({"aten::select", "aten::select_copy"}, select);
  table.add({"aten::slice", "aten::slice_copy"}, slice);
  table.add({"aten::narrow", "aten::narrow_copy"}, narrow);
  table.add({"aten::split", "aten::split_with_sizes", "aten::unsafe_split", "aten::unsafe_split_with_sizes",
             "aten::split_copy", "aten::split_with_sizes_copy"},
            split);
  table.add({"aten::chunk", "aten::unsafe_chunk"}, chunk);
  table.add({"aten::tensor_split"}, tensor_split);
  table.add({"aten::unbind", "aten::unbind_copy"}, unbind);
  table.add({"aten::cat", "aten::concat", "aten::concatenate"}, cat);
  table.add({"aten::stack"}, stack);
}

}  // namespace constexport::lower
