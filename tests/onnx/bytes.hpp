/// tests/onnx/bytes.hpp: comparing what a writer writes with golden bytes, at compile time and at run time.
#pragma once

#include <constexport/onnx/wire.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace constexport_tests {

// A sink that only compares; it works in constant expressions.
struct comparing_sink {
  unsigned char const* expected;
  std::size_t size;
  std::size_t at = 0;
  bool same = true;
  constexpr void write(char const* data, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i, ++at)
      same = same && at < size && static_cast<unsigned char>(data[i]) == expected[at];
  }
};

template <std::size_t Size, class Body>
constexpr bool writes(unsigned char const (&expected)[Size], Body const& body) {
  comparing_sink sink{expected, Size};
  body(sink);
  return sink.same && sink.at == Size && constexport::wire::size_of(body) == Size;
}

// The bytes as characters, in a constant expression too.
template <std::size_t Size>
struct characters {
  char text[Size];
  explicit constexpr characters(unsigned char const (&bytes)[Size]) : text{} {
    for (std::size_t i = 0; i < Size; ++i) text[i] = static_cast<char>(bytes[i]);
  }
  constexpr std::string_view view() const { return {text, Size}; }
};

// On the heap in exactly its size, so that AddressSanitizer sees a byte too many.
inline std::vector<char> on_heap(std::string_view bytes) { return {bytes.begin(), bytes.end()}; }
inline std::string_view view(std::vector<char> const& bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace constexport_tests
