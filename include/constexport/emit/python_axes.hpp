/// emit/python_axes.hpp: dynamic axes as Python's exporters take them.
///
/// Room: emit. Includes core and the standard library. Sources: torch.onnx.export (`dynamic_axes`), torch.export
/// (`dynamic_shapes`, Dim).
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/emit/shape_ranges.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace constexport {

namespace detail {

inline std::string python_string(std::string_view text) {
  std::string result = "\"";
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20) {
      result += "\\x";
      result += "0123456789abcdef"[byte >> 4];
      result += "0123456789abcdef"[byte & 15];
    } else {
      result += c;
    }
  }
  return result + "\"";
}

template <class Dim>
std::string python_dict(std::span<tensor_row const> rows, bound_contract const& bound, Dim const& text_of) {
  std::string result;
  for_each_tensor(rows, bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
    std::string dims;
    for (std::size_t i = 0; i < row.dims.size(); ++i)
      if (std::string const text = text_of(row.dims[i]); !text.empty())
        dims += (dims.empty() ? "" : ", ") + std::to_string(i) + ": " + text;
    result += "    " + python_string(text_of_tensor({row.name, layer})) + ": {" + dims + "},\n";
  });
  return result;
}

}  // namespace detail

/// `dynamic_axes` of torch.onnx.export, as Optimum lists them: a dictionary of the inputs' and outputs' dimensions.
inline std::string python_dynamic_axes(bound_contract const& bound) {
  contract const& table = *bound.table;
  auto const text_of = [&](dimension const& dim) {
    if (!is_listed(dim, table.symbols)) return std::string();
    std::string name;
    print(dim, table.symbols, [&](char c) { name += c; });
    return detail::python_string(name);
  };
  return "dynamic_axes = {\n" + detail::python_dict(table.inputs, bound, text_of) +
         detail::python_dict(table.outputs, bound, text_of) + "}\n";
}

/// `dynamic_shapes` of torch.export for the inputs: an axis is a Dim with its range; what is computed of axes, or a
/// multiple, is left to torch.export (Dim.AUTO).
inline std::string python_dynamic_shapes(bound_contract const& bound) {
  contract const& table = *bound.table;
  std::string declared;
  std::map<std::size_t, std::string> names;
  std::set<std::string> taken{"Dim", "dynamic_shapes"};
  auto const name_of_axis = [&](std::size_t index) {
    if (auto const known = names.find(index); known != names.end()) return known->second;
    symbol_row const& row = table.symbols[index];
    std::string name;
    for (char const c : row.name)
      name += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name = "_" + name;
    while (!taken.insert(name).second) name += "_";
    names[index] = name;
    declared += name + " = Dim(" + detail::python_string(name);
    if (row.minimum > 0) declared += ", min=" + std::to_string(row.minimum);
    if (row.maximum != unbounded) declared += ", max=" + std::to_string(row.maximum);
    declared += ")\n";
    return name;
  };
  auto const text_of = [&](dimension const& dim) {
    if (evaluate(dim.size, bound.sizes()) != unknown || !is_dynamic(dim, table.symbols)) return std::string();
    bool const is_axis = dim.size.size() == 1 && dim.size[0].code == operation::symbol;
    if (!is_axis || table.symbols[static_cast<std::size_t>(dim.size[0].value)].multiple != 1)
      return std::string("Dim.AUTO");
    return name_of_axis(static_cast<std::size_t>(dim.size[0].value));
  };
  std::string const dict = detail::python_dict(table.inputs, bound, text_of);
  return "from torch.export import Dim\n\n" + declared + (declared.empty() ? "" : "\n") + "dynamic_shapes = {\n" +
         dict + "}\n";
}

}  // namespace constexport
