/// emit/onnxruntime_dims.hpp: free-dimension overrides for ONNX Runtime.
///
/// Room: emit. Includes core, dummy, onnx and the standard library. Source: ONNX Runtime's C API
/// (AddFreeDimensionOverrideByName) and onnxruntime_perf_test's option -f.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/emit/shape_ranges.hpp>
#include <constexport/emit/string_literal.hpp>
#include <constexport/onnx/declared_shape.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace constexport {

/// The names of dimensions that vary in the contract's files with their sizes: of those that the limits leave one size,
/// or, if there are none, of all at their usual sizes. `in_file`: the names in the file that is meant, else those that
/// this library writes.
inline std::vector<std::pair<std::string, std::int64_t>> free_dimensions(bound_contract const& bound,
                                                                         std::vector<axis_limit> const& limits = {},
                                                                         std::set<std::string> const& in_file = {}) {
  contract const& table = *bound.table;
  limited_contract const sizes = limited(bound, limits);
  bool const any_fixed = sizes.fixed.values != bound.values;
  symbol_values const& values = any_fixed ? sizes.fixed.values : sizes.usual;
  std::vector<std::pair<std::string, std::int64_t>> result;
  std::set<std::string> seen;
  for (auto const rows : {table.inputs, table.outputs})
    for (tensor_row const& row : rows)
      for (dimension const& dim : row.dims) {
        if (evaluate(dim.size, bound.sizes()) != unknown || !is_dynamic(dim, table.symbols)) continue;
        std::int64_t const size = evaluate(dim.size, {values.data(), table.symbols.size()});
        if (size == unknown) continue;
        for (dim_naming const naming : {dim_naming::identifiers, dim_naming::optimum}) {
          std::string name;
          print_dim_param(dim, bound, naming, [&](char c) { name += c; });
          bool const is_meant = in_file.empty() ? naming == dim_naming::identifiers : in_file.contains(name);
          if (is_meant && seen.insert(name).second) result.emplace_back(name, size);
        }
      }
  return result;
}

/// Arguments of onnxruntime_perf_test: `-f batch_size:2`, one a line.
inline std::string onnxruntime_arguments(bound_contract const& bound, std::vector<axis_limit> const& limits = {},
                                         std::set<std::string> const& in_file = {}) {
  std::string text;
  for (auto const& [name, size] : free_dimensions(bound, limits, in_file)) {
    detail::require_plain(name, "ONNX Runtime's arguments: it is empty, or has blanks or quotes", " \t\n'\"");
    text += "-f " + name + ":" + std::to_string(size) + "\n";
  }
  return text;
}

/// The same as a JSON object, for `add_free_dimension_override_by_name` and JavaScript's `freeDimensionOverrides`.
inline std::string onnxruntime_json(bound_contract const& bound, std::vector<axis_limit> const& limits = {},
                                    std::set<std::string> const& in_file = {}) {
  std::string text;
  for (auto const& [name, size] : free_dimensions(bound, limits, in_file))
    detail::append(text, ",\n", "  " + detail::string_literal(name) + ": " + std::to_string(size));
  return text.empty() ? "{}\n" : "{\n" + text + "\n}\n";
}

}  // namespace constexport
