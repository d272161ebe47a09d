/// onnx/tensor_view.hpp: strings, metadata, operator sets and tensors of an ONNX file, as views into its bytes.
///
/// Room: onnx. Includes core's dtypes and freestanding standard headers; no heap, no exceptions. Part of reader.hpp.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/onnx/cursor.hpp>
#include <constexport/onnx/messages.hpp>
#include <constexport/onnx/ranges.hpp>

#include <cstdint>
#include <string_view>

namespace constexport::wire {

/// A string of a repeated field.
struct text_view {
  std::string_view text;
  static constexpr text_view read(field const& from) { return {from.bytes}; }
  constexpr operator std::string_view() const { return text; }
};

/// An operator set that the model imports.
struct opset_view : opset_id {
  static constexpr opset_view read(field const& from) {
    opset_view result;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) {
      if (each.number == opset_field::domain) result.domain = each.bytes;
      if (each.number == opset_field::version) result.version = each.integer();
    }
    return result;
  }
};

/// A key with its value.
struct entry_view : metadata_entry {
  static constexpr entry_view read(field const& from) {
    entry_view result;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) {
      if (each.number == entry_field::key) result.key = each.bytes;
      if (each.number == entry_field::value) result.value = each.bytes;
    }
    return result;
  }
};

/// A tensor stored in the file or beside it, without its data.
struct stored_tensor {
  std::string_view name;
  dtype type = dtype::undefined;
  std::string_view bytes;       ///< the whole TensorProto
  std::string_view raw_data;    ///< little endian; empty if the data is elsewhere
  std::uint64_t data_size = 0;  ///< bytes that the data takes in this file, in whichever field it is
  data_location location = data_location::in_file;

  constexpr numbers<tensor_field::dims> dims() const { return numbers<tensor_field::dims>{bytes}; }
  /// location, offset, length, checksum of external data.
  constexpr repeated<entry_view, tensor_field::external_data> external() const {
    return repeated<entry_view, tensor_field::external_data>{bytes};
  }

  static constexpr stored_tensor read(field const& from) {
    stored_tensor result;
    result.bytes = from.bytes;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) switch (each.number) {
        case tensor_field::name:
          result.name = each.bytes;
          break;
        case tensor_field::data_type:
          result.type = static_cast<dtype>(each.integer());
          break;
        case tensor_field::data_location:
          result.location = static_cast<data_location>(each.integer());
          break;
        case tensor_field::raw_data:
          result.raw_data = each.bytes;
          [[fallthrough]];
        case tensor_field::float_data:
        case tensor_field::int32_data:
        case tensor_field::string_data:
        case tensor_field::int64_data:
        case tensor_field::double_data:
        case tensor_field::uint64_data:
          result.data_size += each.type == wire_type::length_delimited ? each.bytes.size() : 0;
          break;
        default:
          break;
      }
    return result;
  }
};

/// A sparse tensor stored in the file; its name is that of its values.
struct stored_sparse_tensor {
  stored_tensor values{};
  stored_tensor indices{};

  static constexpr stored_sparse_tensor read(field const& from) {
    stored_sparse_tensor result;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) {
      if (each.number == sparse_tensor_field::values) result.values = stored_tensor::read(each);
      if (each.number == sparse_tensor_field::indices) result.indices = stored_tensor::read(each);
    }
    return result;
  }
};

}  // namespace constexport::wire
