/// onnx/contract_text.hpp: a bound contract as text, the same in a contract file and in an ONNX file's metadata.
///
/// Room: onnx. Includes core and freestanding standard headers; no heap, no exceptions. metadata.hpp writes it into
/// `metadata_props`, contract_reader.hpp reads it back.
///
/// ONNX can say neither how dimensions depend on each other, nor in which range they lie, nor which output becomes
/// which input. The text says it, as one JSON object, of which only `inputs` and `outputs` are needed:
///   inputs, outputs, dummies  [{"name", "dtype", "dims", "dummy_dims", "values", "when", "repeat", "group", "role",
///   "past"}, ...]
///             dummies: what dummies are made of, left out where that is the inputs. dtype as NumPy spells it; it may
///             be left out of outputs. `*` in the name of a tensor with "repeat" is the number of the layer, and
///             neighbours of one "group" take turns; "when" not zero: it is there; "role" is past or present; "past"
///             (outputs) is the name of the input that the output becomes.
///   axes        {name: {"default", "min", "max", "multiple", "value", "follows", "free"}, ...}
///             default: size in dummies; left out: min 1, max none, multiple 1, value unknown; "free": data decides the
///             size; "follows": the axis whose size a dummy takes. An axis that the dims name needs no entry.
///   parameters  {name: value, or {"value", "min", "field": its name in config.json}, ...}
///   opset, atol                                  numbers
///   class, library, model_type, task, behavior, part, variant   names; left out where empty
///   use_past, use_past_in_inputs                 true, or left out
/// A dimension is a number, an expression in Python's spelling ("past_sequence_length + sequence_length"), an object
/// {own name: expression} ({"": expression} where Optimum does not list the dimension), null where its size is not
/// stated, or (in inputs) "?" where the exporter is to find out whether the module leaves it free; `"dims": null` where
/// the rank is not stated. In an expression a name is an axis or, if there is none, a parameter; `parameter.x` is the
/// parameter of a name that an axis has too; a name that is no word stands between backquotes. "values" is how dummies
/// of an input are drawn: a kind ("mask", "positions"), or
/// {"kind", "min", "max", "end"}; "max" is the largest value of integers, and what floating values are below; "end" is
/// the value that ends a text. Left out: floating values from 0 to 1, others 0 and 1.
/// Two marks are not kept: of divisions that must leave no remainder (binding the parameters has checked them), and of
/// differences that are never negative.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/onnx/contract_words.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace constexport {
namespace detail {

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
    raw(",\"inputs\":[");
    tensors(table.inputs, true);
    raw("],\"outputs\":[");
    tensors(table.outputs, false);
    if (!table.dummies.empty()) {
      raw("],\"dummies\":[");
      tensors(table.dummies, true);
    }
    raw("],\"axes\":{");
    symbols(true);
    raw("},\"parameters\":{");
    symbols(false);
    raw("}}");
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

  // The fewest digits that give the number back when divided by a power of ten, which is exact up to 10^22.
  constexpr void real(double value) {
    if (!(value >= 0 && value < 1e15)) return put_('0');  // no tolerance at all
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

  // The members of an object that may have none.
  constexpr void member(std::string_view name) {
    put_(first_ ? '{' : ',');
    first_ = false;
    key(name);
  }
  constexpr void member_unless(std::string_view name, std::int64_t value, std::int64_t usual) {
    if (value == usual) return;
    member(name);
    integer(value);
  }
  constexpr void close() { raw(first_ ? "{}" : "}"); }

  constexpr void symbols(bool axes) {
    bool any = false;
    for (std::size_t i = 0; i < bound_.table->symbols.size(); ++i) {
      symbol_row const& row = bound_.table->symbols[i];
      if (row.is_axis != axes) continue;
      if (any) put_(',');
      any = true;
      key(row.name);
      first_ = true;
      if (axes)
        axis(row, bound_.values[i]);
      else
        parameter(row, bound_.values[i]);
    }
  }
  constexpr void axis(symbol_row const& row, std::int64_t value) {
    member_unless("default", row.dummy, unknown);
    member_unless("min", row.minimum, 1);
    member_unless("max", row.maximum, unbounded);
    member_unless("multiple", row.multiple, 1);
    member_unless("value", value, unknown);
    if (!row.follows.empty()) {
      member("follows");
      quoted(row.follows);
    }
    if (row.is_free) {
      member("free");
      raw("true");
    }
    close();
  }
  constexpr void parameter(symbol_row const& row, std::int64_t value) {
    bool const has_field = !row.field.empty() && row.field != row.name;
    if (!has_field && row.minimum == 1 && value != unknown) return integer(value);
    member_unless("value", value, unknown);
    member_unless("min", row.minimum, 1);
    if (has_field) {
      member("field");
      quoted(row.field);
    }
    close();
  }

  constexpr void arithmetic(program code) {
    std::span<symbol_row const> const all = bound_.table->symbols;
    auto const name = [&](std::size_t index, auto&) {
      symbol_row const& row = all[index];
      if (!row.is_axis && find_symbol(all, row.name, true) < all.size()) raw(parameter_prefix);
      bool const plain = is_plain_name(row.name);
      if (!plain) put_('`');
      for (char const c : row.name) {
        if (c == '`') put_('`');
        escaped(c);
      }
      if (!plain) put_('`');
    };
    constexport::print(code, name, put_);
  }
  constexpr void expression(program code) {
    put_('"');
    arithmetic(code);
    put_('"');
  }
  // A number, or an expression in quotation marks.
  constexpr void size(program code) {
    if (code.size() == 1 && code[0].code == operation::constant && code[0].value >= 0) return integer(code[0].value);
    expression(code);
  }

  constexpr void dims(tensor_row const& row, std::span<dimension const> all, bool asks) {
    std::span<symbol_row const> const symbols = bound_.table->symbols;
    put_('[');
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i > 0) put_(',');
      program const code = all[i].size;
      bool const alone = all[i].name.empty() && !all[i].is_unlisted;
      bool const single = code.size() == 1 && alone;
      auto const of = [&] { return symbols[static_cast<std::size_t>(code[0].value)]; };
      if (single && code[0].code == operation::constant && code[0].value == unknown) {
        raw("null");
      } else if (single && asks && code[0].code == operation::symbol && of().is_asked &&
                 is_asked_name(of().name, row.name, i)) {
        raw("\"?\"");
      } else if (alone) {
        size(code);
      } else {
        put_('{');
        key(all[i].name);
        size(code);
        put_('}');
      }
    }
    put_(']');
  }

  // Ranges are half open in a contract, as in all of C++; in the text "max" is the largest of integers.
  constexpr void maximum(program upper, dtype type) {
    member("max");
    std::size_t const length = upper.size();
    if (is_floating(type)) return size(upper);
    if (length == 1 && upper[0].code == operation::constant && upper[0].value > 0) return integer(upper[0].value - 1);
    if (length > 2 && upper[length - 1].code == operation::add &&
        upper[length - 2] == instruction{operation::constant, 1})
      return size(upper.first(length - 2));
    bool const brackets = precedence(upper.back().code) < precedence(operation::subtract);
    raw(brackets ? "\"(" : "\"");
    arithmetic(upper);
    raw(brackets ? ") - 1\"" : " - 1\"");
  }
  constexpr void values(tensor_row const& row) {
    value_rule const& rule = row.values;
    value_rule const usual = usual_values(rule.kind, row.type);
    std::string_view const kind = value_kind_names[static_cast<std::size_t>(rule.kind)];
    if (rule.lower.empty()) return;
    if (same_steps(rule.lower, usual.lower) && same_steps(rule.upper, usual.upper)) {
      if (rule.kind == value_kind::uniform) return;
      raw(",\"values\":");
      return quoted(kind);
    }
    raw(",\"values\":");
    first_ = true;
    if (rule.kind != value_kind::uniform) {
      member("kind");
      quoted(kind);
    }
    if (!same_steps(rule.lower, usual.lower)) {
      member(rule.kind == value_kind::ended ? "end" : "min");
      size(rule.lower);
    }
    maximum(rule.upper, row.type);
    close();
  }

  constexpr void tensors(std::span<tensor_row const> rows, bool drawn) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      tensor_row const& row = rows[i];
      raw(i > 0 ? ",{" : "{");
      key("name");
      quoted(row.name);
      if (row.type != dtype::undefined) {
        raw(",\"dtype\":");
        quoted(name_of(row.type));
      }
      raw(",\"dims\":");
      if (row.is_unstated)
        raw("null");
      else
        dims(row, row.dims, rows.data() == bound_.table->inputs.data());
      if (drawn && row.dummy_dims.data() != row.dims.data()) {
        raw(",\"dummy_dims\":");
        dims(row, row.dummy_dims, false);
      }
      if (drawn) values(row);
      if (!row.condition.empty()) {
        raw(",\"when\":");
        size(row.condition);
      }
      if (!row.repeat.empty()) {
        raw(",\"repeat\":");
        size(row.repeat);
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
  bool first_ = true;
};

}  // namespace detail

/// Writes the text of a bound contract into `put(char)`.
template <class Put>
constexpr void print_contract(bound_contract const& bound, Put&& put) {
  detail::contract_printer<std::remove_reference_t<Put>>{bound, put}.print();
}

}  // namespace constexport
