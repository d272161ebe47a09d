/// onnx/wire.hpp: protobuf's wire format, written into sinks, at compile time and at run time.
///
/// Room: onnx. Includes freestanding standard headers only; no heap, no exceptions. messages.hpp builds ONNX's messages
/// of it. A message's length comes before its bytes, so its body is run once into a `counter` and once into the sink: a
/// body is a function of a sink that writes the same bytes each time. Payloads are passed on as pointer and size; a
/// counter never looks at them. Source: the encoding page of protobuf's documentation; proto2 rules, by which ONNX is
/// defined: repeated numbers are not packed, negative numbers take ten bytes, what is present is written even if it is
/// zero.
#pragma once

#include <constexport/onnx/fields.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport::wire {

/// The largest message that protobuf's readers take: 2 GiB - 1. Larger weights must be external data.
inline constexpr std::uint64_t max_message_size = 0x7fffffff;

/// Where bytes go: anything with `write(char const*, size)`, such as a `std::ostream` or one of the sinks below. A
/// `put(char)` is used for single bytes if there is one.
template <class T>
concept Sink = requires(T& sink, char const* data, std::size_t size) { sink.write(data, size); };

/// A sink that only needs to know how many bytes there would be.
template <class T>
concept CountingSink = requires(T& sink, std::uint64_t size) { sink.skip(size); };

/// Counts bytes.
struct counter {
  std::uint64_t size = 0;
  constexpr void skip(std::uint64_t bytes) { size += bytes; }
  constexpr void write(char const*, std::size_t bytes) { size += bytes; }
};

/// Writes into memory of the caller. What does not fit is dropped, and `ok()` is false from then on.
class span_sink {
 public:
  explicit constexpr span_sink(std::span<char> memory) : data_(memory.data()), capacity_(memory.size()) {}

  constexpr void put(char byte) {
    if (size_ < capacity_)
      data_[size_++] = byte;
    else
      overflow_ = true;
  }
  constexpr void write(char const* from, std::size_t count) {
    if (count > capacity_ - size_) {
      overflow_ = true;
      return;
    }
    char* const to = data_ + size_;
    for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
    size_ += count;
  }
  /// Bytes written.
  constexpr std::size_t size() const { return size_; }
  /// Did everything fit?
  constexpr bool ok() const { return !overflow_; }

 private:
  char* data_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  bool overflow_ = false;
};

/// Passes bytes on to `function(char const*, std::size_t)`.
template <class Function>
struct callback_sink {
  Function function;
  constexpr void write(char const* data, std::size_t size) { function(data, size); }
};
template <class Function>
callback_sink(Function) -> callback_sink<Function>;

/// Text in pieces: it knows its `size()` and writes itself with `write_to(sink)`.
template <class T>
concept WrittenText = requires(T const& text, counter& sink) {
  { text.size() } -> std::convertible_to<std::size_t>;
  text.write_to(sink);
};

/// Text whose characters are computed: it knows its `size()` and prints itself into `put(char)`; a `tensor_name` is
/// one.
template <class T>
concept PrintedText = requires(T const& text, void (&put)(char)) {
  { text.size() } -> std::convertible_to<std::size_t>;
  text.print(put);
};

/// How a field's value is stored.
enum class wire_type : std::uint32_t { varint = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };

/// Bytes of an unsigned varint.
constexpr std::uint64_t varint_size(std::uint64_t value) {
  return (static_cast<std::uint64_t>(std::bit_width(value | 1)) + 6) / 7;
}

namespace detail {

template <Sink S>
constexpr void put(S& sink, char byte) {
  if constexpr (requires { sink.put(byte); })
    sink.put(byte);
  else
    sink.write(&byte, 1);
}

template <Sink S>
constexpr void write(S& sink, char const* data, std::size_t size) {
  if constexpr (requires { typename S::pos_type; })
    sink.write(data, static_cast<std::ptrdiff_t>(size));  // streams count with a sign
  else
    sink.write(data, size);
}

template <Sink S>
constexpr void varint(S& sink, std::uint64_t value) {
  if constexpr (CountingSink<S>) {
    sink.skip(varint_size(value));
  } else {
    for (; value >= 0x80; value >>= 7) put(sink, static_cast<char>((value & 0x7f) | 0x80));
    put(sink, static_cast<char>(value));
  }
}

template <Sink S>
constexpr void tag(S& sink, field_number field, wire_type type) {
  varint(sink, (std::uint64_t{field} << 3) | static_cast<std::uint64_t>(type));
}

}  // namespace detail

/// The number of bytes that `body(sink)` writes.
template <class Body>
constexpr std::uint64_t size_of(Body const& body) {
  counter bytes;
  body(bytes);
  return bytes.size;
}

/// An integer field (int32, int64, enumerations).
template <Sink S>
constexpr void integer(S& sink, field_number field, std::int64_t value) {
  detail::tag(sink, field, wire_type::varint);
  detail::varint(sink, static_cast<std::uint64_t>(value));
}

/// A float field: four bytes, little endian.
template <Sink S>
constexpr void number(S& sink, field_number field, float value) {
  detail::tag(sink, field, wire_type::fixed32);
  std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  for (int i = 0; i < 4; ++i, bits >>= 8) detail::put(sink, static_cast<char>(bits & 0xff));
}

/// A string or bytes field. The bytes go to the sink in one piece.
template <Sink S>
constexpr void text(S& sink, field_number field, std::string_view bytes) {
  detail::tag(sink, field, wire_type::length_delimited);
  detail::varint(sink, bytes.size());
  if constexpr (CountingSink<S>)
    sink.skip(bytes.size());
  else
    detail::write(sink, bytes.data(), bytes.size());
}

/// A string field in pieces.
template <Sink S, WrittenText Text>
constexpr void text(S& sink, field_number field, Text const& pieces) {
  std::size_t const size = pieces.size();
  detail::tag(sink, field, wire_type::length_delimited);
  detail::varint(sink, size);
  if constexpr (CountingSink<S>)
    sink.skip(size);
  else
    pieces.write_to(sink);
}

/// A string field whose characters are computed.
template <Sink S, PrintedText Text>
constexpr void text(S& sink, field_number field, Text const& characters) {
  std::size_t const size = characters.size();
  detail::tag(sink, field, wire_type::length_delimited);
  detail::varint(sink, size);
  if constexpr (CountingSink<S>)
    sink.skip(size);
  else
    characters.print([&](char c) { detail::put(sink, c); });
}

/// A bytes field of `size` bytes that `produce(sink)` writes; a counter does not call it. For payloads that are made
/// while they are written, for example weights that change their element type.
template <Sink S, class Produce>
constexpr void produced(S& sink, field_number field, std::uint64_t size, Produce const& produce) {
  detail::tag(sink, field, wire_type::length_delimited);
  detail::varint(sink, size);
  if constexpr (CountingSink<S>)
    sink.skip(size);
  else
    produce(sink);
}

/// A nested message whose fields `body(sink)` writes, in ascending order of their numbers, as protobuf does.
template <Sink S, class Body>
constexpr void message(S& sink, field_number field, Body const& body) {
  produced(sink, field, size_of(body), body);
}

}  // namespace constexport::wire
