/// onnx/contract_text.hpp: a bound contract as text, which files carry as metadata.
///
/// Room: onnx. Includes core and freestanding standard headers; no heap, no exceptions. metadata.hpp writes it into
/// `metadata_props`, contract_reader.hpp reads it back.
///
/// ONNX can say neither how dimensions depend on each other, nor in which range they lie, nor which output becomes
/// which input. The text says it, as one JSON object under the key `constexport.contract.v1`:
///   class, library, model_type, task, behavior, part, variant   names; left out where empty
///   use_past, use_past_in_inputs                 true, or left out
///   opset, atol                                  numbers
///   symbols   [{"axis": name, "dummy", "minimum", "maximum", "multiple", "value", "follows", "free"} or
///              {"parameter": name, "field": its name in config.json, "minimum", "value"}, ...]
///             left out: minimum 1, maximum none, multiple 1, value unknown; "free" is true where data decides the size
///   inputs, outputs, dummies  [{"name", "type", "dims", "dummy_dims", "values": [kind, lower, upper], "when",
///   "repeat",
///                               "group", "role", "past"}, ...]
///             dummies: what dummies are made of, left out where that is the inputs
///             type as NumPy spells it; `*` in the name of a tensor with "repeat" is the number of the layer, and
///             neighbours of one "group" take turns; "values" (not of outputs) is how dummies are drawn; "role" is past
///             or present; "past" (outputs) is the name of the input that the output becomes.
/// A dimension is an expression in Python's spelling ("past_sequence_length + sequence_length"), or an object
/// {own name: expression}. In an expression, a name is an axis or, if there is none, a parameter; `parameter.x` is the
/// parameter of a name that an axis has too, `symbol.3` the third of `symbols` counted from 0, whose name is no
/// identifier. Two marks are not kept: of divisions that must leave no remainder (binding the parameters has checked
/// them) and of differences that are never negative.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/onnx/dim_names.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace constexport {

/// The metadata key of the text. A change of its meaning changes the number.
inline constexpr std::string_view contract_key = "constexport.contract.v1";

namespace detail {

inline constexpr std::string_view value_kind_names[] = {"uniform", "mask", "positions", "ended"};
inline constexpr std::string_view role_names[] = {"plain", "past", "present"};

inline constexpr std::string_view parameter_prefix = "parameter.";
inline constexpr std::string_view symbol_prefix = "symbol.";

template <class Put>
class contract_printer {
 public:
  constexpr contract_printer(bound_contract const& bound, Put& put) : bound_(bound), put_(put) {}

  constexpr void print() {
    contract const& table = *bound_.table;
    contract_identity const& id = table.identity;
    put_('{');
    name_if_any("class", id.class_name);
    name_if_any("library", id.library);
    name_if_any("model_type", id.model_type);
    name_if_any("task", id.task);
    name_if_any("behavior", id.behavior);
    name_if_any("part", id.part);
    name_if_any("variant", id.variant);
    if (id.use_past) raw("\"use_past\":true,");
    if (id.use_past_in_inputs) raw("\"use_past_in_inputs\":true,");
    raw("\"opset\":");
    integer(id.opset);
    raw(",\"atol\":");
    real(id.atol_for_validation);
    raw(",\"symbols\":[");
    for (std::size_t i = 0; i < table.symbols.size(); ++i) symbol(table.symbols[i], bound_.values[i], i == 0);
    raw("],\"inputs\":[");
    tensors(table.inputs, true);
    raw("],\"outputs\":[");
    tensors(table.outputs, false);
    if (!table.dummies.empty()) {
      raw("],\"dummies\":[");
      tensors(table.dummies, true);
    }
    raw("]}");
  }

 private:
  constexpr void raw(std::string_view characters) {
    for (char const c : characters) put_(c);
  }
  constexpr void escaped(char c) {
    if (c == '"' || c == '\\') put_('\\');
    if (static_cast<unsigned char>(c) < 0x20) {
      raw("\\u00");
      put_("0123456789abcdef"[static_cast<unsigned char>(c) >> 4]);
      c = "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    put_(c);
  }
  constexpr void quoted(std::string_view characters) {
    put_('"');
    for (char const c : characters) escaped(c);
    put_('"');
  }
  constexpr void key(std::string_view name) {
    quoted(name);
    put_(':');
  }
  constexpr void name_if_any(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    quoted(value);
    put_(',');
  }
  constexpr void integer(std::int64_t value) {
    constexport::print(
        std::array{instruction{operation::constant, value}}, [](std::size_t) { return std::string_view{}; }, put_);
  }
  constexpr void integer_unless(std::string_view name, std::int64_t value, std::int64_t usual) {
    if (value == usual) return;
    put_(',');
    key(name);
    integer(value);
  }

  // The fewest digits that give the number back when divided by a power of ten, which is exact up to 10^22.
  constexpr void real(double value) {
    if (!(value >= 0 && value < 1e15)) return raw("null");
    double scale = 1;
    int exponent = 0;
    auto const digits = [&] { return static_cast<std::int64_t>(value * scale + 0.5); };
    while (exponent < 22 && static_cast<double>(digits()) / scale != value && value * scale < 1e15) {
      scale *= 10;
      ++exponent;
    }
    integer(digits());
    if (exponent > 0) {
      raw("e-");
      integer(exponent);
    }
  }

  constexpr void symbol(symbol_row const& row, std::int64_t value, bool first) {
    raw(first ? "{" : ",{");
    key(row.is_axis ? "axis" : "parameter");
    quoted(row.name);
    if (!row.field.empty() && row.field != row.name) {
      put_(',');
      key("field");
      quoted(row.field);
    }
    integer_unless("dummy", row.dummy, unknown);
    integer_unless("minimum", row.minimum, 1);
    integer_unless("maximum", row.maximum, unbounded);
    integer_unless("multiple", row.multiple, 1);
    integer_unless("value", value, unknown);
    if (!row.follows.empty()) {
      put_(',');
      key("follows");
      quoted(row.follows);
    }
    if (row.is_free) raw(",\"free\":true");
    put_('}');
  }

  constexpr void expression(program code) {
    put_('"');
    constexport::print(
        code, [this](std::size_t index) { return spelled(index); }, put_);
    put_('"');
  }

  // What a symbol is called in an expression; the view lives until the next call.
  constexpr std::string_view spelled(std::size_t index) {
    std::span<symbol_row const> const symbols = bound_.table->symbols;
    std::string_view const name = symbols[index].name;
    bool const plain = is_identifier(name);
    if (plain && (symbols[index].is_axis || find_symbol(symbols, name, true) == symbols.size())) return name;
    std::size_t length = 0;
    auto const append = [&](char c) { spelling_[length++] = c; };
    if (plain && name.size() < spelling_.size() - parameter_prefix.size()) {
      for (std::string_view const part : {parameter_prefix, name})
        for (char const c : part) append(c);
    } else {
      for (char const c : symbol_prefix) append(c);
      constexport::print(
          std::array{instruction{operation::constant, static_cast<std::int64_t>(index)}},
          [](std::size_t) { return std::string_view{}; }, append);
    }
    return {spelling_.data(), length};
  }

  constexpr void dims(std::span<dimension const> all) {
    put_('[');
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i > 0) put_(',');
      if (all[i].name.empty()) {
        expression(all[i].size);
      } else {
        put_('{');
        key(all[i].name);
        expression(all[i].size);
        put_('}');
      }
    }
    put_(']');
  }

  constexpr void tensors(std::span<tensor_row const> rows, bool drawn) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      tensor_row const& row = rows[i];
      raw(i > 0 ? ",{" : "{");
      key("name");
      quoted(row.name);
      put_(',');
      key("type");
      quoted(name_of(row.type));
      put_(',');
      key("dims");
      dims(row.dims);
      if (drawn && row.dummy_dims.data() != row.dims.data()) {
        raw(",\"dummy_dims\":");
        dims(row.dummy_dims);
      }
      if (drawn && !row.values.lower.empty()) {
        raw(",\"values\":[");
        quoted(value_kind_names[static_cast<std::size_t>(row.values.kind)]);
        put_(',');
        expression(row.values.lower);
        put_(',');
        expression(row.values.upper);
        put_(']');
      }
      if (!row.condition.empty()) {
        raw(",\"when\":");
        expression(row.condition);
      }
      if (!row.repeat.empty()) {
        raw(",\"repeat\":");
        expression(row.repeat);
        raw(",\"group\":");
        integer(row.group);
      }
      if (row.role != tensor_role::plain) {
        raw(",\"role\":");
        quoted(role_names[static_cast<std::size_t>(row.role)]);
      }
      if (!drawn && row.pair != no_row) {
        raw(",\"past\":");
        quoted(bound_.table->inputs[row.pair].name);
      }
      put_('}');
    }
  }

  bound_contract const& bound_;
  Put& put_;
  std::array<char, 80> spelling_{};
};

}  // namespace detail

/// Writes the text of a bound contract into `put(char)`.
template <class Put>
constexpr void print_contract(bound_contract const& bound, Put&& put) {
  detail::contract_printer<std::remove_reference_t<Put>>{bound, put}.print();
}

}  // namespace constexport
