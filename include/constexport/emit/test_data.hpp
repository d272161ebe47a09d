/// emit/test_data.hpp: inputs and expected outputs of a model, compared with its contract.
///
/// Room: emit. Includes core, dummy, onnx and the standard library. c_header.hpp makes constants of them. Source: ONNX,
/// the layout of its backend tests: `test_data_set_N/input_K.pb` and `output_K.pb`, one TensorProto each, numbered in
/// the order of the graph's inputs and outputs; a name inside is optional.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/dummy/shapes.hpp>
#include <constexport/emit/emit_error.hpp>
#include <constexport/emit/shape_ranges.hpp>
#include <constexport/emit/string_literal.hpp>
#include <constexport/onnx/tensor_elements.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport {

/// One tensor of a set: what messages call it, for example the file's name, and the bytes of a TensorProto.
struct test_tensor {
  std::string source;
  std::string bytes;
};

/// One set of test data, in the contract's order.
struct test_data {
  std::vector<test_tensor> inputs, outputs;
};

namespace detail {

/// Test data that keep a contract, and the sizes that follow from their shapes.
class matched_test_data {
 public:
  /// Throws emit_error, which names tensor and axis. `data` must outlive the object.
  matched_test_data(bound_contract const& bound, std::vector<axis_limit> const& limits, test_data const& data)
      : symbols_(bound.table->symbols), limits_(limited(bound, limits)), values_(limits_.fixed.values) {
    read(bound.table->inputs, data.inputs, "input");
    inputs_ = tensors_.size();
    read(bound.table->outputs, data.outputs, "output");
    solve();
    for (one const& each : tensors_) compare(each);
    for (std::size_t symbol = 0; symbol < symbols_.size(); ++symbol) {
      check_range(symbol);
      if (values_[symbol] == unknown) values_[symbol] = limits_.usual[symbol];  // of no tensor's shape
    }
  }

  symbol_values const& values() const { return values_; }

  /// Writes the elements of input or output number `index` into memory of exactly their size.
  void elements(bool is_input, std::size_t index, std::span<std::byte> out) const {
    one const& from = tensors_[is_input ? index : inputs_ + index];
    read_status const status = wire::read_elements(from.tensor, out);
    if (!status) fail(from, status);
  }

 private:
  struct one {
    tensor_row const* row;
    std::string name;
    std::string const* source;
    wire::stored_tensor tensor;
    std::vector<std::int64_t> shape;
    std::string place(std::size_t dim) const { return "\"" + name + "\"[" + std::to_string(dim) + "]"; }
  };

  [[noreturn]] static void fail(test_tensor const& from, std::string const& message) {
    throw emit_error(from.source + ": " + message);
  }
  [[noreturn]] static void fail(one const& from, std::string const& message) {
    throw emit_error(*from.source + ": " + message);
  }
  [[noreturn]] static void fail(one const& from, read_status const& status) {
    fail(from, "\"" + from.name + "\": " + text_of(status, from.tensor.bytes.size()));
  }
  static std::string text_of(read_status const& status, std::size_t size) {
    return std::string(constexport::text_of(status.error)) + " (at byte " + std::to_string(status.offset) + " of " +
           std::to_string(size) + ")";
  }

  void read(std::span<tensor_row const> rows, std::vector<test_tensor> const& given, std::string const& kind) {
    std::size_t index = 0;
    for_each_tensor(rows, values_of_table(), [&](tensor_row const& row, std::int64_t layer) {
      std::string const name = text_of_tensor({row.name, layer});
      std::string const number = kind + " " + std::to_string(index);
      if (index == given.size())
        throw emit_error("the test data end before " + number + " of the contract, \"" + name + "\"");
      test_tensor const& from = given[index++];
      wire::tensor_file_view const file = wire::read_tensor(from.bytes);
      if (!file) fail(from, text_of(file.status, from.bytes.size()));
      if (!file.tensor.name.empty() && file.tensor.name != name)
        fail(from, "this is " + string_literal(file.tensor.name) + ", but " + number + " of the contract is \"" + name +
                       "\"");
      if (file.tensor.type != row.type)
        fail(from, "\"" + name + "\" is " + std::string(name_of(file.tensor.type)) + ", but the contract says " +
                       std::string(name_of(row.type)));
      if (file.tensor.location != wire::data_location::in_file)
        fail(from, "the elements of \"" + name + "\" lie in another file; store them in this one");
      one& made = tensors_.emplace_back(one{&row, name, &from.source, file.tensor, {}});
      for (std::int64_t const size : file.tensor.dims()) made.shape.push_back(size);
      if (!row.is_unstated && made.shape.size() != row.dims.size())
        fail(from, "\"" + name + "\" has " + std::to_string(made.shape.size()) + " dimensions, but the contract says " +
                       std::to_string(row.dims.size()));
    });
    if (index < given.size())
      fail(given[index], "the contract has " + std::to_string(index) + " " + kind + (index == 1 ? "" : "s") +
                             ", and this is one more");
  }

  // First from dimensions that are an axis alone, so that a message tells the plainest reason; then from those in which
  // one axis is still open and counts so many times.
  void solve() {
    for (bool const alone : {true, false})
      for (bool found = true; found;) {
        found = false;
        for (one const& each : tensors_)
          for (std::size_t dim = 0; dim < each.row->dims.size(); ++dim)
            if ((each.row->dims[dim].size.size() == 1) == alone) found = solve(each, dim) || found;
      }
  }
  bool solve(one const& from, std::size_t dim) {
    program const size = from.row->dims[dim].size;
    std::size_t open = symbols_.size();
    for (instruction const step : size) {
      auto const symbol = static_cast<std::size_t>(step.value);
      if (step.code != operation::symbol || values_[symbol] != unknown || symbol == open) continue;
      if (open != symbols_.size()) return false;
      open = symbol;
    }
    if (open == symbols_.size()) return false;
    std::int64_t at_0 = 0, at_1 = 0, slope = 0, rest = 0;
    auto const at = [&](std::int64_t value) {
      values_[open] = value;
      return evaluate(size, values_of_table());
    };
    at_0 = at(0);
    at_1 = at(1);
    bool const is_line = at_0 != unknown && at_1 != unknown && !__builtin_sub_overflow(at_1, at_0, &slope) &&
                         slope > 0 && !__builtin_sub_overflow(from.shape[dim], at_0, &rest);
    if (is_line && at(rest / slope) == from.shape[dim]) {
      said_by_[open] = from.place(dim);
      return true;
    }
    values_[open] = unknown;
    return false;
  }

  void compare(one const& from) const {
    for (std::size_t dim = 0; dim < from.row->dims.size(); ++dim) {
      program const size = from.row->dims[dim].size;
      std::int64_t const expected = evaluate(size, values_of_table());
      if (expected == from.shape[dim]) continue;
      std::string reasons, expression;
      for (std::size_t symbol = 0; symbol < symbols_.size(); ++symbol)
        if (std::ranges::find(size, instruction{operation::symbol, static_cast<std::int64_t>(symbol)}) != size.end())
          append(reasons, ", ", what_is(symbol));
      print(
          size, [&](std::size_t symbol) { return symbols_[symbol].name; }, [&](char c) { expression += c; });
      std::string message = from.place(dim) + " is " + std::to_string(from.shape[dim]) + ", but ";
      if (reasons.empty() && expected == unknown)
        message += "the contract leaves it open; give the axis a name";
      else if (reasons.empty())
        message += "the contract says " + expression;
      else if (size.size() == 1)
        message += reasons;
      else
        message += expression + " is " + (expected == unknown ? "no size" : std::to_string(expected)) + ": " + reasons;
      fail(from, message);
    }
  }
  void check_range(std::size_t symbol) const {
    if (said_by_[symbol].empty()) return;
    interval const& range = limits_.ranges[symbol];
    std::int64_t const size = values_[symbol], multiple = symbols_[symbol].multiple;
    if (size >= range.minimum && size <= range.maximum && size % multiple == 0) return;
    throw emit_error(what_is(symbol) + refusals::must_be(range.minimum, range.maximum, multiple));
  }
  // "length is 5, by "ids"[1]"
  std::string what_is(std::size_t symbol) const {
    std::string text = std::string(symbols_[symbol].name) + " is ";
    text += values_[symbol] == unknown ? "not known: give --axis" : std::to_string(values_[symbol]);
    return text + (said_by_[symbol].empty() ? "" : ", by " + said_by_[symbol]);
  }
  std::span<std::int64_t const> values_of_table() const { return {values_.data(), symbols_.size()}; }

  std::span<symbol_row const> symbols_;
  limited_contract limits_;
  symbol_values values_;
  std::array<std::string, max_symbols> said_by_{};  // "ids"[1]; empty: the contract, or nothing
  std::vector<one> tensors_;                        // inputs, then outputs
  std::size_t inputs_ = 0;
};

}  // namespace detail
}  // namespace constexport
