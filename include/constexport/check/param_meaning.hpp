/// check/param_meaning.hpp: what the name of a file's dimension stands for, by a contract.
///
/// Room: check, private (namespace detail). Includes core, onnx, size_matching.hpp and freestanding standard headers;
/// no heap, no exceptions. file_interface.hpp and described_sizes.hpp both read names by it: a name is understood if it
/// is the one that this library or Optimum gives a size, or an expression over other names; else it is an axis.
#pragma once

#include <constexport/check/size_matching.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/onnx/declared_shape.hpp>
#include <constexport/onnx/expression_reader.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport::detail {

/// A name as an expression over other names, as other exporters write them.
struct written {
  static constexpr std::size_t most_names = 16;
  std::array<instruction, 128> code{};
  std::array<std::string_view, most_names> names{};
  std::size_t size = 0, count = 0;
  bool is_expression = false;

  constexpr written() = default;
  explicit constexpr written(std::string_view text) {
    if (is_identifier(text)) return;
    read_status const status = read_expression(
        text, {},
        [&](instruction step) {
          if (size == code.size()) return false;
          code[size++] = step;
          return true;
        },
        [&](std::string_view name) {
          std::size_t index = 0;
          while (index < count && names[index] != name) ++index;
          if (index == names.size()) return no_symbol;
          if (index == count) names[count++] = name;
          return index;
        });
    is_expression = status && count > 0 && is_well_formed(steps(), count);
  }
  constexpr program steps() const { return {code.data(), size}; }
};

enum class param_kind : std::uint8_t { axis, size_of_contract, expression };

/// `known`: the contract's size that is called so, unstated if there is none; `has_axes()`: have the file's inputs all
/// its axes? Where they have names of their own, a contract's name for an expression is but a name. `code` is read if
/// the kind is `expression`.
template <class HasAxes>
constexpr param_kind kind_of_param(std::string_view param, size_facts known, HasAxes const& has_axes, written& code) {
  if (known.is(size_form::axis)) return param_kind::size_of_contract;
  if (known.is(size_form::expression)) return has_axes() ? param_kind::size_of_contract : param_kind::axis;
  code = written(param);
  return code.is_expression ? param_kind::expression : param_kind::axis;
}

/// Calls `visit(name)` for the names that a contract's dimension has in files.
template <class Visit>
constexpr void for_each_param_of(dimension const& dim, bound_contract const& bound, Visit&& visit) {
  for (dim_naming const naming : {dim_naming::identifiers, dim_naming::optimum}) {
    std::array<char, 512> text{};  // a longer one is read as it is written
    std::size_t length = 0;
    print_dim_param(dim, bound, naming, [&](char c) {
      if (length < text.size()) text[length] = c;
      ++length;
    });
    if (length <= text.size()) visit(std::string_view{text.data(), length});
  }
}

/// Calls `visit(algebra, polynomial)` with the canonical form of a contract's size, in which symbols that have a value
/// are numbers; false if it is beyond any algebra.
template <class Visit>
constexpr bool visit_canonical(program size, bound_contract const& bound, Visit&& visit) {
  return visit_canonical(
      [&](auto& sizes) {
        return sizes.from(size, [&](std::size_t index) {
          return bound.values[index] == unknown ? sizes.symbol(index) : sizes.number(bound.values[index]);
        });
      },
      visit);
}

/// A contract's size by itself; an axis is the index of its symbol. Calls `free(index)` for every symbol that it
/// depends on, perhaps more than once.
template <class Free>
constexpr size_facts facts_of(program size, bound_contract const& bound, Free&& free) {
  std::int64_t const number = evaluate(size, bound.sizes());
  if (number != unknown) return {size_form::number, number};
  if (!is_dynamic({size}, bound.table->symbols)) return {};
  if (size.size() == 1) {
    free(static_cast<std::size_t>(size[0].value));
    return {size_form::axis, size[0].value};
  }
  size_facts result{size_form::expression, 0};
  bool const fits = visit_canonical(size, bound, [&](auto const& sizes, auto const& canonical) {
    sizes.symbols(canonical, free);
    std::size_t count = 0;
    instruction last;
    sizes.write(canonical, [&](instruction step) {
      last = step;
      ++count;
    });
    if (count == 1) result = {last.code == operation::symbol ? size_form::axis : size_form::number, last.value};
  });
  if (!fits)
    for (instruction const step : size)
      if (step.code == operation::symbol && bound.values[static_cast<std::size_t>(step.value)] == unknown)
        free(static_cast<std::size_t>(step.value));
  return result;
}

}  // namespace constexport::detail
