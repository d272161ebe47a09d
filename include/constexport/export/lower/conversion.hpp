/// export/lower/conversion.hpp: other types of the same elements, and copies, which have no effect in a graph.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families. Devices and memory formats mean nothing
/// to ONNX and are left out.
#pragma once

#include <constexport/export/lowering_table.hpp>

namespace constexport::lower {

/// The same elements, in the result's type.
inline value_list converted(call& c, builder& b) { return {b.cast(c.tensor("self"), c.result_type())}; }

/// `src` in the type and shape of `self`.
inline value_list copy(call& c, builder& b) {
  value_id const self = c.tensor("self");
  return {b.expand(b.cast(c.tensor("src"), b.type(self)), b.dims(self))};
}

/// Nothing is dropped at inference.
inline value_list dropout(call& c, builder& b) {
  if (c.flag("train"))
    throw module_error(c.name() + " (" + c.where() + ") drops elements at random: call the module's eval() first.");
  return {b.cast(c.tensor("input"), c.result_type())};
}

inline void add_conversion(lowering_table& table) {
  table.add({"aten::to", "aten::_to_copy", "aten::type_as", "aten::contiguous", "aten::clone", "aten::detach",
             "aten::alias", "aten::lift", "aten::lift_fresh", "aten::lift_fresh_copy", "aten::resolve_conj",
             "aten::resolve_neg", "aten::positive", "aten::cpu", "aten::_fw_primal", "aten::alias_copy",
             "aten::detach_copy", "aten::_autocast_to_full_precision", "aten::_autocast_to_reduced_precision"},
            converted);
  table.add({"aten::copy"}, copy);
  table.add({"aten::dropout", "aten::feature_dropout", "aten::alpha_dropout"}, dropout);
}

}  // namespace constexport::lower
