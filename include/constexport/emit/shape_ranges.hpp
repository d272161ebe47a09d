/// emit/shape_ranges.hpp: the smallest, usual and largest shapes of a contract's inputs.
///
/// Room: emit. Includes core, dummy and the standard library. The files of tools that ask for ranges are made of it.
#pragma once

#include <constexport/check/refusals.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/dummy/shapes.hpp>
#include <constexport/emit/emit_error.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace constexport {

/// One dimension of an input. `maximum` is `unbounded` where the contract has no limit.
struct size_range {
  std::int64_t minimum = 0, usual = 0, maximum = 0;
  std::string text{};   ///< "past_length + length"
  bool varies = false;  ///< in the file; it can be one size all the same, if the axes were given one
  bool is_fixed() const { return minimum == maximum; }
};

/// One input with its ranges.
struct input_ranges {
  std::string name;
  dtype type = dtype::undefined;
  std::vector<size_range> dims{};
};

/// What a consumer says of an axis: a largest size for one that has none in the contract, or a narrower range; one size
/// is a range of which both ends are that size. `unknown`: as the contract has it.
struct axis_limit {
  std::string name;
  std::int64_t maximum = unknown, minimum = unknown, usual = unknown;
};

/// The sizes of the symbols under limits.
struct limited_contract {
  bound_contract bound{};                      ///< as the file is
  bound_contract fixed{};                      ///< axes that have one size only have it
  std::array<interval, max_symbols> ranges{};  ///< of every symbol
  symbol_values usual{};
};

namespace detail {

inline std::string text_of_tensor(tensor_name name) {
  std::string text;
  name.print([&](char c) { text += c; });
  return text;
}

inline void require_rank(tensor_row const& row) {
  if (row.is_unstated)
    throw emit_error("the contract does not state the rank of \"" + std::string(row.name) + "\"; state its dimensions");
}

inline void limit_axis(symbol_row const& row, axis_limit const& by, interval& range, std::int64_t& usual) {
  std::int64_t const largest = range.maximum;
  auto const refused = [&](std::int64_t size) {
    throw emit_error(refusals::size_of_axis({by.name, true, range.minimum, largest, row.multiple}, size));
  };
  auto const is_legal = [&](std::int64_t size) {
    return size >= range.minimum && size <= range.maximum && size % row.multiple == 0;
  };
  if (by.maximum != unknown && (by.maximum < range.minimum || by.maximum > largest)) refused(by.maximum);
  if (by.minimum != unknown && !is_legal(by.minimum)) refused(by.minimum);
  if (by.minimum != unknown && by.minimum == by.maximum) range.maximum = by.minimum;
  if (by.minimum != unknown) range.minimum = by.minimum;
  if (by.maximum != unknown) range.maximum = by.maximum;
  if (range.maximum < range.minimum) refused(by.maximum);
  if (by.usual != unknown && !is_legal(by.usual)) refused(by.usual);
  if (by.usual != unknown) usual = by.usual;
}

}  // namespace detail

/// The sizes of a contract's symbols: usual ones are those of dummies, as near as the limits allow. Throws emit_error
/// if a limit is of no axis, or of none of its sizes.
inline limited_contract limited(bound_contract const& bound, std::vector<axis_limit> const& limits = {}) {
  contract const& table = *bound.table;
  limited_contract result{bound, bound, {}, size_axes(bound, {}).values};
  for (std::size_t i = 0; i < table.symbols.size(); ++i) {
    symbol_row const& row = table.symbols[i];
    std::int64_t const value = bound.values[i];
    interval& range = result.ranges[i];
    range = value != unknown ? interval{value, value} : interval{row.minimum, row.maximum};
    if (value == unknown && row.is_axis) {
      std::int64_t const rest = row.minimum % row.multiple;
      range.minimum += rest == 0 ? 0 : row.multiple - rest;
    }
  }
  for (axis_limit const& each : limits) {
    std::size_t const index = find_symbol(table.symbols, each.name, true);
    if (index == table.symbols.size()) throw emit_error(refusals::no_axis(each.name, bound));
    std::int64_t usual = unknown;
    detail::limit_axis(table.symbols[index], each, result.ranges[index], usual);
    if (usual == unknown) continue;
    // As in dummies: what follows the axis takes its size, unless its own is given.
    result.usual[index] = usual;
    for (std::size_t i = 0; i < table.symbols.size(); ++i)
      if (table.symbols[i].is_axis && bound.values[i] == unknown && table.symbols[i].follows == each.name &&
          std::ranges::none_of(
              limits, [&](axis_limit const& own) { return own.name == table.symbols[i].name && own.usual != unknown; }))
        result.usual[i] = usual;
  }
  for (std::size_t i = 0; i < table.symbols.size(); ++i) {
    symbol_row const& row = table.symbols[i];
    interval& range = result.ranges[i];
    if (!row.is_axis || bound.values[i] != unknown) continue;
    if (range.maximum != unbounded) range.maximum -= range.maximum % row.multiple;
    std::int64_t& usual = result.usual[i];
    if (usual != unknown) usual = std::max(std::min(usual, range.maximum), range.minimum);
    if (range.minimum == range.maximum) result.fixed.values[i] = range.minimum;
  }
  return result;
}

/// The ranges of all inputs in the contract's order. Throws emit_error as `limited` does, or if a size depends on a
/// symbol without a value.
inline std::vector<input_ranges> ranges_of(bound_contract const& bound, std::vector<axis_limit> const& limits = {}) {
  contract const& table = *bound.table;
  limited_contract const sizes = limited(bound, limits);
  std::vector<input_ranges> result;
  for_each_tensor(table.inputs, bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
    input_ranges& input = result.emplace_back();
    input.name = detail::text_of_tensor({row.name, layer});
    input.type = row.type;
    detail::require_rank(row);
    for (dimension const& dim : row.dims) {
      interval const range = bounds(dim.size, {sizes.ranges.data(), table.symbols.size()});
      std::int64_t const size = evaluate(dim.size, {sizes.usual.data(), table.symbols.size()});
      if (size == unknown)
        throw emit_error("the contract does not state all sizes of \"" + input.name +
                         "\"; give the parameters values (--config config.json)");
      size_range made{std::max<std::int64_t>(range.minimum, 0), size, range.maximum};
      made.varies = evaluate(dim.size, bound.sizes()) == unknown;
      print(dim, table.symbols, [&](char c) { made.text += c; });
      input.dims.push_back(std::move(made));
    }
  });
  return result;
}

}  // namespace constexport
