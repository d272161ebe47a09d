/// export/lower/signal.hpp: Fourier transforms and the windows of spectrograms.
///
/// Room: export/lower. Includes complex.hpp. lower.hpp adds this family after the others.
#pragma once

#include <constexport/export/lower/complex.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// ONNX Runtime transforms lengths that are no powers of 2 by a detour that in single precision costs about three
/// digits; it is taken in double precision.
inline dtype transforming_type(builder& b, dim length, dtype type) {
  if (!b.g.dims.is_number(length)) return dtype::float64;
  std::int64_t const size = b.g.dims.value(length);
  return size > 0 && (size & (size - 1)) == 0 ? type : dtype::float64;
}

/// The transform along one axis of numbers with one (real) or two parts in the last dimension. Backwards it divides by
/// the length, as ONNX defines.
inline value_id transformed(builder& b, value_id x, std::int64_t axis, bool backwards, bool onesided) {
  // ONNX before opset 20, and ONNX Runtime 1.21 at all opsets, take the first dimension for one of batches.
  if (b.rank(x) == 2) return b.squeeze(transformed(b, b.unsqueeze(x, {0}), axis + 1, backwards, onesided), {0});
  dtype const type = b.type(x), used = transforming_type(b, b.dim_of(x, axis), type);
  dim_list sizes = b.dims(x);
  dim& length = sizes[static_cast<std::size_t>(axis)];
  if (onesided) length = b.g.dims.add(b.g.dims.floor_divide(length, 2), 1);
  sizes.back() = b.g.dims.number(2);
  value_list inputs{b.cast(x, used)};
  std::vector<attribute> attributes{{"inverse", std::int64_t{backwards}}, {"onesided", std::int64_t{onesided}}};
  if (b.g.opset >= 20)
    inputs.insert(inputs.end(), {no_value, b.scalar(axis, dtype::int64)});
  else
    attributes.push_back({"axis", axis});
  return b.cast(b.node("DFT", std::move(inputs), std::move(attributes), used, std::move(sizes)), type);
}

/// LibTorch's normalisation of a transform over `count` numbers in all: none, by the root of the count, by the count.
/// ONNX has divided by the count if the transform went backwards.
inline value_id in_proportion(builder& b, value_id x, dim count, std::int64_t mode, bool backwards) {
  double const power = (backwards ? 1 : 0) - (mode == 1 ? 0.5 : mode == 2 ? 1 : 0);
  if (power == 0) return x;
  if (b.g.dims.is_number(count)) {
    double const factor = std::pow(static_cast<double>(b.g.dims.value(count)), power);
    return b.broadcast("Mul", {x, b.scalar(factor, b.type(x))});
  }
  value_id const size = b.cast(b.size_scalar(count), b.type(x));
  value_id const amount = std::abs(power) == 1 ? size : b.unary("Sqrt", size);
  return b.broadcast(power > 0 ? "Mul" : "Div", {x, amount});
}

inline std::vector<std::int64_t> transform_axes(call& c, std::int64_t rank) {
  std::vector<std::int64_t> axes = c.integers("dim");
  for (std::int64_t& axis : axes) axis = static_cast<std::int64_t>(builder::index(axis, rank));
  if (axes.empty()) c.decline("it transforms no axis");
  return axes;
}

/// From real numbers: the last axis first, of which one half may suffice.
inline value_list transform_of_real(call& c, builder& b) {
  value_id x = c.tensor("self");
  std::vector<std::int64_t> const axes = transform_axes(c, b.rank(x));
  dim const count = count_along(b, x, axes);
  x = transformed(b, b.unsqueeze(x, {b.rank(x)}), axes.back(), false, c.flag("onesided"));
  for (std::size_t i = axes.size() - 1; i-- > 0;) x = transformed(b, x, axes[i], false, false);
  return {b.complex(in_proportion(b, x, count, c.integer("normalization"), false))};
}

inline value_list transform_of_complex(call& c, builder& b) {
  value_id x = c.tensor("self");
  std::vector<std::int64_t> const axes = transform_axes(c, complex_rank(b, x));
  dim const count = count_along(b, x, axes);
  bool const backwards = !c.flag("forward");
  for (std::int64_t const axis : axes) x = transformed(b, x, axis, backwards, false);
  return {b.complex(in_proportion(b, x, count, c.integer("normalization"), backwards))};
}

/// Back to real numbers, from the half of their spectrum that stands for all of it: the other half is its mirror image,
/// conjugated.
inline value_list transform_to_real(call& c, builder& b) {
  value_id x = c.tensor("self");
  std::vector<std::int64_t> const axes = transform_axes(c, complex_rank(b, x));
  for (std::size_t i = 0; i + 1 < axes.size(); ++i) x = transformed(b, x, axes[i], true, false);
  std::int64_t const last = axes.back();
  dim const length = c.size("last_dim_size"), half = b.dim_of(x, last);
  if (b.g.dims.add(b.g.dims.floor_divide(length, 2), 1) != half) c.decline("the spectrum is not one half");
  dim const rest = b.g.dims.subtract(length, half);
  if (!b.g.dims.is_number(rest, 0)) {
    dim_list sizes = b.dims(x);
    sizes[static_cast<std::size_t>(last)] = rest;
    value_list const mirror{x, b.size_tensor(rest), b.g.integers({0}), b.g.integers({last}), b.g.integers({-1})};
    x = b.concat({x, conjugated(b, b.node("Slice", mirror, {}, b.type(x), sizes))}, last);
  }
  dim const count = count_along(b, x, axes);
  value_id const whole = part_of(b, transformed(b, x, last, true, false), 0);
  return {in_proportion(b, whole, count, c.integer("normalization"), true)};
}

/// stft, with or without padding at both ends: one STFT node.
inline value_list short_time_transform(call& c, builder& b) {
  value_id x = c.tensor("self");
  if (c.example("self").is_complex()) c.decline("the signal is complex");
  if (!c.is_none("align_to_window") && c.flag("align_to_window")) c.decline("frames are aligned to the window");
  bool const single = b.rank(x) == 1;
  if (single) x = b.unsqueeze(x, {0});
  std::int64_t const size = c.integer("n_fft"), step = c.integer("hop_length", size / 4);
  std::int64_t const width = c.integer("win_length", size);
  dtype const type = b.type(x);
  if (c.has("center") && c.flag("center")) {
    std::string const mode = c.text("pad_mode");
    if (mode == "circular" && b.g.opset < 19) c.decline("circular padding needs opset 19");
    std::vector<attribute> attributes;
    if (mode != "constant")
      attributes.push_back({"mode", mode == "replicate" ? std::string("edge") : mode == "circular" ? "wrap" : mode});
    std::int64_t const added = size / 2;
    dim_list sizes = b.dims(x);
    sizes[1] = b.g.dims.add(sizes[1], 2 * added);
    x = b.node("Pad", {x, b.g.integers({0, added, 0, added})}, std::move(attributes), type, sizes);
  }
  dtype const used = transforming_type(b, b.g.dims.number(size), type);
  value_id window = c.optional_tensor("window");
  if (window == no_value && width < size)
    window = b.g.constant(at::ones({width}, at::TensorOptions(to_scalar_type(used))));
  if (window != no_value) {
    window = b.cast(window, used);
    // A window shorter than a frame stands in its middle.
    std::int64_t const before = (size - width) / 2, after = size - width - before;
    if (size != width && b.g.is_constant(window))
      window = b.g.constant(at::constant_pad_nd(b.g[window].data, {before, after}));
    else if (size != width)
      window = b.node("Pad", {window, b.g.integers({before, after})}, {}, used, {b.g.dims.number(size)});
  }
  bool const onesided = c.is_none("onesided") || c.flag("onesided");
  dim const frames = b.g.dims.add(b.g.dims.floor_divide(b.g.dims.add(b.dims(x)[1], -size), step), 1);
  dim_list const sizes{b.dims(x)[0], frames, b.g.dims.number(onesided ? size / 2 + 1 : size), b.g.dims.number(2)};
  value_list const inputs{b.cast(b.unsqueeze(x, {2}), used), b.scalar(step, dtype::int64), window,
                          b.scalar(size, dtype::int64)};
  value_id result = b.node("STFT", inputs, {{"onesided", std::int64_t{onesided}}}, used, sizes);
  result = b.transpose(b.cast(result, type), {0, 2, 1, 3});
  if (c.flag("normalized")) result = in_proportion(b, result, b.g.dims.number(size), 1, false);
  if (single) result = b.squeeze(result, {0});
  return {c.result(0).is_complex() ? b.complex(result) : result};
}

/// A window of cosines: a0 - a1 cos(2 pi k / n) + a2 cos(4 pi k / n), where n is the length, or one less if the window
/// is symmetric. A window of one element is 1.
inline value_id window_of(call& c, builder& b, std::vector<double> const& factors) {
  dim const length = c.size("window_length");
  bool const periodic = !c.has("periodic") || c.flag("periodic");
  dtype const type = c.result_type();
  auto const number = [&](double value) { return b.scalar(value, type); };
  value_id const size = b.cast(b.size_scalar(length), type);
  value_id const period = b.broadcast("Max", {periodic ? size : b.broadcast("Sub", {size, number(1)}), number(1)});
  value_id const turns = b.broadcast("Mul", {b.cast(b.range(length), type), number(2 * std::numbers::pi)});
  value_id const angle = b.broadcast("Div", {turns, period});
  value_id result = no_value;
  for (std::size_t i = 1; i < factors.size(); ++i) {
    value_id const cosine =
        b.unary("Cos", i == 1 ? angle : b.broadcast("Mul", {angle, number(static_cast<double>(i))}));
    value_id const term = b.broadcast("Mul", {cosine, number(factors[i])});
    value_id const before = result == no_value ? number(factors[0]) : result;
    result = b.broadcast(i % 2 == 1 ? "Sub" : "Add", {before, term});
  }
  if (b.proven_at_most(b.g.dims.number(2), length)) return result;
  value_id const one = b.broadcast("Equal", {size, number(1)}, dtype::boolean);
  return b.broadcast("Where", {one, number(1), result}, type);
}

inline value_list hann_window(call& c, builder& b) { return {window_of(c, b, {0.5, 0.5})}; }

inline value_list hamming_window(call& c, builder& b) {
  return {window_of(c, b, {c.has("alpha") ? c.real("alpha") : 0.54, c.has("beta") ? c.real("beta") : 0.46})};
}

inline value_list blackman_window(call& c, builder& b) { return {window_of(c, b, {0.42, 0.5, 0.08})}; }

inline void add_signal(lowering_table& table) {
  table.add_complex({"aten::_fft_r2c"}, transform_of_real);
  table.add_complex({"aten::_fft_c2c"}, transform_of_complex);
  table.add_complex({"aten::_fft_c2r"}, transform_to_real);
  table.add_complex({"aten::stft"}, short_time_transform);
  table.add({"aten::stft"}, short_time_transform);
  table.add({"aten::hann_window"}, hann_window);
  table.add({"aten::hamming_window"}, hamming_window);
  table.add({"aten::blackman_window"}, blackman_window);
}

}  // namespace constexport::lower
