/// onnx/expression_reader.hpp: reads an expression that was written as text.
///
/// Room: onnx. Includes core and freestanding standard headers; no heap, no exceptions; recursion is limited.
/// contract_reader.hpp depends on it; it also reads the strings that Optimum puts into files as dimension names.
///   choice     = comparison {"or" comparison}                   the first that is not zero
///   comparison = sum [(">" | "==") sum]
///   sum        = product {("+" | "-") product}
///   product    = power {("*" | "//" | "/" | "%") power}         "/" rounds down too: sizes are whole
///   power      = operand ["**" operand]
///   operand    = number | name | "-" operand | ("min" | "max") "(" choice "," choice ")" | "(" choice ")"
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/core/program.hpp>
#include <constexport/onnx/contract_text.hpp>
#include <constexport/onnx/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {
namespace detail {

template <class Put>
class expression_reader {
 public:
  constexpr expression_reader(std::string_view text, std::span<symbol_row const> symbols, Put& put)
      : text_(text), symbols_(symbols), put_(put) {}

  constexpr read_status read() {
    choice(0);
    if (status_ && peek() != '\0') fail(read_error::bad_expression);
    if (status_ && at_ != text_.size()) fail(read_error::bad_expression);
    return status_;
  }

 private:
  constexpr void fail(read_error error) {
    if (status_) status_ = {error, at_};
  }
  constexpr char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  constexpr bool take(std::string_view token) {
    peek();
    if (!status_ || text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  constexpr void put(operation code, std::int64_t value = 0) {
    if (status_ && !put_(instruction{code, value})) fail(read_error::too_large);
  }

  constexpr void choice(int depth) {
    comparison(depth);
    while (status_ && peek() == 'o' && text_.substr(at_, 3) == "or ") {
      at_ += 3;
      comparison(depth);
      put(operation::otherwise);
    }
  }
  constexpr void comparison(int depth) {
    sum(depth);
    if (take("==")) {
      sum(depth);
      put(operation::equal);
    } else if (take(">")) {
      sum(depth);
      put(operation::greater);
    }
  }
  constexpr void sum(int depth) {
    product(depth);
    while (status_) {
      operation const code = take("+") ? operation::add : take("-") ? operation::subtract : operation::constant;
      if (code == operation::constant) return;
      product(depth);
      put(code);
    }
  }
  constexpr void product(int depth) {
    power(depth);
    while (status_) {
      operation const code = take("*")                 ? operation::multiply
                             : take("//") || take("/") ? operation::floor_divide
                             : take("%")               ? operation::modulo
                                                       : operation::constant;
      if (code == operation::constant) return;
      power(depth);
      put(code);
    }
  }
  constexpr void power(int depth) {
    operand(depth);
    if (!take("**")) return;
    operand(depth);
    put(operation::power);
  }
  constexpr void operand(int depth) {
    if (depth > static_cast<int>(max_depth)) return fail(read_error::too_deep);
    char const first = peek();
    if (take("(")) {
      choice(depth + 1);
      if (status_ && !take(")")) fail(read_error::bad_expression);
    } else if (take("-")) {
      if (peek() >= '0' && peek() <= '9') return number(true);
      put(operation::constant, 0);
      operand(depth + 1);
      put(operation::subtract);
    } else if (first >= '0' && first <= '9') {
      number(false);
    } else if (is_identifier_character(first, true)) {
      name(depth);
    } else {
      fail(read_error::bad_expression);
    }
  }
  constexpr bool digits(std::int64_t& value, bool negative) {
    std::size_t const start = at_;
    value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      std::int64_t const digit = text_[at_] - '0';
      if (__builtin_mul_overflow(value, std::int64_t{10}, &value) ||
          __builtin_add_overflow(value, negative ? -digit : digit, &value))
        return false;
    }
    return at_ > start;
  }
  constexpr void number(bool negative) {
    std::int64_t value = 0;
    if (!digits(value, negative)) return fail(read_error::bad_expression);
    put(operation::constant, value);
  }
  constexpr void name(int depth) {
    std::size_t const start = at_;
    while (at_ < text_.size() && (is_identifier_character(text_[at_], false) || text_[at_] == '.')) ++at_;
    std::string_view const word = text_.substr(start, at_ - start);
    if ((word == "min" || word == "max") && take("(")) {
      choice(depth + 1);
      if (status_ && !take(",")) fail(read_error::bad_expression);
      choice(depth + 1);
      if (status_ && !take(")")) fail(read_error::bad_expression);
      return put(word == "min" ? operation::minimum : operation::maximum);
    }
    std::size_t index = symbols_.size();
    if (word.starts_with(symbol_prefix)) {
      std::size_t const after = at_;
      at_ = start + symbol_prefix.size();
      std::int64_t value = 0;
      if (digits(value, false) && at_ == after && static_cast<std::size_t>(value) < symbols_.size())
        index = static_cast<std::size_t>(value);
      at_ = after;
    } else if (word.starts_with(parameter_prefix)) {
      index = find_symbol(symbols_, word.substr(parameter_prefix.size()), false);
    } else {
      index = find_symbol(symbols_, word, true);
      if (index == symbols_.size()) index = find_symbol(symbols_, word, false);
    }
    if (index == symbols_.size()) {
      at_ = start;
      return fail(read_error::unknown_symbol);
    }
    put(operation::symbol, static_cast<std::int64_t>(index));
  }

  std::string_view text_;
  std::span<symbol_row const> symbols_;
  Put& put_;
  std::size_t at_ = 0;
  read_status status_;
};

}  // namespace detail

/// Reads an expression over `symbols` and passes its program to `put(instruction)`, step by step; `put` returns false
/// when there is no room. The offset of an error counts within `text`. Check the program with `is_well_formed` before
/// use: it may need more than `max_depth` places.
template <class Put>
constexpr read_status read_expression(std::string_view text, std::span<symbol_row const> symbols, Put&& put) {
  return detail::expression_reader<std::remove_reference_t<Put>>{text, symbols, put}.read();
}

}  // namespace constexport
