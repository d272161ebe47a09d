/// core/fixed_string.hpp: text as a template argument.
///
/// Room: core. Includes freestanding standard headers only. Every other header of the library may include it.
#pragma once

#include <cstddef>
#include <string_view>

namespace constexport {

/// A string literal that can be a template argument: `tensor<"input_ids", ...>`. `Size` counts the terminating zero.
template <std::size_t Size>
struct fixed_string {
  char text[Size]{};

  // Implicit, so that a literal can stand where a name is expected.
  constexpr fixed_string(char const (&literal)[Size]) {
    for (std::size_t i = 0; i < Size; ++i) text[i] = literal[i];
  }

  constexpr operator std::string_view() const { return {text, Size - 1}; }
  constexpr std::string_view view() const { return {text, Size - 1}; }
};

}  // namespace constexport
