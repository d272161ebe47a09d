/// emit/file_header.hpp: the inputs and outputs of an ONNX file as a C++ header.
///
/// Room: emit. Includes onnx, check and the standard library. `constexport header` writes it; check/matches.hpp
/// compares it with a configuration while it is compiled.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/emit/emit_error.hpp>
#include <constexport/onnx/dim_names.hpp>
#include <constexport/onnx/reader.hpp>

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace constexport {

namespace detail {

/// A string literal of any bytes.
inline std::string cpp_literal(std::string_view text) {
  std::string result = "\"";
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte >= 0x20 && byte < 0x7f && c != '?') {  // ?? could begin a trigraph
      result += c;
    } else {
      result += '\\';
      for (int shift = 6; shift >= 0; shift -= 3) result += static_cast<char>('0' + ((byte >> shift) & 7));
    }
  }
  return result + "\"";
}

/// The name of a dtype as the enumeration has it.
inline std::string dtype_literal(dtype type) {
  std::string name(name_of(type));
  if (type == dtype::boolean) name = "boolean";
  std::string result = "constexport::dtype::";
  for (char const c : name)
    if (c != '_') result += c;
  return result;
}

}  // namespace detail

/// The header that describes a model in the namespace `name_space`; `source` is named in its first line. Throws
/// emit_error if an input or output is no dense tensor, or the namespace is no name.
inline std::string file_header(wire::model_view const& model, std::string_view name_space, std::string_view source) {
  for (std::size_t at = 0; at <= name_space.size();) {
    std::size_t const end = std::min(name_space.find("::", at), name_space.size());
    if (!is_identifier(name_space.substr(at, end - at)))
      throw emit_error("the namespace \"" + std::string(name_space) + "\" is no name");
    at = end + 2;
  }
  std::set<std::string_view> defaults;
  for (wire::stored_tensor const each : model.graph.initializers()) defaults.insert(each.name);
  std::string dims, tensors;
  std::size_t count = 0;
  auto const list = [&](auto const& values, std::string_view name) {
    std::string rows;
    for (wire::value_view const value : values) {
      if (name == "inputs" && defaults.contains(value.name)) continue;
      if (value.what != wire::value_type::tensor)
        throw emit_error(
            "\"" + std::string(value.name) +
            "\" is a sequence, map, optional or sparse tensor, or has no type: a contract holds dense tensors");
      std::string sizes;
      for (wire::dim_view const dim : value.dims()) {
        sizes += sizes.empty() ? "{" : ", {";
        if (dim.has_value)
          sizes += std::to_string(dim.value < 0 ? -1 : dim.value);
        else if (!dim.param.empty())
          sizes += "-1, " + detail::cpp_literal(dim.param);
        sizes += "}";
      }
      std::string place = "{}";
      if (!sizes.empty()) {
        place = "dims_" + std::to_string(count++);
        dims += "  static constexpr constexport::described_dim " + place + "[]{" + sizes + "};\n";
      }
      rows += "      {" + detail::cpp_literal(value.name) + ", " + detail::dtype_literal(value.type) + ", " + place +
              (value.has_shape ? "" : ", false") + "},\n";
    }
    if (rows.empty())
      tensors += "  static constexpr std::span<constexport::described_tensor const> " + std::string(name) + "{};\n";
    else
      tensors += "  static constexpr constexport::described_tensor " + std::string(name) + "[]{\n" + rows + "  };\n";
  };
  list(model.graph.inputs(), "inputs");
  list(model.graph.outputs(), "outputs");
  std::string title;
  for (char const c : source) title += static_cast<unsigned char>(c) < 0x20 || c == '\\' ? '?' : c;
  return "// The inputs and outputs of " + title + ", made by `constexport header`; do not edit.\n#pragma once\n\n" +
         "#include <constexport/check/described_file.hpp>\n\nnamespace " + std::string(name_space) + " {\n\n" +
         "struct described {\n" + dims + tensors +
         "  static constexpr constexport::described_file value{inputs, outputs, " + std::to_string(model.opset()) +
         "};\n};\n\n" + "/// `static_assert(constexport::matches<Config>(" + std::string(name_space) +
         "::contract));`\n" + "inline constexpr described contract{};\n\n}  // namespace " + std::string(name_space) +
         "\n";
}

}  // namespace constexport
