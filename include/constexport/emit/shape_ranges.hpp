/// emit/shape_ranges.hpp: the smallest, usual and largest shapes of a contract's inputs.
///
/// Room: emit. Includes core, dummy and the standard library. The files of tools that ask for ranges are made of it.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/dummy/shapes.hpp>
#include <constexport/emit/emit_error.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace constexport {

/// One dimension of an input. `maximum` is `unbounded` where the contract has no limit.
struct size_range {
  std::int64_t minimum = 0, usual = 0, maximum = 0;
  std::string text{};  ///< "past_length + length"
  bool is_fixed() const { return minimum == maximum; }
};

/// One input with its ranges.
struct input_ranges {
  std::string name;
  dtype type = dtype::undefined;
  std::vector<size_range> dims{};
};

/// A limit for an axis that has none in the contract, or a smaller one.
struct axis_limit {
  std::string name;
  std::int64_t maximum = 0;
};

namespace detail {

inline std::string text_of_tensor(tensor_name name) {
  std::string text;
  name.print([&](char c) { text += c; });
  return text;
}

}  // namespace detail

/// The ranges of all inputs in the contract's order: usual sizes are those of dummies. Throws emit_error if a limit is
/// of no axis or below its minimum, or a size depends on a symbol without a value.
inline std::vector<input_ranges> ranges_of(bound_contract const& bound, std::vector<axis_limit> const& limits = {}) {
  contract const& table = *bound.table;
  dummy_sizes const usual = size_axes(bound, {});
  std::array<interval, max_symbols> ranges{};
  for (std::size_t i = 0; i < table.symbols.size(); ++i) {
    symbol_row const& row = table.symbols[i];
    std::int64_t const value = bound.values[i];
    ranges[i] = value != unknown ? interval{value, value} : interval{row.minimum, row.maximum};
    if (value == unknown && row.is_axis) {
      std::int64_t const rest = row.minimum % row.multiple;
      ranges[i].minimum += rest == 0 ? 0 : row.multiple - rest;
    }
  }
  for (axis_limit const& each : limits) {
    std::size_t const index = find_symbol(table.symbols, each.name, true);
    if (index == table.symbols.size()) throw emit_error("the contract has no axis \"" + each.name + "\"");
    if (each.maximum < ranges[index].minimum)
      throw emit_error("the limit of \"" + each.name + "\" is below its smallest size, " +
                       std::to_string(ranges[index].minimum));
    ranges[index].maximum = std::min(ranges[index].maximum, each.maximum);
  }
  for (std::size_t i = 0; i < table.symbols.size(); ++i)
    if (bound.values[i] == unknown && ranges[i].maximum != unbounded)
      ranges[i].maximum -= ranges[i].maximum % table.symbols[i].multiple;
  symbol_values values = usual.values;
  for (std::size_t i = 0; i < table.symbols.size(); ++i)
    if (table.symbols[i].is_axis && values[i] > ranges[i].maximum) values[i] = ranges[i].maximum;
  std::vector<input_ranges> result;
  for_each_tensor(table.inputs, bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
    input_ranges& input = result.emplace_back();
    input.name = detail::text_of_tensor({row.name, layer});
    input.type = row.type;
    if (row.is_unstated) throw emit_error("the contract does not state the rank of \"" + input.name + "\"");
    for (dimension const& dim : row.dims) {
      interval const range = bounds(dim.size, {ranges.data(), table.symbols.size()});
      std::int64_t const size = evaluate(dim.size, {values.data(), table.symbols.size()});
      if (size == unknown) throw emit_error("the contract does not state all sizes of \"" + input.name + "\"");
      size_range made{std::max<std::int64_t>(range.minimum, 0), size, range.maximum};
      print(dim, table.symbols, [&](char c) { made.text += c; });
      input.dims.push_back(std::move(made));
    }
  });
  return result;
}

}  // namespace constexport
