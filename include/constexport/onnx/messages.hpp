/// onnx/messages.hpp: the messages of an ONNX file, written with wire.hpp.
///
/// Room: onnx. Includes core's dtypes and freestanding standard headers; no heap, no exceptions. metadata.hpp and
/// export/write.hpp depend on it. A file is written by
///   `wire::model(sink, {.ir_version = 8, ...}, [&](auto& graph) { wire::node(graph, ...); ... });`
/// The body of a graph calls `node`, `graph_name`, `initializer`, `input`, `output`, `value_info` in this order (the
/// order of field numbers, which protobuf keeps too); it is run more than once and must write the same each time.
#pragma once

#include <constexport/onnx/node_message.hpp>
#include <constexport/onnx/tensor_message.hpp>
#include <constexport/onnx/value_message.hpp>
#include <constexport/onnx/wire.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace constexport::wire {

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

/// The name of a graph; checkers want one.
template <Sink S>
constexpr void graph_name(S& graph, std::string_view name) {
  text(graph, graph_field::name, name);
}

namespace detail {

template <Sink S>
constexpr void opset(S& sink, field_number field, opset_id const& id) {
  message(sink, field, [&](auto& at) {
    detail::text_if_any(at, opset_field::domain, id.domain);
    integer(at, opset_field::version, id.version);
  });
}

}  // namespace detail

/// What a function is called, and the operator sets of its nodes.
struct function_head {
  std::string_view domain;
  std::string_view name;
  std::span<opset_id const> opsets{};
};

/// A function of a model: an operator that is defined by others. `inputs` and `outputs` are ranges of names;
/// `body(sink)` calls `function_node`.
template <Sink S, class Inputs, class Outputs, class Body>
constexpr void function(S& model, function_head const& head, Inputs const& inputs, Outputs const& outputs,
                        Body const& body) {
  message(model, model_field::functions, [&](auto& at) {
    text(at, function_field::name, head.name);
    for (auto const& name : inputs) text(at, function_field::input, name);
    for (auto const& name : outputs) text(at, function_field::output, name);
    body(at);
    for (opset_id const& each : head.opsets) detail::opset(at, function_field::opset_import, each);
    text(at, function_field::domain, head.domain);
  });
}
/// A node of a function; like `node`.
template <Sink S, class Inputs, class Outputs, class Attributes>
constexpr void function_node(S& function, node_head const& head, Inputs const& inputs, Outputs const& outputs,
                             Attributes const& attributes) {
  detail::node(function, function_field::node, head, inputs, outputs, attributes);
}

/// A ModelProto; `graph_body(sink)` writes its graph, `functions(sink)` its functions with `function`.
template <Sink S, class Body, class Functions>
constexpr void model(S& sink, model_head const& head, Body const& graph_body, Functions const& functions) {
  integer(sink, model_field::ir_version, head.ir_version);
  detail::text_if_any(sink, model_field::producer_name, head.producer_name);
  detail::text_if_any(sink, model_field::producer_version, head.producer_version);
  detail::text_if_any(sink, model_field::doc_string, head.doc_string);
  message(sink, model_field::graph, graph_body);
  for (opset_id const& each : head.opsets) detail::opset(sink, model_field::opset_import, each);
  for (metadata_entry const& each : head.metadata)
    detail::entry(sink, model_field::metadata_props, each.key, each.value);
  functions(sink);
}
/// A model without functions.
template <Sink S, class Body>
constexpr void model(S& sink, model_head const& head, Body const& graph_body) {
  model(sink, head, graph_body, [](auto&) {});
}

}  // namespace constexport::wire
