/// emit/triton.hpp: config.pbtxt for NVIDIA's Triton inference server.
///
/// Room: emit. Includes core, shape_ranges.hpp and the standard library. Source: Triton's model_config.proto and the
/// pages on model configuration. An axis that is the first of every input and output is Triton's batch, if it has a
/// largest size.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/emit/shape_ranges.hpp>
#include <constexport/emit/string_literal.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace constexport {

namespace detail {

inline std::string_view triton_type(dtype type) {
  switch (type) {
    case dtype::boolean:
      return "TYPE_BOOL";
    case dtype::uint8:
      return "TYPE_UINT8";
    case dtype::uint16:
      return "TYPE_UINT16";
    case dtype::uint32:
      return "TYPE_UINT32";
    case dtype::uint64:
      return "TYPE_UINT64";
    case dtype::int8:
      return "TYPE_INT8";
    case dtype::int16:
      return "TYPE_INT16";
    case dtype::int32:
      return "TYPE_INT32";
    case dtype::int64:
      return "TYPE_INT64";
    case dtype::float16:
      return "TYPE_FP16";
    case dtype::float32:
      return "TYPE_FP32";
    case dtype::float64:
      return "TYPE_FP64";
    case dtype::bfloat16:
      return "TYPE_BF16";
    case dtype::string:
      return "TYPE_STRING";
    default:
      return {};
  }
}

// The axis that is the first dimension of all tensors.
inline std::optional<std::size_t> common_first_axis(bound_contract const& bound) {
  std::optional<std::size_t> result;
  bool all = true;
  for (auto const rows : {bound.table->inputs, bound.table->outputs})
    for_each_tensor(rows, bound.sizes(), [&](tensor_row const& row, std::int64_t) {
      std::optional<std::size_t> axis;
      if (!row.dims.empty() && row.dims[0].size.size() == 1 && row.dims[0].size[0].code == operation::symbol)
        axis = static_cast<std::size_t>(row.dims[0].size[0].value);
      bool const free = axis && bound.table->symbols[*axis].is_axis && bound.values[*axis] == unknown;
      all = all && free && (!result || result == axis);
      result = axis;
    });
  return all ? result : std::nullopt;
}

}  // namespace detail

/// The text of config.pbtxt for a model called `name`.
inline std::string triton_config(bound_contract const& bound, std::string_view name,
                                 std::vector<axis_limit> const& limits = {}) {
  contract const& table = *bound.table;
  limited_contract const sizes = limited(bound, limits);
  std::optional<std::size_t> batch = detail::common_first_axis(sizes.fixed);
  std::int64_t largest = 0;
  if (batch) {
    largest = sizes.ranges[*batch].maximum;
    // Without a limit Triton cannot form batches; the axis is one like the others then.
    if (largest == unbounded) {
      batch.reset();
      largest = 0;
    }
  }
  std::string text = "name: " + detail::string_literal(name) +
                     "\nplatform: \"onnxruntime_onnx\"\nmax_batch_size: " + std::to_string(largest) + "\n";
  for (bool const outputs : {false, true}) {
    std::string list;
    for_each_tensor(
        outputs ? table.outputs : table.inputs, bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
          std::string const tensor = detail::text_of_tensor({row.name, layer});
          std::string_view const type = detail::triton_type(row.type);
          if (type.empty() || row.is_unstated)
            throw emit_error("Triton's configuration cannot state the dtype or rank of \"" + tensor +
                             "\"; state both, with a dtype that Triton has");
          std::string dims;
          for (std::size_t i = batch ? 1 : 0; i < row.dims.size(); ++i) {
            std::int64_t const size = evaluate(row.dims[i].size, sizes.fixed.sizes());
            if (size == 0)
              throw emit_error("\"" + tensor + "\" has a size of 0, which Triton does not take; give the axis another");
            dims += (dims.empty() ? " " : ", ") + std::to_string(size == unknown ? -1 : size);
          }
          // Triton has no scalars: one element is a tensor of one dimension that is reshaped.
          std::string const reshape = dims.empty() ? "\n    reshape: { shape: [ ] }" : "";
          if (dims.empty()) dims = " 1";
          list += (list.empty() ? "" : ",") + std::string("\n  {\n    name: ") + detail::string_literal(tensor) +
                  "\n    data_type: " + std::string(type) + "\n    dims: [" + dims + " ]" + reshape + "\n  }";
        });
    text += std::string(outputs ? "output" : "input") + " [" + list + "\n]\n";
  }
  return text;
}

}  // namespace constexport
