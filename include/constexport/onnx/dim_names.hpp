/// onnx/dim_names.hpp: the name under which a dynamic dimension stands in a file.
///
/// Room: onnx. Includes core and freestanding standard headers; no heap, no exceptions. metadata.hpp and
/// export/write.hpp name dimensions with it, so that both files of one model agree.
///
/// ONNX has no arithmetic on dimensions: a dim_param is an identifier with one value in the whole model. So
/// - a size that does not vary is a number;
/// - an axis has its own name;
/// - a compound expression has an identifier made of its canonical form, in which `height * 2` and `2 * height` are
/// one:
///   terms in alphabetical order, operators as words, brackets as `open_` and `_close`:
///   `past_sequence_length_plus_sequence_length`, `open_height_plus_1_close_div_2`.
/// The name depends on the expression alone: equal expressions have equal names, in every file. Where a name could be
/// read in two ways (an axis is itself called `a_plus_b`), or would be longer than 120 characters, it carries or is a
/// hash of the canonical form.
#pragma once

#include <constexport/core/canonical.hpp>
#include <constexport/core/program.hpp>
#include <constexport/core/symbol.hpp>
#include <constexport/onnx/identifier_printer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

/// How dynamic dimensions are named in a file.
enum class dim_naming : std::uint8_t {
  identifiers,  ///< C identifiers, as the ONNX specification asks
  optimum,      ///< as Optimum writes them: "past_sequence_length + sequence_length"
};

/// The longest name that `print_dim_identifier` makes.
inline constexpr std::size_t max_dim_identifier = 120;

namespace detail {

// Words of which the identifiers of compound expressions are made; an axis whose name has one makes them ambiguous.
constexpr bool has_operator_word(std::string_view name) {
  for (std::string_view const word : {"plus_", "minus_", "times_", "div_", "mod_", "power_", "_or_", "above_",
                                      "equals_", "and_", "min_of_", "max_of_", "open_", "_close"})
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
