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
///   name       = ["parameter."] (word ["[" number "]"] | "`" any characters, "``" for a backquote "`")
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/core/program.hpp>
#include <constexport/onnx/contract_words.hpp>
#include <constexport/onnx/errors.hpp>
#include <constexport/onnx/part.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

/// Index of a symbol that there is not.
inline constexpr std::size_t no_symbol = static_cast<std::size_t>(-1);

namespace detail {

// Is `name` what stands between backquotes in `quoted`, where one in the name is doubled?
constexpr bool is_quoted_name(std::string_view name, std::string_view quoted) {
  std::size_t at = 0;
  for (char const c : name) {
    if (at >= quoted.size() || quoted[at] != c) return false;
    at += c == '`' ? 2u : 1u;
  }
  return at == quoted.size();
}

template <class Put, class Declare>
class expression_reader {
 public:
  constexpr expression_reader(std::string_view text, std::span<symbol_row const> symbols, Put& put, Declare& declare)
      : text_(text), symbols_(symbols), put_(put), declare_(declare) {}

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
    if (!status_ || part(text_, at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  constexpr void put(operation code, std::int64_t value = 0) {
    if (status_ && !put_(instruction{code, value})) fail(read_error::too_much_arithmetic);
  }

  constexpr void choice(int depth) {
    comparison(depth);
    while (status_ && peek() == 'o' && part(text_, at_, 3) == "or ") {
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
    } else if (first == '`' || is_identifier_character(first, true)) {
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
    bool const parameter = take(parameter_prefix);
    std::string_view const word = parameter ? std::string_view{} : identifier();
    std::size_t const end = at_;
    if ((word == "min" || word == "max") && take("(")) {
      choice(depth + 1);
      if (status_ && !take(",")) fail(read_error::bad_expression);
      choice(depth + 1);
      if (status_ && !take(")")) fail(read_error::bad_expression);
      return put(word == "min" ? operation::minimum : operation::maximum);
    }
    at_ = end;  // an axis may be called "max"
    std::size_t index = no_symbol;
    if (!word.empty() || (parameter && at_ < text_.size() && text_[at_] != '`')) {
      std::string_view const plain = element(parameter ? identifier() : word);
      index = find([&](std::string_view name) { return name == plain; }, parameter);
      if (index == no_symbol && !parameter) index = declare_(plain);
    } else {
      std::string_view const quoted = between_backquotes();
      index = find([&](std::string_view name) { return is_quoted_name(name, quoted); }, parameter);
      if (index == no_symbol && !parameter && !quoted.empty() && quoted.find('`') == std::string_view::npos)
        index = declare_(quoted);
    }
    if (index == no_symbol) {
      at_ = start;
      return fail(read_error::unknown_symbol);
    }
    put(operation::symbol, static_cast<std::int64_t>(index));
  }
  constexpr std::string_view identifier() {
    std::size_t const start = at_;
    while (at_ < text_.size() && is_identifier_character(text_[at_], at_ == start)) ++at_;
    return part(text_, start, at_ - start);
  }
  // With its index: `conv_kernel[0]` is the first of several parameters.
  constexpr std::string_view element(std::string_view word) {
    std::size_t const start = at_ - word.size();
    std::size_t end = at_;
    if (end < text_.size() && text_[end] == '[') {
      for (++end; end < text_.size() && text_[end] >= '0' && text_[end] <= '9';) ++end;
      if (end > at_ + 1 && end < text_.size() && text_[end] == ']') at_ = end + 1;
    }
    return part(text_, start, at_ - start);
  }
  // What stands between the backquotes at which the text is, doubled ones included; empty if there is no end.
  constexpr std::string_view between_backquotes() {
    std::size_t const start = ++at_;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] != '`') continue;
      if (part(text_, at_, 2) != "``") return part(text_, start, at_++ - start);
      ++at_;
    }
    return {};
  }
  template <class Matches>
  constexpr std::size_t find(Matches const& matches, bool parameter) const {
    for (bool const axes : {true, false})
      for (std::size_t i = 0; i < symbols_.size(); ++i)
        if (symbols_[i].is_axis == axes && !(axes && parameter) && matches(symbols_[i].name)) return i;
    return no_symbol;
  }

  std::string_view text_;
  std::span<symbol_row const> symbols_;
  Put& put_;
  Declare& declare_;
  std::size_t at_ = 0;
  read_status status_;
};

}  // namespace detail

/// Reads an expression over `symbols` and passes its program to `put(instruction)`, step by step; `put` returns false
/// when there is no room. `declare(name)` gives the index of a symbol that `symbols` does not have, or `no_symbol`; the
/// name is a part of `text`. The offset of an error counts within `text`. Check the program with `is_well_formed`
/// before use: it may need more than `max_depth` places.
template <class Put, class Declare>
constexpr read_status read_expression(std::string_view text, std::span<symbol_row const> symbols, Put&& put,
                                      Declare&& declare) {
  using reader = detail::expression_reader<std::remove_reference_t<Put>, std::remove_reference_t<Declare>>;
  return reader{text, symbols, put, declare}.read();
}
template <class Put>
constexpr read_status read_expression(std::string_view text, std::span<symbol_row const> symbols, Put&& put) {
  return read_expression(text, symbols, put, [](std::string_view) { return no_symbol; });
}

}  // namespace constexport
