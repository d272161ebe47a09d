/// onnx/contract_reader.hpp: a contract out of the text that a file carries (contract_text.hpp).
///
/// Room: onnx. Includes core and freestanding standard headers; no heap, no exceptions. check/ and emit/ depend on it:
/// a contract that was read is used like one that a configuration made.
///   `contract_storage<> storage; if (read_contract(file.model.find_metadata(contract_key), storage))
///   use(storage.bound());`
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/onnx/contract_storage.hpp>
#include <constexport/onnx/contract_text.hpp>
#include <constexport/onnx/errors.hpp>
#include <constexport/onnx/expression_reader.hpp>
#include <constexport/onnx/json.hpp>
#include <constexport/onnx/unescape.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

namespace detail {

template <class Storage>
class contract_parser {
 public:
  constexpr contract_parser(std::string_view text, Storage& into) : text_(text), json_(text), into_(into) {}

  // The members may stand in any order, but expressions need the symbols, outputs the inputs, and rows lie in one
  // array.
  constexpr read_status parse() {
    for (std::int64_t& value : into_.values) value = unknown;
    into_.table = contract{};
    bool const found = walk([this](std::string_view key) { return first_walk(key); }) &&
                       walk([this](std::string_view key) { return rows_of(key, "inputs", 0, input_count_); });
    if (!found) return json_.status();
    std::size_t output_count = 0, dummy_count = 0;
    if (!walk([&](std::string_view key) { return rows_of(key, "outputs", input_count_, output_count); }) ||
        !walk([&](std::string_view key) { return rows_of(key, "dummies", input_count_ + output_count, dummy_count); }))
      return json_.status();
    into_.table.symbols = {into_.symbols.data(), symbol_count_};
    into_.table.inputs = {into_.rows.data(), input_count_};
    into_.table.outputs = {into_.rows.data() + input_count_, output_count};
    into_.table.dummies = {into_.rows.data() + input_count_ + output_count, dummy_count};
    return json_.status();
  }

 private:
  template <class Member>
  constexpr bool walk(Member const& member) {
    json_ = json_cursor{text_};
    bool first = true;
    std::string_view key;
    json_.expect('{');
    while (json_.next_member(first, key))
      if (!member(key)) json_.skip_value();
    json_.finish();
    return static_cast<bool>(json_.status());
  }

  constexpr bool first_walk(std::string_view key) {
    contract_identity& id = into_.table.identity;
    if (key == "class") return string(id.class_name);
    if (key == "library") return string(id.library);
    if (key == "model_type") return string(id.model_type);
    if (key == "task") return string(id.task);
    if (key == "behavior") return string(id.behavior);
    if (key == "part") return string(id.part);
    if (key == "variant") return string(id.variant);
    if (key == "use_past") return id.use_past = json_.boolean(), true;
    if (key == "use_past_in_inputs") return id.use_past_in_inputs = json_.boolean(), true;
    if (key == "opset") return id.opset = static_cast<int>(in_range(0, 1 << 20)), true;
    if (key == "atol") return id.atol_for_validation = json_.real(), true;
    if (key != "symbols") return false;
    bool first = true;
    symbol_count_ = 0;
    json_.expect('[');
    while (json_.next_element(first)) symbol();
    return true;
  }

  // A string's characters: in the file, or without their escapes in the storage.
  constexpr bool string(std::string_view& into) {
    json_string const read = json_.string();
    if (!read.escaped) {
      into = read.raw;
      return true;
    }
    std::size_t const start = text_used_;
    bool fits = true;
    bool const legal = unescape(read.raw, [&](char c) {
      if (text_used_ < into_.text.size())
        into_.text[text_used_++] = c;
      else
        fits = false;
    });
    if (!legal || !fits) json_.fail(legal ? read_error::too_large : read_error::syntax, read.offset);
    into = {into_.text.data() + start, text_used_ - start};
    return true;
  }
  constexpr std::int64_t in_range(std::int64_t minimum, std::int64_t maximum) {
    std::size_t const at = json_.offset();
    std::int64_t const value = json_.integer();
    if (value < minimum || value > maximum) json_.fail(read_error::too_large, at);
    return value;
  }

  constexpr void symbol() {
    std::size_t const at = json_.offset();
    symbol_row row{};
    std::int64_t value = unknown;
    bool first = true, named = false;
    std::string_view key;
    json_.expect('{');
    while (json_.next_member(first, key)) {
      if (key == "axis" || key == "parameter") {
        row.is_axis = key == "axis";
        named = string(row.name);
      } else if (key == "field") {
        string(row.field);
      } else if (key == "follows") {
        string(row.follows);
      } else if (key == "free") {
        row.is_free = json_.boolean();
      } else if (key == "dummy") {
        row.dummy = json_.integer();
      } else if (key == "minimum") {
        row.minimum = json_.integer();
      } else if (key == "maximum") {
        row.maximum = json_.integer();
      } else if (key == "multiple") {
        row.multiple = in_range(1, unbounded);
      } else if (key == "value") {
        value = json_.integer();
      } else {
        json_.skip_value();
      }
    }
    if (!named) json_.fail(read_error::missing_member, at);
    if (symbol_count_ == max_symbols) json_.fail(read_error::too_large, at);
    if (!json_.status()) return;
    if (!row.is_axis && row.field.empty()) row.field = row.name;
    row.value = value;
    into_.values[symbol_count_] = value;
    into_.symbols[symbol_count_++] = row;
  }

  constexpr program expression() {
    json_.peek();
    std::size_t const at = json_.offset();
    std::string_view text;
    string(text);
    std::size_t const start = code_used_;
    std::span<symbol_row const> const symbols{into_.symbols.data(), symbol_count_};
    if (!json_.status()) return {};
    read_status const status = read_expression(text, symbols, [this](instruction step) {
      if (code_used_ == into_.code.size()) return false;
      into_.code[code_used_++] = step;
      return true;
    });
    program const result{into_.code.data() + start, code_used_ - start};
    if (!status)
      json_.fail(status.error, at + 1 + status.offset);
    else if (!is_well_formed(result, symbol_count_))
      json_.fail(read_error::too_deep, at);
    return json_.status() ? result : program{};
  }

  constexpr std::span<dimension const> dims() {
    std::size_t const start = dims_used_;
    bool first = true;
    json_.expect('[');
    while (json_.next_element(first)) {
      dimension dim{};
      if (json_.take('{')) {
        string(dim.name);
        json_.expect(':');
        dim.size = expression();
        json_.expect('}');
      } else {
        dim.size = expression();
      }
      if (dims_used_ == into_.dims.size()) json_.fail(read_error::too_large);
      if (!json_.status()) return {};
      into_.dims[dims_used_++] = dim;
    }
    return {into_.dims.data() + start, dims_used_ - start};
  }

  template <class Names>
  constexpr std::size_t word(Names const& names) {
    json_string const read = json_.string();
    std::size_t index = 0;
    for (std::string_view const name : names) {
      if (name == read.raw) return index;
      ++index;
    }
    json_.fail(read_error::unknown_word, read.offset);
    return 0;
  }
  constexpr dtype element_type() {
    json_string const read = json_.string();
    for (dtype_row const& row : dtype_rows)
      if (row.name == read.raw) return row.type;
    json_.fail(read_error::unknown_word, read.offset);
    return dtype::undefined;
  }

  constexpr bool rows_of(std::string_view key, std::string_view wanted, std::size_t start, std::size_t& count) {
    if (key != wanted) return false;
    bool first = true;
    bool const outputs = wanted == "outputs";
    count = 0;
    json_.expect('[');
    while (json_.next_element(first)) {
      if (start + count == into_.rows.size()) json_.fail(read_error::too_large);
      if (!json_.status()) break;
      row(into_.rows[start + count], count, outputs);
      ++count;
    }
    return true;
  }

  constexpr void row(tensor_row& into, std::size_t index, bool outputs) {
    std::size_t const at = json_.offset();
    into = tensor_row{};
    bool first = true, named = false, typed = false, shaped = false, shaped_dummy = false;
    std::string_view key;
    json_.expect('{');
    while (json_.next_member(first, key)) {
      if (key == "name") {
        named = string(into.name);
      } else if (key == "type") {
        into.type = element_type();
        typed = true;
      } else if (key == "dims") {
        into.dims = dims();
        shaped = true;
      } else if (key == "dummy_dims") {
        into.dummy_dims = dims();
        shaped_dummy = true;
      } else if (key == "values") {
        json_.expect('[');
        into.values.kind = static_cast<value_kind>(word(value_kind_names));
        json_.expect(',');
        into.values.lower = expression();
        json_.expect(',');
        into.values.upper = expression();
        json_.expect(']');
      } else if (key == "when") {
        into.condition = expression();
      } else if (key == "repeat") {
        into.repeat = expression();
      } else if (key == "group") {
        into.group = static_cast<std::uint16_t>(in_range(1, 0xffff));
      } else if (key == "role") {
        into.role = static_cast<tensor_role>(word(role_names));
      } else if (key == "past" && outputs) {
        pair(into, index);
      } else {
        json_.skip_value();
      }
    }
    if (!shaped_dummy) into.dummy_dims = into.dims;
    if (!named || !typed || !shaped || into.repeat.empty() != (into.group == 0))
      json_.fail(read_error::missing_member, at);
    if (json_.status() && !into.repeat.empty() &&
        evaluate(into.repeat, {into_.values.data(), symbol_count_}) > max_layers)
      json_.fail(read_error::too_large, at);
  }

  constexpr void pair(tensor_row& present, std::size_t index) {
    std::size_t const at = json_.offset();
    std::string_view name;
    string(name);
    for (std::size_t i = 0; i < input_count_; ++i)
      if (into_.rows[i].name == name) {
        present.pair = static_cast<std::uint16_t>(i);
        into_.rows[i].pair = static_cast<std::uint16_t>(index);
        return;
      }
    json_.fail(read_error::unknown_symbol, at);
  }

  std::string_view text_;
  json_cursor json_;
  Storage& into_;
  std::size_t symbol_count_ = 0, input_count_ = 0, code_used_ = 0, dims_used_ = 0, text_used_ = 0;
};

}  // namespace detail

/// Reads the text of a contract into `storage`. On an error the storage holds nothing of use; the offset counts within
/// `text`. Expressions are well-formed afterwards, and pairs and layers are in range.
template <contract_limits Limits>
constexpr read_status read_contract(std::string_view text, contract_storage<Limits>& storage) {
  return detail::contract_parser<contract_storage<Limits>>{text, storage}.parse();
}

}  // namespace constexport
