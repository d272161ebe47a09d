/// tests/models/sizes.hpp: what a dimension comes out as.
#pragma once

#include <constexport/models.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace constexport_tests {

/// The size of a dimension of an output once the axes have these sizes.
template <class... Symbol>
constexpr std::int64_t size_of(auto const& config, std::size_t output, std::size_t dim,
                               constexport::binding<Symbol>... sizes) {
  constexport::bound_contract bound = config.bind();
  for (constexport::setting const& each :
       std::array<constexport::setting, sizeof...(Symbol)>{constexport::setting(sizes)...})
    bound.values[constexport::find_symbol(bound.table->symbols, each.symbol->name, true)] = each.value;
  return constexport::evaluate(bound.table->outputs[output].dims[dim].size, bound.sizes());
}

/// The size of a dimension of the input called `name`, in a dummy or by its axes.
constexpr std::int64_t size_of_input(auto const& config, std::string_view name, std::size_t dim,
                                     bool in_a_dummy = false) {
  constexport::bound_contract const bound = config.bind();
  for (constexport::tensor_row const& row : bound.table->inputs)
    if (row.name == name)
      return constexport::evaluate((in_a_dummy ? row.dummy_dims : row.dims)[dim].size, bound.sizes());
  return constexport::unknown;
}

/// Number of inputs and outputs.
constexpr std::size_t count_inputs(auto const& config) {
  constexport::bound_contract const bound = config.bind();
  return constexport::count_tensors(bound.table->inputs, bound.sizes());
}
constexpr std::size_t count_outputs(auto const& config) {
  constexport::bound_contract const bound = config.bind();
  return constexport::count_tensors(bound.table->outputs, bound.sizes());
}

}  // namespace constexport_tests
