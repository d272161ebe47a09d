/// config/checks.hpp: what can be wrong with a contract, found as a value.
///
/// Room: config. Includes core/ only. onnx_config.hpp turns a finding into a compile-time message; docs/errors.md lists
/// the messages. Every function here also works at run time, on a contract that was read from a file.
#pragma once

#include <constexport/core/canonical.hpp>
#include <constexport/core/contract.hpp>

#include <cstddef>
#include <string_view>

namespace constexport {

/// What is wrong.
enum class problem : std::uint8_t {
  none,
  two_inputs_with_one_name,
  two_outputs_with_one_name,
  input_and_output_with_one_name,
  names_collide_as_identifiers,
  axis_with_a_negative_minimum,
  axis_with_an_empty_range,
  output_axis_that_no_input_binds,
  axis_only_inside_an_expression,
  present_without_past,
  present_with_other_axes_than_past,
  token_ids_that_are_floating,
  dtype_that_the_opset_lacks,
  parameter_without_a_value,
  size_that_can_be_negative,
  table_too_large,
  division_with_a_remainder,
  parameter_out_of_range,
  setting_of_a_foreign_symbol,
  symbol_set_twice,
  axis_size_out_of_range,
};

/// A problem and the tensor or symbol that has it. A structural value: it is shown in diagnostics.
struct finding {
  problem kind = problem::none;
  char where[64]{};

  constexpr finding() = default;
  constexpr finding(problem found, std::string_view name) : kind(found) {
    for (std::size_t i = 0; i < name.size() && i + 1 < sizeof where; ++i) where[i] = name[i];
  }
};

namespace detail {

using small_algebra = algebra<>;

// `a-b` and `a.b` are both a_b in a generated header.
constexpr bool same_identifier(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  auto const plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
  };
  for (std::size_t i = 0; i < a.size(); ++i)
    if (plain(a[i]) != plain(b[i])) return false;
  return true;
}

// Can both rows be present at once? Two `when`s on the same condition's opposite values are rare enough to ask the
// names apart.
constexpr finding check_names(contract const& table) {
  auto const within = [](std::span<tensor_row const> rows, problem kind) -> finding {
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (rows[i].name == rows[j].name) return {kind, rows[i].name};
    return {};
  };
  if (finding const found = within(table.inputs, problem::two_inputs_with_one_name); found.kind != problem::none)
    return found;
  if (finding const found = within(table.outputs, problem::two_outputs_with_one_name); found.kind != problem::none)
    return found;
  for (tensor_row const& input : table.inputs)
    for (tensor_row const& output : table.outputs)
      if (input.name == output.name) return {problem::input_and_output_with_one_name, input.name};
  auto const row = [&](std::size_t index) -> tensor_row const& {
    return index < table.inputs.size() ? table.inputs[index] : table.outputs[index - table.inputs.size()];
  };
  for (std::size_t i = 0; i < table.inputs.size() + table.outputs.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (same_identifier(row(i).name, row(j).name)) return {problem::names_collide_as_identifiers, row(i).name};
  return {};
}

constexpr bool mentions(program code, std::size_t symbol) {
  for (instruction const step : code)
    if (step.code == operation::symbol && static_cast<std::size_t>(step.value) == symbol) return true;
  return false;
}

constexpr bool mentions(std::span<tensor_row const> rows, std::size_t symbol) {
  for (tensor_row const& row : rows)
    for (dimension const& dim : row.dims)
      if (mentions(dim.size, symbol)) return true;
  return false;
}

// An axis is solved from shapes if it is a dimension of the inputs somewhere, by itself or times a parameter.
constexpr bool is_a_dimension(contract const& table, std::size_t symbol) {
  auto const solves = [&](program code) {
    if (code.size() == 1) return mentions(code, symbol);
    if (code.size() != 3 || code[2].code != operation::multiply || !mentions(code, symbol)) return false;
    for (instruction const factor : code.first(2))
      if (factor.code == operation::symbol && static_cast<std::size_t>(factor.value) != symbol &&
          table.symbols[static_cast<std::size_t>(factor.value)].is_axis)
        return false;
    return !(code[0] == code[1]);
  };
  for (tensor_row const& row : table.inputs)
    for (dimension const& dim : row.dims)
      if (solves(dim.size)) return true;
  return false;
}

constexpr finding check_axes(contract const& table) {
  for (symbol_row const& symbol : table.symbols) {
    if (!symbol.is_axis) continue;
    if (symbol.minimum < 0) return {problem::axis_with_a_negative_minimum, symbol.name};
    if (symbol.maximum < symbol.minimum || symbol.multiple < 1) return {problem::axis_with_an_empty_range, symbol.name};
  }
  for (std::size_t i = 0; i < table.symbols.size(); ++i) {
    symbol_row const& symbol = table.symbols[i];
    bool const used = mentions(table.inputs, i) || mentions(table.outputs, i);
    if (!symbol.is_axis) {
      bool drawn = used;
      for (auto const rows : {table.inputs, table.outputs})
        for (tensor_row const& row : rows)
          drawn = drawn || mentions(row.repeat, i) || mentions(row.condition, i) || mentions(row.values.upper, i) ||
                  mentions(row.values.lower, i);
      if (drawn && symbol.value == unknown) return {problem::parameter_without_a_value, symbol.name};
      if (drawn && symbol.value < symbol.minimum) return {problem::parameter_out_of_range, symbol.name};
    } else if (used && symbol.value == unknown && !symbol.is_free && !is_a_dimension(table, i)) {
      return {mentions(table.inputs, i) ? problem::axis_only_inside_an_expression
                                        : problem::output_axis_that_no_input_binds,
              symbol.name};
    }
  }
  return {};
}

constexpr finding check_cache(contract const& table) {
  if (!table.identity.use_past_in_inputs) return {};
  for (tensor_row const& present : table.outputs) {
    if (present.role != tensor_role::present) continue;
    if (present.pair == no_row) return {problem::present_without_past, present.name};
    tensor_row const& past = table.inputs[present.pair];
    // One dimension may differ: the one that grows.
    small_algebra numbers;
    std::size_t different = 0;
    bool const alike = past.dims.size() == present.dims.size() && past.type == present.type;
    for (std::size_t i = 0; alike && i < past.dims.size(); ++i)
      different += numbers.from(past.dims[i].size) == numbers.from(present.dims[i].size) ? 0u : 1u;
    if (!alike || different > 1) return {problem::present_with_other_axes_than_past, present.name};
  }
  return {};
}

constexpr finding check_dtypes(contract const& table) {
  for (auto const rows : {table.inputs, table.outputs})
    for (tensor_row const& row : rows) {
      bool const derived = row.type == dtype::undefined && rows.data() == table.outputs.data();
      if (derived) continue;
      bool const ids = row.name.size() >= 9 && row.name.substr(row.name.size() - 9) == "input_ids";
      if (ids && is_floating(row.type)) return {problem::token_ids_that_are_floating, row.name};
      if (!available_in(row.type, table.identity.opset)) return {problem::dtype_that_the_opset_lacks, row.name};
    }
  return {};
}

// Ranges of the symbols: a parameter or a fixed axis is its value.
constexpr std::array<interval, max_symbols> ranges(std::span<symbol_row const> symbols) {
  std::array<interval, max_symbols> result{};
  for (std::size_t i = 0; i < symbols.size(); ++i)
    result[i] = symbols[i].value != unknown ? interval{symbols[i].value, symbols[i].value}
                                            : interval{symbols[i].minimum, symbols[i].maximum};
  return result;
}

constexpr finding check_sizes(contract const& table) {
  auto const limits = ranges(table.symbols);
  for (auto const rows : {table.inputs, table.outputs})
    for (tensor_row const& row : rows)
      for (dimension const& dim : row.dims)
        if (bounds(dim.size, limits).minimum < 0) return {problem::size_that_can_be_negative, row.name};
  return {};
}

// A floor division marked exact (table.hpp) that leaves a remainder under `values`.
constexpr bool divides_exactly(program code, std::span<std::int64_t const> values) {
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i].code != operation::floor_divide || code[i].value != 1) continue;
    std::size_t const right = start_of(code, i - 1), left = start_of(code, right - 1);
    std::int64_t const rest = apply(operation::modulo, evaluate(code.subspan(left, right - left), values),
                                    evaluate(code.subspan(right, i - right), values));
    if (rest != 0 && rest != unknown) return false;
  }
  return true;
}

}  // namespace detail

/// The first problem of a contract, whatever values its parameters have.
constexpr finding find_problem(contract const& table) {
  for (auto const check :
       {detail::check_names, detail::check_axes, detail::check_cache, detail::check_dtypes, detail::check_sizes})
    if (finding const found = check(table); found.kind != problem::none) return found;
  return {};
}

/// The first problem of the values that `settings` give to the symbols of a contract.
constexpr finding find_problem(contract const& table, std::span<setting const> settings) {
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (settings[i].symbol == nullptr) continue;
    symbol_row const& symbol = *settings[i].symbol;
    if (find_symbol(table.symbols, symbol.name, symbol.is_axis) == table.symbols.size())
      return {problem::setting_of_a_foreign_symbol, symbol.name};
    for (std::size_t j = 0; j < i; ++j)
      if (settings[j].symbol == settings[i].symbol) return {problem::symbol_set_twice, symbol.name};
    bool const fits = settings[i].value >= symbol.minimum && settings[i].value <= symbol.maximum &&
                      settings[i].value % symbol.multiple == 0;
    if (!fits) return {symbol.is_axis ? problem::axis_size_out_of_range : problem::parameter_out_of_range, symbol.name};
  }
  return {};
}

/// The first problem of the values of a bound contract: a parameter that follows from others and comes out impossible,
/// a division that must be exact and is not.
constexpr finding find_problem(bound_contract const& bound) {
  for (std::size_t i = 0; i < bound.table->symbols.size(); ++i) {
    symbol_row const& symbol = bound.table->symbols[i];
    if (symbol.is_derived && bound.values[i] < symbol.minimum) return {problem::parameter_out_of_range, symbol.name};
  }
  for (auto const rows : {bound.table->inputs, bound.table->outputs})
    for (tensor_row const& row : rows)
      for (dimension const& dim : row.dims)
        if (!detail::divides_exactly(dim.size, bound.sizes())) return {problem::division_with_a_remainder, row.name};
  return {};
}

}  // namespace constexport
