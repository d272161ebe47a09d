/// export/lower/pointwise/operands.hpp: arguments in the type in which LibTorch computes.
///
/// Room: export/lower/pointwise. Includes call.hpp and build/term.hpp; the pointwise lowerings and the activations
/// depend on it. LibTorch converts operands to a common type, which the result shows; comparisons have a type that only
/// the operands show. Within one operator half precision is computed in float32 and rounded once.
#pragma once

#include <constexport/export/build/term.hpp>
#include <constexport/export/call.hpp>
#include <constexport/export/lowering_table.hpp>

#include <utility>

namespace constexport::lower {

/// An argument that is a tensor or a number, as type `type`.
inline value_id operand(call& c, builder& b, char const* argument, dtype type) {
  return c.is_tensor(argument) ? b.cast(c.tensor(argument), type) : c.number(argument, type);
}
inline term term_of(call& c, builder& b, char const* argument, dtype type) {
  return {&b, operand(c, b, argument, type)};
}

/// The type in which LibTorch computes with two operands.
inline dtype common_type(call& c, char const* left, char const* right) {
  if (!c.is_tensor(left)) return to_dtype(at::result_type(c.example(right), c.example_number(left)));
  if (c.is_tensor(right)) return to_dtype(at::result_type(c.example(left), c.example(right)));
  return to_dtype(at::result_type(c.example(left), c.example_number(right)));
}

/// The type of the numbers between the nodes of one operator.
inline dtype inner_type(dtype type) {
  return type == dtype::float16 || type == dtype::bfloat16 ? dtype::float32 : type;
}

/// A number that cannot be a size, known when the module is exported?
inline bool is_fixed_number(call& c, char const* argument) { return c.has(argument) && !c.is_tensor(argument); }

/// A lowering that computes its result in the inner type from `self`.
template <class Formula>
lowering formula(Formula of) {
  return [of](call& c, builder& b) -> value_list {
    dtype const type = c.result_type();
    return {of(term_of(c, b, "self", inner_type(type))).as(type).id};
  };
}
/// The same from `self` and a second argument.
template <class Formula>
lowering formula2(char const* second, Formula of) {
  return [second, of](call& c, builder& b) -> value_list {
    dtype const type = c.result_type(), inner = inner_type(type);
    term const x = term_of(c, b, "self", inner), y = term_of(c, b, second, inner);
    return {of(x, y).as(type).id};
  };
}

/// One ONNX node on the first argument, in the result's type.
inline lowering elementwise(char const* op) {
  return [op](call& c, builder& b) -> value_list { return {b.unary(op, b.cast(c.tensor("self"), c.result_type()))}; };
}

}  // namespace constexport::lower
