/// export/lower/pointwise/conversion.hpp: the same elements in another type, or as they are.
///
/// Room: export/lower/pointwise. Includes operands.hpp. pointwise.hpp collects the themes.
#pragma once

#include <constexport/export/lower/pointwise/operands.hpp>

namespace constexport::lower {

/// The same elements, in the result's type: conversions, copies and what has no effect in a graph.
inline value_list same(call& c, builder& b) { return {b.cast(c.tensor("self"), c.result_type())}; }

inline value_list dropout(call& c, builder& b) {
  if (c.flag("train"))
    throw module_error(c.name() + " (" + c.where() + ") drops elements at random: call the module's eval() first.");
  return {b.cast(c.tensor("input"), c.result_type())};
}

inline void add_conversion(lowering_table& table) {
  table.add({"aten::dropout", "aten::feature_dropout", "aten::alpha_dropout"}, dropout);
  table.add(
      {"aten::to", "aten::_to_copy", "aten::type_as", "aten::contiguous", "aten::clone", "aten::detach", "aten::alias",
       "aten::lift", "aten::lift_fresh", "aten::lift_fresh_copy", "aten::resolve_conj", "aten::resolve_neg",
       "aten::positive", "aten::float", "aten::cpu", "aten::_fw_primal", "aten::alias_copy", "aten::detach_copy"},
      same);
}

}  // namespace constexport::lower
