/// core/parameter_array.hpp: hyper-parameters that are arrays of integers, such as `conv_kernel`.
///
/// Room: core. Includes core/ and freestanding standard headers only. Elements are parameters like any other; an
/// element beyond the array's end is 1, which leaves a length as it is where it is a kernel or a stride.
#pragma once

#include <constexport/core/symbol.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace constexport {
namespace detail {

// "conv_kernel[3]", which is also the path of its field in config.json.
template <fixed_string Name, std::size_t Index>
inline constexpr auto indexed_name = [] {
  constexpr std::size_t size = Name.view().size();
  constexpr std::size_t digits = Index < 10 ? 1 : 2;
  char text[size + digits + 3]{};
  for (std::size_t i = 0; i < size; ++i) text[i] = Name.text[i];
  std::size_t at = size;
  text[at++] = '[';
  if constexpr (digits == 2) text[at++] = static_cast<char>('0' + Index / 10);
  text[at++] = static_cast<char>('0' + Index % 10);
  text[at] = ']';
  return fixed_string(text);
}();

}  // namespace detail

/// An array of at most `Size` hyper-parameters. Derive a named struct:
/// `struct conv_kernel_array final : parameter_array<"conv_kernel"> {}; inline constexpr conv_kernel_array
/// conv_kernel{};`
template <fixed_string Name, std::size_t Size = 16>
struct parameter_array {
  static_assert(Size <= 99);
  static constexpr std::size_t size = Size;
  template <std::size_t Index>
  struct element final : parameter<element<Index>, detail::indexed_name<Name, Index>> {
    using parameter<element<Index>, detail::indexed_name<Name, Index>>::operator=;
  };
  /// One element: `conv_kernel.at<0> = 10`.
  template <std::size_t Index>
  static constexpr element<Index> at{};

  /// The array's defaults: `conv_kernel.of<10, 3, 3, 3, 3, 2, 2>()`.
  template <std::int64_t... Values>
  static consteval std::array<model_parameter, Size> of() {
    static_assert(sizeof...(Values) <= Size, "constexport: a parameter array has more elements than it may");
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      constexpr std::int64_t given[Size + 1]{Values...};
      constexpr std::size_t count = sizeof...(Values);
      return std::array<model_parameter, Size>{
          model_parameter(binding<element<Index>>{Index < count ? given[Index] : 1})...};
    }(std::make_index_sequence<Size>{});
  }
};

namespace detail {

template <bool Padded, class Length, class Kernels, class Strides, std::size_t Index>
constexpr auto convolved() {
  if constexpr (Index == Kernels::size) {
    return Length{};
  } else {
    using kernel = Kernels::template element<Index>;
    using stride = Strides::template element<Index>;
    using padded = std::conditional_t<Padded, decltype(Length{} + int_c<2> * (kernel{} / int_c<2>)), Length>;
    return convolved<Padded, decltype(convolved(padded{}, kernel{}, stride{})), Kernels, Strides, Index + 1>();
  }
}

}  // namespace detail

/// The length after a stack of convolutions without padding: `convolved(sequence_length, conv_kernel, conv_stride)`.
template <Expression Length, class Kernels, class Strides>
constexpr auto convolved(Length, Kernels, Strides)
  requires requires { Kernels::size; }
{
  return detail::convolved<false, Length, Kernels, Strides, 0>();
}

/// The same with half a kernel of padding on either side.
template <Expression Length, class Kernels, class Strides>
constexpr auto convolved_with_padding(Length, Kernels, Strides) {
  return detail::convolved<true, Length, Kernels, Strides, 0>();
}

namespace detail {

template <class Array, std::size_t From, std::size_t... Index>
constexpr auto product_of(std::index_sequence<Index...>) {
  return (typename Array::template element<From + Index>{} * ...);
}

}  // namespace detail

/// The product of an array's elements from `From` on: what a stack of upsampling layers multiplies a length by.
template <std::size_t From = 0, class Array>
constexpr auto product_of(Array) {
  return detail::product_of<Array, From>(std::make_index_sequence<Array::size - From>{});
}

}  // namespace constexport
