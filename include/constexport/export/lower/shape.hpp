/// export/lower/shape.hpp: other shapes, orders and parts of the same elements, tensors put together.
///
/// Room: export/lower. Includes the families of that kind. lower.hpp collects it.
#pragma once

#include <constexport/export/lower/order.hpp>
#include <constexport/export/lower/parts.hpp>
#include <constexport/export/lower/strided.hpp>
#include <constexport/export/lower/view.hpp>
#include <constexport/export/lowering_table.hpp>

namespace constexport::lower {

inline void add_shape(lowering_table& table) {
  add_view(table);
  add_parts(table);
  add_order(table);
  add_strided(table);
}

}  // namespace constexport::lower
