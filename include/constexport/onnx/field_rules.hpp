/// onnx/field_rules.hpp: how every field of ONNX's messages is stored.
///
/// Room: onnx, private to validate.hpp and check/sparse_file.hpp (namespace detail). Includes freestanding standard
/// headers only.
#pragma once

#include <constexport/onnx/fields.hpp>

#include <cstddef>
#include <cstdint>

namespace constexport::wire::detail {

// The messages whose fields are looked at. Others (training, quantisation) are skipped by their length.
enum class kind : std::uint8_t {
  none,
  model,
  graph,
  node,
  attribute,
  tensor,
  value_info,
  type,
  tensor_type,
  sequence_type,
  map_type,
  shape,
  dim,
  opset,
  entry,
  function,
  sparse_tensor,
};

// How a field may be stored. Repeated numbers may be packed or not, whatever the definition says.
enum class storage : std::uint8_t { varint, varints, float32, float32s, float64s, bytes, message, messages };

struct field_rule {
  kind in;
  field_number number;
  storage stored;
  kind to = kind::none;
};

// Sorted by message.
inline constexpr field_rule field_rules[] = {
    {kind::model, model_field::ir_version, storage::varint},
    {kind::model, model_field::producer_name, storage::bytes},
    {kind::model, model_field::producer_version, storage::bytes},
    {kind::model, model_field::domain, storage::bytes},
    {kind::model, model_field::model_version, storage::varint},
    {kind::model, model_field::doc_string, storage::bytes},
    {kind::model, model_field::graph, storage::message, kind::graph},
    {kind::model, model_field::opset_import, storage::messages, kind::opset},
    {kind::model, model_field::metadata_props, storage::messages, kind::entry},
    {kind::model, model_field::training_info, storage::bytes},
    {kind::model, model_field::functions, storage::messages, kind::function},
    {kind::graph, graph_field::node, storage::messages, kind::node},
    {kind::graph, graph_field::name, storage::bytes},
    {kind::graph, graph_field::initializer, storage::messages, kind::tensor},
    {kind::graph, graph_field::doc_string, storage::bytes},
    {kind::graph, graph_field::input, storage::messages, kind::value_info},
    {kind::graph, graph_field::output, storage::messages, kind::value_info},
    {kind::graph, graph_field::value_info, storage::messages, kind::value_info},
    {kind::graph, graph_field::quantization_annotation, storage::bytes},
    {kind::graph, graph_field::sparse_initializer, storage::messages, kind::sparse_tensor},
    {kind::graph, graph_field::metadata_props, storage::messages, kind::entry},
    {kind::node, node_field::input, storage::bytes},
    {kind::node, node_field::output, storage::bytes},
    {kind::node, node_field::name, storage::bytes},
    {kind::node, node_field::op_type, storage::bytes},
    {kind::node, node_field::attribute, storage::messages, kind::attribute},
    {kind::node, node_field::doc_string, storage::bytes},
    {kind::node, node_field::domain, storage::bytes},
    {kind::node, node_field::overload, storage::bytes},
    {kind::node, node_field::metadata_props, storage::messages, kind::entry},
    {kind::attribute, attribute_field::name, storage::bytes},
    {kind::attribute, attribute_field::f, storage::float32},
    {kind::attribute, attribute_field::i, storage::varint},
    {kind::attribute, attribute_field::s, storage::bytes},
    {kind::attribute, attribute_field::t, storage::message, kind::tensor},
    {kind::attribute, attribute_field::g, storage::message, kind::graph},
    {kind::attribute, attribute_field::floats, storage::float32s},
    {kind::attribute, attribute_field::ints, storage::varints},
    {kind::attribute, attribute_field::strings, storage::bytes},
    {kind::attribute, attribute_field::tensors, storage::messages, kind::tensor},
    {kind::attribute, attribute_field::graphs, storage::messages, kind::graph},
    {kind::attribute, attribute_field::doc_string, storage::bytes},
    {kind::attribute, attribute_field::type, storage::varint},
    {kind::attribute, attribute_field::ref_attr_name, storage::bytes},
    {kind::tensor, tensor_field::dims, storage::varints},
    {kind::tensor, tensor_field::data_type, storage::varint},
    {kind::tensor, tensor_field::segment, storage::bytes},
    {kind::tensor, tensor_field::float_data, storage::float32s},
    {kind::tensor, tensor_field::int32_data, storage::varints},
    {kind::tensor, tensor_field::string_data, storage::bytes},
    {kind::tensor, tensor_field::int64_data, storage::varints},
    {kind::tensor, tensor_field::name, storage::bytes},
    {kind::tensor, tensor_field::raw_data, storage::bytes},
    {kind::tensor, tensor_field::double_data, storage::float64s},
    {kind::tensor, tensor_field::uint64_data, storage::varints},
    {kind::tensor, tensor_field::doc_string, storage::bytes},
    {kind::tensor, tensor_field::external_data, storage::messages, kind::entry},
    {kind::tensor, tensor_field::data_location, storage::varint},
    {kind::tensor, tensor_field::metadata_props, storage::messages, kind::entry},
    {kind::value_info, value_info_field::name, storage::bytes},
    {kind::value_info, value_info_field::type, storage::message, kind::type},
    {kind::value_info, value_info_field::doc_string, storage::bytes},
    {kind::value_info, value_info_field::metadata_props, storage::messages, kind::entry},
    {kind::type, type_field::tensor_type, storage::message, kind::tensor_type},
    {kind::type, type_field::sequence_type, storage::message, kind::sequence_type},
    {kind::type, type_field::map_type, storage::message, kind::map_type},
    {kind::type, type_field::denotation, storage::bytes},
    {kind::type, type_field::opaque_type, storage::bytes},
    {kind::type, type_field::sparse_tensor_type, storage::message, kind::tensor_type},
    {kind::type, type_field::optional_type, storage::message, kind::sequence_type},
    {kind::tensor_type, tensor_type_field::elem_type, storage::varint},
    {kind::tensor_type, tensor_type_field::shape, storage::message, kind::shape},
    {kind::sequence_type, sequence_type_field::elem_type, storage::message, kind::type},
    {kind::map_type, map_type_field::key_type, storage::varint},
    {kind::map_type, map_type_field::value_type, storage::message, kind::type},
    {kind::shape, shape_field::dim, storage::messages, kind::dim},
    {kind::dim, dim_field::dim_value, storage::varint},
    {kind::dim, dim_field::dim_param, storage::bytes},
    {kind::dim, dim_field::denotation, storage::bytes},
    {kind::opset, opset_field::domain, storage::bytes},
    {kind::opset, opset_field::version, storage::varint},
    {kind::entry, entry_field::key, storage::bytes},
    {kind::entry, entry_field::value, storage::bytes},
    {kind::function, function_field::name, storage::bytes},
    {kind::function, function_field::input, storage::bytes},
    {kind::function, function_field::output, storage::bytes},
    {kind::function, function_field::attribute, storage::bytes},
    {kind::function, function_field::node, storage::messages, kind::node},
    {kind::function, function_field::doc_string, storage::bytes},
    {kind::function, function_field::opset_import, storage::messages, kind::opset},
    {kind::function, function_field::domain, storage::bytes},
    {kind::function, function_field::attribute_proto, storage::messages, kind::attribute},
    {kind::function, function_field::value_info, storage::messages, kind::value_info},
    {kind::function, function_field::overload, storage::bytes},
    {kind::function, function_field::metadata_props, storage::messages, kind::entry},
    {kind::sparse_tensor, sparse_tensor_field::values, storage::message, kind::tensor},
    {kind::sparse_tensor, sparse_tensor_field::indices, storage::message, kind::tensor},
    {kind::sparse_tensor, sparse_tensor_field::dims, storage::varints},
};
inline constexpr std::size_t kinds = 18;
inline constexpr std::size_t rule_count = sizeof field_rules / sizeof *field_rules;

struct rule_starts {
  std::uint8_t at[kinds + 1]{};
  constexpr rule_starts() {
    for (std::size_t i = 0, rule = 0; i <= kinds; ++i) {
      while (rule < rule_count && static_cast<std::size_t>(field_rules[rule].in) < i) ++rule;
      at[i] = static_cast<std::uint8_t>(rule);
    }
  }
};
inline constexpr rule_starts starts{};

constexpr field_rule const* find_rule(kind in, field_number number) {
  for (std::size_t i = starts.at[static_cast<std::size_t>(in)]; i < starts.at[static_cast<std::size_t>(in) + 1]; ++i)
    if (field_rules[i].number == number) return &field_rules[i];
  return nullptr;
}

}  // namespace constexport::wire::detail
