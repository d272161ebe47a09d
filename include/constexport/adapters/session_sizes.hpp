/// adapters/session_sizes.hpp: what the shapes of one run say of the axes, and whether they go together.
///
/// Room: adapters. Includes session_table.hpp, check/refusals.hpp and the standard library; nothing of ONNX Runtime,
/// which compares fixed sizes only. Memory is taken once, when it is made.
#pragma once

#include <constexport/adapters/session_table.hpp>
#include <constexport/check/refusals.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport {

/// A file that does not keep the contract of its session, or sizes that do not go together. The message names the file,
/// or the tensors and the axes.
struct session_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

namespace detail {

/// Where the value of an input comes from.
enum class input_source : std::uint8_t {
  none,   // nowhere: it must be fed
  fed,    // from the caller, for one run
  kept,   // from a run before
  empty,  // a cache before the first run: its growing dimension is 0
};

inline std::string shape_text(std::span<std::int64_t const> shape) {
  std::string text = "[";
  for (std::int64_t const size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

class session_sizes {
 public:
  explicit session_sizes(session_table const& table)
      : table_(&table),
        inputs_(table.inputs.dim_count),
        outputs_(table.outputs.dim_count),
        sources_(table.inputs.tensors.size()) {
    std::array<bool, max_symbols> always_said{};
    for (std::size_t i = 0; i < table.inputs.tensors.size(); ++i)
      for (std::size_t dim = 0; dim < table.inputs.row(i).dims.size(); ++dim) {
        std::size_t const symbol = lone_axis(table.inputs.row(i).dims[dim].size);
        if (symbol == no_symbol || always_said[symbol]) continue;
        lone_.push_back({i, dim, symbol, grows(i, dim)});
        // Only an empty cache says nothing, and that not in the dimension that grows.
        always_said[symbol] = table.inputs.tensors[i].pair == no_row || lone_.back().grows;
      }
    first_input_.resize(table.inputs.rows.size());
    first_output_.resize(table.outputs.rows.size());
    std::size_t count = 0;
    for (std::size_t row = 0; row < table.inputs.rows.size(); ++row)
      first_input_[row] = std::exchange(count, count + table.inputs.rows[row].dims.size());
    expected_inputs_.resize(count);
    count = 0;
    for (std::size_t row = 0; row < table.outputs.rows.size(); ++row)
      first_output_[row] = std::exchange(count, count + table.outputs.rows[row].dims.size());
    expected_outputs_.resize(count);
    reset();
  }

  session_sizes(session_sizes const&) = delete;
  session_sizes& operator=(session_sizes const&) = delete;

  std::span<std::int64_t> input(std::size_t index) { return of(table_->inputs, inputs_, index); }
  std::span<std::int64_t> output(std::size_t index) { return of(table_->outputs, outputs_, index); }
  std::span<std::int64_t const> output(std::size_t index) const {
    return {outputs_.data() + table_->outputs.tensors[index].first_dim, table_->outputs.row(index).dims.size()};
  }
  input_source& source(std::size_t index) { return sources_[index]; }

  /// Forgets all values: caches are empty.
  void reset() {
    for (std::size_t i = 0; i < sources_.size(); ++i)
      sources_[i] = table_->inputs.tensors[i].pair != no_row ? input_source::empty : input_source::none;
  }
  /// What was fed counts for one run.
  void forget_fed() {
    for (input_source& each : sources_)
      if (each == input_source::fed) each = input_source::none;
  }

  /// Solves the axes, compares every occurrence, and gives empty caches their shapes. Throws session_error.
  void solve() {
    for (std::size_t i = 0; i < sources_.size(); ++i)
      if (sources_[i] == input_source::none)
        throw session_error("constexport: input " + std::string(table_->inputs.name(i)) +
                            " has no value: feed it, take it from a run of another session (take_past), or rotate() "
                            "after a run");
    values_ = table_->bound->values;
    said_by_.fill(nullptr);
    for (lone const& each : lone_) {
      if (values_[each.symbol] != unknown) continue;
      if (sources_[each.input] != input_source::empty)
        values_[each.symbol] = input(each.input)[each.dim];
      else if (each.grows)
        values_[each.symbol] = 0;
      else
        continue;
      said_by_[each.symbol] = &each;
    }
    expect(table_->inputs.rows, expected_inputs_);
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      std::span<std::int64_t> const sizes = input(i);
      std::int64_t const* const expected = expected_inputs_.data() + first_input_[table_->inputs.tensors[i].row];
      if (sources_[i] == input_source::empty) {
        bool has_elements = true;
        for (std::size_t dim = 0; dim < sizes.size(); ++dim) {
          if ((sizes[dim] = expected[dim]) == unknown) not_known(i, dim);
          has_elements = has_elements && sizes[dim] != 0;
        }
        if (has_elements) not_empty(i);
      } else {
        for (std::size_t dim = 0; dim < sizes.size(); ++dim)
          if (sizes[dim] != expected[dim]) differs(table_->inputs, i, dim, sizes[dim], expected[dim], "");
      }
    }
    for (std::size_t symbol = 0; symbol < symbols().size(); ++symbol)
      if (said_by_[symbol] != nullptr) check_range(symbol);
    expect(table_->outputs.rows, expected_outputs_);
  }

  /// Compares the shape of an output, which stands in `output(index)`, with the contract. Throws session_error.
  void check_output(std::size_t index) {
    std::span<std::int64_t const> const sizes = output(index);
    tensor_row const& row = table_->outputs.row(index);
    std::int64_t const* const expected = expected_outputs_.data() + first_output_[table_->outputs.tensors[index].row];
    if (std::equal(sizes.begin(), sizes.end(), expected)) return;
    for (std::size_t dim = 0; dim < sizes.size(); ++dim) {
      if (expected[dim] == unknown) {
        // A size that data decide: its first occurrence says what it is.
        std::size_t const symbol = lone_axis(row.dims[dim].size);
        if (symbol == no_symbol) continue;
        if (values_[symbol] == unknown) {
          values_[symbol] = sizes[dim];
          expect(table_->outputs.rows, expected_outputs_);
        }
      }
      if (sizes[dim] != expected[dim])
        differs(table_->outputs, index, dim, sizes[dim], expected[dim], "; the model does not keep its contract");
    }
  }

  /// The size of an axis in the last run, `unknown` if no input has said it.
  std::int64_t size_of(std::string_view axis) const {
    std::size_t const symbol = find_symbol(symbols(), axis, true);
    return symbol < symbols().size() ? values_[symbol] : unknown;
  }

 private:
  struct lone {
    std::size_t input, dim, symbol;
    bool grows;
  };
  static constexpr std::size_t no_symbol = max_symbols;

  std::span<symbol_row const> symbols() const { return table_->bound->table->symbols; }

  static std::span<std::int64_t> of(session_list const& list, std::vector<std::int64_t>& sizes, std::size_t index) {
    return {sizes.data() + list.tensors[index].first_dim, list.row(index).dims.size()};
  }

  // The free axis that a size is, if it is one and nothing else.
  std::size_t lone_axis(program size) const {
    if (size.size() != 1 || size[0].code != operation::symbol) return no_symbol;
    auto const symbol = static_cast<std::size_t>(size[0].value);
    return symbols()[symbol].is_axis && table_->bound->values[symbol] == unknown ? symbol : no_symbol;
  }

  // Is it the dimension in which a present is longer than its past?
  bool grows(std::size_t index, std::size_t dim) const {
    std::uint16_t const pair = table_->inputs.tensors[index].pair;
    if (pair == no_row) return false;
    program const past = table_->inputs.row(index).dims[dim].size, present = table_->outputs.row(pair).dims[dim].size;
    return !std::ranges::equal(past, present);
  }

  void expect(std::span<tensor_row const> rows, std::vector<std::int64_t>& into) {
    std::size_t at = 0;
    for (tensor_row const& row : rows)
      for (dimension const& each : row.dims) into[at++] = evaluate(each.size, {values_.data(), symbols().size()});
  }

  static std::string place(session_list const& list, std::size_t index, std::size_t dim) {
    return std::string(list.name(index)) + "[" + std::to_string(dim) + "]";
  }
  std::string text(program size) const {
    std::string result;
    print(
        size, [&](std::size_t symbol) { return symbols()[symbol].name; }, [&](char c) { result += c; });
    return result;
  }
  // "sequence_length is 5 (input_ids[1])"
  std::string what_is(std::size_t symbol) const {
    std::string result = std::string(symbols()[symbol].name) + " is " +
                         (values_[symbol] == unknown ? "not known" : std::to_string(values_[symbol]));
    if (lone const* const from = said_by_[symbol])
      result += " (" + place(table_->inputs, from->input, from->dim) +
                (sources_[from->input] == input_source::empty ? ", an empty cache)" : ")");
    else if (values_[symbol] != unknown && table_->bound->values[symbol] != unknown)
      result += " (the configuration)";
    return result;
  }

  // The same of all symbols in these sizes; `said`: of those that shapes have told.
  std::string what_are(std::span<dimension const> dims, bool said) const {
    std::string result;
    for (std::size_t symbol = 0; symbol < symbols().size(); ++symbol) {
      instruction const wanted{operation::symbol, static_cast<std::int64_t>(symbol)};
      bool const is_there = std::ranges::any_of(
          dims, [&](dimension const& each) { return std::ranges::find(each.size, wanted) != each.size.end(); });
      if (is_there && (!said || said_by_[symbol] != nullptr)) result += (result.empty() ? "" : ", ") + what_is(symbol);
    }
    return result;
  }

  [[noreturn]] void differs(session_list const& list, std::size_t index, std::size_t dim, std::int64_t found,
                            std::int64_t expected, std::string_view rest) const {
    program const size = list.row(index).dims[dim].size;
    std::string message = "constexport: " + place(list, index, dim) + " is " + std::to_string(found) + ", but ";
    std::string const reasons = what_are(list.row(index).dims.subspan(dim, 1), false);
    std::string const wanted = expected == unknown ? "no size" : std::to_string(expected);
    if (size.size() == 1)
      message += reasons.empty() ? "the contract says " + wanted : reasons;
    else
      message += text(size) + " is " + wanted + ": " + reasons;
    throw session_error(message + std::string(rest));
  }
  [[noreturn]] void not_known(std::size_t index, std::size_t dim) const {
    throw session_error("constexport: the size of " + place(table_->inputs, index, dim) +
                        ", an empty cache, follows from no input that is fed; feed " + table_->inputs.name(index));
  }

  // Another past was fed, or it is a cache of what an encoder gave: the sizes say that there must be elements.
  [[noreturn]] void not_empty(std::size_t index) {
    std::string message = "constexport: " + std::string(table_->inputs.name(index)) +
                          " has no value, but its shape is " + shape_text(input(index));
    std::string const reasons = what_are(table_->inputs.row(index).dims, true);
    if (!reasons.empty()) message += ", " + reasons;
    throw session_error(message + "; feed the whole cache, or take it from a run (rotate, take_past)");
  }

  void check_range(std::size_t symbol) const {
    symbol_row const& row = symbols()[symbol];
    std::int64_t const size = values_[symbol];
    if (size >= row.minimum && size <= row.maximum && size % row.multiple == 0) return;
    throw session_error("constexport: " + what_is(symbol) + refusals::must_be(row.minimum, row.maximum, row.multiple));
  }

  session_table const* table_;
  std::vector<std::int64_t> inputs_, outputs_;
  std::vector<input_source> sources_;
  std::vector<lone> lone_;
  std::vector<std::size_t> first_input_, first_output_;  // of a row, among the expected sizes
  std::vector<std::int64_t> expected_inputs_, expected_outputs_;
  symbol_values values_{};
  std::array<lone const*, max_symbols> said_by_{};
};

}  // namespace detail
}  // namespace constexport
