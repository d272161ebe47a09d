/// onnx/fields.hpp: the field numbers of ONNX's protobuf messages, all in one table.
///
/// Room: onnx. Includes freestanding standard headers only. The writer (messages.hpp) and the reader (reader.hpp) use
/// it. Source: onnx/onnx.in.proto of ONNX 1.17 to 1.23, in which these numbers do not differ. Every number that the
/// library writes or reads stands here and nowhere else.
#pragma once

#include <cstdint>

namespace constexport::wire {

/// Number of a field within its message.
using field_number = std::uint32_t;

/// ModelProto.
struct model_field {
  static constexpr field_number ir_version = 1, producer_name = 2, producer_version = 3, domain = 4, model_version = 5,
                                doc_string = 6, graph = 7, opset_import = 8, metadata_props = 14, training_info = 20,
                                functions = 25;
};

/// OperatorSetIdProto.
struct opset_field {
  static constexpr field_number domain = 1, version = 2;
};

/// StringStringEntryProto: metadata, and the external data of tensors.
struct entry_field {
  static constexpr field_number key = 1, value = 2;
};

/// GraphProto.
struct graph_field {
  static constexpr field_number node = 1, name = 2, initializer = 5, doc_string = 10, input = 11, output = 12,
                                value_info = 13, quantization_annotation = 14, sparse_initializer = 15,
                                metadata_props = 16;
};

/// ValueInfoProto.
struct value_info_field {
  static constexpr field_number name = 1, type = 2, doc_string = 3, metadata_props = 4;
};

/// TypeProto; all but `denotation` are alternatives.
struct type_field {
  static constexpr field_number tensor_type = 1, sequence_type = 4, map_type = 5, denotation = 6, opaque_type = 7,
                                sparse_tensor_type = 8, optional_type = 9;
};

/// TypeProto.Tensor.
struct tensor_type_field {
  static constexpr field_number elem_type = 1, shape = 2;
};

/// TypeProto.Sequence and TypeProto.Optional.
struct sequence_type_field {
  static constexpr field_number elem_type = 1;
};

/// TypeProto.Map.
struct map_type_field {
  static constexpr field_number key_type = 1, value_type = 2;
};

/// TensorShapeProto.
struct shape_field {
  static constexpr field_number dim = 1;
};

/// TensorShapeProto.Dimension; value and param are alternatives.
struct dim_field {
  static constexpr field_number dim_value = 1, dim_param = 2, denotation = 3;
};

/// NodeProto.
struct node_field {
  static constexpr field_number input = 1, output = 2, name = 3, op_type = 4, attribute = 5, doc_string = 6, domain = 7,
                                overload = 8, metadata_props = 9;
};

/// FunctionProto.
struct function_field {
  static constexpr field_number name = 1, input = 4, output = 5, attribute = 6, node = 7, doc_string = 8,
                                opset_import = 9, domain = 10, attribute_proto = 11, value_info = 12, overload = 13,
                                metadata_props = 14;
};

/// AttributeProto.
struct attribute_field {
  static constexpr field_number name = 1, f = 2, i = 3, s = 4, t = 5, g = 6, floats = 7, ints = 8, strings = 9,
                                tensors = 10, graphs = 11, doc_string = 13, type_proto = 14, type_protos = 15,
                                type = 20, ref_attr_name = 21, sparse_tensor = 22, sparse_tensors = 23;
};

/// TensorProto.
struct tensor_field {
  static constexpr field_number dims = 1, data_type = 2, segment = 3, float_data = 4, int32_data = 5, string_data = 6,
                                int64_data = 7, name = 8, raw_data = 9, double_data = 10, uint64_data = 11,
                                doc_string = 12, external_data = 13, data_location = 14, metadata_props = 16;
};

/// SparseTensorProto.
struct sparse_tensor_field {
  static constexpr field_number values = 1, indices = 2, dims = 3;
};

/// AttributeProto.AttributeType. A file without it is refused by readers since IR version 2.
enum class attribute_type : std::int32_t {
  undefined = 0,
  float_value = 1,
  int_value = 2,
  string_value = 3,
  tensor_value = 4,
  graph_value = 5,
  floats = 6,
  ints = 7,
  strings = 8,
  tensors = 9,
  graphs = 10,
  sparse_tensor = 11,
  sparse_tensors = 12,
  type_proto = 13,
  type_protos = 14,
};

/// TensorProto.DataLocation.
enum class data_location : std::int32_t { in_file = 0, external = 1 };

}  // namespace constexport::wire
