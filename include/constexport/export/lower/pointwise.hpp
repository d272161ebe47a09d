/// export/lower/pointwise.hpp: element by element: arithmetic, comparison, selection, functions.
///
/// Room: export/lower. Includes the themes of export/lower/pointwise/. lower.hpp collects the families.
#pragma once

#include <constexport/export/lower/pointwise/arithmetic.hpp>
#include <constexport/export/lower/pointwise/bitwise.hpp>
#include <constexport/export/lower/pointwise/comparison.hpp>
#include <constexport/export/lower/pointwise/division.hpp>
#include <constexport/export/lower/pointwise/exponential.hpp>
#include <constexport/export/lower/pointwise/special.hpp>
#include <constexport/export/lower/pointwise/trigonometry.hpp>
#include <constexport/export/lowering_table.hpp>

namespace constexport::lower {

inline void add_pointwise(lowering_table& table) {
  add_arithmetic(table);
  add_division(table);
  add_comparison(table);
  add_bitwise(table);
  add_exponential(table);
  add_trigonometry(table);
  add_special(table);
}

}  // namespace constexport::lower
