/// onnx/validate.hpp: is a span of bytes a well-formed ModelProto?
///
/// Room: onnx. Includes freestanding standard headers only; no heap, no exceptions; recursion is limited. reader.hpp runs
/// it once, so that walking over the file afterwards cannot meet an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <constexport/onnx/cursor.hpp>

namespace constexport::wire {

/// How deeply messages may lie in each other; protobuf's own limit. A graph within a graph takes three levels.
inline constexpr int max_nesting = 100;

namespace detail {

// The messages whose fields are looked at. Others (functions, training, sparse tensors) are skipped by their length.
enum class kind : std::uint8_t {
  none, model, graph, node, attribute, tensor, value_info, type, tensor_type, sequence_type, map_type, shape, dim, opset,
  entry,
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
    {kind::model, model_field::functions, storage::bytes},
    {kind::graph, graph_field::node, storage::messages, kind::node},
    {kind::graph, graph_field::name, storage::bytes},
    {kind::graph, graph_field::initializer, storage::messages, kind::tensor},
    {kind::graph, graph_field::doc_string, storage::bytes},
    {kind::graph, graph_field::input, storage::messages, kind::value_info},
    {kind::graph, graph_field::output, storage::messages, kind::value_info},
    {kind::graph, graph_field::value_info, storage::messages, kind::value_info},
    {kind::graph, graph_field::quantization_annotation, storage::bytes},
    {kind::graph, graph_field::sparse_initializer, storage::bytes},
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
};
inline constexpr std::size_t kinds = 16;
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

constexpr read_status check_packed(field const& packed, storage stored) {
  cursor values{packed.bytes, packed.content};
  std::uint64_t ignored = 0;
  if (stored == storage::varints) {
    while (!values.at_end()) values.varint(ignored);
    return values.status();
  }
  std::size_t const width = stored == storage::float32s ? 4 : 8;
  return packed.bytes.size() % width == 0 ? read_status{} : read_status{read_error::truncated, packed.offset};
}

constexpr bool fits(storage stored, wire_type type) {
  switch (stored) {
    case storage::varint: return type == wire_type::varint;
    case storage::varints: return type == wire_type::varint || type == wire_type::length_delimited;
    case storage::float32: return type == wire_type::fixed32;
    case storage::float32s: return type == wire_type::fixed32 || type == wire_type::length_delimited;
    case storage::float64s: return type == wire_type::fixed64 || type == wire_type::length_delimited;
    default: return type == wire_type::length_delimited;
  }
}

constexpr read_status check_message(std::string_view bytes, std::size_t offset, kind in, int depth) {
  if (depth > max_nesting) return {read_error::too_deep, offset};
  cursor fields{bytes, offset};
  std::uint64_t seen = 0;
  for (field each; fields.next(each);) {
    field_rule const* const rule = find_rule(in, each.number);
    if (rule == nullptr) continue;
    if (!fits(rule->stored, each.type)) return {read_error::wrong_wire_type, each.offset};
    read_status status;
    switch (rule->stored) {
      case storage::message:
        if ((seen >> each.number & 1) != 0) return {read_error::twice, each.offset};
        seen |= std::uint64_t{1} << each.number;
        [[fallthrough]];
      case storage::messages: status = check_message(each.bytes, each.content, rule->to, depth + 1); break;
      case storage::varints:
      case storage::float32s:
      case storage::float64s:
        // Weights are not walked through: the numbers of a tensor's data are checked by whoever reads them.
        if (each.type == wire_type::length_delimited && (in != kind::tensor || each.number == tensor_field::dims))
          status = check_packed(each, rule->stored);
        break;
      default: break;
    }
    if (!status) return status;
  }
  return fields.status();
}

}  // namespace detail

/// Checks every length, tag and known field of a ModelProto, without looking at weights. Unknown fields may be there.
constexpr read_status validate_model(std::string_view bytes) {
  return detail::check_message(bytes, 0, detail::kind::model, 0);
}

}  // namespace constexport::wire
