/// What the tests of dummy/ share.
#pragma once

#include <constexport/dummy/fill.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace constexport_tests {

using namespace constexport;

/// A tensor that no contract has.
constexpr dummy_tensor dummy(dtype type, std::initializer_list<std::int64_t> sizes, std::int64_t lower,
                             std::int64_t upper, value_kind kind = value_kind::uniform, std::uint64_t seed = 1,
                             std::string_view name = "x") {
  dummy_tensor result{{name}, type, {}, kind, lower, upper, seed, identity_of({name})};
  for (std::int64_t const size : sizes) result.shape.sizes[result.shape.rank++] = size;
  return result;
}

/// `Count` elements from `first` on.
template <class T, std::size_t Count>
constexpr std::array<T, Count> slice(dummy_tensor const& tensor, std::uint64_t first = 0) {
  std::array<T, Count> result{};
  (void)fill(std::span<T>(result), tensor, first);
  return result;
}

/// The float that a short float stands for, by its definition (IEEE 754, 3.4).
constexpr float value_of(float16_element element) {
  int const exponent = element.bits >> 10 & 31, fraction = element.bits & 1023;
  float value = static_cast<float>(exponent == 0 ? fraction : fraction + 1024);
  for (int i = 25; i > (exponent == 0 ? 1 : exponent); --i) value /= 2;
  for (int i = 25; i < exponent; ++i) value *= 2;
  return element.bits >> 15 != 0 ? -value : value;
}
constexpr float value_of(bfloat16_element element) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(element.bits) << 16);
}
template <class T>
constexpr T value_of(T element) {
  return element;
}

}  // namespace constexport_tests
