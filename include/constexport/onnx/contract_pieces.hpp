/// onnx/contract_pieces.hpp: the pieces of a contract's text: strings, symbols, expressions and dimensions.
///
/// Room: onnx, private to contract_reader.hpp (namespace detail), which puts them together. Includes core and
/// freestanding standard headers; no heap, no exceptions.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/onnx/contract_storage.hpp>
#include <constexport/onnx/contract_words.hpp>
#include <constexport/onnx/errors.hpp>
#include <constexport/onnx/expression_reader.hpp>
#include <constexport/onnx/json.hpp>
#include <constexport/onnx/unescape.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

/// What to do with members that are not known: a contract file that has one is misspelt, metadata that has one was
/// written by a newer version.
enum class unknown_members : std::uint8_t { skipped, refused };

namespace detail {

template <class Storage>
class contract_pieces {
 protected:
  constexpr contract_pieces(std::string_view text, Storage& into, unknown_members unknown_ones)
      : text_(text), json_(text), into_(into), unknown_(unknown_ones) {}

  // Which of `names` a member is, each at most once; their number where it is none of them.
  template <std::size_t Count>
  constexpr std::size_t member(json_string const& key, std::string_view const (&names)[Count], std::uint32_t& seen) {
    for (std::size_t i = 0; i < Count; ++i) {
      if (names[i] != key.raw) continue;
      if ((seen >> i & 1u) != 0) json_.fail(read_error::given_twice, key.offset);
      seen |= 1u << i;
      return i;
    }
    skip(key);
    return Count;
  }
  constexpr void skip(json_string const& key) {
    if (unknown_ == unknown_members::refused) json_.fail(read_error::unknown_member, key.offset);
    json_.skip_value();
  }

  // A string's characters: in the text, or without their escapes in the storage.
  constexpr std::string_view plain(json_string const& read) {
    if (!read.escaped) return read.raw;
    std::size_t const start = text_used_;
    bool const legal = unescape(read.raw, [this](char c) { keep(c); });
    if (!legal) json_.fail(read_error::syntax, read.offset);
    return {into_.text.data() + start, text_used_ - start};
  }
  constexpr void keep(char c) {
    if (text_used_ < into_.text.size())
      into_.text[text_used_++] = c;
    else
      json_.fail(read_error::too_much_text);
  }
  constexpr std::string_view string() { return plain(json_.string()); }

  constexpr std::int64_t in_range(std::int64_t minimum, std::int64_t maximum) {
    json_.peek();
    std::size_t const at = json_.offset();
    std::int64_t const value = json_.integer();
    if (value < minimum || value > maximum) json_.fail(read_error::out_of_range, at);
    return value;
  }

  // --- symbols

  constexpr std::span<symbol_row const> symbols() const { return {into_.symbols.data(), symbol_count_}; }

  constexpr std::size_t add_symbol(symbol_row const& row, std::int64_t value, std::size_t at) {
    if (symbol_count_ == max_symbols) json_.fail(read_error::too_many_symbols, at);
    if (!json_.status()) return no_symbol;
    into_.values[symbol_count_] = value;
    into_.symbols[symbol_count_] = row;
    return symbol_count_++;
  }

  // The axes or the parameters: an object with one member each.
  constexpr void symbol_members(bool axes) {
    bool first = true;
    json_string key;
    json_.expect_object();
    while (json_.next_member(first, key)) {
      symbol_row row{};
      row.name = plain(key);
      row.is_axis = axes;
      if (row.name.empty() || (row.name[0] >= '0' && row.name[0] <= '9' && is_number(row.name)))
        json_.fail(read_error::number_as_name, key.offset);
      if (find_symbol(symbols(), row.name, axes) < symbol_count_) json_.fail(read_error::two_of_one_name, key.offset);
      std::int64_t value = unknown;
      if (axes)
        axis(row, value);
      else
        parameter(row, value);
      std::size_t const index = add_symbol(row, value, key.offset);
      if (index != no_symbol) symbol_offsets_[index] = key.offset;
    }
  }
  static constexpr bool is_number(std::string_view name) {
    for (char const c : name)
      if (c < '0' || c > '9') return false;
    return true;
  }

  constexpr void axis(symbol_row& row, std::int64_t& value) {
    if (json_.peek() != '{') {
      json_.fail(read_error::bad_axis);
      return;
    }
    std::size_t const at = json_.offset();
    std::size_t default_at = at, value_at = at;
    std::uint32_t seen = 0;
    bool first = true;
    json_string key;
    json_.expect_object();
    while (json_.next_member(first, key)) switch (member(key, axis_members, seen)) {
        case 0:
          default_at = key.offset;
          row.dummy = in_range(0, unbounded);
          break;
        case 1:
          row.minimum = in_range(0, unbounded);
          break;
        case 2:
          row.maximum = in_range(0, unbounded);
          break;
        case 3:
          row.multiple = in_range(1, unbounded);
          break;
        case 4:
          value_at = key.offset;
          value = in_range(0, unbounded);
          break;
        case 5:
          row.follows = string();
          break;
        case 6:
          row.is_free = json_.boolean();
          break;
        default:
          break;
      }
    row.value = value;
    if (!json_.status()) return;
    auto const legal = [&](std::int64_t size) {
      return size >= row.minimum && size <= row.maximum && size % row.multiple == 0;
    };
    if (row.minimum > row.maximum || row.maximum - row.maximum % row.multiple < row.minimum)
      json_.fail(read_error::empty_range, at);
    else if (row.dummy != unknown && !legal(row.dummy))
      json_.fail(read_error::bad_default, default_at);
    else if (value != unknown && !legal(value))
      json_.fail(read_error::out_of_range, value_at);
  }

  constexpr void parameter(symbol_row& row, std::int64_t& value) {
    row.field = row.name;
    if (json_.peek() != '{') {
      value = json_.integer();
    } else {
      std::uint32_t seen = 0;
      bool first = true;
      json_string key;
      json_.expect_object();
      while (json_.next_member(first, key)) switch (member(key, parameter_members, seen)) {
          case 0:
            row.field = string();
            break;
          case 1:
            row.minimum = json_.integer();
            break;
          case 2:
            value = json_.integer();
            break;
          default:
            break;
        }
    }
    row.value = value;
  }

  // A size for dummies where none is said: 2, as one element hides broadcasting, or what comes nearest.
  static constexpr std::int64_t usual_size(symbol_row const& axis) {
    std::int64_t const wanted = axis.minimum > 2 ? axis.minimum : axis.maximum < 2 ? axis.maximum : 2;
    std::int64_t const below = wanted - wanted % axis.multiple;
    if (below == wanted || axis.maximum - below < axis.multiple) return below;
    return below + axis.multiple;
  }

  // --- expressions

  constexpr bool emit(instruction step) {
    if (code_used_ == into_.code.size()) return false;
    into_.code[code_used_++] = step;
    return true;
  }
  constexpr program code_from(std::size_t start) const { return {into_.code.data() + start, code_used_ - start}; }

  // `declare(name)`: the index of a symbol that the text has not named before, or no_symbol.
  template <class Declare>
  constexpr program expression(json_string const& read, Declare const& declare) {
    std::string_view const text = plain(read);
    std::size_t const start = code_used_;
    if (!json_.status()) return {};
    read_status const status = read_expression(
        text, symbols(), [this](instruction step) { return emit(step); }, declare);
    if (!status)
      json_.fail(status.error, read.offset + (read.escaped ? 0 : status.offset));
    else if (!is_well_formed(code_from(start), symbol_count_))
      json_.fail(read_error::too_deep, read.offset);
    return json_.status() ? code_from(start) : program{};
  }
  constexpr program number() {
    std::size_t const at = json_.offset();
    std::int64_t const value = json_.integer();
    return constant(value, at);
  }
  constexpr program constant(std::int64_t value, std::size_t at) {
    std::size_t const start = code_used_;
    if (!emit({operation::constant, value})) json_.fail(read_error::too_much_arithmetic, at);
    return code_from(start);
  }
  // A number, or an expression over symbols that are known.
  constexpr program size() {
    if (json_.peek() != '"') return number();
    return expression(json_.string(), [](std::string_view) { return no_symbol; });
  }

  // --- dimensions

  enum class place : std::uint8_t { inputs, outputs, dummies };

  // An axis that only the dims name. Its name may stand twice in one expression.
  constexpr std::size_t declare(std::string_view name, json_string const& in, place where) {
    std::size_t const known = find_symbol(symbols(), name, true);
    if (known < symbol_count_) return known;
    if (where == place::dummies) return no_symbol;
    if (where == place::outputs && unknown_ == unknown_members::refused) {
      json_.fail(read_error::unbound_axis, in.offset);
      return no_symbol;
    }
    symbol_row row{};
    row.name = name;
    row.is_axis = true;
    return add_symbol(row, unknown, in.offset);
  }

  // "?": the axis `x_dim0`, which may have a range in "axes".
  constexpr program asked(std::string_view tensor, std::size_t index, std::size_t at) {
    std::size_t const start = text_used_;
    print_asked_name(tensor, index, [this](char c) { keep(c); });
    std::string_view const name{into_.text.data() + start, text_used_ - start};
    std::size_t symbol = find_symbol(symbols(), name, true);
    if (symbol == symbol_count_) {
      symbol_row row{};
      row.name = name;
      row.is_axis = true;
      symbol = add_symbol(row, unknown, at);
    } else {
      text_used_ = start;
    }
    if (!json_.status()) return {};
    into_.symbols[symbol].is_asked = true;
    std::size_t const first = code_used_;
    if (!emit({operation::symbol, static_cast<std::int64_t>(symbol)})) json_.fail(read_error::too_much_arithmetic, at);
    return code_from(first);
  }

  constexpr program named_dim(place where) {
    if (json_.peek() != '"') return number();
    json_string const read = json_.string();
    return expression(read, [&](std::string_view name) { return declare(name, read, where); });
  }
  constexpr program dim(std::string_view tensor, std::size_t index, place where) {
    char const next = json_.peek();
    std::size_t const at = json_.offset();
    if (next == 'n' && json_.take_null()) return constant(unknown, at);
    if (next == '"') {
      json_string const read = json_.string();
      if (read.raw == "?") return where == place::inputs ? asked(tensor, index, at) : constant(unknown, at);
      return expression(read, [&](std::string_view name) { return declare(name, read, where); });
    }
    program const result = number();
    if (json_.status() && result[0].value < 0) json_.fail(read_error::negative_size, at);
    return result;
  }

  constexpr std::span<dimension const> dims(std::string_view tensor, place where) {
    std::size_t const start = dims_used_;
    bool first = true;
    json_.expect_list();
    while (json_.next_element(first)) {
      dimension each{};
      if (json_.take('{')) {
        each.name = string();
        each.is_unlisted = each.name.empty();
        json_.expect(':');
        each.size = named_dim(where);
        json_.expect('}');
      } else {
        each.size = dim(tensor, dims_used_ - start, where);
      }
      if (dims_used_ == into_.dims.size()) json_.fail(read_error::too_many_dims);
      if (!json_.status()) return {};
      into_.dims[dims_used_++] = each;
    }
    return {into_.dims.data() + start, dims_used_ - start};
  }

  std::string_view text_;
  json_cursor json_;
  Storage& into_;
  unknown_members unknown_;
  std::array<std::size_t, max_symbols> symbol_offsets_{};  // of the names in "axes" and "parameters"
  std::size_t symbol_count_ = 0, code_used_ = 0, dims_used_ = 0, text_used_ = 0;
};

}  // namespace detail
}  // namespace constexport
