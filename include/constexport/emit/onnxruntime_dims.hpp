/// emit/onnxruntime_dims.hpp: free-dimension overrides for ONNX Runtime.
///
/// Room: emit. Includes core, dummy, onnx and the standard library. Source: ONNX Runtime's C API
/// (AddFreeDimensionOverrideByName) and onnxruntime_perf_test's option -f.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/dummy/shapes.hpp>
#include <constexport/emit/emit_error.hpp>
#include <constexport/onnx/declared_shape.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace constexport {

/// The names of all dimensions that vary in the contract's files, with their usual sizes.
inline std::vector<std::pair<std::string, std::int64_t>> free_dimensions(bound_contract const& bound) {
  contract const& table = *bound.table;
  dummy_sizes const usual = size_axes(bound, {});
  std::vector<std::pair<std::string, std::int64_t>> result;
  std::map<std::string, std::int64_t> seen;
  for (auto const rows : {table.inputs, table.outputs})
    for (tensor_row const& row : rows)
      for (dimension const& dim : row.dims) {
        if (evaluate(dim.size, bound.sizes()) != unknown || !is_dynamic(dim, table.symbols)) continue;
        std::string name;
        print_dim_param(dim, bound, dim_naming::identifiers, [&](char c) { name += c; });
        std::int64_t const size = evaluate(dim.size, usual.of(table));
        if (size != unknown && seen.emplace(name, size).second) result.emplace_back(name, size);
      }
  return result;
}

/// Arguments of onnxruntime_perf_test: `-f batch_size:2`, one a line.
inline std::string onnxruntime_arguments(bound_contract const& bound) {
  std::string text;
  for (auto const& [name, size] : free_dimensions(bound)) text += "-f " + name + ":" + std::to_string(size) + "\n";
  return text;
}

}  // namespace constexport
