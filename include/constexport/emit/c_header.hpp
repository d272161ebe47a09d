/// emit/c_header.hpp: a contract at fixed sizes as a header for C.
///
/// Room: emit. Includes core, dummy and the standard library; file_header.hpp for string literals. What is written is
/// C99 and asks for no library: names, shapes, sizes and array types of all tensors, and dummy inputs as constants.
#pragma once

#include <constexport/dummy/fill.hpp>
#include <constexport/emit/file_header.hpp>
#include <constexport/emit/shape_ranges.hpp>
#include <constexport/emit/string_literal.hpp>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace constexport {

/// The most elements of all dummy inputs together that a header may have.
inline constexpr std::size_t max_header_elements = std::size_t{1} << 20;

namespace detail {

inline std::string c_identifier(std::string_view name) {
  std::string result;
  for (char const c : name) {
    if (result.empty() && !is_identifier_character(c, true)) result += '_';
    result += is_identifier_character(c, false) ? c : '_';
  }
  if (is_cpp_word(result)) result += '_';  // C's words are among them, and C++ can read the header, too
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

// A literal that is the element exactly.
template <class T>
std::string c_element(T element) {
  char text[48];
  if constexpr (std::is_same_v<T, bool>)
    return element ? "1" : "0";
  else if constexpr (is_short_float<T>)
    std::snprintf(text, sizeof text, "0x%04x", static_cast<unsigned>(element.bits));
  else if constexpr (std::is_floating_point_v<T>)
    std::snprintf(text, sizeof text, sizeof(T) == 4 ? "%af" : "%a", static_cast<double>(element));
  else
    return std::to_string(element) + (std::is_unsigned_v<T> && sizeof(T) == 8 ? "u" : "");
  return text;
}

inline std::string c_elements(dummy_tensor const& tensor) {
  std::vector<std::uint64_t> memory(tensor.bytes() / 8 + 1);  // aligned for every element type
  std::span<std::byte> const bytes = std::as_writable_bytes(std::span(memory)).first(tensor.bytes());
  if (dummy_status const status = fill_bytes(bytes, tensor); !status.ok())
    throw emit_error("\"" + text_of_tensor(tensor.name) + "\": " + std::string(message_of(status.error)));
  std::string text, line;
  with_element_type(tensor.type, [&]<class T>() {
    for (std::size_t i = 0; i < tensor.elements(); ++i) {
      T element;
      std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
      std::string const literal = c_element(element);
      if (line.size() + literal.size() > 110) {
        text += "  " + line + "\n";
        line.clear();
      }
      line += (line.empty() ? "" : " ") + literal + ",";
    }
  });
  return text + "  " + line + "\n";
}

}  // namespace detail

/// The header of a contract at the usual sizes of its axes (those of dummies, or what `limits` say). All its names
/// begin with `prefix`. Throws emit_error if that is no name, if two names of tensors become one, if a size is unknown
/// or a dtype has no type in C.
inline std::string c_header(bound_contract const& bound, std::string_view prefix,
                            std::vector<axis_limit> const& limits = {}, bool with_dummy_inputs = false) {
  if (!is_identifier(prefix)) throw emit_error("the name \"" + std::string(prefix) + "\" is no identifier of C");
  contract const& table = *bound.table;
  bound_contract sized = bound;
  sized.values = limited(bound, limits).usual;
  std::span<std::int64_t const> const values = sized.sizes();
  std::string const small = std::string(prefix) + "_", large = detail::c_macro(small);
  std::string const guard = large + "IO_H";

  std::string text = "/* " + std::string(prefix) + ": inputs and outputs, made by constexport emit. */\n";
  text += "#ifndef " + guard + "\n#define " + guard + "\n\n#include <stdbool.h>\n#include <stdint.h>\n";
  // What all tensors together are called.
  std::set<std::string> names{large + "ALL_INPUTS", large + "ALL_OUTPUTS"};
  for (bool const inputs : {true, false}) {
    std::string rows, members;
    std::size_t count = 0;
    for_each_tensor(inputs ? table.inputs : table.outputs, values, [&](tensor_row const& row, std::int64_t layer) {
      auto const [tensor, status] = detail::describe_shape(row, layer, table, values, 0, shape_source::contract);
      std::string const name = detail::text_of_tensor(tensor.name);
      if (!status.ok()) throw emit_error("\"" + name + "\": " + std::string(message_of(status.error)));
      std::string const identifier = detail::c_identifier(name), macro = large + detail::c_macro(identifier);
      if (!names.insert(macro).second) throw emit_error("\"" + name + "\" becomes a name of C that another tensor has");
      std::string type, shape;
      with_element_type(tensor.type, [&]<class T>() { type = detail::c_type<T>(); });
      for (std::int64_t const size : tensor.shape.span()) detail::append(shape, ", ", std::to_string(size));
      rows += "\n/* " + std::string(name_of(tensor.type)) + " [" + shape + "] */\n";
      rows += "#define " + macro + "_NAME " + detail::cpp_literal(name) + "\n";
      rows += "#define " + macro + "_RANK " + std::to_string(tensor.shape.rank) + "\n";
      if (!shape.empty()) rows += "#define " + macro + "_SHAPE {" + shape + "}\n";
      rows += "#define " + macro + "_SIZE " + std::to_string(tensor.elements()) + "\n";
      // C has no arrays without elements.
      std::string const size = tensor.elements() == 0 ? "1" : macro + "_SIZE";
      rows += "typedef " + type + " " + small + identifier + "_t[" + size + "];\n";
      members += "  " + small + identifier + "_t " + identifier + ";\n";
      ++count;
    });
    std::string const kind = inputs ? "all_inputs" : "all_outputs";
    text += "\n#define " + detail::c_macro(small + kind) + " " + std::to_string(count) + "\n" + rows;
    text += "\n/* Memory of the " + std::string(inputs ? "inputs" : "outputs") + ". */\ntypedef struct " + small +
            kind + " {\n" + members + "} " + small + kind + "_t;\n";
  }
  if (with_dummy_inputs) {
    std::size_t elements = 0;
    dummy_status const status =
        for_each_dummy_tensor(sized, {}, 0, shape_source::contract, [&](dummy_tensor const& tensor) {
          elements += tensor.elements();
          if (elements > max_header_elements)
            throw emit_error("the dummy inputs have more than a million elements; give smaller sizes by --axis");
          std::string const identifier = detail::c_identifier(detail::text_of_tensor(tensor.name));
          text += "\nstatic const " + small + identifier + "_t " + small + identifier + "_dummy = {\n";
          text += (tensor.elements() == 0 ? "  0,\n" : detail::c_elements(tensor)) + "};\n";
        });
    if (!status.ok())
      throw emit_error("\"" + detail::text_of_tensor(status.tensor) + "\": " + std::string(message_of(status.error)));
  }
  return text + "\n#endif\n";
}

}  // namespace constexport
