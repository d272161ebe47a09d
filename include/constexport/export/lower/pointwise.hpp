/// export/lower/pointwise.hpp: element by element: arithmetic, comparison, selection, conversion.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families. LibTorch converts operands to a common type
/// that the result shows; comparisons convert to a type that only the operands show.
#pragma once

#include <constexport/export/call.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace constexport::lower {

/// An argument that is a tensor or a number, as type `type`.
inline value_id operand(call& c, builder& b, char const* argument, dtype type) {
  return c.is_tensor(argument) ? b.cast(c.tensor(argument), type) : c.number(argument, type);
}

/// The type in which LibTorch computes with two operands.
inline dtype common_type(call& c, char const* left, char const* right) {
  if (!c.is_tensor(left)) return to_dtype(at::result_type(c.example(right), c.scalar(left)));
  if (c.is_tensor(right)) return to_dtype(at::result_type(c.example(left), c.example(right)));
  return to_dtype(at::result_type(c.example(left), c.example_number(right)));
}

/// `op(self, other)` in the result's type; between booleans `logical` instead.
inline lowering arithmetic(char const* op, char const* logical) {
  return [op, logical](call& c, builder& b) -> value_list {
    dtype const type = c.result_type();
    value_id const self = operand(c, b, "self", type);
    value_id other = operand(c, b, "other", type);
    if (!c.is_none("alpha") && c.real("alpha") != 1)
      other = b.broadcast("Mul", {other, b.scalar(c.scalar("alpha"), type)});
    return {b.broadcast(type == dtype::boolean ? logical : op, {self, other})};
  };
}

inline value_list rsub(call& c, builder& b) {
  dtype const type = c.result_type();
  value_id self = operand(c, b, "self", type);
  if (!c.is_none("alpha") && c.real("alpha") != 1) self = b.broadcast("Mul", {self, b.scalar(c.scalar("alpha"), type)});
  return {b.broadcast("Sub", {operand(c, b, "other", type), self})};
}

/// Rounded towards minus infinity. ONNX's integer Div rounds towards zero; without the remainder there is nothing to
/// round.
inline value_id floor_divide(builder& b, value_id x, value_id y) {
  if (is_floating(b.type(x))) return b.unary("Floor", b.broadcast("Div", {x, y}));
  return b.broadcast("Div", {b.broadcast("Sub", {x, b.broadcast("Mod", {x, y})}), y});
}

inline value_list divide(call& c, builder& b) {
  dtype const type = c.result_type();
  value_id const x = operand(c, b, "self", type), y = operand(c, b, "other", type);
  std::string const mode = c.is_none("rounding_mode") ? "" : c.text("rounding_mode");
  if (mode == "floor") return {floor_divide(b, x, y)};
  value_id const quotient = b.broadcast("Div", {x, y});
  if (mode.empty() || !is_floating(type)) return {quotient};
  return {b.broadcast("Mul", {b.unary("Sign", quotient), b.unary("Floor", b.unary("Abs", quotient))})};
}

inline value_list floor_division(call& c, builder& b) {
  dtype const type = c.result_type();
  return {floor_divide(b, operand(c, b, "self", type), operand(c, b, "other", type))};
}

inline value_list remainder(call& c, builder& b) {
  dtype const type = c.result_type();
  value_id const x = operand(c, b, "self", type), y = operand(c, b, "other", type);
  if (!is_floating(type)) return {b.broadcast("Mod", {x, y})};
  return {b.broadcast("Sub", {x, b.broadcast("Mul", {floor_divide(b, x, y), y})})};
}

inline value_list power(call& c, builder& b) {
  dtype const type = c.result_type();
  if (c.is_tensor("self") && !c.is_tensor("exponent")) {
    value_id const x = b.cast(c.tensor("self"), type);
    double const exponent = c.real("exponent");
    if (exponent == 1) return {x};
    if (exponent == 2) return {b.broadcast("Mul", {x, x})};
    if (exponent == 0.5) return {b.unary("Sqrt", x)};
    if (exponent == -1) return {b.unary("Reciprocal", x)};
    if (exponent == -0.5) return {b.unary("Reciprocal", b.unary("Sqrt", x))};
  }
  return {b.broadcast("Pow", {operand(c, b, "self", type), operand(c, b, "exponent", type)})};
}

inline lowering comparison(char const* op, bool negated = false) {
  return [op, negated](call& c, builder& b) -> value_list {
    dtype type = common_type(c, "self", "other");
    if (type == dtype::boolean && std::string_view(op) != "Equal") type = dtype::int32;
    value_id const result =
        b.broadcast(op, {operand(c, b, "self", type), operand(c, b, "other", type)}, dtype::boolean);
    return {negated ? b.unary("Not", result) : result};
  };
}

/// And, Or, Xor; `bitwise` if the LibTorch operator works on bits of integers too.
inline lowering logical(char const* op, bool bitwise = false) {
  return [op, bitwise](call& c, builder& b) -> value_list {
    if (bitwise && c.result_type() != dtype::boolean) c.decline("ONNX has bitwise operators on integers from opset 18");
    return {b.broadcast(op, {operand(c, b, "self", dtype::boolean), operand(c, b, "other", dtype::boolean)})};
  };
}

inline value_list negate_logical(call& c, builder& b) {
  if (c.name() == "aten::bitwise_not" && c.result_type() != dtype::boolean)
    c.decline("ONNX has bitwise operators on integers from opset 18");
  return {b.unary("Not", b.cast(c.tensor("self"), dtype::boolean))};
}

/// One ONNX node on the first argument, in the result's type.
inline lowering elementwise(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    if (c.has("decimals")) c.decline("rounding to decimal places is not lowered");
    return {b.unary(op, b.cast(c.tensor("self"), c.result_type()))};
  };
}

inline value_list rsqrt(call& c, builder& b) {
  return {b.unary("Reciprocal", b.unary("Sqrt", b.cast(c.tensor("self"), c.result_type())))};
}

inline lowering extremum(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    dtype const type = c.result_type();
    return {b.broadcast(op, {operand(c, b, "self", type), operand(c, b, "other", type)})};
  };
}

inline value_list clamp(call& c, builder& b) {
  dtype const type = c.result_type();
  value_id result = b.cast(c.tensor("self"), type);
  if (!c.is_none("min")) result = b.broadcast("Max", {result, operand(c, b, "min", type)});
  if (!c.is_none("max")) result = b.broadcast("Min", {result, operand(c, b, "max", type)});
  return {result};
}

inline value_list masked_fill(call& c, builder& b) {
  dtype const type = c.result_type();
  return {b.broadcast(
      "Where", {b.cast(c.tensor("mask"), dtype::boolean), operand(c, b, "value", type), b.cast(c.tensor("self"), type)},
      type)};
}

inline value_list where(call& c, builder& b) {
  if (!c.has("self")) c.decline("only the form with two alternatives is known");
  dtype const type = c.result_type();
  return {b.broadcast(
      "Where",
      {b.cast(c.tensor("condition"), dtype::boolean), operand(c, b, "self", type), operand(c, b, "other", type)},
      type)};
}

/// The same elements, in the result's type: conversions, copies and what has no effect in a graph.
inline value_list same(call& c, builder& b) { return {b.cast(c.tensor("self"), c.result_type())}; }

inline value_list dropout(call& c, builder& b) {
  if (c.flag("train"))
    throw module_error(c.name() + " (" + c.where() + ") drops elements at random: call the module's eval() first.");
  return {b.cast(c.tensor("input"), c.result_type())};
}

/// `self + value * first op second`.
inline lowering combined(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    dtype const type = c.result_type();
    value_id change = b.broadcast(op, {b.cast(c.tensor("tensor1"), type), b.cast(c.tensor("tensor2"), type)});
    if (c.real("value") != 1) change = b.broadcast("Mul", {change, b.scalar(c.scalar("value"), type)});
    return {b.broadcast("Add", {b.cast(c.tensor("self"), type), change})};
  };
}

inline void add_pointwise(lowering_table& table) {
  table.add({"aten::add"}, arithmetic("Add", "Or"));
  table.add({"aten::sub", "aten::subtract"}, arithmetic("Sub", "Xor"));
  table.add({"aten::mul", "aten::multiply"}, arithmetic("Mul", "And"));
  table.add({"aten::rsub"}, rsub);
  table.add({"aten::div", "aten::divide", "aten::true_divide"}, divide);
  table.add({"aten::floor_divide"}, floor_division);
  table.add({"aten::remainder"}, remainder);
  table.add({"aten::pow"}, power);
  table.add({"aten::addcmul"}, combined("Mul"));
  table.add({"aten::addcdiv"}, combined("Div"));
  table.add({"aten::eq"}, comparison("Equal"));
  table.add({"aten::ne", "aten::not_equal"}, comparison("Equal", true));
  table.add({"aten::lt", "aten::less"}, comparison("Less"));
  table.add({"aten::le", "aten::less_equal"}, comparison("LessOrEqual"));
  table.add({"aten::gt", "aten::greater"}, comparison("Greater"));
  table.add({"aten::ge", "aten::greater_equal"}, comparison("GreaterOrEqual"));
  table.add({"aten::logical_and"}, logical("And"));
  table.add({"aten::logical_or"}, logical("Or"));
  table.add({"aten::logical_xor"}, logical("Xor"));
  table.add({"aten::bitwise_and", "aten::__and__"}, logical("And", true));
  table.add({"aten::bitwise_or", "aten::__or__"}, logical("Or", true));
  table.add({"aten::bitwise_xor", "aten::__xor__"}, logical("Xor", true));
  table.add({"aten::logical_not", "aten::bitwise_not"}, negate_logical);
  table.add({"aten::maximum", "aten::max.other"}, extremum("Max"));
  table.add({"aten::minimum", "aten::min.other"}, extremum("Min"));
  table.add({"aten::clamp", "aten::clamp_min", "aten::clamp_max", "aten::clip"}, clamp);
  table.add({"aten::masked_fill"}, masked_fill);
  table.add({"aten::where"}, where);
  table.add({"aten::rsqrt"}, rsqrt);
  table.add({"aten::dropout", "aten::feature_dropout", "aten::alpha_dropout"}, dropout);
  constexpr std::pair<char const*, char const*> unary[] = {
      {"aten::abs", "Abs"},     {"aten::neg", "Neg"},   {"aten::exp", "Exp"},
      {"aten::log", "Log"},     {"aten::sqrt", "Sqrt"}, {"aten::sin", "Sin"},
      {"aten::cos", "Cos"},     {"aten::tan", "Tan"},   {"aten::erf", "Erf"},
      {"aten::floor", "Floor"}, {"aten::ceil", "Ceil"}, {"aten::round", "Round"},
      {"aten::sign", "Sign"},   {"aten::tanh", "Tanh"}, {"aten::sigmoid", "Sigmoid"},
      {"aten::relu", "Relu"},   {"aten::atan", "Atan"}, {"aten::reciprocal", "Reciprocal"}};
  for (auto const& [name, op] : unary) table.add(name, elementwise(op));
  table.add(
      {"aten::to", "aten::_to_copy", "aten::type_as", "aten::contiguous", "aten::clone", "aten::detach", "aten::alias",
       "aten::lift", "aten::lift_fresh", "aten::lift_fresh_copy", "aten::resolve_conj", "aten::resolve_neg",
       "aten::positive", "aten::float", "aten::cpu", "aten::_fw_primal", "aten::alias_copy", "aten::detach_copy"},
      same);
}

}  // namespace constexport::lower
