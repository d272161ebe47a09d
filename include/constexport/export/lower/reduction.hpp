/// export/lower/reduction.hpp: sums, means, extrema along axes.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/call.hpp>

#include <cstdint>

namespace constexport::lower {

inline lowering reduction(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    bool const keep = c.has("keepdim") && c.flag("keepdim");
    return {b.reduce(op, b.cast(c.tensor("self"), c.result_type()), c.integers("dim"), keep)};
  };
}

inline value_list cumsum(call& c, builder& b) {
  value_id const x = b.cast(c.tensor("self"), c.result_type());
  return {b.node("CumSum", {x, b.scalar(c.integer("dim"), dtype::int64)}, {}, b.type(x), b.dims(x))};
}

/// Index of the first largest or smallest element, along one axis or of all.
inline lowering arg_extremum(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    value_id x = c.tensor("self");
    bool const flat = c.is_none("dim");
    if (flat) x = b.reshape(x, {b.g.dims.product(b.dims(x))});
    std::size_t const axis = flat ? 0 : builder::index(c.integer("dim"), b.rank(x));
    bool const keep = !flat && c.flag("keepdim");
    dim_list sizes = b.dims(x);
    if (keep)
      sizes[axis] = b.g.dims.number(1);
    else
      sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(axis));
    return {b.node(op, {x}, {{"axis", static_cast<std::int64_t>(axis)}, {"keepdims", std::int64_t{keep ? 1 : 0}}},
                   dtype::int64, sizes)};
  };
}

inline void add_reduction(lowering_table& table) {
  table.add({"aten::mean"}, reduction("ReduceMean"));
  table.add({"aten::sum"}, reduction("ReduceSum"));
  table.add({"aten::amax"}, reduction("ReduceMax"));
  table.add({"aten::amin"}, reduction("ReduceMin"));
  table.add({"aten::cumsum"}, cumsum);
  table.add({"aten::argmax"}, arg_extremum("ArgMax"));
  table.add({"aten::argmin"}, arg_extremum("ArgMin"));
}

}  // namespace constexport::lower
