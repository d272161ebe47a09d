/// onnx/node_view.hpp: nodes and their attributes, as views into a file's bytes.
///
/// Room: onnx. Includes freestanding standard headers only; no heap, no exceptions. Part of reader.hpp.
#pragma once

#include <constexport/onnx/cursor.hpp>
#include <constexport/onnx/ranges.hpp>
#include <constexport/onnx/tensor_view.hpp>

#include <cstdint>
#include <string_view>

namespace constexport::wire {

/// The type whose value a field of AttributeProto holds; undefined of all other fields.
constexpr attribute_type attribute_type_of(field_number number) {
  switch (number) {
    case attribute_field::f:
      return attribute_type::float_value;
    case attribute_field::i:
      return attribute_type::int_value;
    case attribute_field::s:
      return attribute_type::string_value;
    case attribute_field::t:
      return attribute_type::tensor_value;
    case attribute_field::g:
      return attribute_type::graph_value;
    case attribute_field::floats:
      return attribute_type::floats;
    case attribute_field::ints:
      return attribute_type::ints;
    case attribute_field::strings:
      return attribute_type::strings;
    case attribute_field::tensors:
      return attribute_type::tensors;
    case attribute_field::graphs:
      return attribute_type::graphs;
    case attribute_field::sparse_tensor:
      return attribute_type::sparse_tensor;
    case attribute_field::sparse_tensors:
      return attribute_type::sparse_tensors;
    case attribute_field::type_proto:
      return attribute_type::type_proto;
    case attribute_field::type_protos:
      return attribute_type::type_protos;
    default:
      return attribute_type::undefined;
  }
}

/// An attribute of a node; which member counts, `type` says.
struct attribute_view {
  std::string_view name;
  attribute_type type = attribute_type::undefined;
  float f = 0;
  std::int64_t i = 0;
  std::string_view s;
  std::string_view bytes;      ///< the whole AttributeProto
  std::string_view graph;      ///< the bytes of a graph: `graph_view::of(graph)`
  std::string_view reference;  ///< within a function: the name of the function's attribute
  stored_tensor t{};

  constexpr numbers<attribute_field::ints> ints() const { return numbers<attribute_field::ints>{bytes}; }
  constexpr numbers<attribute_field::floats, true> floats() const {
    return numbers<attribute_field::floats, true>{bytes};
  }
  constexpr repeated<text_view, attribute_field::strings> strings() const {
    return repeated<text_view, attribute_field::strings>{bytes};
  }

  static constexpr attribute_view read(field const& from) {
    attribute_view result;
    result.bytes = from.bytes;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) switch (each.number) {
        case attribute_field::name:
          result.name = each.bytes;
          break;
        case attribute_field::type:
          result.type = static_cast<attribute_type>(each.integer());
          break;
        case attribute_field::f:
          result.f = each.number32();
          break;
        case attribute_field::i:
          result.i = each.integer();
          break;
        case attribute_field::s:
          result.s = each.bytes;
          break;
        case attribute_field::t:
          result.t = stored_tensor::read(each);
          break;
        case attribute_field::g:
          result.graph = each.bytes;
          break;
        case attribute_field::ref_attr_name:
          result.reference = each.bytes;
          break;
        default:
          break;
      }
    return result;
  }
};

/// A node of a graph.
struct node_view {
  std::string_view op_type;
  std::string_view name;
  std::string_view domain;
  std::string_view overload;
  std::string_view bytes;  ///< the whole NodeProto

  constexpr repeated<text_view, node_field::input> inputs() const {
    return repeated<text_view, node_field::input>{bytes};
  }
  constexpr repeated<text_view, node_field::output> outputs() const {
    return repeated<text_view, node_field::output>{bytes};
  }
  constexpr repeated<attribute_view, node_field::attribute> attributes() const {
    return repeated<attribute_view, node_field::attribute>{bytes};
  }

  static constexpr node_view read(field const& from) {
    node_view result;
    result.bytes = from.bytes;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) {
      if (each.number == node_field::op_type) result.op_type = each.bytes;
      if (each.number == node_field::name) result.name = each.bytes;
      if (each.number == node_field::domain) result.domain = each.bytes;
      if (each.number == node_field::overload) result.overload = each.bytes;
    }
    return result;
  }
};

}  // namespace constexport::wire
