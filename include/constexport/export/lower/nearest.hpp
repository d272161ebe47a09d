/// export/lower/nearest.hpp: which element of an axis is the nearest, as LibTorch and as ONNX compute it.
///
/// Room: export/lower. Includes scales.hpp. resampling.hpp uses it. Both multiply and round down in single precision,
/// but not in the same order: next to whole numbers they may choose different elements, which is no small difference.
#pragma once

#include <constexport/export/lower/scales.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace constexport::lower {

/// LibTorch's "nearest" rounds down the left edge of a pixel; "nearest-exact" takes the pixel's middle.
enum class nearest_kind { legacy, exact };

/// int64 [to]: what LibTorch itself takes, for an image of fixed size.
inline at::Tensor nearest_of_libtorch(std::int64_t from, std::int64_t to, std::optional<double> scale,
                                      nearest_kind kind, at::ScalarType type) {
  at::Tensor const ramp = at::arange(from, at::TensorOptions(type)).reshape({1, 1, from});
  at::Tensor const taken =
      of_libtorch(kind == nearest_kind::exact ? "aten::_upsample_nearest_exact1d" : "aten::upsample_nearest1d",
                  {ramp, std::vector<std::int64_t>{to}, scale ? c10::IValue(*scale) : c10::IValue()});
  return taken.reshape({to}).to(at::kLong);
}

/// The type in which LibTorch computes coordinates.
inline dtype coordinate_type(dtype image) { return image == dtype::float64 ? dtype::float64 : dtype::float32; }

/// LibTorch's formula, in single precision, before it stays within the image.
inline std::int64_t nearest_by_formula(std::int64_t at, float step, nearest_kind kind) {
  auto const place = static_cast<float>(at);
  float const value = kind == nearest_kind::exact ? (step * (place + 0.5F) - 0.5F) + 0.5F : step * place;
  return static_cast<std::int64_t>(std::floor(value));
}

/// Do ONNX, ONNX Runtime in single precision and LibTorch take the same element?
class nearest_comparison {
 public:
  nearest_comparison(fraction ratio, float scale, nearest_kind kind) : ratio_(ratio), scale_(scale), kind_(kind) {}

  bool agrees(std::int64_t at, std::int64_t chosen, std::int64_t last) const {
    auto const place = static_cast<float>(at);
    bool const middle = kind_ == nearest_kind::exact;
    std::int64_t const exact = middle ? (2 * at + 1) * ratio_.denominator / (2 * ratio_.numerator)
                                      : at * ratio_.denominator / ratio_.numerator;
    float const rounded = middle ? std::round((place + 0.5F) / scale_ - 0.5F) : std::floor(place / scale_);
    return std::min(exact, last) == chosen && std::min(static_cast<std::int64_t>(rounded), last) == chosen;
  }

 private:
  fraction ratio_;
  float scale_;
  nearest_kind kind_;
};

/// Does a Resize take LibTorch's elements along this axis, at all sizes?
inline bool nearest_agrees(builder& b, resampled_axis const& axis, nearest_kind kind) {
  if (axis.from == axis.to && !axis.scale) return true;
  auto const exact = axis.scale ? fraction_of(*axis.scale) : ratio(b, axis);
  if (!exact) return false;
  if (axis.scale && !onnx_scale(b, axis) && !has_exact_ratio(b, axis)) return false;
  bool const fixed = b.g.dims.is_number(axis.from) && b.g.dims.is_number(axis.to);
  double const scale = static_cast<double>(exact->numerator) / static_cast<double>(exact->denominator);
  auto const single = static_cast<float>(scale);
  nearest_comparison const compared(*exact, single, kind);
  if (fixed) {
    std::int64_t const from = b.g.dims.value(axis.from), to = b.g.dims.value(axis.to);
    if (to > largest_tried) return false;
    at::Tensor const taken = nearest_of_libtorch(from, to, axis.scale, kind, at::kFloat);
    auto const* const chosen = static_cast<std::int64_t const*>(taken.data_ptr());
    for (std::int64_t i = 0; i < to; ++i)
      if (!compared.agrees(i, chosen[i], from - 1)) return false;
    return true;
  }
  // The quotient is the same at all sizes, so one walk along the longest axis answers for all.
  float const step = axis.scale ? static_cast<float>(1.0 / *axis.scale)
                                : static_cast<float>(exact->denominator) / static_cast<float>(exact->numerator);
  std::int64_t const last = values_of(b, axis.to).second;
  for (std::int64_t i = 0; i < last; ++i)
    if (!compared.agrees(i, nearest_by_formula(i, step, kind), unbounded)) return false;
  return true;
}

/// int64 [to]: the elements that LibTorch takes.
inline value_id nearest_positions(builder& b, resampled_axis const& axis, nearest_kind kind, dtype image) {
  dtype const type = coordinate_type(image);
  if (b.g.dims.is_number(axis.from) && b.g.dims.is_number(axis.to))
    return b.g.constant(nearest_of_libtorch(b.g.dims.value(axis.from), b.g.dims.value(axis.to), axis.scale, kind,
                                            to_scalar_type(type)));
  value_id const step =
      axis.scale ? b.scalar(1.0 / *axis.scale, type)
                 : b.broadcast("Div", {b.cast(b.size_tensor(axis.from), type), b.cast(b.size_tensor(axis.to), type)});
  value_id places = b.cast(positions(b, axis.to), type);
  value_id const half = b.scalar(0.5, type);
  if (kind == nearest_kind::exact) places = b.broadcast("Add", {places, half});
  places = b.broadcast("Mul", {places, step});
  if (kind == nearest_kind::exact) places = b.broadcast("Add", {b.broadcast("Sub", {places, half}), half});
  value_id const last = b.size_tensor(b.g.dims.add(axis.from, -1));
  return b.broadcast("Min", {b.cast(b.unary("Floor", places), dtype::int64), last});
}

}  // namespace constexport::lower
