/// onnx/contract_reader.hpp: a contract out of its text (contract_text.hpp), of a file of its own or of metadata.
///
/// Room: onnx. Includes core and freestanding standard headers; no heap, no exceptions. check/ and emit/ depend on it:
/// a contract that was read is used like one that a configuration made.
///   `contract_storage<> storage; if (read_contract(file.model.find_metadata(contract_key), storage))
///   use(storage.bound());`
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/onnx/contract_pieces.hpp>
#include <constexport/onnx/contract_storage.hpp>
#include <constexport/onnx/contract_words.hpp>
#include <constexport/onnx/errors.hpp>
#include <constexport/onnx/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace constexport {

namespace detail {

template <class Storage>
class contract_parser : contract_pieces<Storage> {
  using base = contract_pieces<Storage>;
  using typename base::place;

 public:
  constexpr contract_parser(std::string_view text, Storage& into, unknown_members unknown_ones)
      : base(text, into, unknown_ones) {}

  // The members may stand in any order, but expressions need the symbols, outputs the inputs, and rows lie in one
  // array.
  constexpr read_status parse() {
    for (std::int64_t& value : into_.values) value = unknown;
    into_.table = contract{};
    std::uint32_t seen = 0;
    std::size_t input_count = 0, output_count = 0, dummy_count = 0;
    if (!walk([&](json_string const& key) { first_walk(key, seen); })) return json_.status();
    if (unknown_ == unknown_members::refused) {
      if ((seen >> inputs_member & 1u) == 0) json_.fail(read_error::no_inputs, 0);
      if ((seen >> outputs_member & 1u) == 0) json_.fail(read_error::no_outputs, 0);
    }
    walk([&](json_string const& key) { rows_of(key, contract_members[inputs_member], place::inputs, input_count); });
    input_count_ = input_count;
    walk([&](json_string const& key) { rows_of(key, contract_members[outputs_member], place::outputs, output_count); });
    walk([&](json_string const& key) { rows_of(key, contract_members[dummies_member], place::dummies, dummy_count); });
    into_.table.symbols = {into_.symbols.data(), symbol_count_};
    into_.table.inputs = {into_.rows.data(), input_count};
    into_.table.outputs = {into_.rows.data() + input_count, output_count};
    into_.table.dummies = {into_.rows.data() + input_count + output_count, dummy_count};
    finish();
    return json_.status();
  }

 private:
  using base::code_used_, base::into_, base::json_, base::symbol_count_, base::symbol_offsets_, base::text_,
      base::unknown_;
  using base::dims, base::in_range, base::member, base::plain, base::size, base::string;

  static constexpr std::size_t inputs_member = 11, outputs_member = 12, dummies_member = 13;
  static_assert(contract_members[inputs_member] == "inputs" && contract_members[dummies_member] == "dummies");

  template <class Member>
  constexpr bool walk(Member const& each) {
    if (read_status const before = json_.status(); !before) return false;
    json_ = json_cursor{text_};
    bool first = true;
    json_string key;
    json_.expect_object();
    while (json_.next_member(first, key)) each(key);
    json_.finish();
    return static_cast<bool>(json_.status());
  }

  constexpr void first_walk(json_string const& key, std::uint32_t& seen) {
    contract_identity& id = into_.table.identity;
    std::string_view* const names[] = {&id.class_name, &id.library, &id.model_type, &id.task,
                                       &id.behavior,   &id.part,    &id.variant};
    std::size_t const index = member(key, contract_members, seen);
    if (index < 7)
      *names[index] = string();
    else if (index == 7)
      id.use_past = json_.boolean();
    else if (index == 8)
      id.use_past_in_inputs = json_.boolean();
    else if (index == 9)
      id.opset = static_cast<int>(in_range(1, 1 << 20));
    else if (index == 10)
      id.atol_for_validation = tolerance();
    else if (index <= dummies_member)
      json_.skip_value();
    else if (index < std::size(contract_members))
      base::symbol_members(index == dummies_member + 1);
  }

  constexpr double tolerance() {
    json_.peek();
    std::size_t const at = json_.offset();
    double const value = json_.real();
    if (!(value >= 0 && value < 1e15)) json_.fail(read_error::out_of_range, at);
    return value;
  }

  // What can only be said when everything has been read.
  constexpr void finish() {
    for (std::size_t i = 0; i < symbol_count_; ++i) {
      symbol_row& row = into_.symbols[i];
      if (!row.is_axis) continue;
      if (row.dummy == unknown) row.dummy = base::usual_size(row);
      if (unknown_ == unknown_members::refused && !is_used(i)) json_.fail(read_error::unused_axis, symbol_offsets_[i]);
    }
  }
  constexpr bool is_used(std::size_t symbol) const {
    for (std::size_t i = 0; i < code_used_; ++i)
      if (into_.code[i] == instruction{operation::symbol, static_cast<std::int64_t>(symbol)}) return true;
    return false;
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
      if (row.name == read.raw && row.type != dtype::undefined) return row.type;
    json_.fail(read_error::unknown_dtype, read.offset);
    return dtype::undefined;
  }

  constexpr void rows_of(json_string const& key, std::string_view wanted, place where, std::size_t& count) {
    if (key.raw != wanted) return json_.skip_value();
    bool first = true;
    std::size_t const start = row_count_;
    group_in_text_ = 0;
    json_.expect_list();
    while (json_.next_element(first)) {
      if (row_count_ == into_.rows.size()) json_.fail(read_error::too_many_tensors);
      if (!json_.status()) break;
      row(start, where);
      ++row_count_;
    }
    count = row_count_ - start;
  }

  constexpr void row(std::size_t start, place where) {
    json_.peek();
    std::size_t const at = json_.offset();
    tensor_row& into = into_.rows[row_count_];
    into = tensor_row{};
    tensor_members_read read;
    into.name = name_of_row(start, where);
    std::uint32_t seen = 0;
    bool first = true;
    json_string key;
    json_.expect_object();
    while (json_.next_member(first, key)) switch (member(key, tensor_members, seen)) {
        case 0:
          json_.string();
          read.named = true;
          break;
        case 1:
          into.type = element_type();
          break;
        case 2:
          read.shaped = true;
          if (json_.peek() == 'n')
            into.is_unstated = json_.take_null();
          else
            into.dims = dims(into.name, where);
          break;
        case 3:
          read.shaped_dummy = true;
          into.dummy_dims = dims(into.name, place::dummies);
          break;
        case 4:
          values(into, read);
          break;
        case 5:
          into.condition = size();
          break;
        case 6:
          into.repeat = size();
          break;
        case 7:
          read.group = in_range(1, 0xffff);
          break;
        case 8:
          into.role = static_cast<tensor_role>(word(role_names));
          break;
        case 9:
          pair(into, row_count_ - start, where);
          break;
        default:
          break;
      }
    if (!read.shaped_dummy) into.dummy_dims = into.dims;
    if (!read.named) json_.fail(read_error::no_name, at);
    if (!read.shaped) json_.fail(read_error::no_dims, at);
    if (into.type == dtype::undefined && where != place::outputs) json_.fail(read_error::no_dtype, at);
    if (into.repeat.empty() && read.group != 0) json_.fail(read_error::no_repeat, at);
    if (!json_.status()) return;
    if (where != place::outputs) into.values = values_of(into, read);
    group(into, read.group);
    if (!into.repeat.empty() && evaluate(into.repeat, {into_.values.data(), symbol_count_}) > max_layers)
      json_.fail(read_error::too_many_layers, at);
  }

  // What of a tensor's members needs others to be understood.
  struct tensor_members_read {
    bool named = false, shaped = false, shaped_dummy = false;
    std::int64_t group = 0;
    value_kind kind = value_kind::uniform;
    program lower{}, upper{};  // `upper` is the largest value; one more stands behind it in the storage
  };

  // The name is needed before the other members, wherever it stands.
  constexpr std::string_view name_of_row(std::size_t start, place where) {
    json_cursor const here = json_;
    std::string_view name;
    bool first = true;
    json_string key;
    json_.expect_object();
    while (json_.next_member(first, key)) {
      if (key.raw != "name") {
        json_.skip_value();
        continue;
      }
      json_string const read = json_.string();
      name = plain(read);
      std::size_t const others = where == place::outputs ? 0 : start;  // an output is no input either
      for (std::size_t i = others; i < row_count_; ++i)
        if (into_.rows[i].name == name) json_.fail(read_error::two_of_one_name, read.offset);
      break;
    }
    if (json_.status()) json_ = here;
    return name;
  }

  constexpr void values(tensor_row const&, tensor_members_read& read) {
    if (json_.peek() == '"') {
      read.kind = static_cast<value_kind>(word(value_kind_names));
      return;
    }
    std::uint32_t seen = 0;
    bool first = true;
    json_string key;
    json_.expect_object();
    while (json_.next_member(first, key)) switch (member(key, values_members, seen)) {
        case 0:
          read.kind = static_cast<value_kind>(word(value_kind_names));
          break;
        case 1:
        case 3:
          read.lower = size();
          break;
        case 2:
          read.upper = size();
          if (!base::emit({operation::constant, 1}) || !base::emit({operation::add, 0}))
            json_.fail(read_error::too_much_arithmetic);
          break;
        default:
          break;
      }
  }
  constexpr value_rule values_of(tensor_row const& row, tensor_members_read const& read) const {
    value_rule result = usual_values(read.kind, row.type);
    if (!read.lower.empty()) result.lower = read.lower;
    if (!read.upper.empty()) result.upper = {read.upper.data(), read.upper.size() + (is_floating(row.type) ? 0u : 2u)};
    return result;
  }

  // Neighbours that say the same group are one; their number here is a count of groups, as the compiler makes it.
  constexpr void group(tensor_row& into, std::int64_t in_text) {
    bool const begins = !into.repeat.empty() && (in_text == 0 || in_text != group_in_text_);
    group_in_text_ = into.repeat.empty() ? 0 : in_text;
    if (begins) ++groups_;
    into.group = into.repeat.empty() ? std::uint16_t{0} : groups_;
  }

  constexpr void pair(tensor_row& present, std::size_t index, place where) {
    json_.peek();
    json_string const read = json_.string();
    std::string_view const name = plain(read);
    if (where != place::outputs) {
      json_.fail(read_error::unknown_input, read.offset);
      return;
    }
    for (std::size_t i = 0; i < input_count_; ++i)
      if (into_.rows[i].name == name) {
        present.pair = static_cast<std::uint16_t>(i);
        present.role = tensor_role::present;
        into_.rows[i].pair = static_cast<std::uint16_t>(index);
        into_.rows[i].role = tensor_role::past;
        return;
      }
    json_.fail(read_error::unknown_input, read.offset);
  }

  std::size_t input_count_ = 0, row_count_ = 0;
  std::int64_t group_in_text_ = 0;
  std::uint16_t groups_ = 0;
};

}  // namespace detail

/// Reads the text of a contract into `storage`. On an error the storage holds nothing of use; the offset counts within
/// `text`. Expressions are well-formed afterwards, every axis has a size for dummies, and pairs and layers are in
/// range.
template <contract_limits Limits>
constexpr read_status read_contract(std::string_view text, contract_storage<Limits>& storage,
                                    unknown_members unknown_ones = unknown_members::skipped) {
  return detail::contract_parser<contract_storage<Limits>>{text, storage, unknown_ones}.parse();
}

}  // namespace constexport
