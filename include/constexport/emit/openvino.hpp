/// emit/openvino.hpp: shapes for OpenVINO.
///
/// Room: emit. Includes shape_ranges.hpp and the standard library. Source: OpenVINO's documentation of model conversion
/// parameters (`ovc --input`, `benchmark_app -shape`).
#pragma once

#include <constexport/emit/shape_ranges.hpp>

#include <string>
#include <vector>

namespace constexport {

/// `input_ids[1..64,?],...`: a number, a range, an open range, or ? for each dimension.
inline std::string openvino_shapes(bound_contract const& bound, std::vector<axis_limit> const& limits = {}) {
  std::string text;
  for (input_ranges const& input : ranges_of(bound, limits)) {
    detail::require_plain(input.name, "OpenVINO's shapes: it is empty, or has blanks, brackets or commas", " \t\n[],");
    text += (text.empty() ? "" : ",") + input.name + "[";
    for (std::size_t i = 0; i < input.dims.size(); ++i) {
      size_range const& dim = input.dims[i];
      if (i > 0) text += ",";
      if (dim.is_fixed())
        text += std::to_string(dim.minimum);
      else if (dim.maximum == unbounded)
        text += dim.minimum > 1 ? std::to_string(dim.minimum) + ".." : "?";
      else
        text += std::to_string(dim.minimum) + ".." + std::to_string(dim.maximum);
    }
    text += "]";
  }
  return text + "\n";
}

}  // namespace constexport
