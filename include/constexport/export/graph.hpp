/// export/graph.hpp: the graph between recording and file.
///
/// Room: export. Includes core, LibTorch's tensors and dims.hpp. Lowerings add nodes with build.hpp, optimise.hpp
/// rewrites them, write.hpp puts them into a file. Constants refer to tensor memory: nothing is copied.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/export/dims.hpp>

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace constexport {

/// Index of a value in its graph.
using value_id = std::uint32_t;
/// No value: an optional input that is left out.
inline constexpr value_id no_value = 0xffffffff;
using value_list = std::vector<value_id>;

/// The ONNX type of a LibTorch type; `undefined` if ONNX has none.
inline dtype to_dtype(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return dtype::float32;
    case at::kDouble:
      return dtype::float64;
    case at::kHalf:
      return dtype::float16;
    case at::kBFloat16:
      return dtype::bfloat16;
    case at::kLong:
      return dtype::int64;
    case at::kInt:
      return dtype::int32;
    case at::kShort:
      return dtype::int16;
    case at::kChar:
      return dtype::int8;
    case at::kByte:
      return dtype::uint8;
    case at::kBool:
      return dtype::boolean;
    case at::kComplexFloat:
      return dtype::complex64;
    case at::kComplexDouble:
      return dtype::complex128;
    default:
      return dtype::undefined;
  }
}

/// The LibTorch type of an ONNX type; `Undefined` if LibTorch has none.
inline at::ScalarType to_scalar_type(dtype type) {
  for (at::ScalarType const each : {at::kFloat, at::kDouble, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
                                    at::kChar, at::kByte, at::kBool, at::kComplexFloat, at::kComplexDouble})
    if (to_dtype(each) == type) return each;
  return at::ScalarType::Undefined;
}

/// The largest finite number of a type and its smallest normal one.
struct real_range {
  double largest, smallest_normal;
};
inline real_range range_of(dtype type) {
  if (type == dtype::float16) return {65504, 6.103515625e-5};
  if (type == dtype::bfloat16) return {3.3895313892515355e38, 1.1754943508222875e-38};
  if (type == dtype::float32) return {std::numeric_limits<float>::max(), std::numeric_limits<float>::min()};
  return {std::numeric_limits<double>::max(), std::numeric_limits<double>::min()};
}

/// One attribute of a node.
struct attribute {
  std::string name;
  std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>, at::Tensor,
               std::vector<std::string>>
      value;
};

/// What `graph_value::note` says of a weight whose dimensions are the other way round than in the module.
inline constexpr std::string_view transposed_note = "transposed";

/// A size, or an exact part of one.
struct size_ratio {
  dim size;
  std::int64_t divisor = 1;  ///< above 0
};

/// A tensor of the graph.
struct graph_value {
  enum class kind : std::uint8_t { node_output, input, constant };
  kind is = kind::node_output;
  std::string name{};
  dtype type = dtype::undefined;
  dim_list dims{};
  at::Tensor data{};        ///< of a constant
  bool is_weight = false;   ///< a parameter or buffer of the module, under its name there
  std::string note{};       ///< what to know of a constant that is not the weight as it stands in the module
  bool is_complex = false;  ///< pairs of real and imaginary parts, in one more dimension at the end
  std::optional<size_ratio> known_ratio{};  ///< the number, without dimensions, is this
};

/// One ONNX node.
struct graph_node {
  std::string op;
  std::string domain;
  value_list inputs, outputs;
  std::vector<attribute> attributes;
  std::string name{};
  std::string scope{};  ///< the module whose call it is, where that is known: "encoder.layer.0"

  attribute const* find(std::string_view wanted) const {
    for (attribute const& each : attributes)
      if (each.name == wanted) return &each;
    return nullptr;
  }
  std::int64_t integer(std::string_view wanted, std::int64_t otherwise) const {
    attribute const* const found = find(wanted);
    return found != nullptr ? std::get<std::int64_t>(found->value) : otherwise;
  }
  std::vector<std::int64_t> integers(std::string_view wanted) const {
    attribute const* const found = find(wanted);
    return found != nullptr ? std::get<std::vector<std::int64_t>>(found->value) : std::vector<std::int64_t>{};
  }
};

/// A node of a function, between names that are the function's own.
struct function_node {
  std::string op;
  std::vector<std::string> inputs, outputs;
  std::vector<attribute> attributes{};
  std::string domain{};
};

/// An operator of another domain as ONNX's own operators: a function that stands in the file, so that every runtime
/// that knows functions can run it. What varies between its nodes are inputs.
struct graph_function {
  std::string domain, name;
  std::vector<std::string> inputs, outputs;
  std::vector<function_node> nodes;
};

/// A graph: nodes in an order in which they can be computed.
struct graph {
  explicit graph(std::span<symbol_row const> symbols, int opset_version) : dims(symbols), opset(opset_version) {}

  dim_table dims;
  int opset;
  std::map<std::string, int> domains;  ///< domains other than ai.onnx, with their versions
  std::map<std::pair<std::string, std::string>, graph_function> functions;  ///< by domain and name
  std::vector<graph_value> values;
  std::vector<graph_node> nodes;
  value_list inputs, outputs;
  std::map<std::string, value_id> constant_cache;  ///< small constants by type, shape and bytes

  value_id add(graph_value value) {
    values.push_back(std::move(value));
    return static_cast<value_id>(values.size() - 1);
  }
  graph_value& operator[](value_id id) { return values[id]; }
  graph_value const& operator[](value_id id) const { return values[id]; }

  bool is_constant(value_id id) const { return id != no_value && values[id].is == graph_value::kind::constant; }

  /// The inputs and what nodes make of them. The inputs first: their sizes are there whatever becomes of the nodes.
  value_list values_made() const {
    value_list result = inputs;
    for (graph_node const& each : nodes) result.insert(result.end(), each.outputs.begin(), each.outputs.end());
    return result;
  }
  /// A dimension of a value.
  struct place {
    value_id value;
    std::int64_t axis;
  };
  /// One that has this size, if any has.
  std::optional<place> place_of(dim size) const {
    for (value_id const id : values_made())
      for (std::size_t axis = 0; id != no_value && axis < values[id].dims.size(); ++axis)
        if (values[id].dims[axis] == size) return place{id, static_cast<std::int64_t>(axis)};
    return std::nullopt;
  }

  /// A constant that holds `data`; small equal ones are one value.
  value_id constant(at::Tensor const& data, std::string name = {}) {
    std::string key;
    if (name.empty() && data.numel() <= 64) {
      at::Tensor const flat = data.contiguous();
      key = std::to_string(static_cast<int>(flat.scalar_type())) + ':';
      for (std::int64_t const size : flat.sizes()) key += std::to_string(size) + ',';
      key.append(static_cast<char const*>(flat.data_ptr()), flat.nbytes());
      if (auto const found = constant_cache.find(key); found != constant_cache.end()) return found->second;
    }
    dim_list sizes;
    for (std::int64_t const size : data.sizes()) sizes.push_back(dims.number(size));
    value_id const made =
        add({graph_value::kind::constant, std::move(name), to_dtype(data.scalar_type()), std::move(sizes), data});
    if (!key.empty()) constant_cache.emplace(std::move(key), made);
    return made;
  }
  /// A 1-dimensional int64 constant.
  value_id integers(std::vector<std::int64_t> const& numbers) {
    at::Tensor const data = at::empty({static_cast<std::int64_t>(numbers.size())}, at::kLong);
    std::copy(numbers.begin(), numbers.end(), static_cast<std::int64_t*>(data.data_ptr()));
    return constant(data);
  }
  /// A 0-dimensional constant.
  value_id scalar(at::Scalar const& number, dtype type) {
    at::TensorOptions const options(to_scalar_type(type));
    // LibTorch computes halves with numbers in float32, so that 0 * -3.4e38 is 0: an infinity would make it no number.
    double const largest = is_floating(type) ? range_of(type).largest : 0;
    if (largest > 0 && number.isFloatingPoint())
      if (double const value = number.toDouble(); std::isfinite(value) && std::abs(value) > largest)
        return constant(at::scalar_tensor(std::copysign(largest, value), options));
    return constant(at::scalar_tensor(number, options));
  }

  /// Defines an operator of another domain by a function, and imports its domain.
  void define(graph_function function) {
    domains.try_emplace(function.domain, 1);
    std::pair key{function.domain, function.name};
    functions.insert_or_assign(std::move(key), std::move(function));
  }
  /// A node with outputs of the given types and dimensions.
  value_list node(std::string op, value_list inputs_, std::vector<attribute> attributes,
                  std::vector<std::pair<dtype, dim_list>> results, std::string domain = {}) {
    value_list made;
    for (auto& [type, sizes] : results)
      made.push_back(add({graph_value::kind::node_output, {}, type, std::move(sizes)}));
    nodes.push_back({std::move(op), std::move(domain), std::move(inputs_), made, std::move(attributes)});
    return made;
  }
};

}  // namespace constexport
