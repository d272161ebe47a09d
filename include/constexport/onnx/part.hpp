/// onnx/part.hpp: a part of a text.
///
/// Room: onnx, private to it (namespace detail). Includes freestanding standard headers only. `substr` throws beyond
/// the end, which asks the linker for exceptions even where that cannot be.
#pragma once

#include <cstddef>
#include <string_view>

namespace constexport::detail {

/// `count` characters from `at` on, or as many as there are.
constexpr std::string_view part(std::string_view text, std::size_t at, std::size_t count) {
  if (at > text.size()) at = text.size();
  return {text.data() + at, count < text.size() - at ? count : text.size() - at};
}

}  // namespace constexport::detail
