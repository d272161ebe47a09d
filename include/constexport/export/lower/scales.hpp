/// export/lower/scales.hpp: sizes from scales, and which element is the nearest, as LibTorch and as ONNX compute them.
///
/// Room: export/lower. Includes windows.hpp. resampling.hpp uses it. LibTorch takes floor(size * scale) in double
/// precision and coordinates in single precision; ONNX's product and quotient are rounded elsewhere. Where an answer
/// holds is tried out, for all sizes that the contract allows up to a million.
#pragma once

#include <constexport/export/lower/windows.hpp>

#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

namespace constexport::lower {

/// What LibTorch's own operator makes of these arguments.
inline at::Tensor of_libtorch(char const* name, torch::jit::Stack arguments) {
  c10::Dispatcher::singleton().findSchemaOrThrow(name, "").callBoxed(&arguments);
  return arguments.front().toTensor();
}

/// One axis of an image that changes its size. `scale` is there if LibTorch was given one; it counts in the
/// coordinates.
struct resampled_axis {
  dim from, to;
  std::optional<double> scale;
};

/// numerator / denominator.
struct fraction {
  std::int64_t numerator, denominator;
};

/// The fraction that a scale is, if its denominator is small.
inline std::optional<fraction> fraction_of(double scale) {
  for (std::int64_t denominator = 1; denominator <= 4096; ++denominator) {
    double const numerator = std::round(scale * static_cast<double>(denominator));
    if (numerator < 1 || numerator > 1e9) continue;
    if (numerator / static_cast<double>(denominator) == scale)
      return fraction{static_cast<std::int64_t>(numerator), denominator};
  }
  return std::nullopt;
}

/// How far sizes without a limit are tried out.
inline constexpr std::int64_t largest_tried = std::int64_t{1} << 20;

/// The values that a size can have: from the first to the last.
inline std::pair<std::int64_t, std::int64_t> values_of(builder& b, dim size) {
  std::vector<interval> ranges;
  for (symbol_row const& each : b.g.dims.symbols()) ranges.push_back({each.minimum, each.maximum});
  interval const limits = bounds(program{b.g.dims.code(size)}, ranges);
  std::int64_t const first = std::max<std::int64_t>(limits.minimum, 1);
  return {first, std::max(first, std::min(limits.maximum, std::max(first, largest_tried)))};
}

/// Does something hold for all values of a size?
template <class Predicate>
bool holds_for_all(builder& b, dim size, Predicate&& predicate) {
  auto const [first, last] = values_of(b, size);
  for (std::int64_t each = first; each <= last; ++each)
    if (!predicate(each)) return false;
  return true;
}

/// floor(size * scale) as LibTorch rounds it.
inline dim scaled(call& c, builder& b, dim size, double scale) {
  auto const product = [&](std::int64_t of) { return static_cast<std::int64_t>(static_cast<double>(of) * scale); };
  if (b.g.dims.is_number(size)) return b.g.dims.number(product(b.g.dims.value(size)));
  auto const exact = fraction_of(scale);
  if (!exact)
    c.decline("the size of the result is the floor of a size times " + std::to_string(scale) +
              ", which is no fraction of small numbers");
  if (!holds_for_all(b, size,
                     [&](std::int64_t of) { return product(of) == of * exact->numerator / exact->denominator; }))
    c.decline("a size times " + std::to_string(scale) +
              " is rounded to below or above a whole number at some sizes, which no expression over sizes says");
  return b.g.dims.floor_divide(b.g.dims.multiply(size, exact->numerator), exact->denominator);
}

/// Has every run this size of the result?
inline bool is_result_size(call& c, builder& b, dim size, std::size_t axis) {
  for (std::size_t run = 0; run < b.runs().size(); ++run)
    if (b.g.dims.evaluate(size, b.runs()[run]) != c.result(0, run).size(static_cast<std::int64_t>(axis))) return false;
  return true;
}

/// The axes of an upsampling call: LibTorch gives sizes, or scales, or both.
inline std::vector<resampled_axis> resampled_axes(call& c, builder& b, value_id x) {
  std::size_t const count = spatial_axes(b, x);
  std::vector<std::optional<double>> scales(count);
  if (c.has("scale_factors")) {
    if (!c.is_none("scale_factors")) {
      std::vector<double> const given = c.reals("scale_factors");
      for (std::size_t i = 0; i < count; ++i) scales[i] = given[i];
    }
  } else {
    constexpr char const* names[][3] = {
        {"scales", "", ""}, {"scales_h", "scales_w", ""}, {"scales_d", "scales_h", "scales_w"}};
    for (std::size_t i = 0; i < count; ++i)
      if (char const* const name = names[count - 1][i]; !c.is_none(name)) scales[i] = c.real(name);
  }
  std::vector<resampled_axis> axes;
  dim_list sizes;
  for (std::size_t i = 0; i < count; ++i) {
    dim const from = b.dims(x)[2 + i];
    if (scales[i] && *scales[i] <= 0) scales[i].reset();
    if (scales[i])
      if (dim const to = scaled(c, b, from, *scales[i]); c.is_none("output_size") || is_result_size(c, b, to, 2 + i)) {
        axes.push_back({from, to, scales[i]});
        continue;
      }
    if (sizes.empty()) sizes = c.sizes("output_size");
    axes.push_back({from, sizes[i], scales[i]});
  }
  return axes;
}

/// to / from as a fraction that is the same at all sizes, exactly.
inline std::optional<fraction> ratio(builder& b, resampled_axis const& axis) {
  std::int64_t const from = b.g.dims.evaluate(axis.from, b.runs()[0]), to = b.g.dims.evaluate(axis.to, b.runs()[0]);
  if (from < 1 || to < 1) return std::nullopt;
  std::int64_t const common = std::gcd(from, to);
  fraction const result{to / common, from / common};
  if (b.g.dims.multiply(axis.to, result.denominator) != b.g.dims.multiply(axis.from, result.numerator))
    return std::nullopt;
  return result;
}

/// Is the scale that was given the quotient of the sizes?
inline bool has_exact_ratio(builder& b, resampled_axis const& axis) {
  auto const exact = ratio(b, axis);
  return exact && axis.scale &&
         static_cast<double>(exact->numerator) / static_cast<double>(exact->denominator) == *axis.scale;
}

/// The scale with which ONNX makes the right size, at all sizes, and the same coordinates; no value if there is none.
inline std::optional<float> onnx_scale(builder& b, resampled_axis const& axis) {
  double scale = 1;
  if (axis.scale) {
    scale = *axis.scale;
  } else if (auto const exact = ratio(b, axis)) {
    scale = static_cast<double>(exact->numerator) / static_cast<double>(exact->denominator);
  } else {
    return std::nullopt;
  }
  auto const single = static_cast<float>(scale);
  auto const fits = [&](std::int64_t from, std::int64_t to) {
    return static_cast<std::int64_t>(single * static_cast<float>(from)) == to &&
           static_cast<std::int64_t>(static_cast<double>(single) * static_cast<double>(from)) == to;
  };
  if (b.g.dims.is_number(axis.from) && b.g.dims.is_number(axis.to))
    return fits(b.g.dims.value(axis.from), b.g.dims.value(axis.to)) ? std::optional(single) : std::nullopt;
  auto const exact = axis.scale ? fraction_of(scale) : ratio(b, axis);
  if (!exact || b.g.dims.floor_divide(b.g.dims.multiply(axis.from, exact->numerator), exact->denominator) != axis.to)
    return std::nullopt;
  bool const all = holds_for_all(
      b, axis.from, [&](std::int64_t from) { return fits(from, from * exact->numerator / exact->denominator); });
  return all ? std::optional(single) : std::nullopt;
}

}  // namespace constexport::lower
