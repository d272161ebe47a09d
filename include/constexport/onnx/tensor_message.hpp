/// onnx/tensor_message.hpp: tensors in a file or beside it, written with wire.hpp.
///
/// Room: onnx. Includes core's dtypes and freestanding standard headers; no heap, no exceptions. Part of messages.hpp.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/onnx/wire.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport::wire {

/// Name, element type and dimensions of a TensorProto.
struct tensor_head {
  std::string_view name{};
  dtype type = dtype::undefined;
  std::span<std::int64_t const> dims{};
};

/// Where a tensor's data lies outside the file: path relative to the file, first byte (a multiple of 4096), bytes.
struct external_data {
  std::string_view location;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

namespace detail {

template <Sink S, class Text>
constexpr void text_if_any(S& sink, field_number field, Text const& characters) {
  if (characters.size() != 0) text(sink, field, characters);
}

template <Sink S>
constexpr void entry(S& sink, field_number field, std::string_view key, auto const& value) {
  message(sink, field, [&](auto& at) {
    text(at, entry_field::key, key);
    text(at, entry_field::value, value);
  });
}

// A number as decimal text, which external data entries hold.
struct decimal {
  char digits[20]{};
  std::size_t count = 0;
  explicit constexpr decimal(std::uint64_t value) {
    do {
      for (std::size_t i = count; i > 0; --i) digits[i] = digits[i - 1];
      digits[0] = static_cast<char>('0' + value % 10);
      ++count;
    } while ((value /= 10) != 0);
  }
  constexpr std::string_view view() const { return {digits, count}; }
};

template <Sink S>
constexpr void tensor_begin(S& sink, tensor_head const& head) {
  for (std::int64_t const dim : head.dims) integer(sink, tensor_field::dims, dim);
  integer(sink, tensor_field::data_type, static_cast<std::int64_t>(head.type));
}

}  // namespace detail

/// A TensorProto that is a file of its own; `data` as for `tensor`.
template <Sink S>
constexpr void tensor_file(S& sink, tensor_head const& head, std::string_view data) {
  detail::tensor_begin(sink, head);
  detail::text_if_any(sink, tensor_field::name, head.name);
  text(sink, tensor_field::raw_data, data);
}

/// A tensor whose `data` (little endian, row-major; packed below 8 bits) stands in the file. `field` says what it is:
/// `graph_field::initializer`, or `attribute_field::t`. Strings cannot be written this way.
template <Sink S>
constexpr void tensor(S& sink, field_number field, tensor_head const& head, std::string_view data) {
  message(sink, field, [&](auto& at) {
    detail::tensor_begin(at, head);
    detail::text_if_any(at, tensor_field::name, head.name);
    text(at, tensor_field::raw_data, data);
  });
}

/// A tensor whose `size` bytes are written by `produce(sink)`, which a counter does not call.
template <Sink S, class Produce>
constexpr void tensor(S& sink, field_number field, tensor_head const& head, std::uint64_t size,
                      Produce const& produce) {
  message(sink, field, [&](auto& at) {
    detail::tensor_begin(at, head);
    detail::text_if_any(at, tensor_field::name, head.name);
    produced(at, tensor_field::raw_data, size, produce);
  });
}

/// A tensor whose data lies in another file.
template <Sink S>
constexpr void tensor(S& sink, field_number field, tensor_head const& head, external_data const& where) {
  detail::decimal const offset{where.offset}, length{where.length};
  message(sink, field, [&](auto& at) {
    detail::tensor_begin(at, head);
    detail::text_if_any(at, tensor_field::name, head.name);
    detail::entry(at, tensor_field::external_data, "location", where.location);
    detail::entry(at, tensor_field::external_data, "offset", offset.view());
    detail::entry(at, tensor_field::external_data, "length", length.view());
    integer(at, tensor_field::data_location, static_cast<std::int64_t>(data_location::external));
  });
}

/// A graph's constant: `initializer(graph, {name, type, dims}, data)`, data as for `tensor`.
template <Sink S, class... Data>
constexpr void initializer(S& graph, tensor_head const& head, Data const&... data) {
  tensor(graph, graph_field::initializer, head, data...);
}

}  // namespace constexport::wire
