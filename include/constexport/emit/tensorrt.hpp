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
    // Options are parted at blanks, and names from sizes at the last colon, by polygraphy, or where quotes end.
    bool const is_quoted = input.name.find_first_of(":,") != std::string::npos && between == "x";
    require_plain(input.name, "TensorRT's arguments: it is empty, or has blanks, quotes or asterisks", " \t\n'\"*");
    text += (is_quoted ? "'" + input.name + "'" : input.name) + ":" + std::string(open);
    for (std::size_t i = 0; i < input.dims.size(); ++i) {
      if (input.dims[i].*end == unbounded)
        throw emit_error("\"" + input.dims[i].text + "\" of \"" + input.name +
                         "\" has no largest size, which TensorRT needs; state \"max\" in the contract, or give "
                         "--limit NAME=SIZE or --axis NAME=MIN:USUAL:MAX");
      text += (i > 0 ? std::string(between) : "") + std::to_string(input.dims[i].*end);
    }
    text += close;
  }
  return text;
}

// Inputs that have one size only in the file are no part of a profile; those that are to have one are.
inline std::vector<input_ranges> varying(bound_contract const& bound, std::vector<axis_limit> const& limits) {
  std::vector<input_ranges> result;
  for (input_ranges& each : ranges_of(bound, limits)) {
    bool varies = false;
    for (size_range const& dim : each.dims) varies = varies || dim.varies;
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
