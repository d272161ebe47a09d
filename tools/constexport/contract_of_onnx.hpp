/// tools/constexport/contract_of_onnx.hpp: the contract of an ONNX file: the one that it carries, or what its graph
/// declares.
#pragma once

#include "onnx_file.hpp"
#include "output.hpp"
#include <constexport/check/check.hpp>
#include <constexport/check/file_interface.hpp>
#include <constexport/check/refusals.hpp>
#include <constexport/onnx/contract_words.hpp>

#include <set>
#include <string>
#include <string_view>

namespace constexport::command {

namespace detail {

inline std::string json_text(std::string_view text) {
  std::string result = "\"";
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') result += '\\';
    if (byte >= 0x20) {
      result += c;
    } else {
      result += "\\u00";
      result += "0123456789abcdef"[byte >> 4];
      result += "0123456789abcdef"[byte & 15];
    }
  }
  return result + "\"";
}

inline std::string dim_json(interface_dim const& dim, std::vector<interface_axis> const& axes) {
  if (dim.number) return std::to_string(*dim.number);
  if (dim.code.empty()) return "null";
  std::string text;
  auto const name = [&](std::size_t index, auto& put) {
    std::string const& of = axes[index].name;
    bool const plain = constexport::detail::is_plain_name(of);
    if (!plain) put('`');
    for (char const c : of) {
      if (c == '`') put('`');
      put(c);
    }
    if (!plain) put('`');
  };
  auto put = [&](char c) { text += c; };
  print(program{dim.code}, name, put);
  return json_text(text);
}

}  // namespace detail

/// A contract file's text for a file that carries none. Throws usage_error, which names what a contract cannot hold.
inline std::string contract_text_of(std::string const& path, wire::model_view const& model) {
  model_interface const shown = interface_of(model).shown;
  std::set<std::size_t> bound;
  for (interface_tensor const& each : shown.inputs)
    for (interface_dim const& dim : each.has_default ? std::vector<interface_dim>{} : each.dims)
      for (instruction const step : dim.code)
        if (step.code == operation::symbol) bound.insert(static_cast<std::size_t>(step.value));
  auto const list = [&](std::vector<interface_tensor> const& tensors) {
    std::string text;
    for (interface_tensor const& each : tensors) {
      if (each.has_default) continue;
      if (each.what != wire::value_type::tensor)
        throw usage_error(path + ": " + refusals::no_tensor(each.name, each.what));
      text += (text.empty() ? "" : ",") + std::string("{\"name\":") + detail::json_text(each.name);
      if (each.type != dtype::undefined) text += ",\"dtype\":" + detail::json_text(constexport::name_of(each.type));
      std::string dims;
      for (interface_dim const& dim : each.dims) dims += (dims.empty() ? "" : ",") + detail::dim_json(dim, shown.axes);
      text += ",\"dims\":" + (each.is_ranked ? "[" + dims + "]" : std::string("null")) + "}";
    }
    return text;
  };
  std::string axes;
  for (std::size_t i = 0; i < shown.axes.size(); ++i)
    axes += (axes.empty() ? "" : ",") + detail::json_text(shown.axes[i].name) +
            (bound.contains(i) ? ":{}" : ":{\"free\":true}");
  std::string const opset = shown.opset > 0 ? "\"opset\":" + std::to_string(shown.opset) + "," : "";
  return "{" + opset + "\"inputs\":[" + list(shown.inputs) + "],\"outputs\":[" + list(shown.outputs) + "],\"axes\":{" +
         axes + "}}";
}

/// Says where the contract in a file's metadata does not count.
inline void warn_of_metadata(std::string const& path, file_interface const& read) {
  for (file_finding const& each : metadata_problems(read))
    say(path + ": " + places_text(each.places) + ": " + each.message + "; the graph counts");
}

/// The text of a file's contract, and whether the file carries it.
struct contract_of_onnx {
  std::string text;
  bool is_carried = false;
};

inline contract_of_onnx read_contract_of_onnx(std::string const& path) {
  onnx_file const file(path);
  file_interface const read = interface_of(file.model());
  if (read.has_metadata) return {std::string(file.model().find_metadata(contract_key)), true};
  warn_of_metadata(path, read);
  return {contract_text_of(path, file.model()), false};
}

}  // namespace constexport::command
