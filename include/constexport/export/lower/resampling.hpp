/// export/lower/resampling.hpp: images of another size, by the nearest element, linear or cubic interpolation.
///
/// Room: export/lower. Includes nearest.hpp and interpolation.hpp. lower.hpp collects the families. One Resize does it
/// where ONNX's arithmetic gives LibTorch's elements; else the nearest elements are gathered by LibTorch's own formula,
/// and interpolation is a product with a matrix along each axis.
#pragma once

#include <constexport/export/lower/interpolation.hpp>
#include <constexport/export/lower/nearest.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// A Resize to the sizes of `axes`. With `scales` ONNX computes the sizes from them; they are used where that agrees,
/// because they are constants.
inline value_id resize(builder& b, value_id x, std::vector<resampled_axis> const& axes,
                       std::vector<attribute> attributes) {
  dim_list sizes = b.dims(x);
  std::vector<float> scales(2, 1);
  bool by_scales = true;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    sizes[2 + i] = axes[i].to;
    auto const scale = onnx_scale(b, axes[i]);
    by_scales = by_scales && scale;
    scales.push_back(scale.value_or(1));
  }
  value_list inputs{x, no_value};
  if (by_scales) {
    inputs.push_back(b.g.constant(at::tensor(scales)));
  } else {
    inputs.push_back(no_value);
    if (b.g.opset >= 18) {
      integer_list over;
      for (std::size_t i = 0; i < axes.size(); ++i) over.push_back(static_cast<std::int64_t>(2 + i));
      attributes.push_back({"axes", over});
      inputs.push_back(b.shape_tensor({sizes.begin() + 2, sizes.end()}));
    } else {
      inputs.push_back(b.shape_tensor(sizes));
    }
  }
  return b.node("Resize", inputs, attributes, b.type(x), sizes);
}

inline lowering upsample_nearest(nearest_kind kind) {
  return [kind](call& c, builder& b) -> value_list {
    value_id x = c.tensor(c.has("input") ? "input" : "self");
    std::vector<resampled_axis> const axes = resampled_axes(c, b, x);
    dtype const type = b.type(x);
    bool agrees = (is_floating(type) && has_image_kernels(type)) || type == dtype::int32 || type == dtype::uint8;
    for (resampled_axis const& each : axes) agrees = agrees && nearest_agrees(b, each, kind);
    if (agrees)
      return {resize(
          b, x, axes,
          {{"mode", std::string("nearest")},
           {"coordinate_transformation_mode", std::string(kind == nearest_kind::exact ? "half_pixel" : "asymmetric")},
           {"nearest_mode", std::string(kind == nearest_kind::exact ? "round_prefer_ceil" : "floor")}})};
    for (std::size_t i = 0; i < axes.size(); ++i)
      if (axes[i].from != axes[i].to || axes[i].scale)
        x = b.gather(x, nearest_positions(b, axes[i], kind, type), static_cast<std::int64_t>(2 + i));
    return {x};
  };
}

/// LibTorch's antialiasing of an image that is one column wide in the end goes by its layout in memory: one of the two
/// results is wrong.
inline void one_column(call& c, builder& b, std::vector<resampled_axis> const& axes) {
  if (axes[0].from == axes[0].to) return;
  if (b.g.dims.is_number(axes[1].to, 1)) c.decline("LibTorch's result of one column depends on the layout in memory");
  if (values_of(b, axes[1].to).first == 1) b.assumptions.insert("2 <= " + b.g.dims.text(axes[1].to));
}

/// Linear and cubic interpolation; with `antialias` the filter widens as the image shrinks.
inline lowering upsample(interpolation_kind kind, bool antialias = false) {
  return [kind, antialias](call& c, builder& b) -> value_list {
    value_id x = c.tensor(c.has("input") ? "input" : "self");
    dtype const type = b.type(x);
    if (!is_floating(type)) c.decline("LibTorch interpolates integers by tables, which ONNX does not");
    interpolation const how{kind, antialias, c.flag("align_corners")};
    std::vector<resampled_axis> const axes = resampled_axes(c, b, x);
    bool resizes = has_image_kernels(type) && !antialias;
    // A scale that was given counts in LibTorch's coordinates; to sizes, ONNX goes by their quotient.
    for (resampled_axis const& each : axes)
      resizes = resizes && (how.align_corners || !each.scale || onnx_scale(b, each) || has_exact_ratio(b, each));
    if (resizes) {
      std::vector<attribute> attributes{
          {"mode", std::string(kind == interpolation_kind::cubic ? "cubic" : "linear")},
          {"coordinate_transformation_mode", std::string(how.align_corners ? "align_corners" : "half_pixel")}};
      if (kind == interpolation_kind::cubic) attributes.push_back({"cubic_coeff_a", -0.75});
      return {resize(b, x, axes, attributes)};
    }
    if (antialias) one_column(c, b, axes);
    for (std::size_t i = 0; i < axes.size(); ++i)
      x = interpolated(b, x, static_cast<std::int64_t>(2 + i), axes[i], how);
    return {x};
  };
}

inline void add_resampling(lowering_table& table) {
  table.add({"aten::upsample_nearest1d", "aten::upsample_nearest2d", "aten::upsample_nearest3d"},
            upsample_nearest(nearest_kind::legacy));
  table.add({"aten::_upsample_nearest_exact1d", "aten::_upsample_nearest_exact2d", "aten::_upsample_nearest_exact3d"},
            upsample_nearest(nearest_kind::exact));
  table.add({"aten::upsample_linear1d", "aten::upsample_bilinear2d", "aten::upsample_trilinear3d"},
            upsample(interpolation_kind::linear));
  table.add({"aten::upsample_bicubic2d"}, upsample(interpolation_kind::cubic));
  table.add({"aten::_upsample_bilinear2d_aa"}, upsample(interpolation_kind::linear, true));
  table.add({"aten::_upsample_bicubic2d_aa"}, upsample(interpolation_kind::cubic, true));
}

}  // namespace constexport::lower
