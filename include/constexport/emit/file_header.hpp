/// emit/file_header.hpp: the inputs and outputs of an ONNX file as a C++ header.
///
/// Room: emit. Includes onnx, check and the standard library. `constexport header` writes it; check/matches.hpp
/// compares it with a configuration while it is compiled.
#pragma once

#include <constexport/check/refusals.hpp>
#include <constexport/core/dtype.hpp>
#include <constexport/emit/emit_error.hpp>
#include <constexport/emit/string_literal.hpp>
#include <constexport/emit/taken_names.hpp>
#include <constexport/onnx/dim_names.hpp>
#include <constexport/onnx/reader.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace constexport {

namespace detail {

/// The most bytes of a string literal that compilers take without a word.
inline constexpr std::size_t longest_cpp_literal = 65535;

/// A name that a namespace cannot have: the language or the standard headers have it.
inline bool is_taken_in_cpp(std::string_view name) {
  return is_cpp_word(name) || is_standard_macro(name) || is_standard_name(name);
}

/// A string literal of any bytes.
inline std::string cpp_literal(std::string_view text) {
  // ?? could begin a trigraph
  auto const plain = [](unsigned char byte) { return is_printed(byte) && byte < 0x7f && byte != '?'; };
  return quoted(text, plain, [](unsigned char byte) {
    std::string octal = "\\";
    for (int const shift : {6, 3, 0}) octal += static_cast<char>('0' + ((byte >> shift) & 7));
    return octal;
  });
}

/// A dtype's name as an enumerator: "boolean", "float8_e5m2", or "type_99" of one that is not known.
inline std::string dtype_enumerator(dtype type) {
  if (type == dtype::boolean) return "boolean";  // "bool" is a word of the language
  if (type != dtype::undefined && name_of(type) == name_of(dtype::undefined))
    return "type_" + std::to_string(static_cast<std::int32_t>(type));
  return std::string(name_of(type));
}

}  // namespace detail

/// The namespace of a header that lies at `path`: its name, made a name of C++.
inline std::string name_of_header(std::string_view path) {
  path.remove_prefix(path.find_last_of('/') + 1);  // npos + 1 is 0
  path = path.substr(0, path.find_last_of('.'));
  std::string name;
  for (char const c : path) {
    if (name.empty() && !detail::is_identifier_character(c, true)) name = "_";
    name += detail::is_identifier_character(c, false) ? c : '_';
  }
  // Names with two underscores, and those that begin with one and a capital, are the compiler's.
  while (name.find("__") != std::string::npos) name.erase(name.find("__"), 1);
  if (name.size() > 1 && name[0] == '_' && name[1] >= 'A' && name[1] <= 'Z') name.insert(0, "io");
  if (name.empty() || name == "_" || name == "std" || name == "constexport" || detail::is_taken_in_cpp(name))
    name += "_io";
  return name;
}

/// The header that describes a model in the namespace `name_space`; `source` is named in its first line. Throws
/// emit_error if an input or output is no dense tensor, or the namespace is no name.
inline std::string file_header(wire::model_view const& model, std::string_view name_space, std::string_view source) {
  for (std::size_t at = 0; at <= name_space.size();) {
    std::size_t const end = std::min(name_space.find("::", at), name_space.size());
    std::string_view const part = name_space.substr(at, end - at);
    if (!is_identifier(part) || detail::is_cpp_word(part))
      throw emit_error("the namespace \"" + std::string(name_space) + "\" is no name of C++; take one as model_io");
    if (detail::is_standard_macro(part) || (at == 0 && detail::is_standard_name(part)))
      throw emit_error("the namespace \"" + std::string(name_space) +
                       "\" cannot be compiled: the standard headers have the name \"" + std::string(part) +
                       "\"; take one of your own");
    if (at == 0 && (part == "std" || part == "constexport"))
      throw emit_error("the namespace \"" + std::string(name_space) + "\" has an owner: take one of your own");
    at = end + 2;
  }
  std::set<std::string_view> defaults;
  for (wire::stored_tensor const each : model.graph.initializers()) defaults.insert(each.name);
  std::string dims, tensors;
  std::map<std::int32_t, std::string> types;
  std::size_t count = 0;
  auto const list = [&](auto const& values, std::string_view name) {
    std::string rows;
    std::set<std::string_view> names;
    auto const literal = [](std::string_view text) {
      if (text.size() > detail::longest_cpp_literal)
        throw emit_error("a name has " + std::to_string(text.size()) + " bytes, and a string literal " +
                         std::to_string(detail::longest_cpp_literal) + " at most: \"" +
                         std::string(text.substr(0, 40)) + "...\"; give it a shorter one");
      return detail::cpp_literal(text);
    };
    for (wire::value_view const value : values) {
      if (!names.insert(value.name).second)
        throw emit_error("two " + std::string(name) + " have the name \"" + std::string(value.name) + "\"; rename one");
      bool const has_default = name == "inputs" && defaults.contains(value.name);
      if (value.what != wire::value_type::tensor) {
        if (has_default) continue;
        throw emit_error(refusals::no_tensor(value.name, value.what));
      }
      std::string sizes;
      for (wire::dim_view const dim : value.dims()) {
        sizes += sizes.empty() ? "{" : ", {";
        if (dim.has_value)
          sizes += std::to_string(dim.value < 0 ? -1 : dim.value);
        else if (!dim.param.empty())
          sizes += "-1, " + literal(dim.param);
        sizes += "}";
      }
      std::string place = "{}";
      if (!sizes.empty()) {
        place = "dims_" + std::to_string(count++);
        dims += "  static constexpr described_dim " + place + "[]{" + sizes + "};\n";
      }
      std::string const type = detail::dtype_enumerator(value.type);
      types.emplace(static_cast<std::int32_t>(value.type), type);
      rows += "      {" + literal(value.name) + ", element::" + type + ", " + place +
              (has_default        ? value.has_shape ? ", true, true" : ", false, true"
               : !value.has_shape ? ", false"
                                  : "") +
              "},\n";
    }
    if (rows.empty())
      tensors += "  static constexpr std::span<described_tensor const> " + std::string(name) + "{};\n";
    else
      tensors += "  static constexpr described_tensor " + std::string(name) + "[]{\n" + rows + "  };\n";
  };
  list(model.graph.inputs(), "inputs");
  list(model.graph.outputs(), "outputs");
  std::string elements;
  for (auto const& [number, name] : types)
    elements += (elements.empty() ? "" : ", ") + name + " = " + std::to_string(number);
  return "// The inputs and outputs of " + detail::readable(source) +
         ", made by `constexport header`; do not edit.\n#pragma once\n\n#include <cstdint>\n#include <span>\n"
         "#include <string_view>\n\nnamespace " +
         std::string(name_space) + R"( {

/// Element types, numbered as in TensorProto.DataType.
enum class element : std::int32_t { )" +
         elements + R"( };

/// A size, or a name, or neither.
struct described_dim {
  std::int64_t size = -1;
  std::string_view param{};
};

struct described_tensor {
  std::string_view name;
  element type;
  std::span<described_dim const> dims{};
  bool is_ranked = true;
  bool has_default = false;
};

struct described_file {
  std::span<described_tensor const> inputs, outputs;
  std::int64_t opset = 0;
};

struct described {
)" + dims +
         tensors + "  static constexpr described_file value{inputs, outputs, " + std::to_string(model.opset()) +
         "};\n};\n\n" + "/// `static_assert(constexport::matches<Config>(" + std::string(name_space) +
         "::contract));`\n" + "inline constexpr described contract{};\n\n}  // namespace " + std::string(name_space) +
         "\n";
}

}  // namespace constexport
