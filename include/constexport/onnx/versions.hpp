/// onnx/versions.hpp: which IR version goes with an operator set, and who wrote a file.
///
/// Room: onnx. Includes freestanding standard headers only.
/// Source: ONNX, docs/Versioning.md and the version table of its helper module.
#pragma once

#include <cstdint>
#include <string_view>

namespace constexport {

/// `producer_name` and `producer_version` of written files; the version is the library's.
inline constexpr std::string_view producer_name = "constexport";
inline constexpr std::string_view producer_version = "0.1.0";

/// The IR version of the first ONNX release with the ai.onnx operator set `opset`: readers that know the operators know
/// it. The newest known one beyond the table.
constexpr std::int64_t ir_version_of(int opset) {
  constexpr std::int8_t table[] = {3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5, 6, 7, 7, 7, 8, 8, 8, 8, 9, 9, 10, 10, 11, 12, 13};
  constexpr int last = static_cast<int>(sizeof table) - 1;
  return table[opset < 0 ? 0 : opset > last ? last : opset];
}

}  // namespace constexport
