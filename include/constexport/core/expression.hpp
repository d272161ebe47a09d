/// core/expression.hpp: arithmetic over symbols and integers, written at the level of types.
///
/// Room: core. Includes freestanding standard headers only. Symbols (symbol.hpp) are the leaves; tensors (tensor.hpp)
/// take expressions as their dimensions; program.hpp is what an expression becomes in a contract.
#pragma once

#include <constexport/core/fixed_string.hpp>
#include <constexport/core/program.hpp>

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace constexport {

/// Base of every expression. An expression is a stateless object: `past_sequence_length + sequence_length`.
struct expression {};

/// A stateless expression object or an integer, where an expression may stand.
template <class T>
concept Expression = std::is_base_of_v<expression, std::remove_cvref_t<T>>;

/// An integer as an expression.
template <std::int64_t Value>
struct constant : expression {
  static constexpr std::int64_t value = Value;
};

/// One binary operation. Named aliases below print better in a diagnostic than a bare enumerator would.
template <operation Code, class Left, class Right>
struct binary : expression {
  static constexpr operation code = Code;
  using left = Left;
  using right = Right;
};

template <class Left, class Right>
struct sum final : binary<operation::add, Left, Right> {};
template <class Left, class Right>
struct difference final : binary<operation::subtract, Left, Right> {};
template <class Left, class Right>
struct product final : binary<operation::multiply, Left, Right> {};
template <class Left, class Right>
struct quotient final : binary<operation::floor_divide, Left, Right> {};
template <class Left, class Right>
struct remainder final : binary<operation::modulo, Left, Right> {};
template <class Left, class Right>
struct minimum_of final : binary<operation::minimum, Left, Right> {};
template <class Left, class Right>
struct maximum_of final : binary<operation::maximum, Left, Right> {};
template <class Left, class Right>
struct greater_than final : binary<operation::greater, Left, Right> {};
template <class Left, class Right>
struct equal_to final : binary<operation::equal, Left, Right> {};

template <class Left, class Right>
struct raised_to final : binary<operation::power, Left, Right> {};
template <class Left, class Right>
struct either_of final : binary<operation::otherwise, Left, Right> {};
template <class Left, class Right>
struct less_of final : binary<operation::subtract, Left, Right> {
  static constexpr bool marked = true;
};

/// A division that must leave no remainder: `exactly(hidden_size / num_attention_heads)`. Evaluates like the quotient;
/// binding the parameters checks it.
template <class Quotient>
struct exact final : expression {
  using inner = Quotient;
};

namespace detail {

template <auto Value, class T = std::remove_const_t<decltype(Value)>>
struct as_expression {
  static_assert(Expression<T> || std::is_integral_v<T>,
                "constexport: a dimension must be an axis, a parameter, an expression of these, or an integer");
  using type = T;
};
template <auto Value, class T>
  requires std::is_integral_v<T>
struct as_expression<Value, T> {
  using type = constant<static_cast<std::int64_t>(Value)>;
};

}  // namespace detail

/// The expression type that a template argument stands for; integers become constants.
template <auto Value>
using expression_of = typename detail::as_expression<Value>::type;

/// An expression, or an integer, that is written under a name of its own: `named<"image_batch_size", batch_size>`. It
/// is equal to the expression; files and tables show the name.
template <fixed_string Name, auto Inner>
struct alias final : expression {
  static constexpr std::string_view name = Name;
  using inner = expression_of<Inner>;
};
template <fixed_string Name, auto Inner>
inline constexpr alias<Name, Inner> named{};

/// An expression that Optimum does not list among the dynamic axes although it varies: the rows of a feature map of an
/// image of any size, `unlisted<height / int_c<32>>`. It is equal to the expression; only `is_listed` tells them apart.
template <auto Inner>
struct unlisted_size final : expression {
  static constexpr std::string_view name{};
  static constexpr bool is_unlisted = true;
  using inner = expression_of<Inner>;
};
template <auto Inner>
inline constexpr unlisted_size<Inner> unlisted{};

/// The integer `Value` as an expression object: `int_c<2> * height`.
template <std::int64_t Value>
inline constexpr constant<Value> int_c{};

/// The size of a static dimension that nothing in a model's configuration determines.
inline constexpr constant<unknown> unspecified{};

template <Expression L, Expression R>
constexpr sum<L, R> operator+(L, R) {
  return {};
}
template <Expression L, Expression R>
constexpr difference<L, R> operator-(L, R) {
  return {};
}
template <Expression L, Expression R>
constexpr product<L, R> operator*(L, R) {
  return {};
}
/// Floor division, as Python's `//`.
template <Expression L, Expression R>
constexpr quotient<L, R> operator/(L, R) {
  return {};
}
template <Expression L, Expression R>
constexpr remainder<L, R> operator%(L, R) {
  return {};
}
template <Expression L, Expression R>
constexpr greater_than<L, R> operator>(L, R) {
  return {};
}
/// The smaller of two expressions.
template <Expression L, Expression R>
constexpr minimum_of<L, R> min(L, R) {
  return {};
}
/// The larger of two expressions.
template <Expression L, Expression R>
constexpr maximum_of<L, R> max(L, R) {
  return {};
}
/// `base` to the power of `exponent`.
template <Expression L, Expression R>
constexpr raised_to<L, R> power(L, R) {
  return {};
}
/// The first expression, or the second where the first is zero: `either(num_key_value_heads, num_attention_heads)`.
template <Expression L, Expression R>
constexpr either_of<L, R> either(L, R) {
  return {};
}
/// Positions of a window of `kernel` elements, `stride` apart, in `length` elements (a convolution without padding):
/// (length - kernel) // stride + 1. Shorter inputs are not meant.
template <Expression Length, Expression Kernel, Expression Stride>
constexpr sum<quotient<less_of<Length, Kernel>, Stride>, constant<1>> convolved(Length, Kernel, Stride) {
  return {};
}
/// Division that rounds up: how many steps of `step` cover `length`.
template <Expression Length, Expression Step>
consteval quotient<difference<sum<Length, Step>, constant<1>>, Step> ceil_divided(Length, Step) {
  return {};
}
/// Marks a division whose remainder must be zero.
template <class L, class R>
constexpr exact<quotient<L, R>> exactly(quotient<L, R>) {
  return {};
}

}  // namespace constexport
