/// export/usual_size.hpp: the sizes at which the model of a contract usually runs.
///
/// Room: export. Includes core and the standard library. assignment.hpp, export.hpp and verify.hpp start from them.
#pragma once

#include <constexport/core/contract.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace constexport {

/// The usual size of an axis.
struct usual_size {
  std::int64_t size = 0;
  /// The contract's dummies have a size there that is not the axis's default but the model's own: the image size of
  /// its configuration, a second of sound. A model may take no other.
  bool is_stated = false;
};

namespace detail {

/// Is a dimension this axis alone?
inline bool is_axis_alone(program size, std::size_t axis) {
  return size.size() == 1 && size[0].code == operation::symbol && size[0].value == static_cast<std::int64_t>(axis);
}

}  // namespace detail

/// The size of an axis in the contract's dummies.
inline usual_size usual_size_of(bound_contract const& bound, std::size_t axis) {
  std::span<symbol_row const> const symbols = bound.table->symbols;
  usual_size result{symbols[axis].dummy, false};
  symbol_values values = bound.values;
  for (std::size_t i = 0; i < symbols.size(); ++i)
    if (symbols[i].is_axis && values[i] == unknown) values[i] = symbols[i].dummy;
  for_each_tensor(bound.table->inputs, bound.sizes(), [&](tensor_row const& row, std::int64_t) {
    if (result.is_stated || row.dims.size() != row.dummy_dims.size() || row.dims.data() == row.dummy_dims.data())
      return;
    for (std::size_t i = 0; i < row.dims.size(); ++i) {
      if (!detail::is_axis_alone(row.dims[i].size, axis) || detail::is_axis_alone(row.dummy_dims[i].size, axis))
        continue;
      std::int64_t const size = evaluate(row.dummy_dims[i].size, {values.data(), symbols.size()});
      if (size != unknown && size >= symbols[axis].minimum && size <= symbols[axis].maximum) result = {size, true};
    }
  });
  return result;
}

}  // namespace constexport
