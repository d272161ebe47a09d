/// check/target.hpp: what a runtime takes.
///
/// Room: check. Includes core's dtypes and the standard library. file_problems.hpp compares a file with one.
/// Sources: ONNX Runtime pairs each release with an ONNX release, whose operator set and IR version are its limits; it
/// refuses files beyond either (measured with 1.30 and 1.32). TensorRT: docs/operators.md of onnx-tensorrt, of the 10.x
/// and the 8.6 parser.
#pragma once

#include <constexport/core/dtype.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace constexport {

/// Limits of a runtime; 0: none known.
struct target {
  std::string_view name;
  std::int64_t max_ir = 0;
  std::int64_t min_opset = 0, max_opset = 0;
  std::span<dtype const> dtypes{};  ///< of inputs and outputs; empty: all
};

namespace detail {

inline constexpr dtype tensorrt_dtypes[] = {dtype::float32, dtype::float64,      dtype::float16, dtype::bfloat16,
                                            dtype::int32,   dtype::int64,        dtype::int8,    dtype::uint8,
                                            dtype::boolean, dtype::float8e4m3fn, dtype::int4};
inline constexpr dtype tensorrt_8_dtypes[] = {dtype::float32, dtype::float64, dtype::float16, dtype::int32,
                                              dtype::int64,   dtype::int8,    dtype::uint8,   dtype::boolean};

}  // namespace detail

/// Sorted by release. A release between two of them is like the older one.
inline constexpr target targets[] = {
    {"onnxruntime-1.11", 8, 7, 16},
    {"onnxruntime-1.12", 8, 7, 17},
    {"onnxruntime-1.14", 8, 7, 18},
    {"onnxruntime-1.15", 9, 7, 19},
    {"onnxruntime-1.17", 9, 7, 20},
    {"onnxruntime-1.18", 10, 7, 21},
    {"onnxruntime-1.21", 10, 7, 22},
    {"onnxruntime-1.23", 11, 7, 23},
    {"onnxruntime-1.26", 13, 7, 26},
    {"onnxruntime-1.32", 14, 7, 28},
    {"tensorrt-8.6", 0, 9, 17, detail::tensorrt_8_dtypes},
    {"tensorrt-10", 0, 9, 22, detail::tensorrt_dtypes},
};

/// The newest IR version and operator set that any of them takes.
constexpr target newest_known() {
  target result{"any"};
  for (target const& each : targets) {
    result.max_ir = std::max(result.max_ir, each.max_ir);
    result.max_opset = std::max(result.max_opset, each.max_opset);
  }
  return result;
}

/// The target called `name`: "onnxruntime-1.19" is what 1.18 is, "tensorrt" the newest of its kind. None if the program
/// is unknown, or the release older than all that are known.
inline std::optional<target> find_target(std::string_view name) {
  auto const parts = [](std::string_view text) {
    std::size_t const dash = text.find('-');
    std::vector<int> numbers;
    bool ok = true;
    for (std::size_t at = dash; at != std::string_view::npos && ok;) {
      int number = 0;
      auto const [end, error] = std::from_chars(text.data() + at + 1, text.data() + text.size(), number);
      ok = error == std::errc{} && number >= 0;
      numbers.push_back(number);
      std::size_t const next = static_cast<std::size_t>(end - text.data());
      ok = ok && (next == text.size() || text[next] == '.');
      at = ok && next < text.size() ? next : std::string_view::npos;
    }
    if (!ok) numbers.assign(1, -1);
    return std::pair(text.substr(0, dash), numbers);
  };
  auto const [runtime, release] = parts(name);
  std::optional<target> found;
  for (target const& each : targets) {
    auto const [of, since] = parts(each.name);
    bool const old_enough = release.empty() || !std::ranges::lexicographical_compare(release, since);
    if (of == runtime && old_enough) found = each;
  }
  return found;
}

}  // namespace constexport
