/// onnx/value_message.hpp: inputs, outputs and inner values of a graph, written with wire.hpp.
///
/// Room: onnx. Includes core's dtypes and freestanding standard headers; no heap, no exceptions. Part of messages.hpp.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/onnx/wire.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace constexport::wire {

/// One dimension of a declared shape: a name, else a size, else (size < 0) nothing is known of it.
struct shape_dim {
  std::int64_t value = -1;
  std::string_view param{};
};

/// One dimension of a shape.
template <Sink S>
constexpr void dim(S& sink, shape_dim const& size) {
  message(sink, shape_field::dim, [&](auto& at) {
    if (!size.param.empty())
      text(at, dim_field::dim_param, size.param);
    else if (size.value >= 0)
      integer(at, dim_field::dim_value, size.value);
  });
}

/// The fields of a TypeProto of tensor type; `shape` is a range of `shape_dim` (empty: a scalar).
template <Sink S, class Shape>
constexpr void tensor_type(S& sink, dtype type, Shape const& shape) {
  message(sink, type_field::tensor_type, [&](auto& tensor) {
    integer(tensor, tensor_type_field::elem_type, static_cast<std::int64_t>(type));
    message(tensor, tensor_type_field::shape, [&](auto& dims) {
      for (shape_dim const& size : shape) dim(dims, size);
    });
  });
}

/// A ValueInfoProto of tensor type: `name` is a string or a `tensor_name`. Use `input`, `output`, `value_info` below
/// within a graph.
template <Sink S, class Name, class Shape>
constexpr void value(S& sink, field_number field, Name const& name, dtype type, Shape const& shape) {
  message(sink, field, [&](auto& info) {
    text(info, value_info_field::name, name);
    message(info, value_info_field::type, [&](auto& of) { tensor_type(of, type, shape); });
  });
}

/// A graph's input.
template <Sink S, class Name>
constexpr void input(S& graph, Name const& name, dtype type, std::span<shape_dim const> shape) {
  value(graph, graph_field::input, name, type, shape);
}
/// A graph's output.
template <Sink S, class Name>
constexpr void output(S& graph, Name const& name, dtype type, std::span<shape_dim const> shape) {
  value(graph, graph_field::output, name, type, shape);
}
/// The type and shape of an inner value of a graph.
template <Sink S, class Name>
constexpr void value_info(S& graph, Name const& name, dtype type, std::span<shape_dim const> shape) {
  value(graph, graph_field::value_info, name, type, shape);
}

}  // namespace constexport::wire
