/// tools/constexport/dims.hpp: dimensions as text, with the values of the parameters in place of their names.
#pragma once

#include <constexport/core/contract.hpp>

#include <optional>
#include <string>
#include <vector>

namespace constexport::command {

namespace detail {

using steps = std::vector<instruction>;

inline bool is_number(steps const& code) { return code.size() == 1 && code[0].code == operation::constant; }
inline bool is_number(steps const& code, std::int64_t value) { return is_number(code) && code[0].value == value; }

// The left operand of `x + 1` or `x - 1`, if the last operation of `code` is that one with a number on its right.
inline std::optional<std::int64_t> summand(steps const& code) {
  if (code.size() < 3 || code[code.size() - 2].code != operation::constant) return {};
  if (code.back().code == operation::add) return code[code.size() - 2].value;
  if (code.back().code == operation::subtract) return -code[code.size() - 2].value;
  return {};
}

// a op b, where a number is computed and what changes nothing is left out.
inline steps combined(instruction step, steps a, steps const& b) {
  if (is_number(a) && is_number(b))
    return {{operation::constant, constexport::detail::apply(step.code, a[0].value, b[0].value)}};
  operation const code = step.code;
  bool const sum = code == operation::add || code == operation::subtract;
  bool const scales = code == operation::multiply || code == operation::floor_divide;
  if ((sum && is_number(b, 0)) || (scales && is_number(b, 1))) return a;
  if ((code == operation::add && is_number(a, 0)) || (code == operation::multiply && is_number(a, 1))) return b;
  if (code == operation::multiply && (is_number(a, 0) || is_number(b, 0))) return {{operation::constant, 0}};
  // `x + 1 - 1`, which convolutions with kernels of one element leave
  if (sum && is_number(b)) {
    std::int64_t const added = code == operation::add ? b[0].value : -b[0].value;
    if (summand(a) == -added) {
      a.resize(a.size() - 2);
      return a;
    }
  }
  a.insert(a.end(), b.begin(), b.end());
  a.push_back(step);
  return a;
}

}  // namespace detail

/// The program of a size with the values of the parameters in it, simplified. Axes stay, also those that are fixed.
inline std::vector<instruction> with_values(program size, bound_contract const& bound) {
  std::vector<detail::steps> stack;
  for (instruction const step : size) {
    if (step.code == operation::constant) {
      stack.push_back({step});
    } else if (step.code == operation::symbol) {
      auto const index = static_cast<std::size_t>(step.value);
      bool const is_axis = bound.table->symbols[index].is_axis;
      stack.push_back({is_axis ? step : instruction{operation::constant, bound.values[index]}});
    } else {
      detail::steps right = std::move(stack.back());
      stack.pop_back();
      stack.back() = detail::combined(step, std::move(stack.back()), right);
    }
  }
  return stack.empty() ? detail::steps{} : stack.back();
}

/// The size of a dimension: a number, or an expression over axes, or neither where it is not known.
struct dimension_text {
  std::optional<std::int64_t> number{};
  std::string expression{};
};

inline dimension_text text_of(dimension const& dim, bound_contract const& bound) {
  std::vector<instruction> const code = with_values(dim.size, bound);
  if (detail::is_number(code)) return {code[0].value == unknown ? std::nullopt : std::optional{code[0].value}, {}};
  dimension_text result;
  print(
      code, [&](std::size_t index) { return bound.table->symbols[index].name; },
      [&](char c) { result.expression += c; });
  return result;
}

/// The name or expression that Optimum has for a dimension, where it lists the dimension as dynamic.
inline std::optional<std::string> dynamic_axis(dimension const& dim, bound_contract const& bound) {
  if (!is_listed(dim, bound.table->symbols)) return {};
  if (!dim.name.empty()) return std::string(dim.name);
  dimension_text const text = text_of(dim, bound);
  return text.number ? std::to_string(*text.number) : text.expression;
}

/// The name of one tensor: of layer `layer`, or with `*` for all.
inline std::string text_of(tensor_name name) {
  std::string text;
  name.print([&](char c) { text += c; });
  return text;
}

}  // namespace constexport::command
