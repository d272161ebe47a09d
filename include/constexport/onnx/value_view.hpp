/// onnx/value_view.hpp: inputs, outputs and their dimensions, as views into a file's bytes.
///
/// Room: onnx. Includes core's dtypes and freestanding standard headers; no heap, no exceptions. Part of reader.hpp.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/onnx/cursor.hpp>
#include <constexport/onnx/ranges.hpp>

#include <cstdint>
#include <string_view>

namespace constexport::wire {

/// One declared dimension: a value (at least 0 in a legal file), or a param, or neither.
struct dim_view {
  bool has_value = false;
  std::int64_t value = 0;
  std::string_view param;
  std::string_view denotation;

  static constexpr dim_view read(field const& from) {
    dim_view result;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) switch (each.number) {
        case dim_field::dim_value:
          result.has_value = true;
          result.value = each.integer();
          result.param = {};
          break;
        case dim_field::dim_param:
          result.has_value = false;
          result.param = each.bytes;
          break;
        case dim_field::denotation:
          result.denotation = each.bytes;
          break;
        default:
          break;
      }
    return result;
  }
};

/// What kind of value a graph's input or output is.
enum class value_type : std::uint8_t { none, tensor, sequence, map, opaque, sparse_tensor, optional };

/// The kind in words.
constexpr std::string_view kind_name(value_type what) {
  switch (what) {
    case value_type::tensor:
      return "tensor";
    case value_type::sequence:
      return "sequence";
    case value_type::map:
      return "map";
    case value_type::opaque:
      return "opaque value";
    case value_type::sparse_tensor:
      return "sparse tensor";
    case value_type::optional:
      return "optional value";
    case value_type::none:
      break;
  }
  return "value without a type";
}

/// A graph's input, output or inner value.
struct value_view {
  std::string_view name;
  wire::value_type what = wire::value_type::none;
  dtype type = dtype::undefined;  ///< of a tensor's elements; the number as it stands in the file
  bool has_shape = false;
  std::string_view shape;       ///< the TensorShapeProto's bytes
  std::string_view type_proto;  ///< the TypeProto's bytes
  std::string_view doc_string;

  /// The declared dimensions; none of a scalar, and none if there is no shape.
  constexpr repeated<dim_view, shape_field::dim> dims() const { return repeated<dim_view, shape_field::dim>{shape}; }

  static constexpr value_view read(field const& from) {
    value_view result;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) {
      if (each.number == value_info_field::name) result.name = each.bytes;
      if (each.number == value_info_field::doc_string) result.doc_string = each.bytes;
      if (each.number == value_info_field::type) result.read_type(each.bytes);
    }
    return result;
  }

 private:
  constexpr void read_type(std::string_view bytes) {
    type_proto = bytes;
    cursor fields{bytes};
    for (field each; fields.next(each);) switch (each.number) {
        case type_field::tensor_type:
          read_tensor(each.bytes, wire::value_type::tensor);
          break;
        case type_field::sparse_tensor_type:
          read_tensor(each.bytes, wire::value_type::sparse_tensor);
          break;
        case type_field::sequence_type:
          what = wire::value_type::sequence;
          break;
        case type_field::map_type:
          what = wire::value_type::map;
          break;
        case type_field::opaque_type:
          what = wire::value_type::opaque;
          break;
        case type_field::optional_type:
          what = wire::value_type::optional;
          break;
        default:
          break;
      }
  }
  constexpr void read_tensor(std::string_view bytes, wire::value_type kind) {
    what = kind;
    cursor fields{bytes};
    for (field each; fields.next(each);) {
      if (each.number == tensor_type_field::elem_type) type = static_cast<dtype>(each.integer());
      if (each.number == tensor_type_field::shape) {
        has_shape = true;
        shape = each.bytes;
      }
    }
  }
};

}  // namespace constexport::wire
