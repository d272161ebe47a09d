/// onnx/dim_names.hpp: the name under which a dynamic dimension stands in a file.
///
/// Room: onnx. Includes core and freestanding standard headers; no heap, no exceptions. metadata.hpp and export/write.hpp
/// name dimensions with it, so that both files of one model agree.
///
/// ONNX has no arithmetic on dimensions: a dim_param is an identifier with one value in the whole model. So
/// - a size that does not vary is a number;
/// - an axis has its own name;
/// - a compound expression has an identifier made of its canonical form, in which `height * 2` and `2 * height` are one:
///   terms in alphabetical order, operators as words, brackets as `open_` and `_close`:
///   `past_sequence_length_plus_sequence_length`, `open_height_plus_1_close_div_2`.
/// The name depends on the expression alone: equal expressions have equal names, in every file. Where a name could be
/// read in two ways (an axis is itself called `a_plus_b`), or would be longer than 120 characters, it carries or is a hash
/// of the canonical form.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <constexport/core/canonical.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/core/program.hpp>

namespace constexport {

/// How dynamic dimensions are named in a file.
enum class dim_naming : std::uint8_t {
  identifiers,  ///< C identifiers, as the ONNX specification asks
  optimum,      ///< as Optimum writes them: "past_sequence_length + sequence_length"
};

/// The longest name that `print_dim_identifier` makes.
inline constexpr std::size_t max_dim_identifier = 120;

namespace detail {

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

// Prints a program in canonical form as an identifier. The order of terms and factors in such a program follows the order
// in which its algebra met the atoms; sorting by names and hashes makes it a property of the expression.
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
      case operation::add: return a + b;
      case operation::subtract: return a - b;
      case operation::multiply: return a * b;  // odd or even alike: stirred by whoever adds it
      case operation::minimum: return stir(stir(a) + stir(b) + 11);
      case operation::maximum: return stir(stir(a) + stir(b) + 13);
      default: return stir(stir(a) * 3 + b + static_cast<std::uint64_t>(last.code));
    }
  }

  constexpr void print(program code) {
    instruction const last = code.back();
    switch (last.code) {
      case operation::constant: return number(last.value);
      case operation::symbol:
        for (char const c : name(last)) put_(is_identifier_character(c, false) ? c : '_');
        return;
      case operation::add:
      case operation::subtract: return chain(code, operation::add);
      case operation::multiply: return chain(code, operation::multiply);
      default: break;
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
    constexport::print(std::array{instruction{operation::constant, value}}, [](std::size_t) { return std::string_view{}; },
                       [&](char c) {
                         if (c != '-') put_(c);
                       });
  }
  static constexpr std::string_view joint(operation code) {
    switch (code) {
      case operation::floor_divide: return "_div_";
      case operation::modulo: return "_mod_";
      case operation::power: return "_power_";
      case operation::otherwise: return "_or_";
      case operation::greater: return "_above_";
      default: return "_equals_";
    }
  }
  static constexpr std::array<program, 2> operands(program code) {
    std::size_t const right = start_of(code, code.size() - 2);
    return {code.first(right), code.subspan(right, code.size() - 1 - right)};
  }
  static constexpr bool is_sum(operation code) { return code == operation::add || code == operation::subtract; }

  // Plain axes first, by name; then what is compound, by hash; numbers last.
  constexpr int kind(program code) const {
    return code.size() > 1 ? 1 : code[0].code == operation::symbol ? 0 : 2;
  }
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

// Words of which the identifiers of compound expressions are made; an axis whose name has one makes them ambiguous.
constexpr bool has_operator_word(std::string_view name) {
  for (std::string_view const word : {"plus_", "minus_", "times_", "div_", "mod_", "power_", "_or_", "above_", "equals_",
                                      "and_", "min_of_", "max_of_", "open_", "_close"})
    if (name.find(word) != std::string_view::npos) return true;
  return false;
}

constexpr void print_hash(std::uint64_t hash, int digits, auto& put) {
  while (digits-- > 0) put("0123456789abcdef"[(hash >> (4 * digits)) & 15]);
}

// Small: most expressions have a handful of atoms, and the compiler pays for capacity.
inline constexpr algebra_limits compact_algebra{.atoms = 10, .terms = 5, .factors = 3};

template <algebra_limits Limits, class Put>
constexpr bool print_canonical_identifier(program size, std::span<symbol_row const> symbols,
                                          std::span<std::int64_t const> values, Put& put) {
  algebra<Limits> sizes;
  auto const canonical = sizes.from(size, [&](std::size_t index) {
    return values[index] == unknown ? sizes.symbol(index) : sizes.number(values[index]);
  });
  std::array<instruction, 128> code{};
  std::size_t count = 0;
  if (sizes.ok())
    sizes.write(canonical, [&](instruction step) {
      if (count < code.size()) code[count] = step;
      ++count;
    });
  if (!sizes.ok() || count > code.size()) return false;
  program const found{code.data(), count};

  std::array<char, max_dim_identifier> name{};
  std::size_t length = 0;
  auto append = [&](char c) {
    if (length < name.size()) name[length] = c;
    ++length;
  };
  identifier_printer<decltype(append)> printer{symbols, append};
  printer.print(found);

  bool ambiguous = false;
  std::string_view const made{name.data(), length < name.size() ? length : name.size()};
  for (symbol_row const& symbol : symbols) ambiguous = ambiguous || (count > 1 && symbol.name == made);
  for (instruction const step : found)
    if (step.code == operation::symbol) {
      std::string_view const symbol = symbols[static_cast<std::size_t>(step.value)].name;
      ambiguous = ambiguous || (count > 1 && has_operator_word(symbol));
      for (std::size_t i = 0; i < symbol.size(); ++i)
        ambiguous = ambiguous || !is_identifier_character(symbol[i], i == 0);
    }
  if (length + (ambiguous ? 10 : 0) > name.size()) {
    for (char const c : std::string_view{"dim_"}) put(c);
    print_hash(stir(printer.hash(found)), 16, put);
    return true;
  }
  if (!is_identifier_character(name[0], true)) put('_');
  for (std::size_t i = 0; i < length; ++i) put(name[i]);
  if (ambiguous) {
    put('_');
    print_hash(stir(printer.hash(found)), 8, put);
  }
  return true;
}

}  // namespace detail

/// Is the text an identifier of C, ASCII letters, digits and underscores?
constexpr bool is_identifier(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!detail::is_identifier_character(text[i], i == 0)) return false;
  return !text.empty();
}

/// Writes the dim_param of the dynamic expression `size` into `put(char)`: at most `max_dim_identifier` characters.
/// `values` holds the values of symbols that have one (`unknown`: free); such symbols stand as numbers in the name.
template <class Put>
constexpr void print_dim_identifier(program size, std::span<symbol_row const> symbols,
                                    std::span<std::int64_t const> values, Put&& put) {
  if (size.size() == 1 && size[0].code == operation::symbol) {
    std::string_view const name = symbols[static_cast<std::size_t>(size[0].value)].name;
    if (is_identifier(name)) {
      for (char const c : name) put(c);
      return;
    }
  }
  if (detail::print_canonical_identifier<detail::compact_algebra>(size, symbols, values, put)) return;
  if (detail::print_canonical_identifier<algebra_limits{}>(size, symbols, values, put)) return;
  // Beyond the algebra: the written form decides.
  std::uint64_t hash = 0;
  for (instruction const step : size) {
    std::uint64_t const value = step.code == operation::symbol
                                    ? detail::hash_of(symbols[static_cast<std::size_t>(step.value)].name)
                                    : static_cast<std::uint64_t>(step.value);
    hash = detail::stir(hash * 31 + value + static_cast<std::uint64_t>(step.code));
  }
  for (char const c : std::string_view{"dim_"}) put(c);
  detail::print_hash(hash, 16, put);
}

}  // namespace constexport
