/// export/lower/loss.hpp: losses.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families. Those of ONNX where it has them; those that
/// LibTorch makes of other operators (kl_div, l1_loss, hinge, ranking and cosine losses, cross entropy with smoothed
/// labels or probabilities) arrive as these.
#pragma once

#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// LibTorch's numbers for what becomes of the losses of all elements.
inline constexpr std::int64_t keep_losses = 0, mean_loss = 1;

inline value_id reduce_losses(call& c, builder& b, value_id losses) {
  std::int64_t const how = c.integer("reduction");
  if (how == keep_losses) return losses;
  return b.reduce(how == mean_loss ? "ReduceMean" : "ReduceSum", losses, {}, false);
}

/// A loss of each element's difference from its target.
template <class Loss>
lowering elementwise_loss(Loss loss) {
  return [loss](call& c, builder& b) -> value_list {
    dtype const type = c.result_type();
    return {reduce_losses(c, b, loss(c, b, b.cast(c.tensor("self"), type), b.cast(c.tensor("target"), type)))};
  };
}

inline value_id squared_error(call&, builder& b, value_id x, value_id target) {
  value_id const difference = b.broadcast("Sub", {x, target});
  return b.broadcast("Mul", {difference, difference});
}

/// `scale` * d^2 up to `limit`, a straight line beyond it.
inline value_id rounded_error(builder& b, value_id x, value_id target, double limit, double square, double slope) {
  dtype const type = b.type(x);
  auto const number = [&](double value) { return b.scalar(value, type); };
  value_id const distance = b.unary("Abs", b.broadcast("Sub", {x, target}));
  if (limit == 0) return slope == 1 ? distance : b.broadcast("Mul", {distance, number(slope)});
  value_id const near = b.broadcast("Mul", {b.broadcast("Mul", {distance, distance}), number(square)});
  value_id far = b.broadcast("Sub", {distance, number(limit / 2)});
  if (slope != 1) far = b.broadcast("Mul", {far, number(slope)});
  value_id const is_near = b.broadcast("Less", {distance, number(limit)}, dtype::boolean);
  return b.broadcast("Where", {is_near, near, far}, type);
}
inline value_id smooth_l1(call& c, builder& b, value_id x, value_id target) {
  double const beta = c.real("beta");
  return rounded_error(b, x, target, beta, beta == 0 ? 0 : 0.5 / beta, 1);
}
inline value_id huber(call& c, builder& b, value_id x, value_id target) {
  double const delta = c.real("delta");
  return rounded_error(b, x, target, delta, 0.5, delta);
}

/// log(1 + exp(-x target)).
inline value_id soft_margin(call&, builder& b, value_id x, value_id target) {
  return b.unary("Softplus", b.unary("Neg", b.broadcast("Mul", {x, target})));
}

inline value_id weighted(call& c, builder& b, value_id losses) {
  value_id const weight = c.optional_tensor("weight");
  return weight == no_value ? losses : b.broadcast("Mul", {losses, b.cast(weight, b.type(losses))});
}

/// -(t log(x) + (1 - t) log(1 - x)); LibTorch lets no logarithm be below -100.
inline value_id binary_cross_entropy(call& c, builder& b, value_id x, value_id target) {
  dtype const type = b.type(x);
  value_id const one = b.scalar(1, type), least = b.scalar(-100, type);
  auto const logarithm = [&](value_id of) { return b.broadcast("Max", {b.unary("Log", of), least}); };
  value_id const off = b.broadcast("Mul", {b.broadcast("Sub", {target, one}), logarithm(b.broadcast("Sub", {one, x}))});
  value_id const on = b.broadcast("Mul", {target, logarithm(x)});
  return weighted(c, b, b.broadcast("Sub", {off, on}));
}
/// The same of sigmoid(x): (1 - t) x + (1 + (p - 1) t) log(1 + exp(-x)), p the weight of positive targets.
inline value_id binary_cross_entropy_with_logits(call& c, builder& b, value_id x, value_id target) {
  dtype const type = b.type(x);
  value_id const one = b.scalar(1, type), positive = c.optional_tensor("pos_weight");
  value_id tail = b.unary("Softplus", b.unary("Neg", x));
  if (positive != no_value) {
    value_id const more = b.broadcast("Mul", {b.broadcast("Sub", {b.cast(positive, type), one}), target});
    tail = b.broadcast("Mul", {b.broadcast("Add", {more, one}), tail});
  }
  return weighted(c, b, b.broadcast("Add", {b.broadcast("Mul", {b.broadcast("Sub", {one, target}), x}), tail}));
}

/// ONNX's losses over classes: scores [batch, classes, ...] and the index of the class [batch, ...].
inline value_id class_loss(call& c, builder& b, std::string op) {
  value_id scores = c.tensor("self"), target = c.tensor("target"), weight = c.optional_tensor("weight");
  bool const alone = b.rank(scores) == 1;
  if (alone) {
    scores = b.unsqueeze(scores, {0});
    if (b.rank(target) == 0) target = b.unsqueeze(target, {0});
  }
  if (b.type(target) != dtype::int32) target = b.cast(target, dtype::int64);
  std::int64_t const how = c.integer("reduction");
  bool const keep = how == keep_losses;
  value_list inputs{scores, target};
  if (weight != no_value) inputs.push_back(b.cast(weight, b.type(scores)));
  std::vector<attribute> attributes{{"ignore_index", c.integer("ignore_index")},
                                    {"reduction", std::string(keep               ? "none"
                                                              : how == mean_loss ? "mean"
                                                                                 : "sum")}};
  value_id const made = b.node(std::move(op), std::move(inputs), std::move(attributes), b.type(scores),
                               keep ? b.dims(target) : dim_list{});
  return alone && keep && c.result(0).dim() == 0 ? b.squeeze(made, {0}) : made;
}
/// The total weight that some forms give too has no counterpart in ONNX.
inline value_list nll_loss(call& c, builder& b) {
  value_list results{class_loss(c, b, "NegativeLogLikelihoodLoss")};
  results.resize(c.result_count(), no_value);
  return results;
}
inline value_list cross_entropy_loss(call& c, builder& b) {
  if (is_floating(b.type(c.tensor("target")))) c.decline("the target is probabilities");
  if (c.real("label_smoothing") != 0) c.decline("labels are smoothed");
  return {class_loss(c, b, "SoftmaxCrossEntropyLoss")};
}

/// Mean over the other classes of max(0, margin - x[target] + x[class])^p, times the weight of the target.
inline value_list multi_margin_loss(call& c, builder& b) {
  value_id scores = c.tensor("self"), target = c.tensor("target"), weight = c.optional_tensor("weight");
  bool const alone = b.rank(scores) < 2;
  if (alone) scores = b.unsqueeze(scores, {0});
  if (b.rank(target) == 0) target = b.unsqueeze(target, {0});
  dtype const type = b.type(scores);
  value_id const index = b.unsqueeze(target, {1});
  value_id const own = b.node("GatherElements", {scores, index}, {{"axis", std::int64_t{1}}}, type, b.dims(index));
  value_id const apart = b.broadcast("Sub", {b.scalar(c.scalar("margin"), type), b.broadcast("Sub", {own, scores})});
  value_id losses = b.broadcast("Max", {apart, b.scalar(0, type)});
  double const power = c.real("p");
  if (power != 1) losses = b.broadcast("Pow", {losses, b.scalar(power, type)});
  if (weight != no_value) losses = b.broadcast("Mul", {losses, b.unsqueeze(b.gather(weight, target, 0), {1})});
  value_id const is_own = b.broadcast("Equal", {b.range(b.dim_of(scores, 1)), index}, dtype::boolean);
  losses = b.broadcast("Where", {is_own, b.scalar(0, type), losses}, type);
  losses = b.reduce("ReduceMean", losses, {1}, false);
  if (alone && c.result(0).dim() == 0) return {b.squeeze(losses, {0})};
  return {reduce_losses(c, b, losses)};
}

inline void add_loss(lowering_table& table) {
  table.add("aten::mse_loss", elementwise_loss(squared_error));
  table.add("aten::smooth_l1_loss", elementwise_loss(smooth_l1));
  table.add("aten::huber_loss", elementwise_loss(huber));
  table.add("aten::soft_margin_loss", elementwise_loss(soft_margin));
  table.add("aten::binary_cross_entropy", elementwise_loss(binary_cross_entropy));
  table.add("aten::binary_cross_entropy_with_logits", elementwise_loss(binary_cross_entropy_with_logits));
  table.add(
      {"aten::nll_loss", "aten::nll_loss2d", "aten::nll_loss_nd", "aten::nll_loss_forward", "aten::nll_loss2d_forward"},
      nll_loss);
  table.add("aten::cross_entropy_loss", cross_entropy_loss);
  table.add("aten::multi_margin_loss", multi_margin_loss);
}

}  // namespace constexport::lower
