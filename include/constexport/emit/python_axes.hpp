/// emit/python_axes.hpp: dynamic axes as Python's exporters take them.
///
/// Room: emit. Includes core, shape_ranges.hpp and the standard library. Source: torch.onnx.export (`dynamic_axes`).
/// python_shapes.hpp writes the `dynamic_shapes` of torch.export.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/emit/shape_ranges.hpp>
#include <constexport/emit/string_literal.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace constexport {

namespace detail {

inline std::string python_string(std::string_view text) {
  return quoted(text, is_printed, [](unsigned char byte) { return "\\x" + hex(byte); });
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
/// Axes that the limits leave one size are none.
inline std::string python_dynamic_axes(bound_contract const& bound, std::vector<axis_limit> const& limits = {}) {
  contract const& table = *bound.table;
  bound_contract const fixed = limited(bound, limits).fixed;
  auto const text_of = [&](dimension const& dim) {
    if (!is_listed(dim, table.symbols) || evaluate(dim.size, fixed.sizes()) != unknown) return std::string();
    std::string name;
    print(dim, table.symbols, [&](char c) { name += c; });
    return detail::python_string(name);
  };
  return "dynamic_axes = {\n" + detail::python_dict(table.inputs, bound, text_of) +
         detail::python_dict(table.outputs, bound, text_of) + "}\n";
}

}  // namespace constexport
