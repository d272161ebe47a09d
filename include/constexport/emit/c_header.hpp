/// emit/c_header.hpp: a contract at fixed sizes as a header for C.
///
/// Room: emit. Includes core, dummy and the standard library; file_header.hpp for string literals. What is written is
/// C99 and asks for no library: names, shapes, sizes and array types of all tensors; dummy inputs, and the inputs and
/// expected outputs of test data, as constants.
#pragma once

#include <constexport/dummy/fill.hpp>
#include <constexport/emit/file_header.hpp>
#include <constexport/emit/shape_ranges.hpp>
#include <constexport/emit/string_literal.hpp>
#include <constexport/emit/test_data.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace constexport {

/// The most elements of all constants together that a header may have.
inline constexpr std::size_t max_header_elements = std::size_t{1} << 20;

/// What a header has beside names, shapes and types.
struct header_constants {
  bool dummy_inputs = false;
  test_data const* data = nullptr;  ///< whose shapes give the sizes of the axes
};

/// The most bytes of a string literal that C99 asks of compilers.
inline constexpr std::size_t longest_c_literal = 4095;

namespace detail {

inline std::string c_identifier(std::string_view name) {
  std::string result;
  for (char const c : name) {
    if (result.empty() && !is_identifier_character(c, true)) result += '_';
    result += is_identifier_character(c, false) ? c : '_';
  }
  if (is_cpp_word(result) || is_standard_macro(result)) result += '_';  // C++ can read the header, too
  return result;
}

inline std::string c_macro(std::string name) {
  for (char& c : name)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return name;
}

template <class T>
std::string c_type() {
  if constexpr (std::is_same_v<T, bool>)
    return "bool";
  else if constexpr (is_short_float<T>)
    return "uint16_t";  // its bits
  else if constexpr (std::is_floating_point_v<T>)
    return sizeof(T) == 4 ? "float" : "double";
  else
    return std::string(std::is_signed_v<T> ? "int" : "uint") + std::to_string(8 * sizeof(T)) + "_t";
}

// A literal that is the element exactly; NaN and infinities are the macros of math.h.
template <class T>
std::string c_element(T element) {
  char text[48];
  if constexpr (std::is_same_v<T, bool>)
    return element ? "1" : "0";
  else if constexpr (is_short_float<T>)
    std::snprintf(text, sizeof text, "0x%04x", static_cast<unsigned>(element.bits));
  else if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(element)) return "NAN";
    if (std::isinf(element)) return element < 0 ? "-INFINITY" : "INFINITY";
    std::snprintf(text, sizeof text, sizeof(T) == 4 ? "%af" : "%a", static_cast<double>(element));
  } else if (std::is_same_v<T, std::int64_t> && element == std::numeric_limits<T>::min())
    return "INT64_MIN";  // a minus sign is no part of a literal, and the number without it has no type
  else
    return std::to_string(element) + (std::is_unsigned_v<T> && sizeof(T) == 8 ? "u" : "");
  return text;
}

// Constants as they are collected, each of the type of its tensor.
class c_constants {
 public:
  explicit c_constants(std::string prefix) : prefix_(std::move(prefix)) {}

  std::string const& text() const { return text_; }
  bool uses_math() const { return uses_math_; }

  // `fill(bytes)` writes the elements.
  template <class Fill>
  void add(dummy_tensor const& tensor, std::string_view suffix, Fill const& fill) {
    std::size_t const count = tensor.elements();
    if (count > max_header_elements - elements_)
      throw emit_error("the constants have more than a million elements; give smaller sizes");
    elements_ += count;
    std::vector<std::uint64_t> memory(tensor.bytes() / 8 + 1);  // aligned for every element type
    std::span<std::byte> const bytes = std::as_writable_bytes(std::span(memory)).first(tensor.bytes());
    fill(bytes);
    std::string const name = prefix_ + c_identifier(text_of_tensor(tensor.name));
    text_ += "\nstatic const " + name + "_t " + name + std::string(suffix) + " = {\n";
    std::string line;
    auto const put = [&](std::string const& piece) {
      if (line.size() + piece.size() > 110) {
        text_ += "  " + line + "\n";
        line.clear();
      }
      append(line, " ", piece);
    };
    // The brackets of all dimensions but the first, which stands around everything.
    auto const brackets = [&](std::size_t at, char bracket) {
      std::string result;
      std::size_t row = 1;
      for (std::size_t dim = tensor.shape.rank; dim-- > 1;)
        if (at % (row *= static_cast<std::size_t>(tensor.shape.sizes[dim])) == 0) result += bracket;
      return result;
    };
    if (count == 0) put("0,");
    with_element_type(tensor.type, [&]<class T>() {
      for (std::size_t i = 0; i < count; ++i) {
        T element;
        std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
        if constexpr (std::is_floating_point_v<T>) uses_math_ = uses_math_ || !std::isfinite(element);
        put(brackets(i, '{') + c_element(element) + brackets(i + 1, '}') + ",");
      }
    });
    text_ += "  " + line + "\n};\n";
  }

 private:
  std::string prefix_, text_;
  std::size_t elements_ = 0;
  bool uses_math_ = false;
};

}  // namespace detail

/// The header of a contract at the usual sizes of its axes (those of dummies, what `limits` say, or those of test
/// data). All its names begin with `prefix`. Throws emit_error if that is no name, if two names of tensors become one,
/// if a size is unknown, a dtype has no type in C, or test data do not keep the contract.
inline std::string c_header(bound_contract const& bound, std::string_view prefix,
                            std::vector<axis_limit> const& limits = {}, header_constants const& wanted = {}) {
  if (!is_identifier(prefix))
    throw emit_error("the name \"" + std::string(prefix) + "\" is no identifier of C; take one as my_model");
  contract const& table = *bound.table;
  std::optional<detail::matched_test_data> data;
  if (wanted.data != nullptr) data.emplace(bound, limits, *wanted.data);
  bound_contract sized = bound;
  sized.values = data ? data->values() : limited(bound, limits).usual;
  std::span<std::int64_t const> const values = sized.sizes();
  std::string const small = std::string(prefix) + "_", large = detail::c_macro(small);
  std::string const guard = large + "IO_H";

  std::string text;
  detail::c_constants constants(small);
  // What all tensors together are called.
  std::set<std::string> names{large + "ALL_INPUTS", large + "ALL_OUTPUTS"};
  for (bool const inputs : {true, false}) {
    std::string rows, members;
    std::size_t count = 0;
    for_each_tensor(inputs ? table.inputs : table.outputs, values, [&](tensor_row const& row, std::int64_t layer) {
      bool const is_text = row.type == dtype::string;
      tensor_row sized_row = row;
      if (is_text) sized_row.type = dtype::uint64;  // an element is a pointer
      auto const [tensor, status] = detail::describe_shape(sized_row, layer, table, values, 0, shape_source::contract);
      std::string const name = detail::text_of_tensor(tensor.name);
      if (name.empty() || name.size() > longest_c_literal)
        throw emit_error("no name of C can be made of \"" + name.substr(0, 40) + "\": it has " +
                         std::to_string(name.size()) + " bytes, not 1 to 4095; give the tensor another one");
      if (status.error == dummy_error::unsupported_dtype)
        throw emit_error("\"" + name + "\" is " + std::string(name_of(row.type)) +
                         ", which no type of C is; use another dtype");
      if (!status.ok()) throw emit_error("\"" + name + "\": " + std::string(message_of(status.error)));
      std::string const identifier = detail::c_identifier(name), macro = large + detail::c_macro(identifier);
      if (!names.insert(macro).second)
        throw emit_error("\"" + name + "\" becomes a name of C that another tensor has; rename one");
      std::string type, shape, sizes;
      if (is_text)
        type = "char const*";
      else
        with_element_type(tensor.type, [&]<class T>() { type = detail::c_type<T>(); });
      for (std::int64_t const size : tensor.shape.span()) {
        detail::append(shape, ", ", std::to_string(size));
        sizes += "[" + std::to_string(size) + "]";
      }
      rows += "\n/* " + std::string(name_of(row.type)) + " [" + shape + "] */\n";
      rows += "#define " + macro + "_NAME " + detail::cpp_literal(name) + "\n";
      rows += "#define " + macro + "_RANK " + std::to_string(tensor.shape.rank) + "\n";
      if (!shape.empty()) rows += "#define " + macro + "_SHAPE {" + shape + "}\n";
      rows += "#define " + macro + "_SIZE " + std::to_string(tensor.elements()) + "\n";
      // A scalar is an array, too; C has none without elements.
      if (sizes.empty() || tensor.elements() == 0) sizes = "[1]";
      rows += "typedef " + type + " " + small + identifier + "_t" + sizes + ";\n";
      members += "  " + small + identifier + "_t " + identifier + ";\n";
      if (data && is_text)
        throw emit_error("\"" + name + "\" holds strings, of which no constants are made; leave out --test-data");
      if (data)
        constants.add(tensor, inputs ? "_test" : "_expected",
                      [&](std::span<std::byte> out) { data->elements(inputs, count, out); });
      ++count;
    });
    std::string const kind = inputs ? "all_inputs" : "all_outputs";
    text += "\n#define " + detail::c_macro(small + kind) + " " + std::to_string(count) + "\n" + rows;
    if (count == 0) continue;  // C has no empty structs
    text += "\n/* Memory of the " + std::string(inputs ? "inputs" : "outputs") + ". */\ntypedef struct " + small +
            kind + " {\n" + members + "} " + small + kind + "_t;\n";
  }
  if (wanted.dummy_inputs) {
    dummy_status filled{};
    dummy_status const status =
        for_each_dummy_tensor(sized, {}, 0, shape_source::contract, [&](dummy_tensor const& tensor) {
          constants.add(tensor, "_dummy", [&](std::span<std::byte> out) {
            if (dummy_status const each = fill_bytes(out, tensor); !each.ok()) filled = each;
          });
        });
    for (dummy_status const& each : {status, filled})
      if (!each.ok())
        throw emit_error("\"" + detail::text_of_tensor(each.tensor) + "\": " + std::string(message_of(each.error)));
  }
  return "/* " + std::string(prefix) + ": inputs and outputs, made by constexport emit. */\n#ifndef " + guard +
         "\n#define " + guard + "\n\n" + (constants.uses_math() ? "#include <math.h>\n" : "") +
         "#include <stdbool.h>\n#include <stdint.h>\n" + text + constants.text() + "\n#endif\n";
}

}  // namespace constexport
