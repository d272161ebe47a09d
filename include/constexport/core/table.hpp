/// core/table.hpp: makes a contract out of type lists, at compile time.
///
/// Room: core. Includes freestanding standard headers only. config/ calls it; nothing behind the contract includes it.
/// Expressions become programs, equal symbols become one index, and everything ends in arrays of exactly the size
/// needed.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/core/tensor_list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {
namespace detail {

// Offsets instead of spans: the arrays that spans would point into have no final size yet.
struct code_range {
  std::uint16_t first = 0, size = 0;
};
struct raw_dimension {
  code_range code;
  std::string_view name;
  bool is_unlisted = false;
};
struct raw_tensor {
  std::string_view name;
  dtype type = dtype::undefined;
  std::uint16_t first_dim = 0, rank = 0, first_dummy = 0, dummy_rank = 0;
  value_kind kind = value_kind::uniform;
  code_range lower, upper, repeat, condition;
  std::uint16_t group = 0;
  tensor_role role = tensor_role::plain;
};

struct raw_table {
  std::array<symbol_row, max_symbols> symbols{};
  std::array<instruction, 1024> code{};
  std::array<raw_dimension, 256> dims{};
  std::array<raw_tensor, 64> rows{};
  std::array<code_range, max_symbols> fallbacks{};  // of the symbols
  std::size_t symbol_count = 0, code_count = 0, dim_count = 0, row_count = 0, input_count = 0, output_count = 0;
  std::uint16_t groups = 0;

  constexpr std::size_t index_of(symbol_row const& symbol) {
    std::size_t const index = find_symbol({symbols.data(), symbol_count}, symbol.name, symbol.is_axis);
    if (index == symbol_count) symbols[symbol_count++] = symbol;
    return index;
  }

  template <class E>
  constexpr void emit() {
    if constexpr (Symbol<E>)
      code[code_count++] = {operation::symbol, static_cast<std::int64_t>(index_of(E::row))};
    else if constexpr (requires { E::value; })
      code[code_count++] = {operation::constant, E::value};
    else if constexpr (requires { typename E::left; }) {
      emit<typename E::left>();
      emit<typename E::right>();
      code[code_count++] = {E::code, requires {E::marked;
    }
    ? 1 : 0
  };
} else {
  emit<typename E::inner>();
  // A floor division that must leave no remainder carries a 1: see exact_divisions_hold.
  if constexpr (!requires { E::name; }) code[code_count - 1].value = 1;
}
}  // namespace detail

template <class E>
constexpr code_range range() {
  auto const first = static_cast<std::uint16_t>(code_count);
  emit<E>();
  return {first, static_cast<std::uint16_t>(code_count - first)};
}

template <class E>
constexpr void add_dim() {
  std::string_view name;
  if constexpr (requires {
                  E::name;
                  typename E::inner;
                })
    name = E::name;
  dims[dim_count++] = {range<E>(), name, requires { E::is_unlisted; }};
}

template <class... E>
constexpr std::uint16_t add_dims(expressions<E...>) {
  auto const first = static_cast<std::uint16_t>(dim_count);
  (add_dim<E>(), ...);
  return first;
}

template <class T>
constexpr void add(T const*, code_range repeated, code_range condition, std::uint16_t group) {
  using values = std::remove_const_t<decltype(T::values)>;
  using dims_of = typename T::dims;
  using dummy = typename T::dummy_dims;
  raw_tensor row{};
  row.name = T::name;
  row.type = T::type;
  row.rank = static_cast<std::uint16_t>(dims_of::size);
  row.first_dim = add_dims(dims_of{});
  row.dummy_rank = static_cast<std::uint16_t>(dummy::size);
  if constexpr (std::is_same_v<dims_of, dummy>)
    row.first_dummy = row.first_dim;
  else
    row.first_dummy = add_dims(dummy{});
  row.kind = values::kind;
  row.lower = range<typename values::lower>();
  row.upper = range<typename values::upper>();
  row.repeat = repeated;
  row.condition = condition;
  row.group = group;
  row.role = T::role;
  rows[row_count++] = row;
}
template <auto Count, class... T>
constexpr void add(repeat<Count, T...> const*, code_range, code_range condition, std::uint16_t) {
  code_range const count = range<typename repeat<Count, T...>::count>();
  ++groups;
  (add(static_cast<T const*>(nullptr), count, condition, groups), ...);
}
template <auto Condition, class... T>
constexpr void add(when<Condition, T...> const*, code_range repeated, code_range, std::uint16_t group) {
  code_range const condition = range<typename when<Condition, T...>::condition>();
  (add(static_cast<T const*>(nullptr), repeated, condition, group), ...);
}
template <class... T>
constexpr void add_all(tensor_list<T...>) {
  (add(static_cast<T const*>(nullptr), code_range{}, code_range{}, std::uint16_t{0}), ...);
}
};  // namespace constexport

template <class E>
constexpr code_range emit_into(raw_table& table) {
  return table.range<E>();
}

template <std::size_t Size, class T, std::size_t Capacity>
constexpr std::array<T, Size> shrink(std::array<T, Capacity> const& from) {
  std::array<T, Size> result{};
  for (std::size_t i = 0; i < Size; ++i) result[i] = from[i];
  return result;
}

/// No parameters: the table of a list that no model has claimed.
struct no_parameters {
  static constexpr std::array<model_parameter, 0> parameters{};
};

/// The arrays of one contract. `Model::parameters`: the parameters with their defaults, and axes with fixed sizes.
template <class Inputs, class Outputs, class Model = no_parameters, class Dummies = tensor_list<>>
struct table {
  static constexpr raw_table raw = [] {
    raw_table result;
    for (model_parameter const& known : Model::parameters) result.index_of(*known.symbol);
    for (model_parameter const& known : Model::parameters)
      result.fallbacks[result.index_of(*known.symbol)] =
          known.fallback == nullptr ? code_range{} : known.fallback(result);
    result.add_all(Inputs{});
    result.input_count = result.row_count;
    result.add_all(Outputs{});
    result.output_count = result.row_count - result.input_count;
    result.add_all(Dummies{});
    return result;
  }();
  static constexpr auto code = shrink<raw.code_count>(raw.code);
  static constexpr program part(code_range range) { return {code.data() + range.first, range.size}; }
  static constexpr auto symbols = [] {
    auto result = shrink<raw.symbol_count>(raw.symbols);
    for (model_parameter const& known : Model::parameters) {
      std::size_t const index = find_symbol(result, known.symbol->name, known.symbol->is_axis);
      symbol_row& symbol = result[index];
      symbol.value = known.value;
      symbol.field = known.field;
      symbol.fallback = part(raw.fallbacks[index]);
      symbol.is_derived = known.value == unknown && known.fallback != nullptr;
    }
    symbol_values values{};
    for (std::size_t i = 0; i < raw.symbol_count; ++i) values[i] = result[i].value;
    derive(result, values, {});
    for (std::size_t i = 0; i < raw.symbol_count; ++i) result[i].value = values[i];
    return result;
  }();
  static constexpr auto dims = [] {
    std::array<dimension, raw.dim_count> result{};
    for (std::size_t i = 0; i < raw.dim_count; ++i) result[i] = {part(raw.dims[i].code), raw.dims[i].name, raw.dims[i].is_unlisted};
    return result;
  }();
  static constexpr auto rows = [] {
    std::array<tensor_row, raw.row_count> result{};
    for (std::size_t i = 0; i < raw.row_count; ++i) {
      raw_tensor const& from = raw.rows[i];
      result[i] = {from.name,
                   from.type,
                   {dims.data() + from.first_dim, from.rank},
                   {dims.data() + from.first_dummy, from.dummy_rank},
                   {from.kind, part(from.lower), part(from.upper)},
                   part(from.repeat),
                   part(from.condition),
                   from.group,
                   from.role,
                   no_row};
    }
    // `past_key_values.*.key` and `present.*.key` are one cache: what follows the first dot is the same.
    auto const cache = [](std::string_view name) { return name.substr(name.find('.') + 1); };
    for (std::size_t i = raw.input_count; i < raw.input_count + raw.output_count; ++i)
      for (std::size_t past = 0; past < raw.input_count; ++past)
        if (result[i].role == tensor_role::present && result[past].role == tensor_role::past &&
            cache(result[i].name) == cache(result[past].name)) {
          result[i].pair = static_cast<std::uint16_t>(past);
          result[past].pair = static_cast<std::uint16_t>(i - raw.input_count);
        }
    return result;
  }();
  static constexpr std::span<tensor_row const> inputs{rows.data(), raw.input_count};
  static constexpr std::span<tensor_row const> outputs{rows.data() + raw.input_count, raw.output_count};
  static constexpr std::span<tensor_row const> dummies{outputs.data() + raw.output_count,
                                                       raw.row_count - raw.input_count - raw.output_count};
};

template <class... T>
struct list_table<tensor_list<T...>> : table<tensor_list<T...>, tensor_list<>> {};

}  // namespace detail

template <class... T>
constexpr tensor_view tensor_list<T...>::at(std::string_view name) {
  using table = detail::list_table<tensor_list>;
  std::size_t index = 0;
  while (index < table::rows.size() && table::rows[index].name != name) ++index;
  return {&table::rows[index], table::symbols};
}

template <class... T>
constexpr bool tensor_list<T...>::contains(std::string_view name) {
  for (tensor_row const& row : detail::list_table<tensor_list>::rows)
    if (row.name == name) return true;
  return false;
}

}  // namespace constexport
