/// export/lower/indexing.hpp: elements picked by tensors of indices.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/call.hpp>

#include <cstdint>

namespace constexport::lower {

inline value_list index_select(call& c, builder& b) {
  value_id index = c.tensor("index");
  if (b.rank(index) == 0) index = b.unsqueeze(index, {0});
  return {b.gather(c.tensor("self"), index, c.integer("dim"))};
}

inline value_list gather(call& c, builder& b) {
  value_id const x = c.tensor("self"), index = c.tensor("index");
  return {b.node("GatherElements", {x, index}, {{"axis", c.integer("dim")}}, b.type(x), b.dims(index))};
}

/// `x[:, i]`: one tensor of integer indices, every other axis whole.
inline value_list index(call& c, builder& b) {
  value_list const indices = c.tensors("indices");
  std::size_t axis = indices.size();
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] == no_value) continue;
    if (axis != indices.size()) c.decline("several axes are indexed by tensors");
    axis = i;
  }
  if (axis == indices.size() || b.type(indices[axis]) == dtype::boolean || b.type(indices[axis]) == dtype::uint8)
    c.decline("a mask picks a number of elements that depends on data");
  return {b.gather(c.tensor("self"), indices[axis], static_cast<std::int64_t>(axis))};
}

inline void add_indexing(lowering_table& table) {
  table.add({"aten::index_select"}, index_select);
  table.add({"aten::gather"}, gather);
  table.add({"aten::index"}, index);
}

}  // namespace constexport::lower
