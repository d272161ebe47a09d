/// export/lower/activation.hpp: activations that are more than one ONNX node, or take parameters.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/call.hpp>

#include <cmath>
#include <numbers>
#include <string>

namespace constexport::lower {

/// x * Phi(x) (Hendrycks and Gimpel 2016, arXiv 1606.08415), exactly or by tanh.
inline value_list gelu(call& c, builder& b) {
  value_id const x = c.tensor("self");
  dtype const type = b.type(x);
  bool const by_tanh = !c.is_none("approximate") && c.text("approximate") == "tanh";
  if (b.g.opset >= 20)
    return {by_tanh ? b.unary("Gelu", x, {{"approximate", std::string("tanh")}}) : b.unary("Gelu", x)};
  auto const number = [&](double value) { return b.scalar(value, type); };
  auto const times = [&](value_id y, value_id z) { return b.broadcast("Mul", {y, z}); };
  value_id inner = no_value;
  if (by_tanh) {
    double const scale = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
    value_id const cube = b.broadcast("Pow", {x, number(3)});
    value_id const sum = b.broadcast("Add", {x, times(cube, number(0.044715))});
    inner = b.unary("Tanh", times(sum, number(scale)));
  } else {
    inner = b.unary("Erf", b.broadcast("Div", {x, number(std::numbers::sqrt2)}));
  }
  return {times(times(x, b.broadcast("Add", {inner, number(1)})), number(0.5))};
}

inline lowering softmax(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    value_id const x = b.cast(c.tensor("self"), c.result_type());
    if (b.rank(x) == 0) c.decline("a softmax of one number");
    return {b.unary(op, x, {{"axis", c.integer("dim")}})};
  };
}

inline value_list silu(call& c, builder& b) {
  value_id const x = c.tensor("self");
  return {b.broadcast("Mul", {x, b.unary("Sigmoid", x)})};
}

/// One node with one floating-point attribute.
inline lowering parametrised(char const* op, char const* attribute_name, char const* argument) {
  return [op, attribute_name, argument](call& c, builder& b) -> value_list {
    return {b.unary(op, c.tensor("self"), {{attribute_name, c.real(argument)}})};
  };
}

inline value_list hardtanh(call& c, builder& b) {
  value_id const x = c.tensor("self");
  return {b.broadcast("Min", {b.broadcast("Max", {x, b.scalar(c.scalar("min_val"), b.type(x))}),
                              b.scalar(c.scalar("max_val"), b.type(x))})};
}

inline void add_activation(lowering_table& table) {
  table.add({"aten::gelu"}, gelu);
  table.add({"aten::softmax", "aten::_softmax"}, softmax("Softmax"));
  table.add({"aten::log_softmax", "aten::_log_softmax"}, softmax("LogSoftmax"));
  table.add({"aten::silu"}, silu);
  table.add({"aten::leaky_relu"}, parametrised("LeakyRelu", "alpha", "negative_slope"));
  table.add({"aten::hardtanh"}, hardtanh);
}

}  // namespace constexport::lower
