/// onnx/messages.hpp: the messages of an ONNX file, written with wire.hpp.
///
/// Room: onnx. Includes core's dtypes and freestanding standard headers; no heap, no exceptions. metadata.hpp and
/// export/write.hpp depend on it. A file is written by
///   `wire::model(sink, {.ir_version = 8, ...}, [&](auto& graph) { wire::node(graph, ...); ... });`
/// The body of a graph calls `node`, `graph_name`, `initializer`, `input`, `output`, `value_info` in this order (the order
/// of field numbers, which protobuf keeps too); it is run more than once and must write the same each time.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <constexport/core/dtype.hpp>
#include <constexport/onnx/wire.hpp>

namespace constexport::wire {

/// One dimension of a declared shape: a name, else a size, else (size < 0) nothing is known of it.
struct shape_dim {
  std::int64_t value = -1;
  std::string_view param{};
};

/// An operator set that a model imports; the domain "" is ai.onnx.
struct opset_id {
  std::string_view domain{};
  std::int64_t version = 0;
};

/// A key with a value, of `metadata_props`.
struct metadata_entry {
  std::string_view key;
  std::string_view value;
};

/// What stands outside the graph of a ModelProto. Empty texts are left out.
struct model_head {
  std::int64_t ir_version = 8;
  std::string_view producer_name{};
  std::string_view producer_version{};
  std::string_view doc_string{};
  std::span<opset_id const> opsets{};
  std::span<metadata_entry const> metadata{};
};

/// Name, element type and dimensions of a TensorProto.
struct tensor_head {
  std::string_view name{};
  dtype type = dtype::undefined;
  std::span<std::int64_t const> dims{};
};

/// Where a tensor's data lies outside the file: path relative to the file, first byte (a multiple of 4096), bytes.
struct external_data {
  std::string_view location;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

namespace detail {

template <Sink S, class Text>
constexpr void text_if_any(S& sink, field_number field, Text const& characters) {
  if (characters.size() != 0) text(sink, field, characters);
}

template <Sink S>
constexpr void entry(S& sink, field_number field, std::string_view key, auto const& value) {
  message(sink, field, [&](auto& at) {
    text(at, entry_field::key, key);
    text(at, entry_field::value, value);
  });
}

// A number as decimal text, which external data entries hold.
struct decimal {
  char digits[20]{};
  std::size_t count = 0;
  explicit constexpr decimal(std::uint64_t value) {
    do {
      for (std::size_t i = count; i > 0; --i) digits[i] = digits[i - 1];
      digits[0] = static_cast<char>('0' + value % 10);
      ++count;
    } while ((value /= 10) != 0);
  }
  constexpr std::string_view view() const { return {digits, count}; }
};

template <Sink S>
constexpr void tensor_begin(S& sink, tensor_head const& head) {
  for (std::int64_t const dim : head.dims) integer(sink, tensor_field::dims, dim);
  integer(sink, tensor_field::data_type, static_cast<std::int64_t>(head.type));
}

template <Sink S, class Value>
constexpr void attribute(S& node, std::string_view name, attribute_type type, Value const& value) {
  message(node, node_field::attribute, [&](auto& at) {
    text(at, attribute_field::name, name);
    value(at);
    integer(at, attribute_field::type, static_cast<std::int64_t>(type));
  });
}

}  // namespace detail

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

/// A ValueInfoProto of tensor type: `name` is a string or a `tensor_name`. Use `input`, `output`, `value_info` below within
/// a graph.
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

/// A tensor whose `data` (little endian, row-major; packed below 8 bits) stands in the file. `field` says what it is:
/// `graph_field::initializer`, or `attribute_field::t`. Strings cannot be written this way.
template <Sink S>
constexpr void tensor(S& sink, field_number field, tensor_head const& head, std::string_view data) {
  message(sink, field, [&](auto& at) {
    detail::tensor_begin(at, head);
    detail::text_if_any(at, tensor_field::name, head.name);
    text(at, tensor_field::raw_data, data);
  });
}

/// A tensor whose `size` bytes are written by `produce(sink)`, which a counter does not call.
template <Sink S, class Produce>
constexpr void tensor(S& sink, field_number field, tensor_head const& head, std::uint64_t size,
                      Produce const& produce) {
  message(sink, field, [&](auto& at) {
    detail::tensor_begin(at, head);
    detail::text_if_any(at, tensor_field::name, head.name);
    produced(at, tensor_field::raw_data, size, produce);
  });
}

/// A tensor whose data lies in another file.
template <Sink S>
constexpr void tensor(S& sink, field_number field, tensor_head const& head, external_data const& where) {
  detail::decimal const offset{where.offset}, length{where.length};
  message(sink, field, [&](auto& at) {
    detail::tensor_begin(at, head);
    detail::text_if_any(at, tensor_field::name, head.name);
    detail::entry(at, tensor_field::external_data, "location", where.location);
    detail::entry(at, tensor_field::external_data, "offset", offset.view());
    detail::entry(at, tensor_field::external_data, "length", length.view());
    integer(at, tensor_field::data_location, static_cast<std::int64_t>(data_location::external));
  });
}

/// A graph's constant: `initializer(graph, {name, type, dims}, data)`, data as for `tensor`.
template <Sink S, class... Data>
constexpr void initializer(S& graph, tensor_head const& head, Data const&... data) {
  tensor(graph, graph_field::initializer, head, data...);
}

/// The name of a graph; checkers want one.
template <Sink S>
constexpr void graph_name(S& graph, std::string_view name) {
  text(graph, graph_field::name, name);
}

/// What a node is. An empty input name is an optional input left out; the domain "" is ai.onnx.
struct node_head {
  std::string_view op_type;
  std::string_view name{};
  std::string_view domain{};
};

/// A node. `inputs` and `outputs` are ranges of names; `attributes(sink)` calls the `attribute_...` functions.
template <Sink S, class Inputs, class Outputs, class Attributes>
constexpr void node(S& graph, node_head const& head, Inputs const& inputs, Outputs const& outputs,
                    Attributes const& attributes) {
  message(graph, graph_field::node, [&](auto& at) {
    for (auto const& name : inputs) text(at, node_field::input, name);
    for (auto const& name : outputs) text(at, node_field::output, name);
    detail::text_if_any(at, node_field::name, head.name);
    text(at, node_field::op_type, head.op_type);
    attributes(at);
    detail::text_if_any(at, node_field::domain, head.domain);
  });
}
/// A node without attributes.
template <Sink S, class Inputs, class Outputs>
constexpr void node(S& graph, node_head const& head, Inputs const& inputs, Outputs const& outputs) {
  node(graph, head, inputs, outputs, [](auto&) {});
}

/// The attributes of a node, one function per type. The type is always written: readers insist on it.
template <Sink S>
constexpr void attribute_float(S& node, std::string_view name, float number_value) {
  detail::attribute(node, name, attribute_type::float_value,
                    [&](auto& at) { number(at, attribute_field::f, number_value); });
}
template <Sink S>
constexpr void attribute_int(S& node, std::string_view name, std::int64_t number_value) {
  detail::attribute(node, name, attribute_type::int_value,
                    [&](auto& at) { integer(at, attribute_field::i, number_value); });
}
template <Sink S>
constexpr void attribute_string(S& node, std::string_view name, std::string_view characters) {
  detail::attribute(node, name, attribute_type::string_value,
                    [&](auto& at) { text(at, attribute_field::s, characters); });
}
/// `data` as for `tensor`.
template <Sink S, class... Data>
constexpr void attribute_tensor(S& node, std::string_view name, tensor_head const& head, Data const&... data) {
  detail::attribute(node, name, attribute_type::tensor_value,
                    [&](auto& at) { tensor(at, attribute_field::t, head, data...); });
}
/// `body(sink)` writes the graph as in `model`.
template <Sink S, class Body>
constexpr void attribute_graph(S& node, std::string_view name, Body const& body) {
  detail::attribute(node, name, attribute_type::graph_value, [&](auto& at) { message(at, attribute_field::g, body); });
}
template <Sink S>
constexpr void attribute_floats(S& node, std::string_view name, std::span<float const> numbers) {
  detail::attribute(node, name, attribute_type::floats, [&](auto& at) {
    for (float const each : numbers) number(at, attribute_field::floats, each);
  });
}
template <Sink S>
constexpr void attribute_ints(S& node, std::string_view name, std::span<std::int64_t const> numbers) {
  detail::attribute(node, name, attribute_type::ints, [&](auto& at) {
    for (std::int64_t const each : numbers) integer(at, attribute_field::ints, each);
  });
}
/// `texts` is a range of strings.
template <Sink S, class Texts>
constexpr void attribute_strings(S& node, std::string_view name, Texts const& texts) {
  detail::attribute(node, name, attribute_type::strings, [&](auto& at) {
    for (auto const& each : texts) text(at, attribute_field::strings, each);
  });
}

/// A ModelProto; `graph_body(sink)` writes its graph.
template <Sink S, class Body>
constexpr void model(S& sink, model_head const& head, Body const& graph_body) {
  integer(sink, model_field::ir_version, head.ir_version);
  detail::text_if_any(sink, model_field::producer_name, head.producer_name);
  detail::text_if_any(sink, model_field::producer_version, head.producer_version);
  detail::text_if_any(sink, model_field::doc_string, head.doc_string);
  message(sink, model_field::graph, graph_body);
  for (opset_id const& opset : head.opsets)
    message(sink, model_field::opset_import, [&](auto& at) {
      detail::text_if_any(at, opset_field::domain, opset.domain);
      integer(at, opset_field::version, opset.version);
    });
  for (metadata_entry const& each : head.metadata)
    detail::entry(sink, model_field::metadata_props, each.key, each.value);
}

}  // namespace constexport::wire
