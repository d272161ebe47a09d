/// export/derived_contract.hpp: a contract with what was found out about it: axes that are one, sizes that are fixed,
/// outputs that it leaves open.
///
/// Room: export. Includes core and graph.hpp. export.hpp and ask_axes.hpp make one; the file's metadata and the
/// verification use it like any other contract.
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
  /// `written` with axis `same[i]` in the place of axis i.
  derived_contract(bound_contract const& written, std::vector<std::size_t> const& same)
      : table_(*written.table),
        values_(written.values),
        symbols_(table_.symbols.begin(), table_.symbols.end()),
        inputs_(table_.inputs.begin(), table_.inputs.end()),
        outputs_(table_.outputs.begin(), table_.outputs.end()) {
    bool all_differ = true;
    for (std::size_t i = 0; i < same.size(); ++i) all_differ = all_differ && same[i] == i;
    for (std::vector<tensor_row>* const rows : {&inputs_, &outputs_})
      for (tensor_row& row : *rows)
        if (!all_differ) row.dims = row.dummy_dims = renamed(row.dims, same);
    point();
  }
  derived_contract(derived_contract const&) = delete;
  derived_contract& operator=(derived_contract const&) = delete;

  /// Fills in the graph's types and dimensions for outputs that do not state theirs, under `names` if there are no
  /// outputs, and adds the graph's sizes that depend on data as axes.
  void fill(graph const& g, std::vector<std::string> const& names) {
    auto const known = g.dims.symbols();
    for (std::size_t i = symbols_.size(); i < known.size(); ++i) {
      symbol_row row = known[i];
      row.name = texts_.emplace_back(row.name);
      symbols_.push_back(row);
      values_[i] = unknown;
    }
    if (outputs_.empty()) {
      outputs_.resize(names.size());
      for (std::size_t i = 0; i < names.size(); ++i) {
        outputs_[i].name = texts_.emplace_back(names[i]);
        outputs_[i].is_unstated = true;
      }
    }
    std::size_t output = 0;
    for (tensor_row& row : outputs_) {
      // A row that stands for several tensors says what they are.
      if (!row.repeat.empty()) continue;
      graph_value const& made = g[g.outputs[output++]];
      if (row.type == dtype::undefined) row.type = made.type;
      if (std::exchange(row.is_unstated, false) || has_open_sizes(row))
        row.dims = row.dummy_dims = of_graph(g, made.dims);
    }
    point();
  }
  /// Says that an axis has one size.
  void fix(std::size_t axis, std::int64_t size) {
    values_[axis] = size;
    symbols_[axis].is_asked = false;
    point();
  }
  /// Says that an axis is free, in multiples of a number; `size` is its default.
  void free(std::size_t axis, std::int64_t size, std::int64_t multiple) {
    symbols_[axis].is_asked = false;
    symbols_[axis].dummy = size;
    symbols_[axis].multiple = multiple;
    point();
  }

  bound_contract bound() const { return {&table_, values_}; }

 private:
  void point() {
    table_.symbols = symbols_;
    table_.inputs = inputs_;
    table_.outputs = outputs_;
  }
  std::span<dimension const> renamed(std::span<dimension const> from, std::vector<std::size_t> const& same) {
    std::vector<dimension>& dims = dims_.emplace_back(from.begin(), from.end());
    for (dimension& each : dims) {
      std::vector<instruction>& code = codes_.emplace_back(each.size.begin(), each.size.end());
      for (instruction& step : code)
        if (step.code == operation::symbol)
          step.value = static_cast<std::int64_t>(same[static_cast<std::size_t>(step.value)]);
      each.size = program{code};
    }
    return dims;
  }
  std::span<dimension const> of_graph(graph const& g, dim_list const& sizes) {
    std::vector<dimension>& dims = dims_.emplace_back();
    for (dim const size : sizes) dims.push_back({program{codes_.emplace_back(g.dims.code(size))}});
    return dims;
  }
  // A dimension that the contract leaves open stands in it as an unknown number.
  static bool has_open_sizes(tensor_row const& row) {
    for (dimension const& each : row.dims)
      if (each.size.size() == 1 && each.size[0].code == operation::constant && each.size[0].value == unknown)
        return true;
    return false;
  }

  contract table_;
  symbol_values values_;
  std::vector<symbol_row> symbols_;
  std::vector<tensor_row> inputs_, outputs_;
  std::deque<std::vector<dimension>> dims_;
  std::deque<std::vector<instruction>> codes_;
  std::deque<std::string> texts_;
};

}  // namespace constexport
