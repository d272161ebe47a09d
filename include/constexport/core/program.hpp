/// core/program.hpp: an expression as a value, a small postfix program.
///
/// Room: core. Includes freestanding standard headers only; no heap. The contract's table holds these programs; the
/// type-level expressions of expression.hpp are flattened into them; canonical.hpp decides their equality.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace constexport {

/// What one instruction of a program does. Binary operations take the two topmost values.
enum class operation : std::uint8_t {
  constant,      ///< push `value`
  symbol,        ///< push the size of symbol number `value`
  add,           ///< a + b
  subtract,      ///< a - b
  multiply,      ///< a * b
  floor_divide,  ///< a / b, rounded towards minus infinity
  modulo,        ///< a - b * floor(a / b)
  minimum,       ///< the smaller
  maximum,       ///< the larger
  greater,       ///< 1 if a > b, else 0
  equal,         ///< 1 if a == b, else 0
  power,         ///< a to the power of b
  otherwise,     ///< a if it is not 0, else b (Python's `a or b`)
};

/// One step of a postfix program. The `value` of a binary operation is 0, or 1 where the expression was marked: a
/// division that must leave no remainder (`exactly`), a difference that is never negative (`convolved`).
struct instruction {
  operation code = operation::constant;
  std::int64_t value = 0;
  friend constexpr bool operator==(instruction, instruction) = default;
};

/// A postfix program: the value of an expression such as `past_sequence_length + sequence_length`.
using program = std::span<instruction const>;

/// The value of a symbol that has none yet, and of what depends on it.
inline constexpr std::int64_t unknown = std::numeric_limits<std::int64_t>::min();

/// Deepest nesting that `evaluate` and `print` follow; the contract's builder refuses deeper programs.
inline constexpr std::size_t max_depth = 32;

namespace detail {

constexpr bool is_binary(operation code) { return code >= operation::add; }

constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  std::int64_t const quotient = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

constexpr std::int64_t power(std::int64_t a, std::int64_t b) {
  if (a == 0 || a == 1) return b == 0 ? 1 : b > 0 ? a : unknown;
  if (b < 0 || b > 63) return unknown;
  std::int64_t result = 1;
  for (; b > 0; --b)
    if (__builtin_mul_overflow(result, a, &result)) return unknown;
  return result;
}

/// a op b; `unknown` on a division by zero, an overflow or an unknown operand.
constexpr std::int64_t apply(operation code, std::int64_t a, std::int64_t b) {
  if (a == unknown || b == unknown) return unknown;
  std::int64_t result = 0;
  switch (code) {
    case operation::add:
      return __builtin_add_overflow(a, b, &result) ? unknown : result;
    case operation::subtract:
      return __builtin_sub_overflow(a, b, &result) ? unknown : result;
    case operation::multiply:
      return __builtin_mul_overflow(a, b, &result) ? unknown : result;
    case operation::floor_divide:
      return b == 0 ? unknown : floor_divide(a, b);
    case operation::modulo:
      return b == 0 ? unknown : a - b * floor_divide(a, b);
    case operation::minimum:
      return a < b ? a : b;
    case operation::maximum:
      return a < b ? b : a;
    case operation::greater:
      return a > b ? 1 : 0;
    case operation::equal:
      return a == b ? 1 : 0;
    case operation::power:
      return power(a, b);
    case operation::otherwise:
      return a != 0 ? a : b;
    case operation::constant:
    case operation::symbol:
      break;
  }
  return unknown;
}

}  // namespace detail

/// The number of elements that a well-formed program leaves is one; false where `code` is not such a program,
/// nests deeper than `max_depth` or names a symbol beyond `symbols`.
constexpr bool is_well_formed(program code, std::size_t symbols) {
  std::size_t depth = 0;
  for (instruction const step : code) {
    if (detail::is_binary(step.code)) {
      if (depth < 2) return false;
      --depth;
    } else {
      if (step.code == operation::symbol && (step.value < 0 || static_cast<std::size_t>(step.value) >= symbols))
        return false;
      if (++depth > max_depth) return false;
    }
  }
  return depth == 1;
}

/// Value of a well-formed program. `values` has one entry per symbol, `unknown` where it has no value.
/// Returns `unknown` where a symbol that matters has none, on overflow, and on division by zero.
constexpr std::int64_t evaluate(program code, std::span<std::int64_t const> values) {
  // Most sizes are one number or one symbol.
  if (code.size() == 1 && !detail::is_binary(code[0].code))
    return code[0].code == operation::constant ? code[0].value : values[static_cast<std::size_t>(code[0].value)];
  std::int64_t stack[max_depth]{};
  std::size_t depth = 0;
  for (instruction const step : code) {
    if (step.code == operation::constant)
      stack[depth++] = step.value;
    else if (step.code == operation::symbol)
      stack[depth++] = values[static_cast<std::size_t>(step.value)];
    else {
      --depth;
      stack[depth - 1] = detail::apply(step.code, stack[depth - 1], stack[depth]);
    }
  }
  return depth == 1 ? stack[0] : unknown;
}

/// Smallest and largest size; a side that has no limit is `unbounded`.
struct interval {
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
  friend constexpr bool operator==(interval, interval) = default;
};

/// The maximum of an interval without an upper limit (its negation: without a lower one).
inline constexpr std::int64_t unbounded = std::numeric_limits<std::int64_t>::max();

namespace detail {

// Interval arithmetic saturates: an end that cannot be represented has no limit.
constexpr std::int64_t saturate(operation code, std::int64_t a, std::int64_t b) {
  bool const infinite = a == unbounded || a == -unbounded || b == unbounded || b == -unbounded;
  if (code == operation::multiply) {
    if (a == 0 || b == 0) return 0;
    bool const negative = (a < 0) != (b < 0);
    if (infinite) return negative ? -unbounded : unbounded;
    std::int64_t const product = apply(code, a, b);
    return product == unknown ? (negative ? -unbounded : unbounded) : product;
  }
  if (code == operation::floor_divide) {
    if (b == unbounded || b == -unbounded) return (a < 0) != (b < 0) && a != 0 ? -1 : 0;
    if (a == unbounded || a == -unbounded) return (a < 0) != (b < 0) ? -unbounded : unbounded;
    return floor_divide(a, b);
  }
  if (infinite) return (a == unbounded || a == -unbounded) ? a : (code == operation::subtract ? -b : b);
  std::int64_t const sum = apply(code, a, b);
  return sum == unknown ? (a < 0 ? -unbounded : unbounded) : sum;
}

constexpr interval corners(operation code, interval a, interval b) {
  std::int64_t const ends[] = {saturate(code, a.minimum, b.minimum), saturate(code, a.minimum, b.maximum),
                               saturate(code, a.maximum, b.minimum), saturate(code, a.maximum, b.maximum)};
  interval result{ends[0], ends[0]};
  for (std::int64_t const end : ends) {
    if (end < result.minimum) result.minimum = end;
    if (end > result.maximum) result.maximum = end;
  }
  return result;
}

constexpr interval apply(operation code, interval a, interval b) {
  switch (code) {
    case operation::add:
      return {saturate(code, a.minimum, b.minimum), saturate(code, a.maximum, b.maximum)};
    case operation::subtract:
      return {saturate(code, a.minimum, b.maximum), saturate(code, a.maximum, b.minimum)};
    case operation::multiply:
      return corners(code, a, b);
    case operation::floor_divide:
      return b.minimum <= 0 && b.maximum >= 0 ? interval{-unbounded, unbounded} : corners(code, a, b);
    case operation::modulo:
      if (b.minimum <= 0) return {-unbounded, unbounded};
      return {0, b.maximum == unbounded ? unbounded : b.maximum - 1};
    case operation::minimum:
      return {a.minimum < b.minimum ? a.minimum : b.minimum, a.maximum < b.maximum ? a.maximum : b.maximum};
    case operation::maximum:
      return {a.minimum < b.minimum ? b.minimum : a.minimum, a.maximum < b.maximum ? b.maximum : a.maximum};
    case operation::power:
      return a.minimum == a.maximum && b.minimum == b.maximum && apply(code, a.minimum, b.minimum) != unknown
                 ? interval{apply(code, a.minimum, b.minimum), apply(code, a.minimum, b.minimum)}
                 : interval{a.minimum < 0 ? -unbounded : 0, unbounded};
    case operation::otherwise:
      return a.minimum > 0 || a.maximum < 0 ? a
                                            : interval{a.minimum < b.minimum ? a.minimum : b.minimum,
                                                       a.maximum < b.maximum ? b.maximum : a.maximum};
    default:
      return {0, 1};
  }
}

}  // namespace detail

/// Bounds of a well-formed program by interval arithmetic; `ranges` has one entry per symbol. The result contains every
/// value that the program takes; it can be wider where a symbol occurs more than once.
constexpr interval bounds(program code, std::span<interval const> ranges) {
  interval stack[max_depth]{};
  std::size_t depth = 0;
  for (instruction const step : code) {
    if (step.code == operation::constant)
      stack[depth++] = step.value == unknown ? interval{0, unbounded} : interval{step.value, step.value};
    else if (step.code == operation::symbol)
      stack[depth++] = ranges[static_cast<std::size_t>(step.value)];
    else {
      --depth;
      stack[depth - 1] = detail::apply(step.code, stack[depth - 1], stack[depth]);
      // A difference marked so is taken to be of sizes where it is not negative (`convolved`).
      if (step.code == operation::subtract && step.value == 1 && stack[depth - 1].minimum < 0)
        stack[depth - 1].minimum = 0;
    }
  }
  return depth == 1 ? stack[0] : interval{-unbounded, unbounded};
}

namespace detail {

constexpr std::string_view spelling(operation code) {
  switch (code) {
    case operation::add:
      return " + ";
    case operation::subtract:
      return " - ";
    case operation::multiply:
      return " * ";
    case operation::floor_divide:
      return " // ";
    case operation::modulo:
      return " % ";
    case operation::minimum:
      return "min";
    case operation::maximum:
      return "max";
    case operation::greater:
      return " > ";
    case operation::equal:
      return " == ";
    case operation::power:
      return " ** ";
    case operation::otherwise:
      return " or ";
    default:
      return "";
  }
}

// Binding strength, as in Python, whose spelling Optimum uses.
constexpr int precedence(operation code) {
  switch (code) {
    case operation::greater:
    case operation::equal:
      return 1;
    case operation::add:
    case operation::subtract:
      return 2;
    case operation::multiply:
    case operation::floor_divide:
    case operation::modulo:
      return 3;
    case operation::power:
      return 4;
    case operation::otherwise:
      return 0;
    default:
      return 5;
  }
}

constexpr std::size_t start_of(program code, std::size_t last) {
  std::size_t wanted = 1;
  for (std::size_t i = last + 1; i-- > 0;) {
    wanted += is_binary(code[i].code) ? 2u : 0u;
    if (--wanted == 0) return i;
  }
  return 0;
}

}  // namespace detail

/// Writes the infix form of a well-formed program, character by character, into `put(char)`; `name(i)` is the name of
/// symbol `i`, or `name(i, put)` writes it. Floor division is spelled `//`, as in Python.
template <class Name, class Put>
constexpr void print(program code, Name const& name, Put&& put) {
  auto const text = [&](std::string_view characters) {
    for (char const c : characters) put(c);
  };
  if (code.empty()) return;
  instruction const last = code.back();
  if (last.code == operation::symbol) {
    if constexpr (requires { name(std::size_t{}, put); })
      name(static_cast<std::size_t>(last.value), put);
    else
      text(name(static_cast<std::size_t>(last.value)));
    return;
  }
  if (last.code == operation::constant && last.value == unknown) return put('?');
  if (last.code == operation::constant) {
    char digits[20]{};
    std::size_t count = 0;
    std::uint64_t rest = static_cast<std::uint64_t>(last.value);
    if (last.value < 0) {
      put('-');
      rest = 0 - rest;
    }
    do digits[count++] = static_cast<char>('0' + rest % 10);
    while ((rest /= 10) != 0);
    while (count > 0) put(digits[--count]);
    return;
  }
  std::size_t const right_start = detail::start_of(code, code.size() - 2);
  program const left = code.first(right_start);
  program const right = code.subspan(right_start, code.size() - 1 - right_start);
  if (last.code == operation::minimum || last.code == operation::maximum) {
    text(detail::spelling(last.code));
    put('(');
    print(left, name, put);
    text(", ");
    print(right, name, put);
    put(')');
    return;
  }
  int const strength = detail::precedence(last.code);
  auto const operand = [&](program part, bool brackets) {
    if (brackets) put('(');
    print(part, name, put);
    if (brackets) put(')');
  };
  int const left_strength = detail::precedence(left.back().code);
  // Python raises from the right: (a ** b) ** c needs its brackets.
  operand(left, left_strength < strength || (left_strength == strength && last.code == operation::power));
  text(detail::spelling(last.code));
  // `a - (b + c)` and `a * (b // c)` need their brackets; sums of sums and products of products do not.
  int const right_strength = detail::precedence(right.back().code);
  bool const associative =
      last.code == right.back().code && (last.code == operation::add || last.code == operation::multiply);
  operand(right, right_strength < strength || (right_strength == strength && !associative));
}

}  // namespace constexport
