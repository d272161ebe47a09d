/// support/contract_table.hpp: a contract as a table for people.
///
/// Room: examples/support. May include the standard library and the library's core. Programs that report what they
/// export depend on it.
#pragma once

#include <constexport/core/contract.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// Rows of cells as text, each column as wide as its widest cell. `indent` spaces stand before every row.
inline std::string aligned(std::vector<std::vector<std::string>> const& rows, std::size_t indent = 2) {
  std::vector<std::size_t> widths;
  for (auto const& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (auto const& row : rows) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

/// One dimension: "batch_size", "past_sequence_length + sequence_length", or "hidden_size = 384" where the model's
/// parameters decide it.
inline std::string dimension_text(constexport::dimension const& dim, constexport::bound_contract const& bound) {
  std::string text;
  constexport::print(dim, bound.table->symbols, [&](char c) { text.push_back(c); });
  std::int64_t const size = constexport::evaluate(dim.size, bound.sizes());
  if (size != constexport::unknown && text != std::to_string(size)) text += " = " + std::to_string(size);
  return text;
}

/// The sizes that an axis may take: "1 or more", "3", "0 to 512, multiples of 8".
inline std::string range_text(constexport::symbol_row const& axis, std::int64_t fixed) {
  if (fixed != constexport::unknown) return std::to_string(fixed);
  std::string text = std::to_string(axis.minimum) +
                     (axis.maximum == constexport::unbounded ? " or more" : " to " + std::to_string(axis.maximum));
  if (axis.multiple > 1) text += ", multiples of " + std::to_string(axis.multiple);
  return text;
}

/// What the contract says of every input and output, and of the axes that vary, one row each.
inline std::string contract_table(constexport::bound_contract const& bound) {
  std::vector<std::vector<std::string>> rows{{"", "name", "dtype", "dimensions"}};
  std::vector<bool> used(bound.table->symbols.size());
  auto const add = [&](std::string const& side, std::span<constexport::tensor_row const> tensors) {
    constexport::for_each_tensor(
        tensors, bound.sizes(), [&](constexport::tensor_row const& tensor, std::int64_t layer) {
          std::string name, dims;
          constexport::tensor_name{tensor.name, layer}.print([&](char c) { name.push_back(c); });
          for (constexport::dimension const& dim : tensor.dims) {
            dims += (dims.empty() ? "" : ", ") + dimension_text(dim, bound);
            for (constexport::instruction const step : dim.size)
              if (step.code == constexport::operation::symbol) used[static_cast<std::size_t>(step.value)] = true;
          }
          rows.push_back({side, name, std::string(constexport::name_of(tensor.type)), "[" + dims + "]"});
        });
  };
  add("input", bound.table->inputs);
  add("output", bound.table->outputs);
  for (std::size_t i = 0; i < used.size(); ++i) {
    constexport::symbol_row const& symbol = bound.table->symbols[i];
    if (used[i] && symbol.is_axis)
      rows.push_back({"axis", std::string(symbol.name), "", range_text(symbol, bound.values[i])});
  }
  return aligned(rows);
}

}  // namespace examples
