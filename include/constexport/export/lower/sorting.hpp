/// export/lower/sorting.hpp: sorting, searching, counting, and results whose size depends on data.
///
/// Room: export/lower. Includes reduction.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/lower/indices.hpp>
#include <constexport/export/lower/reduction.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

struct sorted_part {
  value_id values, indices;
};

/// The `count` largest or smallest elements along one axis, in order; of equal ones the first comes first.
inline sorted_part top(builder& b, value_id x, dim count, std::int64_t axis, bool largest) {
  if (b.rank(x) == 0) return {x, b.scalar(0, dtype::int64)};
  dtype const type = b.type(x) == dtype::boolean ? dtype::int32 : b.type(x);
  std::size_t const at = builder::index(axis, b.rank(x));
  dim_list sizes = b.dims(x);
  sizes[at] = count;
  value_list const made =
      b.g.node("TopK", {b.cast(x, type), b.size_tensor(count)},
               {{"axis", static_cast<std::int64_t>(at)}, {"largest", std::int64_t{largest ? 1 : 0}}},
               {{type, sizes}, {dtype::int64, sizes}});
  return {b.cast(made[0], b.type(x)), made[1]};
}

inline value_list sort(call& c, builder& b) {
  if (!c.is_integer("dim")) c.decline("named dimensions are not exported");
  value_id const x = c.tensor("self");
  std::int64_t const axis = c.integer("dim");
  dim const count = b.rank(x) == 0 ? b.g.dims.number(1) : b.dim_of(x, axis);
  auto const [values, indices] = top(b, x, count, axis, c.flag("descending"));
  if (c.result_count() == 1) return {indices};  // argsort
  return {values, indices};
}

inline value_list topk(call& c, builder& b) {
  auto const [values, indices] = top(b, c.tensor("self"), c.size("k"), c.integer("dim"), c.flag("largest"));
  return {values, indices};
}

/// The element at place `rank`, counted from 0, of those along one axis in ascending order.
inline sorted_part element_at(builder& b, value_id x, dim rank, std::int64_t axis, bool keep) {
  if (b.rank(x) == 0) return {x, b.scalar(0, dtype::int64)};
  auto const sorted = top(b, x, b.g.dims.add(rank, 1), axis, false);
  auto const pick = [&](value_id of) {
    value_id const last =
        b.slice(of, axis, b.g.dims.number(-1), b.g.dims.number(std::numeric_limits<std::int64_t>::max()));
    return keep ? last : b.squeeze(last, {axis});
  };
  return {pick(sorted.values), pick(sorted.indices)};
}

inline value_list kthvalue(call& c, builder& b) {
  auto const [value, index] =
      element_at(b, c.tensor("self"), b.g.dims.add(c.size("k"), -1), c.integer("dim"), keeps_axes(c));
  return {value, index};
}

/// The lower one of two in the middle.
inline value_list median(call& c, builder& b) {
  value_id x = c.tensor("self");
  auto const middle = [&](dim count) { return b.g.dims.floor_divide(b.g.dims.add(count, -1), 2); };
  if (c.has("dim")) {
    if (!c.is_integer("dim")) c.decline("named dimensions are not exported");
    std::int64_t const axis = c.integer("dim");
    dim const count = b.rank(x) == 0 ? b.g.dims.number(1) : b.dim_of(x, axis);
    auto const [value, index] = element_at(b, x, middle(count), axis, keeps_axes(c));
    return {value, index};
  }
  x = b.reshape(x, {b.g.dims.product(b.dims(x))});
  return {element_at(b, x, middle(b.dims(x)[0]), 0, false).values};
}

// ---- different elements

/// What ONNX's Unique tells of a tensor, sorted.
struct distinct {
  value_id values, inverse, counts;
};

inline distinct distinct_of(call& c, builder& b, value_id x, std::int64_t axis, bool flat) {
  dtype const type = b.type(x);
  // ONNX Runtime has kernels for these types only.
  bool const direct = is_floating(type) || type == dtype::int64 || type == dtype::int8;
  dim_list const source = b.dims(x);
  dim_list sizes = flat ? dim_list{b.g.dims.number(1)} : source;
  std::size_t const at = flat ? 0 : builder::index(axis, b.rank(x));
  sizes[at] = c.data_size(0, static_cast<std::int64_t>(at));
  dim const elements = flat ? b.g.dims.product(source) : source[at];
  std::vector<attribute> attributes;
  if (!flat) attributes.push_back({"axis", static_cast<std::int64_t>(at)});
  value_id const given = b.cast(x, direct ? type : dtype::int64);
  value_list const made = b.g.node(
      "Unique", {given}, std::move(attributes),
      {{b.type(given), sizes}, {dtype::int64, {sizes[at]}}, {dtype::int64, {elements}}, {dtype::int64, {sizes[at]}}});
  return {b.cast(made[0], type), flat ? b.reshape(made[2], source) : made[2], made[3]};
}

/// Where LibTorch was not asked for a result it may give an empty one.
inline value_id or_empty(call& c, builder& b, std::size_t result, value_id made) {
  bool const empty = c.result(result).dim() == 1 && c.result(result).size(0) == 0;
  return empty ? b.g.integers({}) : made;
}

/// _unique, _unique2 of all elements; unique_dim along one axis.
inline value_list unique(call& c, builder& b) {
  bool const flat = !c.has("dim");
  distinct const found = distinct_of(c, b, c.tensor("self"), flat ? 0 : c.integer("dim"), flat);
  auto const asked = [&](char const* flag) { return c.has(flag) && c.flag(flag); };
  value_list result{found.values, asked("return_inverse") ? found.inverse : or_empty(c, b, 1, found.inverse)};
  if (c.result_count() == 3) result.push_back(asked("return_counts") ? found.counts : or_empty(c, b, 2, found.counts));
  return result;
}

/// Runs of equal elements, each once.
inline value_list unique_consecutive(call& c, builder& b) {
  value_id x = c.tensor("self");
  dim_list const source = b.dims(x);
  bool const flat = c.is_none("dim");
  if (flat) x = b.reshape(x, {b.g.dims.product(source)});
  auto const axis = static_cast<std::int64_t>(flat ? 0 : builder::index(c.integer("dim"), b.rank(x)));
  dim const one = b.g.dims.number(1), size = b.dim_of(x, axis);
  if (!b.proven_at_most(one, size)) c.decline("there may be no elements");
  value_id const after = b.slice(x, axis, one, size);
  value_id const before = b.slice(x, axis, b.g.dims.number(0), b.g.dims.number(-1));
  value_id changes = b.unary("Not", b.broadcast("Equal", {after, before}, dtype::boolean));
  std::vector<std::int64_t> others;
  for (std::int64_t i = 0; i < b.rank(x); ++i)
    if (i != axis) others.push_back(i);
  if (!others.empty()) changes = any_of(b, changes, others, false);
  value_id const starts = b.concat({b.g.constant(at::ones({1}, at::TensorOptions(at::kBool))), changes}, 0);
  dim_list sizes = b.dims(x);
  dim const count = sizes[static_cast<std::size_t>(axis)] = c.data_size(0, axis);
  value_id const values = b.node("Compress", {x, starts}, {{"axis", axis}}, b.type(x), sizes);
  value_id const sums =
      b.node("CumSum", {b.cast(starts, dtype::int64), b.scalar(0, dtype::int64)}, {}, dtype::int64, {size});
  value_id inverse = b.broadcast("Sub", {sums, b.scalar(1, dtype::int64)});
  if (flat) inverse = b.reshape(inverse, source);
  value_id const places = b.squeeze(b.node("NonZero", {starts}, {}, dtype::int64, {one, count}), {0});
  value_list const from_second{places, b.g.integers({1}), b.g.integers({std::numeric_limits<std::int64_t>::max()})};
  value_id const ends = b.node("Slice", from_second, {}, dtype::int64, {b.g.dims.add(count, -1)});
  value_id const counts = b.broadcast("Sub", {b.concat({ends, b.size_tensor(size)}, 0), places});
  return {values, c.flag("return_inverse") ? inverse : or_empty(c, b, 1, inverse),
          c.flag("return_counts") ? counts : or_empty(c, b, 2, counts)};
}

/// The indices of the elements other than 0, one row each.
inline value_list nonzero(call& c, builder& b) {
  value_id x = c.tensor("self");
  bool const single = b.rank(x) == 0;
  if (single) x = b.unsqueeze(x, {0});
  dtype const type = b.type(x);
  bool const direct = type == dtype::float32 || type == dtype::int64 || type == dtype::int32 || type == dtype::boolean;
  dim const count = picked_by(c, b, c.tensor("self"), 0);
  value_id const found = b.node("NonZero", {direct ? x : b.cast(x, dtype::boolean)}, {}, dtype::int64,
                                {b.g.dims.number(b.rank(x)), count});
  value_id const rows = b.transpose(found, {1, 0});
  // A number has no indices, so the rows are empty.
  return {single ? b.slice(rows, 1, b.g.dims.number(0), b.g.dims.number(0)) : rows};
}

// ---- counting

/// Adds `amounts` up in the `bins` that `index` names; `length` is the number of bins as int64 [1].
inline value_id tally(builder& b, value_id index, value_id amounts, dim bins, value_id length) {
  dtype const type = b.type(amounts);
  value_id const zeros = b.node("Expand", {b.scalar(0, type), length}, {}, type, {bins});
  return b.node("ScatterElements", {zeros, index, amounts},
                {{"axis", std::int64_t{0}}, {"reduction", std::string("add")}}, type, {bins});
}

inline value_list bincount(call& c, builder& b) {
  value_id const x = b.cast(c.tensor("self"), dtype::int64), weights = c.optional_tensor("weights");
  dim const least = c.size("minlength");
  // The largest of nothing is below 0 here, so that no elements make no bins.
  value_id const largest = b.reduce("ReduceMax", b.concat({x, b.g.integers({-1})}, 0), {0}, true);
  value_id length = b.broadcast("Add", {largest, b.g.integers({1})});
  if (!b.g.dims.is_number(least, 0)) length = b.broadcast("Max", {length, b.size_tensor(least)});
  dtype const type = c.result_type();
  value_id const amounts = weights == no_value ? b.full(b.dims(x), 1, type) : b.cast(weights, type);
  return {tally(b, x, amounts, c.data_size(0, 0), length)};
}

/// Bins of equal width between two numbers, or between the smallest and the largest element.
inline value_list histc(call& c, builder& b) {
  dtype const type = c.result_type();
  value_id x = b.cast(c.tensor("self"), type);
  x = b.reshape(x, {b.g.dims.product(b.dims(x))});
  std::int64_t const bins = c.integer("bins");
  double const low = c.real("min"), high = c.real("max");
  value_id from = b.scalar(low, type), to = b.scalar(high, type);
  if (low == high) {
    if (may_be_empty(b, x, {0})) c.decline("there may be no elements whose extrema are the bounds");
    from = b.reduce("ReduceMin", x, {}, false);
    to = b.reduce("ReduceMax", x, {}, false);
    value_id const single = b.broadcast("Equal", {from, to}, dtype::boolean), one = b.scalar(1, type);
    value_id const below = b.broadcast("Sub", {from, one}), above = b.broadcast("Add", {to, one});
    from = b.broadcast("Where", {single, below, from}, type);
    to = b.broadcast("Where", {single, above, to}, type);
  }
  value_id const inside = b.broadcast("And", {b.broadcast("GreaterOrEqual", {x, from}, dtype::boolean),
                                              b.broadcast("LessOrEqual", {x, to}, dtype::boolean)});
  value_id const scaled = b.broadcast("Mul", {b.broadcast("Sub", {x, from}), b.scalar(bins, type)});
  value_id const place = b.cast(b.broadcast("Div", {scaled, b.broadcast("Sub", {to, from})}), dtype::int64);
  // The upper bound belongs to the last bin; what lies outside is counted 0 times.
  value_id const last = b.broadcast("Min", {place, b.scalar(bins - 1, dtype::int64)});
  value_id const index = b.broadcast("Where", {inside, last, b.scalar(0, dtype::int64)}, dtype::int64);
  return {tally(b, index, b.cast(inside, type), b.g.dims.number(bins), b.g.integers({bins}))};
}

// ---- places in a sorted sequence

/// How many elements of ascending `bounds` are below `values`, or not above them.
inline value_id places_in(builder& b, value_id bounds, value_id values, bool right) {
  value_id const compared = b.unsqueeze(values, {b.rank(values)});
  if (b.rank(bounds) > 1) bounds = b.unsqueeze(bounds, {b.rank(bounds) - 1});
  value_id const passed = b.broadcast(right ? "LessOrEqual" : "Less", {bounds, compared}, dtype::boolean);
  return b.reduce("ReduceSum", b.cast(passed, dtype::int64), {-1}, false);
}

/// bucketize and searchsorted: the latter has sequences of its own for every row of values, if they have several axes.
inline lowering search(char const* sequence) {
  return [sequence](call& c, builder& b) -> value_list {
    dtype const type = c.is_tensor("self") ? to_dtype(at::result_type(c.example(sequence), c.example("self")))
                                           : to_dtype(at::result_type(c.example(sequence), c.example_number("self")));
    value_id bounds = c.tensor(sequence);
    if (value_id const order = c.optional_tensor("sorter"); order != no_value)
      bounds = b.node("GatherElements", {bounds, order}, {{"axis", std::int64_t{-1}}}, b.type(bounds), b.dims(order));
    value_id const values = c.is_tensor("self") ? b.cast(c.tensor("self"), type) : c.number("self", type);
    bool const right = c.flag("right") || (!c.is_none("side") && c.text("side") == "right");
    return {b.cast(places_in(b, b.cast(bounds, type), values, right), c.result_type())};
  };
}

inline void add_sorting(lowering_table& table) {
  table.add({"aten::sort", "aten::argsort"}, sort);
  table.add({"aten::topk"}, topk);
  table.add({"aten::kthvalue"}, kthvalue);
  table.add({"aten::median"}, median);
  table.add({"aten::_unique", "aten::_unique2", "aten::unique_dim"}, unique);
  table.add({"aten::unique_consecutive"}, unique_consecutive);
  table.add({"aten::nonzero"}, nonzero);
  table.add({"aten::bincount"}, bincount);
  table.add({"aten::histc"}, histc);
  table.add({"aten::bucketize"}, search("boundaries"));
  table.add({"aten::searchsorted"}, search("sorted_sequence"));
}

}  // namespace constexport::lower
