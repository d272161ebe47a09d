/// export/derived_contract.hpp: a contract whose unstated parts were filled in from the exported graph.
///
/// Room: export. Includes core and graph.hpp. export.hpp makes one; the file's metadata and the verification use it
/// like any other contract.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/export/graph.hpp>

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace constexport {

/// Owns what it adds; the rest stays where the given contract has it.
class derived_contract {
 public:
  /// `written` with `names` and the graph's types and dimensions for the outputs that do not state theirs, and with the
  /// graph's sizes that depend on data as axes. A contract without outputs gets all of the graph's.
  derived_contract(bound_contract const& written, graph const& g, std::vector<std::string> const& names)
      : table_(*written.table),
        values_(written.values),
        inputs_(table_.inputs.begin(), table_.inputs.end()),
        rows_(table_.outputs.begin(), table_.outputs.end()),
        dummies_(table_.dummies.begin(), table_.dummies.end()) {
    // Rows that were made for this export would go with it.
    table_.inputs = inputs_;
    table_.outputs = rows_;
    table_.dummies = dummies_;
    auto const known = g.dims.symbols();
    for (symbol_row row : known) {
      if (symbols_.size() >= table_.symbols.size()) row.name = texts_.emplace_back(row.name);
      symbols_.push_back(row);
    }
    for (std::size_t i = table_.symbols.size(); i < symbols_.size(); ++i) values_[i] = unknown;
    bool stated = !table_.outputs.empty();
    for (tensor_row const& row : table_.outputs) stated = stated && row.type != dtype::undefined && !row.is_unstated;
    table_.symbols = symbols_;
    if (stated) return;
    if (rows_.empty()) {
      rows_.resize(names.size());
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        rows_[i].name = texts_.emplace_back(names[i]);
        rows_[i].is_unstated = true;
      }
    }
    // A row that stands for several tensors says what they are.
    std::size_t output = 0;
    for (tensor_row& row : rows_) {
      graph_value const& made = g[g.outputs[output]];
      if (row.repeat.empty()) ++output;
      if (row.type == dtype::undefined) row.type = made.type;
      if (!std::exchange(row.is_unstated, false)) continue;
      auto& dims = dims_.emplace_back();
      for (dim const size : made.dims) dims.push_back({program{codes_.emplace_back(g.dims.code(size))}});
      row.dims = row.dummy_dims = dims;
    }
    table_.outputs = rows_;
  }
  derived_contract(derived_contract const&) = delete;
  derived_contract& operator=(derived_contract const&) = delete;

  bound_contract bound() const { return {&table_, values_}; }

 private:
  contract table_;
  symbol_values values_;
  std::vector<symbol_row> symbols_;
  std::vector<tensor_row> inputs_, rows_, dummies_;
  std::deque<std::vector<dimension>> dims_;
  std::deque<std::vector<instruction>> codes_;
  std::deque<std::string> texts_;
};

}  // namespace constexport
