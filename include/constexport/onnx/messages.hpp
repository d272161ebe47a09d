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
