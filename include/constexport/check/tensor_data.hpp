/// check/tensor_data.hpp: does a stored tensor have the data that its dimensions ask for?
///
/// Room: check, private to file_problems.hpp (namespace detail). Includes core's dtypes, onnx and the standard library.
/// Data is not read: fields, their sizes and what is certain of packed numbers (1 to 10 bytes each) are compared.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/onnx/reader.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace constexport::detail {

/// What is wrong with a tensor's data; `kind` none: nothing.
struct data_problem {
  enum class kind_type : std::uint8_t { none, in_two_fields, in_another_field, too_little, too_much };
  kind_type kind = kind_type::none;
  std::string found{};     ///< "5 bytes", "at most 2 values"
  std::string expected{};  ///< "12"
};

/// The field of TensorProto that holds elements of a dtype, where they are no raw bytes.
constexpr wire::field_number data_field_of(dtype type) {
  using field = wire::tensor_field;
  switch (type) {
    case dtype::float32:
    case dtype::complex64:
      return field::float_data;
    case dtype::float64:
    case dtype::complex128:
      return field::double_data;
    case dtype::int64:
      return field::int64_data;
    case dtype::uint32:
    case dtype::uint64:
      return field::uint64_data;
    case dtype::string:
      return field::string_data;
    default:
      return field::int32_data;
  }
}

class tensor_data {
 public:
  explicit tensor_data(wire::stored_tensor const& tensor) : type_(tensor.type) {
    wire::cursor fields{tensor.bytes};
    for (wire::field each; fields.next(each);) add(each);
  }

  /// Compares with `elements` of the tensor's dtype, which take `bytes` if they have a fixed size.
  data_problem compared_with(std::uint64_t elements, std::uint64_t bytes) const {
    using kind = data_problem::kind_type;
    if (fields_ > 1) return {kind::in_two_fields};
    if (fields_ == 1 && (is_raw_ ? type_ == dtype::string : !is_own_)) return {kind::in_another_field};
    if (is_raw_) {
      if (raw_ == bytes) return {};
      return {raw_ < bytes ? kind::too_little : kind::too_much, std::to_string(raw_) + " bytes", std::to_string(bytes)};
    }
    bool const is_complex = type_ == dtype::complex64 || type_ == dtype::complex128;
    // Elements of fewer than 8 bits come packed or one in each number.
    bool const is_small = bits_of(type_) > 0 && bits_of(type_) < 8;
    std::uint64_t const least = is_small ? bytes : elements * (is_complex ? 2 : 1);
    std::uint64_t const most = is_small ? elements : least;
    if (most_ < least) return {kind::too_little, values("at most ", most_), std::to_string(least)};
    if (least_ > most) return {kind::too_much, values("at least ", least_), std::to_string(least)};
    return {};
  }

 private:
  std::string values(std::string_view bound, std::uint64_t count) const {
    return std::string(least_ == most_ ? "" : bound) + std::to_string(count) + " values";
  }
  void add(wire::field const& each) {
    using field = wire::tensor_field;
    bool const is_packed = each.type == wire::wire_type::length_delimited;
    std::uint64_t least = 1, most = 1;
    switch (each.number) {
      case field::raw_data:
        raw_ = each.bytes.size();
        break;
      case field::string_data:
        break;
      case field::float_data:
        if (is_packed) least = most = each.bytes.size() / 4;
        break;
      case field::double_data:
        if (is_packed) least = most = each.bytes.size() / 8;
        break;
      case field::int32_data:
      case field::int64_data:
      case field::uint64_data:
        if (is_packed) least = (each.bytes.size() + 9) / 10, most = each.bytes.size();
        break;
      default:
        return;
    }
    if (is_packed && each.bytes.empty() && each.number != field::string_data) return;  // as if it were not there
    if (each.number != last_) ++fields_;
    last_ = each.number;
    is_raw_ = is_raw_ || each.number == field::raw_data;
    if (each.number != data_field_of(type_)) return;
    is_own_ = true;
    least_ += least;
    most_ += most;
  }

  dtype type_;
  wire::field_number last_ = 0;
  int fields_ = 0;  // runs of one field: writers keep a field's elements together
  bool is_raw_ = false, is_own_ = false;
  std::uint64_t raw_ = 0, least_ = 0, most_ = 0;
};

}  // namespace constexport::detail
