/// export/lower/scatter.hpp: elements written to places that a tensor of indices names.
///
/// Room: export/lower. Includes indices.hpp, index_put.hpp, pointwise.hpp and replace.hpp. lower.hpp collects the
/// families. Operators with in-place forms arrive here as functions.
#pragma once

#include <constexport/export/lower/index_put.hpp>
#include <constexport/export/lower/indices.hpp>
#include <constexport/export/lower/pointwise.hpp>
#include <constexport/export/lower/replace.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// The part of `x` that a smaller tensor of indices reaches.
inline value_id reached(builder& b, value_id x, dim_list const& sizes) {
  for (std::int64_t axis = 0; axis < b.rank(x); ++axis)
    if (dim const size = sizes[static_cast<std::size_t>(axis)]; b.dim_of(x, axis) != size)
      x = b.slice(x, axis, b.g.dims.number(0), size);
  return x;
}

/// The most that a type holds, or the least.
inline at::Scalar extreme(dtype type, bool largest) {
  auto const of = [&]<class T>(T) -> at::Scalar {
    using limits = std::numeric_limits<T>;
    return static_cast<std::int64_t>(largest ? limits::max() : limits::lowest());
  };
  switch (type) {
    case dtype::int64:
      return of(std::int64_t{});
    case dtype::int32:
      return of(std::int32_t{});
    case dtype::int16:
      return of(std::int16_t{});
    case dtype::int8:
      return of(std::int8_t{});
    case dtype::uint8:
      return of(std::uint8_t{});
    case dtype::boolean:
      return largest;
    default:
      return largest ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
  }
}

/// `x` combined with `updates` (of the shape of `index`) as LibTorch's `reduce` says.
inline value_id reduced_into(call& c, builder& b, value_id x, value_id index, value_id updates, std::int64_t axis,
                             std::string const& reduce, bool include_self) {
  dtype const type = b.type(x);
  dim_list const places = b.dims(index);
  bool const mean = reduce == "mean";
  std::string const how = mean || reduce == "sum" || reduce == "add" ? "add"
                          : reduce == "prod" || reduce == "multiply" ? "mul"
                          : reduce == "amax"                         ? "max"
                                                                     : "min";
  if (!include_self) {
    at::Scalar const neutral = how == "add"   ? at::Scalar(0)
                               : how == "mul" ? at::Scalar(1)
                                              : extreme(type, how == "min");
    x = scattered(c, b, x, index, b.full(places, neutral, type), axis);
  }
  value_id const result = scattered(c, b, x, index, updates, axis, how);
  if (!mean) return result;
  value_id const start = b.full(b.dims(x), include_self ? 1 : 0, type);
  value_id count = scattered(c, b, start, index, b.full(places, 1, type), axis, "add");
  if (!include_self) count = b.broadcast("Max", {count, b.scalar(1, type)});
  if (is_floating(type)) return b.broadcast("Div", {result, count});
  // Rounded down; without the remainder there is nothing to round.
  return b.broadcast("Div", {b.broadcast("Sub", {result, b.broadcast("Mod", {result, count})}), count});
}

/// `self` with what `write(self, index, src, axis)` writes, where tensors without dimensions count as having one.
template <class Write>
value_list written(call& c, builder& b, Write&& write) {
  value_id const x = c.tensor("self");
  value_id const result = write(with_axis(b, x), with_axis(b, c.tensor("index")), axis_of(c, b.rank(x)));
  return {b.reshape(result, b.dims(x))};
}

/// scatter, scatter_add, scatter_reduce: an index for each element of the source.
inline value_list scatter(call& c, builder& b) {
  return written(c, b, [&](value_id x, value_id index, std::int64_t axis) {
    dtype const type = b.type(x);
    value_id updates = no_value;
    if (c.has("src"))
      updates = reached(b, with_axis(b, b.cast(c.tensor("src"), type)), b.dims(index));
    else
      updates = b.expand(operand(c, b, "value", type), b.dims(index));
    std::string reduce = c.name().find("scatter_add") != std::string::npos ? "add" : "";
    if (c.has("reduce")) reduce = c.text("reduce");
    if (reduce.empty()) return scattered(c, b, x, index, updates, axis);
    return reduced_into(c, b, x, index, updates, axis, reduce, !c.has("include_self") || c.flag("include_self"));
  });
}

/// index_add, index_copy, index_fill, index_reduce: an index for each slice of the source.
inline value_list write_slices(call& c, builder& b) {
  return written(c, b, [&](value_id x, value_id index, std::int64_t axis) {
    dtype const type = b.type(x);
    value_id source = no_value;
    if (c.has("source")) {
      source = with_axis(b, b.cast(c.tensor("source"), type));
      if (!c.is_none("alpha") && c.real("alpha") != 1)
        source = b.broadcast("Mul", {source, b.scalar(c.scalar("alpha"), type)});
    } else {
      dim_list sizes = b.dims(x);
      sizes[static_cast<std::size_t>(axis)] = b.dims(index)[0];
      source = b.expand(operand(c, b, "value", type), sizes);
    }
    bool const adds = c.name().find("index_add") != std::string::npos;
    if (c.has("reduce"))
      return reduced_into(c, b, x, spread(b, index, b.dims(source), axis), source, axis, c.text("reduce"),
                          c.flag("include_self"));
    return slices_scattered(c, b, x, index, source, axis, adds ? "add" : "none");
  });
}

inline value_list put(call& c, builder& b) {
  value_id const x = c.tensor("self");
  value_id const source = flat(b, b.cast(c.tensor("source"), b.type(x)));
  value_id const result =
      scattered(c, b, flat(b, x), flat(b, c.tensor("index")), source, 0, c.flag("accumulate") ? "add" : "none");
  return {b.reshape(result, b.dims(x))};
}

inline value_list masked_fill_where(call& c, builder& b) {
  value_id const x = c.tensor("self"), mask = b.cast(c.tensor("mask"), dtype::boolean);
  return {where_else(b, mask, operand(c, b, "value", b.type(x)), x)};
}

/// The elements of `source`, in order, where the mask holds.
inline value_list masked_scatter(call& c, builder& b) {
  value_id const x = c.tensor("self"), given = c.tensor("mask");
  dim_list const sizes = b.broadcast_dims(b.dims(x), b.dims(given));
  value_id const mask = b.expand(given, sizes), condition = b.cast(mask, dtype::boolean);
  // How many were taken before: with one element more in the source, every such number is a place in it.
  value_id const taken = b.cast(flat(b, condition), dtype::int64);
  value_id const places = b.node("CumSum", {taken, b.scalar(0, dtype::int64)}, {{"exclusive", std::int64_t{1}}},
                                 dtype::int64, b.dims(taken));
  value_id const source = flat(b, b.cast(c.tensor("source"), b.type(x)));
  value_id const longer = b.concat({source, b.full({b.g.dims.number(1)}, 0, b.type(x))}, 0);
  return {where_else(b, condition, b.reshape(b.gather(longer, places, 0), sizes), x)};
}

inline void add_scatter(lowering_table& table) {
  table.add({"aten::scatter", "aten::scatter_add", "aten::scatter_reduce"}, scatter);
  table.add({"aten::index_add", "aten::index_copy", "aten::index_fill", "aten::index_reduce"}, write_slices);
  table.add({"aten::put"}, put);
  table.add({"aten::masked_fill"}, masked_fill_where);
  table.add({"aten::masked_scatter"}, masked_scatter);
  add_index_put(table);
  add_replace(table);
}

}  // namespace constexport::lower
