/// onnx/reader.hpp: a zero-copy view of an ONNX file.
///
/// Room: onnx. Includes core's dtypes and freestanding standard headers; no heap, no exceptions. check/, export/ and
/// the adapters depend on it.
///   `if (wire::model_file const file = wire::read_model(bytes)) for (wire::value_view const v :
///   file.model.graph.inputs()) ...`
/// `read_model` checks the whole file once (validate.hpp); what it returns are views into the bytes, which must outlive
/// them. Weights are never touched: only their names, types, dimensions and sizes are, so that a memory-mapped file of
/// any size is read in the time that its nodes take. Walking is safe on any bytes; on bytes that did not pass the
/// check, or have changed since, a walk ends early.
#pragma once

#include <constexport/onnx/cursor.hpp>
#include <constexport/onnx/node_view.hpp>
#include <constexport/onnx/ranges.hpp>
#include <constexport/onnx/tensor_view.hpp>
#include <constexport/onnx/validate.hpp>
#include <constexport/onnx/value_view.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport::wire {

/// A graph: the model's, or one within an attribute.
struct graph_view {
  std::string_view name;
  std::string_view bytes;  ///< the whole GraphProto

  constexpr repeated<node_view, graph_field::node> nodes() const {
    return repeated<node_view, graph_field::node>{bytes};
  }
  constexpr repeated<stored_tensor, graph_field::initializer> initializers() const {
    return repeated<stored_tensor, graph_field::initializer>{bytes};
  }
  constexpr repeated<stored_sparse_tensor, graph_field::sparse_initializer> sparse_initializers() const {
    return repeated<stored_sparse_tensor, graph_field::sparse_initializer>{bytes};
  }
  constexpr repeated<value_view, graph_field::input> inputs() const {
    return repeated<value_view, graph_field::input>{bytes};
  }
  constexpr repeated<value_view, graph_field::output> outputs() const {
    return repeated<value_view, graph_field::output>{bytes};
  }
  constexpr repeated<value_view, graph_field::value_info> value_infos() const {
    return repeated<value_view, graph_field::value_info>{bytes};
  }

  static constexpr graph_view of(std::string_view bytes) {
    graph_view result;
    result.bytes = bytes;
    cursor fields{bytes};
    for (field each; fields.next(each);)
      if (each.number == graph_field::name) result.name = each.bytes;
    return result;
  }
};

/// A function of the model's own: an operator made of nodes. Its inputs and outputs are names without types.
struct function_view {
  std::string_view name;
  std::string_view domain;
  std::string_view overload;
  std::string_view bytes;  ///< the whole FunctionProto

  constexpr repeated<text_view, function_field::input> inputs() const {
    return repeated<text_view, function_field::input>{bytes};
  }
  constexpr repeated<text_view, function_field::output> outputs() const {
    return repeated<text_view, function_field::output>{bytes};
  }
  constexpr repeated<node_view, function_field::node> nodes() const {
    return repeated<node_view, function_field::node>{bytes};
  }
  constexpr repeated<opset_view, function_field::opset_import> opsets() const {
    return repeated<opset_view, function_field::opset_import>{bytes};
  }

  static constexpr function_view read(field const& from) {
    function_view result;
    result.bytes = from.bytes;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) {
      if (each.number == function_field::name) result.name = each.bytes;
      if (each.number == function_field::domain) result.domain = each.bytes;
      if (each.number == function_field::overload) result.overload = each.bytes;
    }
    return result;
  }
};

/// A model: what stands outside its graph, and the graph.
struct model_view {
  std::int64_t ir_version = 0;  ///< 0: not stated
  std::string_view producer_name, producer_version, domain, doc_string;
  std::int64_t model_version = 0;
  std::string_view bytes;  ///< the whole ModelProto
  graph_view graph;

  constexpr repeated<opset_view, model_field::opset_import> opsets() const {
    return repeated<opset_view, model_field::opset_import>{bytes};
  }
  constexpr repeated<function_view, model_field::functions> functions() const {
    return repeated<function_view, model_field::functions>{bytes};
  }
  constexpr repeated<entry_view, model_field::metadata_props> metadata() const {
    return repeated<entry_view, model_field::metadata_props>{bytes};
  }
  /// Version of an operator set that the model imports; 0 if it does not.
  constexpr std::int64_t opset(std::string_view wanted = {}) const {
    for (opset_view const each : opsets())
      if (each.domain == wanted || (wanted.empty() && each.domain == "ai.onnx")) return each.version;
    return 0;
  }
  /// The value of a metadata key; empty if it is not there.
  constexpr std::string_view find_metadata(std::string_view key) const {
    for (entry_view const each : metadata())
      if (each.key == key) return each.value;
    return {};
  }
};

/// A model, or why there is none.
struct model_file {
  read_status status;
  model_view model;
  constexpr explicit operator bool() const { return static_cast<bool>(status); }
};

/// Reads a ModelProto. On an error, `status` says which and where; `model` is then empty.
constexpr model_file read_model(std::string_view bytes) {
  model_file result;
  result.status = validate_model(bytes);
  if (!result) return result;
  model_view found;
  found.bytes = bytes;
  bool has_graph = false;
  cursor fields{bytes};
  for (field each; fields.next(each);) switch (each.number) {
      case model_field::ir_version:
        found.ir_version = each.integer();
        break;
      case model_field::producer_name:
        found.producer_name = each.bytes;
        break;
      case model_field::producer_version:
        found.producer_version = each.bytes;
        break;
      case model_field::domain:
        found.domain = each.bytes;
        break;
      case model_field::model_version:
        found.model_version = each.integer();
        break;
      case model_field::doc_string:
        found.doc_string = each.bytes;
        break;
      case model_field::graph:
        has_graph = true;
        found.graph = graph_view::of(each.bytes);
        break;
      default:
        break;
    }
  if (has_graph)
    result.model = found;
  else
    result.status = {read_error::no_graph, bytes.size()};
  return result;
}

/// The same over bytes, for example of a memory-mapped file.
inline model_file read_model(std::span<std::byte const> bytes) {
  return read_model(std::string_view{reinterpret_cast<char const*>(bytes.data()), bytes.size()});
}

}  // namespace constexport::wire
