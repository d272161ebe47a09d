/// onnx/json.hpp: a pull parser for the little JSON that a contract's text is.
///
/// Room: onnx, private to it (namespace detail). Includes freestanding standard headers only; no heap, no exceptions.
/// contract_reader.hpp depends on it. The first error sticks, and everything after it yields nothing.
#pragma once

#include <constexport/onnx/errors.hpp>
#include <constexport/onnx/part.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace constexport::detail {

/// A string as it stands between its quotes.
struct json_string {
  std::string_view raw;
  bool escaped = false;
  std::size_t offset = 0;  ///< of `raw` in the text
};

class json_cursor {
 public:
  explicit constexpr json_cursor(std::string_view text) : text_(text) {}

  constexpr read_status status() const { return status_; }
  constexpr std::size_t offset() const { return at_; }
  constexpr bool fail(read_error error, std::size_t at) {
    if (status_) status_ = {error, at};
    return false;
  }
  constexpr bool fail(read_error error) { return fail(error, at_); }

  /// Takes `c` if it is what comes next.
  constexpr bool take(char c) {
    if (peek() != c || !status_) return false;
    ++at_;
    return true;
  }
  constexpr bool expect(char c) { return take(c) || fail(read_error::syntax); }
  /// Begins an object or a list.
  constexpr bool expect_object() { return take('{') || fail(read_error::no_object); }
  constexpr bool expect_list() { return take('[') || fail(read_error::no_list); }
  /// The next character that is no space; 0 at the end.
  constexpr char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  /// `bool first = true; expect_object(); while (next_member(first, key)) ...`
  constexpr bool next_member(bool& first, json_string& key) {
    if (!next_item(first, '}')) return false;
    key = string();
    return expect(':');
  }
  /// `bool first = true; expect_list(); while (next_element(first)) ...`
  constexpr bool next_element(bool& first) { return next_item(first, ']'); }

  constexpr json_string string() {
    json_string result;
    if (!take('"')) {
      fail(read_error::no_string);
      return result;
    }
    std::size_t const start = at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) break;
      if (text_[at_] == '\\') {
        result.escaped = true;
        ++at_;
      }
      ++at_;
    }
    if (at_ >= text_.size() || text_[at_] != '"') {
      fail(read_error::syntax, start);
      return result;
    }
    result.raw = part(text_, start, at_ - start);
    result.offset = start;
    ++at_;
    return result;
  }

  constexpr std::int64_t integer() {
    peek();
    std::size_t const start = at_;
    bool const negative = take('-');
    std::uint64_t value = 0;
    std::size_t digits = 0;
    bool fits = true;
    for (; is_digit(); ++at_, ++digits) {
      auto const digit = static_cast<std::uint64_t>(text_[at_] - '0');
      fits = fits && value <= (std::numeric_limits<std::uint64_t>::max() - digit) / 10;
      value = value * 10 + digit;
    }
    std::uint64_t const limit = std::uint64_t{std::numeric_limits<std::int64_t>::max()} + (negative ? 1u : 0u);
    bool const whole = at_ >= text_.size() || (text_[at_] != '.' && text_[at_] != 'e' && text_[at_] != 'E');
    if (digits == 0 || !fits || value > limit || !whole) {
      fail(read_error::no_integer, start);
      return 0;
    }
    return static_cast<std::int64_t>(negative ? 0 - value : value);
  }

  /// A number with fraction and exponent. Decimal fractions are exact to the last bit if
  /// they have at most 15 digits and 22 places.
  constexpr double real() {
    bool const negative = take('-');
    double value = 0;
    int places = 0;
    std::size_t digits = 0;
    for (; is_digit(); ++at_, ++digits) value = value * 10 + (text_[at_] - '0');
    if (at_ < text_.size() && text_[at_] == '.')
      for (++at_; is_digit(); ++at_, ++digits, ++places) value = value * 10 + (text_[at_] - '0');
    if (digits == 0) fail(read_error::no_number);
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && text_[at_] == '+') ++at_;
      std::int64_t const exponent = integer();
      places -= static_cast<int>(exponent < -400 ? -400 : exponent > 400 ? 400 : exponent);
    }
    double power = 1;
    for (int i = 0; i < (places < 0 ? -places : places) && power < 1e300; ++i) power *= 10;
    value = places < 0 ? value * power : value / power;
    return negative ? -value : value;
  }

  /// true or false.
  constexpr bool boolean() {
    bool const value = peek() == 't';
    if (!value && peek() != 'f')
      fail(read_error::no_boolean);
    else
      word(value ? "true" : "false");
    return value;
  }
  /// Takes `null` if it is what comes next.
  constexpr bool take_null() {
    if (peek() != 'n' || !status_) return false;
    word("null");
    return true;
  }

  /// Passes over any value.
  constexpr void skip_value(int depth = 0) {
    if (depth > 32) {
      fail(read_error::too_deep);
      return;
    }
    bool first = true;
    json_string key;
    switch (peek()) {
      case '{':
        ++at_;
        while (next_member(first, key)) skip_value(depth + 1);
        break;
      case '[':
        ++at_;
        while (next_element(first)) skip_value(depth + 1);
        break;
      case '"':
        string();
        break;
      case 't':
        word("true");
        break;
      case 'f':
        word("false");
        break;
      case 'n':
        word("null");
        break;
      default:
        if (peek() == '-' || is_digit())
          real();
        else
          fail(read_error::syntax);
        break;
    }
  }

  /// Nothing but spaces may follow.
  constexpr void finish() {
    if (peek() != '\0' || at_ != text_.size()) fail(read_error::syntax);
  }

 private:
  constexpr bool next_item(bool& first, char close) {
    if (!status_ || take(close)) return false;
    if (!first && !expect(',')) return false;
    first = false;
    return static_cast<bool>(status_);
  }
  constexpr bool is_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }
  constexpr void word(std::string_view expected) {
    if (part(text_, at_, expected.size()) == expected)
      at_ += expected.size();
    else
      fail(read_error::syntax);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  read_status status_;
};

}  // namespace constexport::detail
