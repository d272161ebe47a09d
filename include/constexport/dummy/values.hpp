/// dummy/values.hpp: from random words to elements of every type, exactly.
///
/// Room: dummy. Includes core/dtype.hpp and freestanding standard headers only; no heap. fill.hpp walks over tensors
/// with it. Real numbers are drawn from a grid that their type holds exactly: no operation rounds, so no compiler
/// option and no fused multiply-add can change a byte.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/core/program.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace constexport {

/// An element of a float16 tensor, as its bits (IEEE 754 binary16).
struct float16_element {
  std::uint16_t bits;
  friend constexpr bool operator==(float16_element, float16_element) = default;
};

/// An element of a bfloat16 tensor, as its bits: the upper half of a binary32.
struct bfloat16_element {
  std::uint16_t bits;
  friend constexpr bool operator==(bfloat16_element, bfloat16_element) = default;
};

namespace detail {

template <class T>
inline constexpr bool is_short_float = std::is_same_v<T, float16_element> || std::is_same_v<T, bfloat16_element>;

template <class T>
inline constexpr bool is_real = std::is_floating_point_v<T> || is_short_float<T>;

// Bits of the significand: integers up to 2^digits are exact.
template <class T>
inline constexpr int digits_of = std::is_same_v<T, double>            ? 53
                                 : std::is_same_v<T, float>           ? 24
                                 : std::is_same_v<T, float16_element> ? 11
                                                                      : 8;

// Upper half of a 64 x 64 bit product.
constexpr std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
  std::uint64_t const a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
  std::uint64_t const middle = a1 * b0 + ((a0 * b0) >> 32), other = a0 * b1 + (middle & 0xffffffffu);
  return a1 * b1 + (middle >> 32) + (other >> 32);
}

// Replaces the bits of a float that float16 holds exactly, and that is zero or normal there, by float16's. By
// reference: how a vector is passed by value depends on the instruction set.
template <class Bits>
[[gnu::always_inline]] constexpr void to_float16(Bits& bits) {
  // 112 is the difference of the exponents' biases.
  Bits const magnitude = bits & 0x7fffffffu;
  Bits const not_zero = 0u - ((magnitude + 0x7fffffffu) >> 31);
  bits = ((bits >> 16) & 0x8000u) | (((magnitude >> 13) - (112u << 10)) & not_zero);
}

}  // namespace detail

/// Is `T` the C++ type of an element of `type`? Integers go by size and sign, so that both `long` and `long long` hold
/// int64.
template <class T>
constexpr bool holds(dtype type) {
  if constexpr (std::is_same_v<T, float>)
    return type == dtype::float32;
  else if constexpr (std::is_same_v<T, double>)
    return type == dtype::float64;
  else if constexpr (std::is_same_v<T, float16_element>)
    return type == dtype::float16;
  else if constexpr (std::is_same_v<T, bfloat16_element>)
    return type == dtype::bfloat16;
  else if constexpr (std::is_same_v<T, bool>)
    return type == dtype::boolean;
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
    return type == (sizeof(T) == 8   ? dtype::int64
                    : sizeof(T) == 4 ? dtype::int32
                    : sizeof(T) == 2 ? dtype::int16
                                     : dtype::int8);
  else if constexpr (std::is_integral_v<T>)
    return type == (sizeof(T) == 8   ? dtype::uint64
                    : sizeof(T) == 4 ? dtype::uint32
                    : sizeof(T) == 2 ? dtype::uint16
                                     : dtype::uint8);
  else
    return false;
}

namespace detail {

// clang-format off
template <dtype> struct element {};
template <> struct element<dtype::float32> { using type = float; };
template <> struct element<dtype::float64> { using type = double; };
template <> struct element<dtype::float16> { using type = float16_element; };
template <> struct element<dtype::bfloat16> { using type = bfloat16_element; };
template <> struct element<dtype::boolean> { using type = bool; };
template <> struct element<dtype::int8> { using type = std::int8_t; };
template <> struct element<dtype::int16> { using type = std::int16_t; };
template <> struct element<dtype::int32> { using type = std::int32_t; };
template <> struct element<dtype::int64> { using type = std::int64_t; };
template <> struct element<dtype::uint8> { using type = std::uint8_t; };
template <> struct element<dtype::uint16> { using type = std::uint16_t; };
template <> struct element<dtype::uint32> { using type = std::uint32_t; };
template <> struct element<dtype::uint64> { using type = std::uint64_t; };
// clang-format on

// One after another, without a list of the types that are there.
template <std::int32_t Type, class Visit>
constexpr bool visit_element(dtype type, Visit&& visit) {
  if constexpr (Type > static_cast<std::int32_t>(dtype::bfloat16)) {
    return false;
  } else {
    if constexpr (requires { typename element<dtype{Type}>::type; }) {
      if (type == dtype{Type}) {
        visit.template operator()<typename element<dtype{Type}>::type>();
        return true;
      }
    }
    return visit_element<Type + 1>(type, visit);
  }
}

}  // namespace detail

/// The C++ type of an element; there is none for types whose dummies are not supported (string, complex, 4 and 8 bit
/// floats).
template <dtype Type>
using element_of = typename detail::element<Type>::type;

/// Calls `visit.template operator()<T>()` with the element type of `type`; false if there is none.
template <class Visit>
constexpr bool with_element_type(dtype type, Visit&& visit) {
  return detail::visit_element<1>(type, visit);
}

/// The evenly spaced numbers of [lower, upper) that `T` holds: (first + i) * step for 0 <= i < count; `step` is 1 for
/// integers. For [0, 1) these are the multiples of 2^-24 (float), 2^-53 (double), 2^-11 (float16) and 2^-8 (bfloat16).
/// `count` is 0 where T cannot hold the range.
template <class T>
struct grid {
  std::int64_t first = 0;
  std::uint64_t count = 0;
  std::conditional_t<std::is_same_v<T, double>, double, float> step = 1;

  constexpr grid(std::int64_t lower, std::int64_t upper) {
    // The bound keeps negations and differences below from overflowing.
    constexpr std::int64_t limit = std::int64_t{1} << 62;
    if (lower >= upper || lower < -limit || upper > limit) return;
    if constexpr (detail::is_real<T>) {
      std::int64_t const magnitude = lower < -upper ? -lower : upper;
      int const bits = 64 - std::countl_zero(static_cast<std::uint64_t>(magnitude) - 1);
      int const shift = detail::digits_of<T> - bits;
      if (std::is_same_v<T, float16_element> && (bits > 16 || lower < -65504)) return;
      auto const scaled = [shift](std::int64_t bound) {
        return shift >= 0 ? bound * (std::int64_t{1} << shift)
                          : -detail::floor_divide(-bound, std::int64_t{1} << -shift);
      };
      first = scaled(lower);
      count = static_cast<std::uint64_t>(scaled(upper) - first);
      for (int i = 0; i < shift; ++i) step /= 2;
      for (int i = 0; i > shift; --i) step *= 2;
    } else {
      using limits = std::numeric_limits<T>;
      if constexpr (sizeof(T) < 8 || std::is_same_v<T, bool>)
        if (upper - 1 > static_cast<std::int64_t>(limits::max())) return;
      if (std::is_unsigned_v<T> ? lower < 0 : (sizeof(T) < 8 && lower < static_cast<std::int64_t>(limits::min())))
        return;
      first = lower;
      count = static_cast<std::uint64_t>(upper - lower);
    }
  }

  /// Does an element take 64 random bits rather than 32?
  constexpr bool is_wide() const { return std::is_same_v<T, double> || count > (std::uint64_t{1} << 32); }

  /// The element for a random word (two words if `is_wide`). Multiplying and keeping the upper half maps words onto the
  /// grid with probabilities that differ by at most one in 2^32 (2^64), exactly evenly where `count` is a power of two.
  constexpr T at(std::uint32_t high, std::uint32_t low = 0) const {
    std::uint64_t const number =
        is_wide() ? detail::multiply_high(static_cast<std::uint64_t>(high) << 32 | low, count) : (high * count) >> 32;
    std::int64_t const point = first + static_cast<std::int64_t>(number);
    if constexpr (std::is_same_v<T, double>)
      return static_cast<double>(point) * step;
    else if constexpr (std::is_same_v<T, float>)
      return static_cast<float>(static_cast<std::int32_t>(point)) * step;
    else if constexpr (detail::is_short_float<T>)
      return from_float(static_cast<float>(static_cast<std::int32_t>(point)) * step);
    else
      return static_cast<T>(point);
  }

  /// The same number in a shorter type, which holds it.
  static constexpr T from_float(float value) {
    auto bits = std::bit_cast<std::uint32_t>(value);
    if constexpr (std::is_same_v<T, float16_element>)
      detail::to_float16(bits);
    else
      bits >>= 16;
    return {static_cast<std::uint16_t>(bits)};
  }
};

}  // namespace constexport
