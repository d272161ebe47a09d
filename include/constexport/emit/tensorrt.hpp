/// emit/tensorrt.hpp: optimisation profiles for TensorRT.
///
/// Room: emit. Includes shape_ranges.hpp and the standard library. Sources: trtexec --help; polygraphy run --help.
#pragma once

#include <constexport/emit/shape_ranges.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace constexport {

namespace detail {

inline std::string profile(std::vector<input_ranges> const& inputs, std::int64_t size_range::*end,
                           std::string_view open, std::string_view between, std::string_view close,
                           std::string_view next) {
  std::string text;
  for (input_ranges const& input : inputs) {
    if (!text.empty()) text += next;
    text += input.name + ":" + std::string(open);
    for (std::size_t i = 0; i < input.dims.size(); ++i) {
      if (input.dims[i].*end == unbounded)
        throw emit_error("\"" + input.dims[i].text + "\" of \"" + input.name +
                         "\" has no largest size, which TensorRT needs; state \"max\" in the contract, or give "
                         "--limit NAME=SIZE");
      text += (i > 0 ? std::string(between) : "") + std::to_string(input.dims[i].*end);
    }
    text += close;
  }
  return text;
}

// Inputs of one size only are no part of a profile.
inline std::vector<input_ranges> varying(bound_contract const& bound, std::vector<axis_limit> const& limits) {
  std::vector<input_ranges> result;
  for (input_ranges& each : ranges_of(bound, limits)) {
    bool varies = false;
    for (size_range const& dim : each.dims) varies = varies || !dim.is_fixed();
    if (varies) result.push_back(std::move(each));
  }
  return result;
}

}  // namespace detail

/// Arguments of trtexec, one a line; nothing where no input varies.
inline std::string trtexec_arguments(bound_contract const& bound, std::vector<axis_limit> const& limits = {}) {
  auto const inputs = detail::varying(bound, limits);
  if (inputs.empty()) return {};
  return "--minShapes=" + detail::profile(inputs, &size_range::minimum, "", "x", "", ",") +
         "\n--optShapes=" + detail::profile(inputs, &size_range::usual, "", "x", "", ",") +
         "\n--maxShapes=" + detail::profile(inputs, &size_range::maximum, "", "x", "", ",") + "\n";
}

/// Arguments of polygraphy, one a line; nothing where no input varies.
inline std::string polygraphy_arguments(bound_contract const& bound, std::vector<axis_limit> const& limits = {}) {
  auto const inputs = detail::varying(bound, limits);
  if (inputs.empty()) return {};
  return "--trt-min-shapes " + detail::profile(inputs, &size_range::minimum, "[", ",", "]", " ") +
         "\n--trt-opt-shapes " + detail::profile(inputs, &size_range::usual, "[", ",", "]", " ") +
         "\n--trt-max-shapes " + detail::profile(inputs, &size_range::maximum, "[", ",", "]", " ") + "\n";
}

}  // namespace constexport
