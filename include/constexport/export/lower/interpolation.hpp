/// export/lower/interpolation.hpp: interpolation along one axis as a product with a matrix of weights.
///
/// Room: export/lower. Includes scales.hpp. resampling.hpp uses it for what Resize does not do: float64, antialiasing
/// as LibTorch defines it, scales that do not go into single precision. Between fixed sizes LibTorch itself gives the
/// weights; else they are computed by its formulas.
#pragma once

#include <constexport/export/lower/scales.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace constexport::lower {

enum class interpolation_kind { linear, cubic };

struct interpolation {
  interpolation_kind kind;
  bool antialias;
  bool align_corners;
};

/// [to, from]: the weights between fixed sizes, by interpolating every unit vector.
inline at::Tensor weights_of_libtorch(std::int64_t from, std::int64_t to, std::optional<double> scale,
                                      interpolation const& how, at::ScalarType type) {
  at::Tensor const units = at::eye(from, at::TensorOptions(type)).reshape({1, from, 1, from});
  constexpr char const* names[][2] = {{"aten::upsample_bilinear2d", "aten::_upsample_bilinear2d_aa"},
                                      {"aten::upsample_bicubic2d", "aten::_upsample_bicubic2d_aa"}};
  at::Tensor const responses = of_libtorch(names[how.kind == interpolation_kind::cubic ? 1 : 0][how.antialias ? 1 : 0],
                                           {units, std::vector<std::int64_t>{1, to}, how.align_corners, c10::IValue(),
                                            scale ? c10::IValue(*scale) : c10::IValue()});
  return responses.reshape({from, to}).t().contiguous();
}

/// Numbers with a unit that every axis of `b.broadcast` takes.
class weight_formula {
 public:
  weight_formula(builder& b, dtype type) : b_(b), type_(type) {}

  value_id number(double value) const { return b_.scalar(value, type_); }
  value_id size(dim of) const { return b_.cast(b_.size_tensor(of), type_); }
  value_id range(dim count) const { return b_.cast(positions(b_, count), type_); }
  value_id plus(value_id x, double y) const { return y == 0 ? x : b_.broadcast("Add", {x, number(y)}); }
  value_id subtract(value_id x, value_id y) const { return b_.broadcast("Sub", {x, y}); }
  value_id multiply(value_id x, value_id y) const { return b_.broadcast("Mul", {x, y}); }
  value_id divide(value_id x, value_id y) const { return b_.broadcast("Div", {x, y}); }
  value_id at_least(value_id x, double y) const { return b_.broadcast("Max", {x, number(y)}); }

  /// max(0, 1 - |x|).
  value_id triangle(value_id x) const { return at_least(subtract(number(1), b_.unary("Abs", x)), 0); }

  /// Keys' cubic convolution: ((a + 2) x - (a + 3)) x^2 + 1 up to 1, ((x - 5) x + 8) x a - 4 a up to 2.
  value_id cubic(value_id x, double a) const {
    value_id const d = b_.unary("Abs", x);
    value_id const near = plus(multiply(multiply(plus(multiply(d, number(a + 2)), -a - 3), d), d), 1);
    value_id const far = multiply(plus(multiply(plus(multiply(plus(d, -5), d), 8), d), -4), number(a));
    auto const below = [&](double limit) { return b_.broadcast("Less", {d, number(limit)}, dtype::boolean); };
    value_id const outer = b_.broadcast("Where", {below(2), far, number(0)}, type_);
    return b_.broadcast("Where", {below(1), near, outer}, type_);
  }

 private:
  builder& b_;
  dtype type_;
};

/// Source elements per element of the result, as LibTorch divides.
inline value_id step_between(builder& b, weight_formula const& f, resampled_axis const& axis,
                             interpolation const& how) {
  if (how.align_corners)
    return f.divide(f.size(b.g.dims.add(axis.from, -1)), f.at_least(f.size(b.g.dims.add(axis.to, -1)), 1));
  if (axis.scale) return f.number(1.0 / *axis.scale);
  return f.divide(f.size(axis.from), f.size(axis.to));
}

/// [to, from] by formula; `margin` elements more on both sides.
inline value_id computed_weights(builder& b, resampled_axis const& axis, interpolation const& how, dtype type,
                                 std::int64_t margin) {
  weight_formula const f(b, type);
  value_id step = step_between(b, f, axis, how);
  value_id const target = f.range(axis.to),
                 elements = f.plus(f.range(b.g.dims.add(axis.from, 2 * margin)), static_cast<double>(-margin));
  bool const cubic = how.kind == interpolation_kind::cubic;
  if (how.antialias) {
    // The filter is as wide as an element of the result, at least as one of the source.
    value_id const middle = b.unsqueeze(f.multiply(f.plus(target, 0.5), step), {1});
    value_id const distance = f.divide(f.subtract(f.plus(elements, 0.5), middle), f.at_least(step, 1));
    value_id const weights = cubic ? f.cubic(distance, -0.5) : f.triangle(distance);
    return f.divide(weights, b.reduce("ReduceSum", weights, {1}, true));
  }
  value_id place = how.align_corners ? f.multiply(target, step) : f.plus(f.multiply(f.plus(target, 0.5), step), -0.5);
  if (!cubic) place = b.broadcast("Min", {f.at_least(place, 0), f.size(b.g.dims.add(axis.from, -1))});
  value_id const distance = f.subtract(elements, b.unsqueeze(place, {1}));
  return cubic ? f.cubic(distance, -0.75) : f.triangle(distance);
}

/// The image with one axis interpolated.
inline value_id interpolated(builder& b, value_id x, std::int64_t axis, resampled_axis const& how_far,
                             interpolation const& how) {
  if (how_far.from == how_far.to && !how_far.scale) return x;
  dtype const type = b.type(x);
  dtype const computed = type == dtype::float64 ? dtype::float64 : dtype::float32;
  if (b.g.dims.is_number(how_far.from) && b.g.dims.is_number(how_far.to)) {
    at::Tensor const weights = weights_of_libtorch(b.g.dims.value(how_far.from), b.g.dims.value(how_far.to),
                                                   how_far.scale, how, to_scalar_type(computed));
    return product_along(b, x, axis, b.g.constant(weights.to(to_scalar_type(type))));
  }
  // Cubic weights reach two elements over the edge, where the edge goes on.
  std::int64_t const margin = how.kind == interpolation_kind::cubic && !how.antialias ? 2 : 0;
  value_id const weights = b.cast(computed_weights(b, how_far, how, computed, margin), type);
  if (margin > 0) {
    integer_list pads(2 * b.dims(x).size());
    dim_list sizes = b.dims(x);
    auto const at = static_cast<std::size_t>(axis);
    pads[at] = pads[at + sizes.size()] = margin;
    sizes[at] = b.g.dims.add(sizes[at], 2 * margin);
    x = b.node("Pad", {x, b.g.integers(pads)}, {{"mode", std::string("edge")}}, type, sizes);
  }
  return product_along(b, x, axis, weights);
}

}  // namespace constexport::lower
