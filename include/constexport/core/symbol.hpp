/// core/symbol.hpp: axes and parameters, the named leaves of expressions.
///
/// Room: core. Includes freestanding standard headers and Hana's light `fwd/` headers. vocabulary.hpp (config) declares
/// the symbols of the catalogue with it; users declare their own.
#pragma once

#include <constexport/core/expression.hpp>

#include <boost/hana/bool.hpp>
#include <boost/hana/fwd/equal.hpp>
#include <boost/hana/fwd/hash.hpp>
#include <boost/hana/type.hpp>

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace constexport {

/// What a contract knows of a symbol. An axis has a range; a parameter has the name of its `config.json` field.
struct symbol_row {
  std::string_view name;
  std::string_view field;  ///< parameter: where `config.json` has it (adapters/config_json.hpp reads the notation)
  bool is_axis = false;
  std::int64_t value = unknown;  ///< parameter: the model's default; axis: a size that the configuration fixes
  std::int64_t dummy = unknown;  ///< axis: size in dummy inputs where none is given
  std::int64_t minimum = 1;
  std::int64_t maximum = unbounded;
  std::int64_t multiple = 1;   ///< sizes are multiples of it
  std::string_view follows{};  ///< axis: whose dummy size it takes where that one is given and its own is not
  bool is_free = false;        ///< axis: outputs may have it although no input does (a size that data decides)
  bool is_asked = false;       ///< axis: the exporter is to find out whether the module leaves it free
  program fallback{};          ///< parameter: its value over the others where `config.json` says null
  bool is_derived = false;     ///< parameter: the fallback counts too where nothing is said: the model has no default
};

/// Hana tag of symbols: they are keys of `hana::map`.
struct symbol_tag {};

namespace detail {
struct raw_table;
struct code_range;
// Writes an expression into a table that is being made (table.hpp).
template <class E>
constexpr code_range emit_into(raw_table& table);
}  // namespace detail

/// `symbol = value`, or `parameter = expression` over other parameters, from which it follows.
template <class Symbol>
struct binding {
  using symbol_type = Symbol;
  std::int64_t value;
  std::string_view field = Symbol::row.field;  ///< the name in `config.json`, where the model has its own
  detail::code_range (*fallback)(detail::raw_table&) = nullptr;
};

/// Base of a dynamic dimension: its size in dummy inputs where none is given, its smallest and largest legal size, and
/// what its sizes are a multiple of. Derive a named struct, so that a diagnostic prints its name:
/// `struct batch_size_axis final : axis<batch_size_axis, "batch_size", 2> { using axis::operator=; };`
/// A member `follows` names the axis whose size a dummy takes where only that one is given; a member `is_free = true`
/// says that data decides the size.
template <class Self, fixed_string Name, std::int64_t Dummy = 1, std::int64_t Minimum = 1,
          std::int64_t Maximum = unbounded, std::int64_t Multiple = 1>
struct axis : expression {
  using hana_tag = symbol_tag;
  static constexpr symbol_row row = [] {
    symbol_row result{Name, {}, true, unknown, Dummy, Minimum, Maximum, Multiple};
    if constexpr (requires { Self::follows; }) result.follows = Self::follows;
    if constexpr (requires { Self::is_free; }) result.is_free = Self::is_free;
    return result;
  }();
  constexpr binding<Self> operator=(std::int64_t value) const { return {value}; }
};

/// A parameter under the name that one model's `config.json` gives it: `num_layers.named<"n_layer"> = 12`.
template <class Symbol, fixed_string Field>
struct renamed {
  constexpr binding<Symbol> operator=(std::int64_t value) const { return {value, Field}; }
  template <Expression E>
  constexpr binding<Symbol> operator=(E) const {
    return {unknown, Field, &detail::emit_into<E>};
  }
};

/// Base of a hyper-parameter; derive a named struct as with `axis`. `Minimum` is the smallest legal value,
/// `Field` the notation of its place in `config.json`.
template <class Self, fixed_string Name, std::int64_t Minimum = 1, fixed_string Field = Name>
struct parameter : expression {
  using hana_tag = symbol_tag;
  static constexpr symbol_row row{Name, Field, false, unknown, unknown, Minimum};
  constexpr binding<Self> operator=(std::int64_t value) const { return {value}; }
  /// In a model's parameters: it has no default of its own, but follows from others:
  /// `head_dim = hidden_size / num_attention_heads`.
  template <Expression E>
  constexpr binding<Self> operator=(E) const {
    return {unknown, row.field, &detail::emit_into<E>};
  }
  template <fixed_string Path>
  static constexpr renamed<Self, Path> named{};
};

/// In a model's parameters: the default, and what counts where `config.json` says null:
/// `or_if_null(num_key_value_heads = 8, num_attention_heads)`.
template <class Symbol, Expression E>
constexpr binding<Symbol> or_if_null(binding<Symbol> stated, E) {
  stated.fallback = &detail::emit_into<E>;
  return stated;
}

/// An axis or a parameter.
template <class T>
concept Symbol = Expression<T> && requires { std::remove_cvref_t<T>::row.is_axis; };

/// `symbol = value` of any symbol. The address of a symbol's row is its identity, so that an object which holds
/// settings can be a template argument.
struct setting {
  symbol_row const* symbol = nullptr;
  std::int64_t value = unknown;
  constexpr setting() = default;
  // Implicit: `Config config{hidden_size = 64};` fills an array of settings with bindings.
  template <class S>
  constexpr setting(binding<S> const& bound) : symbol(&S::row), value(bound.value) {}
};

/// A parameter of a model with its default and its name in `config.json`.
struct model_parameter {
  symbol_row const* symbol = nullptr;
  std::int64_t value = unknown;
  std::string_view field{};
  detail::code_range (*fallback)(detail::raw_table&) = nullptr;
  constexpr model_parameter() = default;
  template <class S>
  constexpr model_parameter(binding<S> const& bound)
      : symbol(&S::row), value(bound.value), field(bound.field), fallback(bound.fallback) {}
};

}  // namespace constexport

namespace boost::hana {

template <>
struct equal_impl<constexport::symbol_tag, constexport::symbol_tag> {
  template <class A, class B>
  static constexpr auto apply(A const&, B const&) {
    return hana::bool_c<std::is_same_v<A, B>>;
  }
};
template <>
struct hash_impl<constexport::symbol_tag> {
  template <class A>
  static constexpr auto apply(A const&) {
    return hana::type_c<A>;
  }
};

}  // namespace boost::hana
