/// onnx/identifier_printer.hpp: an expression as words.
///
/// Room: onnx, private to dim_names.hpp (namespace detail). Includes core and freestanding standard headers; no heap,
/// no exceptions.
#pragma once

#include <constexport/core/program.hpp>
#include <constexport/core/symbol.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport::detail {

constexpr bool is_identifier_character(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

// Hash of a text, FNV-1a.
constexpr std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (char const c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}
constexpr std::uint64_t stir(std::uint64_t hash) {
  hash = (hash ^ (hash >> 31)) * 0x7fb5d329728ea185;
  hash = (hash ^ (hash >> 27)) * 0x81dadef4bc2dd44d;
  return hash ^ (hash >> 33);
}

// Prints a program in canonical form as an identifier. The order of terms and factors in such a program follows the
// order in which its algebra met the atoms; sorting by names and hashes makes it a property of the expression.
template <class Put>
class identifier_printer {
 public:
  constexpr identifier_printer(std::span<symbol_row const> symbols, Put& put) : symbols_(symbols), put_(put) {}

  // The same whatever the order of terms and factors.
  constexpr std::uint64_t hash(program code) const {
    instruction const last = code.back();
    if (last.code == operation::constant) return stir(static_cast<std::uint64_t>(last.value) + 1);
    if (last.code == operation::symbol) return stir(hash_of(name(last)));
    auto const [left, right] = operands(code);
    std::uint64_t const a = hash(left), b = hash(right);
    switch (last.code) {
      case operation::add:
        return a + b;
      case operation::subtract:
        return a - b;
      case operation::multiply:
        return a * b;  // odd or even alike: stirred by whoever adds it
      case operation::minimum:
        return stir(stir(a) + stir(b) + 11);
      case operation::maximum:
        return stir(stir(a) + stir(b) + 13);
      default:
        return stir(stir(a) * 3 + b + static_cast<std::uint64_t>(last.code));
    }
  }

  constexpr void print(program code) {
    instruction const last = code.back();
    switch (last.code) {
      case operation::constant:
        return number(last.value);
      case operation::symbol:
        for (char const c : name(last)) put_(is_identifier_character(c, false) ? c : '_');
        return;
      case operation::add:
      case operation::subtract:
        return chain(code, operation::add);
      case operation::multiply:
        return chain(code, operation::multiply);
      default:
        break;
    }
    auto [left, right] = operands(code);
    bool const pair = last.code == operation::minimum || last.code == operation::maximum;
    if (pair && before(right, left)) {
      program const other = left;
      left = right;
      right = other;
    }
    if (pair) text(last.code == operation::minimum ? "min_of_" : "max_of_");
    bracketed(left);
    text(pair ? "_and_" : joint(last.code));
    bracketed(right);
  }

 private:
  struct part {
    program code;
    bool negative = false;
  };

  constexpr std::string_view name(instruction step) const {
    return symbols_[static_cast<std::size_t>(step.value)].name;
  }
  constexpr void text(std::string_view characters) {
    for (char const c : characters) put_(c);
  }
  constexpr void number(std::int64_t value) {
    if (value < 0) text("minus_");
    constexport::print(
        std::array{instruction{operation::constant, value}}, [](std::size_t) { return std::string_view{}; },
        [&](char c) {
          if (c != '-') put_(c);
        });
  }
  static constexpr std::string_view joint(operation code) {
    switch (code) {
      case operation::floor_divide:
        return "_div_";
      case operation::modulo:
        return "_mod_";
      case operation::power:
        return "_power_";
      case operation::otherwise:
        return "_or_";
      case operation::greater:
        return "_above_";
      default:
        return "_equals_";
    }
  }
  static constexpr std::array<program, 2> operands(program code) {
    std::size_t const right = start_of(code, code.size() - 2);
    return {code.first(right), code.subspan(right, code.size() - 1 - right)};
  }
  static constexpr bool is_sum(operation code) { return code == operation::add || code == operation::subtract; }

  // Plain axes first, by name; then what is compound, by hash; numbers last.
  constexpr int kind(program code) const { return code.size() > 1 ? 1 : code[0].code == operation::symbol ? 0 : 2; }
  constexpr bool before(program a, program b) const {
    if (kind(a) != kind(b)) return kind(a) < kind(b);
    if (kind(a) == 0) return name(a[0]) < name(b[0]);
    return kind(a) == 1 && hash(a) < hash(b);
  }

  constexpr void bracketed(program code) {
    bool const brackets = code.size() > 1;
    if (brackets) text("open_");
    print(code);
    if (brackets) text("_close");
  }

  // a + b - c ..., or a * b * ...: parts in order, subtracted ones last.
  constexpr void chain(program code, operation joint) {
    std::array<part, max_depth> parts{};
    std::size_t count = 0;
    bool const sum = joint == operation::add;
    while (count + 1 < parts.size() && (sum ? is_sum(code.back().code) : code.back().code == joint)) {
      bool const negative = code.back().code == operation::subtract;
      auto const [left, right] = operands(code);
      parts[count++] = {right, negative};
      code = left;
    }
    parts[count++] = {code, false};
    for (std::size_t i = 1; i < count; ++i)
      for (std::size_t j = i; j > 0 && part_before(parts[j], parts[j - 1]); --j) {
        part const other = parts[j];
        parts[j] = parts[j - 1];
        parts[j - 1] = other;
      }
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) text(!sum ? "_times_" : parts[i].negative ? "_minus_" : "_plus_");
      operation const inner = parts[i].code.back().code;
      if (sum && inner == operation::multiply)
        print(parts[i].code);
      else
        bracketed(parts[i].code);
    }
  }
  constexpr bool part_before(part const& a, part const& b) const {
    return a.negative != b.negative ? b.negative : before(a.code, b.code);
  }

  std::span<symbol_row const> symbols_;
  Put& put_;
};

}  // namespace constexport::detail
