/// export/lower/activation.hpp: activations.
///
/// Room: export/lower. Includes the pointwise lowerings. lower.hpp collects the families. What ONNX has as one node is
/// one node; in float64, for which ONNX Runtime has kernels of few of them and which their float32 attributes do not
/// serve, it is composed.
#pragma once

#include <constexport/export/lower/pointwise/exponential.hpp>
#include <constexport/export/lower/pointwise/operands.hpp>
#include <constexport/export/lower/pointwise/special.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cmath>
#include <numbers>
#include <string>

namespace constexport::lower {

inline bool is_double(term x) { return x.type() == dtype::float64; }

/// x * Phi(x) (Hendrycks and Gimpel 2016, arXiv 1606.08415), exactly or by tanh.
inline value_list gelu(call& c, builder& b) {
  dtype const type = c.result_type();
  bool const by_tanh = !c.is_none("approximate") && c.text("approximate") == "tanh";
  if (b.g.opset >= 20 && type != dtype::float64) {
    value_id const x = c.tensor("self");
    return {by_tanh ? b.unary("Gelu", x, {{"approximate", std::string("tanh")}}) : b.unary("Gelu", x)};
  }
  term const x = term_of(c, b, "self", inner_type(type));
  term const cube = pow(x, x.number(3));
  term const inner = by_tanh ? tanh((x + cube * 0.044715) * (std::numbers::sqrt2 * std::numbers::inv_sqrtpi))
                             : erf(x / std::numbers::sqrt2);
  return {(x * (inner + 1) * 0.5).as(type).id};
}

/// Over one dimension, of operands in the result's type; a single number has a dimension of 1 for it.
inline lowering softmax(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    value_id const x = b.cast(c.tensor("self"), c.result_type());
    if (b.rank(x) == 0) return {b.reshape(b.unary(op, b.unsqueeze(x, {0}), {{"axis", std::int64_t{0}}}), {})};
    auto const axis = static_cast<std::int64_t>(builder::index(c.integer("dim"), b.rank(x)));
    return {b.unary(op, x, {{"axis", axis}})};
  };
}

// ---- rectifiers

inline value_list relu(call& c, builder& b) {
  term const x{&b, c.tensor("self")};
  return {(is_floating(x.type()) ? apply("Relu", x) : maximum(x, 0)).id};
}
inline value_list leaky_relu(call& c, builder& b) {
  term const x{&b, c.tensor("self")};
  if (is_double(x)) return {where(x > 0, x, x * c.scalar("negative_slope")).id};
  return {apply("LeakyRelu", x, {{"alpha", c.real("negative_slope")}}).id};
}
/// One slope, or one for each element of dimension 1.
inline value_list prelu(call& c, builder& b) {
  term const x{&b, c.tensor("self")};
  term slope{&b, c.tensor("weight")};
  if (c.name() == "aten::prelu" && b.rank(slope.id) > b.rank(x.id)) slope.id = b.reshape(slope.id, {});
  if (c.name() == "aten::prelu" && b.rank(slope.id) == 1 && !b.g.dims.is_number(b.dim_of(slope.id, 0), 1)) {
    std::vector<std::int64_t> axes;
    for (std::int64_t axis = 1; axis < b.rank(x.id) - 1; ++axis) axes.push_back(axis);
    slope.id = b.unsqueeze(slope.id, axes);
  }
  if (is_double(x)) return {where(x > 0, x, x * slope).id};
  return {b.node("PRelu", {x.id, slope.id}, {}, x.type(), b.dims(x.id))};
}
inline value_list threshold(call& c, builder& b) {
  term const x{&b, c.tensor("self")};
  return {where(x <= c.scalar("threshold"), c.scalar("value"), x).id};
}

// ---- piecewise linear

inline value_list hardtanh(call& c, builder& b) {
  term const x{&b, c.tensor("self")};
  return {clamp(x, c.scalar("min_val"), c.scalar("max_val")).id};
}
/// The gradient where the input was within the bounds.
inline value_list hardtanh_backward(call& c, builder& b) {
  dtype const type = c.result_type();
  term const x{&b, c.tensor("self")}, gradient{&b, b.cast(c.tensor("grad_output"), type)};
  term const outside = logical_or(x <= c.scalar("min_val"), x >= c.scalar("max_val"));
  return {where(outside, 0, gradient).id};
}
inline term hardsigmoid(term x) {
  if (is_double(x)) return clamp(x + 3, 0, 6) / 6;
  return apply("HardSigmoid", x, {{"alpha", 1.0 / 6}, {"beta", 0.5}});
}
inline term hardswish(term x) { return is_double(x) ? x * hardsigmoid(x) : apply("HardSwish", x); }
inline value_list hardshrink(call& c, builder& b) {
  term const x{&b, c.tensor("self")};
  if (is_double(x)) return {where(abs(x) <= c.scalar("lambd"), 0, x).id};
  return {apply("Shrink", x, {{"lambd", c.real("lambd")}}).id};
}
inline value_list softshrink(call& c, builder& b) {
  term const x{&b, c.tensor("self")};
  double const lambd = c.real("lambd");
  if (is_double(x)) return {(x - clamp(x, -lambd, lambd)).id};
  return {apply("Shrink", x, {{"lambd", lambd}, {"bias", lambd}}).id};
}

// ---- exponential

/// `scale * x` above 0, `scale * alpha * (exp(input_scale * x) - 1)` below.
inline term elu(term x, double alpha, double scale, double input_scale) {
  if (!is_double(x) && input_scale == 1) {
    term const result = apply("Elu", x, {{"alpha", alpha}});
    return scale == 1 ? result : result * scale;
  }
  term const below = expm1(x * input_scale) * (alpha * scale);
  return where(x > 0, scale == 1 ? x : x * scale, below);
}
inline value_list elu(call& c, builder& b) {
  dtype const type = c.result_type();
  term const x = term_of(c, b, "self", inner_type(type));
  return {elu(x, c.real("alpha"), c.real("scale"), c.real("input_scale")).as(type).id};
}
inline value_list celu(call& c, builder& b) {
  term const x{&b, c.tensor("self")};
  double const alpha = c.real("alpha");
  return {(is_double(x) ? elu(x, alpha, 1, 1 / alpha) : apply("Celu", x, {{"alpha", alpha}})).id};
}
/// The constants of Klambauer and others 2017, arXiv 1706.02515, which are Selu's defaults.
inline term selu(term x) {
  return is_double(x) ? elu(x, 1.6732632423543772848, 1.0507009873554804934, 1) : apply("Selu", x);
}
/// log(1 + exp(x)).
inline term softplus(term x) { return is_double(x) ? maximum(x, 0) + log1p(exp(-abs(x))) : apply("Softplus", x); }
/// softplus(beta * x) / beta, and x itself beyond the threshold.
inline value_list softplus(call& c, builder& b) {
  dtype const type = c.result_type();
  double const beta = c.real("beta"), threshold = c.real("threshold");
  term const x = term_of(c, b, "self", inner_type(type));
  term const scaled = beta == 1 ? x : x * beta;
  term result = softplus(scaled);
  if (beta != 1) result = result / beta;
  // Beyond that the two differ by less than a rounding.
  double const enough = type == dtype::float64 ? 37 : 17;
  if (threshold < enough) result = where(scaled > threshold, x, result);
  return {result.as(type).id};
}
inline value_list mish(call& c, builder& b) {
  dtype const type = c.result_type();
  if (b.g.opset >= 18 && type != dtype::float64) return {b.unary("Mish", c.tensor("self"))};
  term const x = term_of(c, b, "self", inner_type(type));
  return {(x * tanh(softplus(x))).as(type).id};
}

/// The first half times the sigmoid of the second, along one dimension.
inline value_list glu(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::size_t const axis = builder::index(c.integer("dim", -1), b.rank(x));
  dim_list sizes = b.dims(x);
  sizes[axis] = b.g.dims.floor_divide(sizes[axis], 2);
  std::vector<attribute> attributes{{"axis", static_cast<std::int64_t>(axis)}};
  if (b.g.opset >= 18) attributes.push_back({"num_outputs", std::int64_t{2}});
  dtype const type = b.type(x);
  value_list const halves = b.g.node("Split", {x}, std::move(attributes), {{type, sizes}, {type, sizes}});
  term const first{&b, halves[0]}, second{&b, halves[1]};
  return {(first * sigmoid(second)).id};
}

inline void add_activation(lowering_table& table) {
  table.add({"aten::gelu"}, gelu);
  table.add({"aten::softmax", "aten::_softmax", "aten::special_softmax"}, softmax("Softmax"));
  table.add({"aten::log_softmax", "aten::_log_softmax", "aten::special_log_softmax"}, softmax("LogSoftmax"));
  table.add({"aten::relu"}, relu);
  table.add({"aten::relu6"}, formula([](term x) { return clamp(x, 0, 6); }));
  table.add({"aten::leaky_relu"}, leaky_relu);
  table.add({"aten::prelu", "aten::_prelu_kernel"}, prelu);
  table.add({"aten::threshold"}, threshold);
  table.add({"aten::hardtanh"}, hardtanh);
  table.add({"aten::hardtanh_backward"}, hardtanh_backward);
  table.add({"aten::hardsigmoid"}, formula([](term x) { return hardsigmoid(x); }));
  table.add({"aten::hardswish"}, formula([](term x) { return hardswish(x); }));
  table.add({"aten::hardshrink"}, hardshrink);
  table.add({"aten::softshrink"}, softshrink);
  table.add({"aten::sigmoid", "aten::special_expit"}, elementwise("Sigmoid"));
  table.add({"aten::log_sigmoid"}, formula([](term x) { return -softplus(-x); }));
  table.add({"aten::silu"}, formula([](term x) { return x * sigmoid(x); }));
  table.add({"aten::elu"}, static_cast<value_list (*)(call&, builder&)>(elu));
  table.add({"aten::celu"}, celu);
  table.add({"aten::selu"}, formula([](term x) { return selu(x); }));
  table.add({"aten::softplus"}, static_cast<value_list (*)(call&, builder&)>(softplus));
  table.add({"aten::mish"}, mish);
  table.add({"aten::glu"}, glu);
}

}  // namespace constexport::lower
