/// core/canonical.hpp: one form for all spellings of an expression, so that `height * 2` and `2 * height` are one size.
///
/// Room: core. Includes freestanding standard headers only; no heap: all storage is in the object, and an expression
/// that does not fit is reported by `ok()`. The contract's checks use a small algebra; the exporter a large one.
#pragma once

#include <constexport/core/program.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace constexport {

/// Capacities of an `algebra`.
struct algebra_limits {
  std::size_t atoms = 40;   ///< symbols and opaque operations together
  std::size_t terms = 16;   ///< monomials of one polynomial
  std::size_t factors = 6;  ///< atoms of one monomial
};

/// Integer polynomials over atoms. An atom is a symbol or an operation that polynomials cannot express (floor division,
/// minimum, maximum, comparison), whose operands are polynomials again. Equal atoms are made once, monomials are
/// sorted: two expressions over one algebra are equal for all sizes if their polynomials compare equal (the converse
/// holds up to identities between floor divisions, minima and maxima that the rewriting below does not know).
template <algebra_limits Limits = algebra_limits{}>
class algebra {
 public:
  /// coefficient * atom * atom * ...; atoms ascending, numbered from 1, unused places hold `none`.
  struct monomial {
    std::int64_t coefficient = 0;
    std::array<std::uint16_t, Limits.factors> atoms{};
    friend constexpr bool operator==(monomial const&, monomial const&) = default;
  };

  /// A sum of monomials, sorted, none with coefficient 0.
  struct polynomial {
    std::array<monomial, Limits.terms> terms{};
    std::uint16_t size = 0;
    friend constexpr bool operator==(polynomial const& a, polynomial const& b) {
      if (a.size != b.size) return false;
      for (std::size_t i = 0; i < a.size; ++i)
        if (!(a.terms[i] == b.terms[i])) return false;
      return true;
    }
    /// Is it an integer, whatever the symbols are?
    constexpr bool is_constant() const { return size == 0 || (size == 1 && terms[0].atoms[0] == none); }
    /// Its value, if it is constant.
    constexpr std::int64_t constant() const { return size == 0 ? 0 : terms[0].coefficient; }
  };

  static constexpr std::uint16_t none = 0;

  /// False once an expression did not fit or a coefficient overflowed; results are meaningless from then on.
  constexpr bool ok() const { return ok_; }

  constexpr polynomial number(std::int64_t value) {
    polynomial result;
    if (value != 0) result.terms[result.size++] = {value, {}};
    return result;
  }

  constexpr polynomial symbol(std::size_t index) { return of_atom({operation::symbol, index, {}, {}}); }

  constexpr polynomial add(polynomial const& a, polynomial const& b) { return combine(a, b, 1); }
  constexpr polynomial subtract(polynomial const& a, polynomial const& b) { return combine(a, b, -1); }

  constexpr polynomial multiply(polynomial const& a, polynomial const& b) {
    polynomial result;
    for (std::size_t i = 0; i < a.size; ++i) {
      polynomial row;
      for (std::size_t j = 0; j < b.size; ++j) insert(row, times(a.terms[i], b.terms[j]), 1);
      result = combine(result, row, 1);
    }
    return result;
  }

  /// floor(a / b). What divides exactly leaves the opaque part: (4 * n + 3) / 2 is 2 * n + 1.
  constexpr polynomial floor_divide(polynomial const& a, polynomial const& b) {
    if (b.is_constant() && b.constant() != 0) {
      std::int64_t const divisor = b.constant();
      polynomial whole, rest;
      for (std::size_t i = 0; i < a.size; ++i) {
        monomial term = a.terms[i];
        // Take what divides out of every term; for a constant term, round down.
        std::int64_t const quotient = term.atoms[0] == none ? detail::floor_divide(term.coefficient, divisor)
                                      : term.coefficient % divisor == 0 ? term.coefficient / divisor
                                                                        : 0;
        if (quotient != 0) insert(whole, monomial{quotient, term.atoms}, 1);
        if (term.coefficient != quotient * divisor)
          insert(rest, monomial{term.coefficient - quotient * divisor, term.atoms}, 1);
      }
      if (rest.is_constant()) return whole;  // 0 <= rest < divisor
      return add(whole, opaque(operation::floor_divide, rest, b));
    }
    if (a == b) return number(1);  // sizes that divide are positive
    if (a.size > 0 && b.size == 1) {
      polynomial result;
      bool all = true;
      for (std::size_t i = 0; i < a.size && all; ++i) all = divide_term(a.terms[i], b.terms[0], result);
      if (all) return result;
    }
    return opaque(operation::floor_divide, a, b);
  }

  constexpr polynomial modulo(polynomial const& a, polynomial const& b) {
    return subtract(a, multiply(b, floor_divide(a, b)));
  }

  constexpr polynomial minimum(polynomial const& a, polynomial const& b) { return choose(operation::minimum, a, b); }
  constexpr polynomial maximum(polynomial const& a, polynomial const& b) { return choose(operation::maximum, a, b); }

  /// The polynomial of a well-formed program. `of_symbol(i)` is what symbol `i` stands for: itself, or a number.
  template <class OfSymbol>
  constexpr polynomial from(program code, OfSymbol&& of_symbol) {
    std::array<polynomial, max_depth> stack{};
    std::size_t depth = 0;
    for (instruction const step : code) {
      if (step.code == operation::constant)
        stack[depth++] = number(step.value);
      else if (step.code == operation::symbol)
        stack[depth++] = of_symbol(static_cast<std::size_t>(step.value));
      else {
        --depth;
        stack[depth - 1] = apply(step.code, stack[depth - 1], stack[depth]);
      }
    }
    return stack[0];
  }
  constexpr polynomial from(program code) {
    return from(code, [this](std::size_t index) { return symbol(index); });
  }

  constexpr polynomial apply(operation code, polynomial const& a, polynomial const& b) {
    switch (code) {
      case operation::add:
        return add(a, b);
      case operation::subtract:
        return subtract(a, b);
      case operation::multiply:
        return multiply(a, b);
      case operation::floor_divide:
        return floor_divide(a, b);
      case operation::modulo:
        return modulo(a, b);
      case operation::minimum:
        return minimum(a, b);
      case operation::maximum:
        return maximum(a, b);
      default:
        return opaque(code, a, b);
    }
  }

  /// What a symbol is where `of` is 0: into `result`, if the symbol occurs once and alone and its coefficient divides.
  constexpr bool solve(polynomial const& of, std::size_t index, polynomial& result) const {
    std::int64_t coefficient = 0;
    bool is_alone = true;
    result = {};
    for (std::size_t i = 0; i < of.size; ++i) {
      monomial const& term = of.terms[i];
      bool const is_it = term.atoms[0] != none && (Limits.factors == 1 || term.atoms[1] == none) &&
                         atoms_[term.atoms[0] - 1].code == operation::symbol &&
                         atoms_[term.atoms[0] - 1].index == index;
      if (is_it)
        coefficient = term.coefficient;
      else
        result.terms[result.size++] = term;
    }
    symbols(result, [&](std::size_t other) { is_alone = is_alone && other != index; });
    if (coefficient == 0 || coefficient == unknown || !is_alone || !divides(coefficient, result)) return false;
    for (std::size_t i = 0; i < result.size; ++i) {
      std::int64_t& each = result.terms[i].coefficient;
      each = each / coefficient;
      if (each == unknown) return false;
      each = -each;
    }
    return true;
  }

  /// Do all values of an expression divide by a number, as far as its coefficients say so?
  static constexpr bool divides(std::int64_t divisor, polynomial const& of) {
    for (std::size_t i = 0; i < of.size; ++i)
      if (of.terms[i].coefficient == unknown || of.terms[i].coefficient % divisor != 0) return false;
    return true;
  }

  /// Value for given symbol sizes; `unknown` where one that matters has none, on overflow or a division by zero.
  constexpr std::int64_t evaluate(polynomial const& of, std::span<std::int64_t const> values) const {
    std::int64_t total = 0;
    for (std::size_t i = 0; i < of.size; ++i) {
      std::int64_t product = of.terms[i].coefficient;
      for (std::uint16_t const index : of.terms[i].atoms) {
        if (index == none) break;
        atom const& factor = atoms_[index - 1];
        std::int64_t const value =
            factor.code == operation::symbol
                ? (factor.index < values.size() ? values[factor.index] : unknown)
                : detail::apply(factor.code, evaluate(factor.left, values), evaluate(factor.right, values));
        product = detail::apply(operation::multiply, product, value);
      }
      total = detail::apply(operation::add, total, product);
    }
    return total;
  }

  /// Writes the canonical expression as a postfix program into `put(instruction)`; subtraction where terms are
  /// negative.
  template <class Put>
  constexpr void write(polynomial const& of, Put&& put) const {
    if (of.size == 0) return put(instruction{operation::constant, 0});
    // A positive term first, so that a difference does not begin with a sign.
    std::size_t first = 0;
    for (std::size_t i = of.size; i-- > 0;)
      if (of.terms[i].coefficient > 0) first = i;
    for (std::size_t i = 0; i < of.size; ++i) {
      std::size_t const at = i == 0 ? first : i <= first ? i - 1 : i;
      monomial const& term = of.terms[at];
      bool const negative = i > 0 && term.coefficient < 0;
      std::int64_t const coefficient = negative ? -term.coefficient : term.coefficient;
      bool open = false;
      for (std::uint16_t const index : term.atoms) {
        if (index == none) break;
        atom const& factor = atoms_[index - 1];
        if (factor.code == operation::symbol)
          put(instruction{operation::symbol, static_cast<std::int64_t>(factor.index)});
        else {
          write(factor.left, put);
          write(factor.right, put);
          put(instruction{factor.code, 0});
        }
        if (open) put(instruction{operation::multiply, 0});
        open = true;
      }
      if (coefficient != 1 || !open) {
        put(instruction{operation::constant, coefficient});
        if (open) put(instruction{operation::multiply, 0});
      }
      if (i > 0) put(instruction{negative ? operation::subtract : operation::add, 0});
    }
  }

  /// Calls `visit(symbol index)` for every symbol that the expression depends on, perhaps more than once.
  template <class Visit>
  constexpr void symbols(polynomial const& of, Visit&& visit) const {
    for (std::size_t i = 0; i < of.size; ++i)
      for (std::uint16_t const index : of.terms[i].atoms) {
        if (index == none) break;
        if (atoms_[index - 1].code == operation::symbol)
          visit(atoms_[index - 1].index);
        else {
          symbols(atoms_[index - 1].left, visit);
          symbols(atoms_[index - 1].right, visit);
        }
      }
  }

 private:
  struct atom {
    operation code = operation::symbol;
    std::size_t index = 0;  // of a symbol
    polynomial left{}, right{};
    friend constexpr bool operator==(atom const&, atom const&) = default;
  };

  constexpr polynomial of_atom(atom const& wanted) {
    std::size_t index = 0;
    while (index < count_ && !(atoms_[index] == wanted)) ++index;
    if (index == count_) {
      if (count_ >= Limits.atoms) {
        ok_ = false;
        return {};
      }
      atoms_[count_++] = wanted;
    }
    polynomial result;
    result.terms[0] = {1, {}};
    result.terms[0].atoms[0] = static_cast<std::uint16_t>(index + 1);
    result.size = 1;
    return result;
  }

  constexpr polynomial opaque(operation code, polynomial const& a, polynomial const& b) {
    if (a.is_constant() && b.is_constant()) {
      std::int64_t const value = detail::apply(code, a.constant(), b.constant());
      if (value != unknown) return number(value);
    }
    return of_atom({code, 0, a, b});
  }

  constexpr polynomial choose(operation code, polynomial const& a, polynomial const& b) {
    polynomial const gap = subtract(a, b);
    if (gap.is_constant()) return (gap.constant() < 0) == (code == operation::minimum) ? a : b;
    return before(b, a) ? opaque(code, b, a) : opaque(code, a, b);  // operands in one order
  }

  static constexpr bool before(monomial const& a, monomial const& b) {
    return a.atoms == b.atoms ? a.coefficient < b.coefficient : earlier(a, b);
  }
  static constexpr bool before(polynomial const& a, polynomial const& b) {
    if (a.size != b.size) return a.size < b.size;
    for (std::size_t i = 0; i < a.size; ++i)
      if (!(a.terms[i] == b.terms[i])) return before(a.terms[i], b.terms[i]);
    return false;
  }

  constexpr monomial times(monomial const& a, monomial const& b) {
    monomial result{0, {}};
    if (__builtin_mul_overflow(a.coefficient, b.coefficient, &result.coefficient)) ok_ = false;
    std::size_t i = 0, j = 0, n = 0;
    auto const next = [](monomial const& of, std::size_t at) {
      return at < Limits.factors ? order(of.atoms[at]) : order(none);
    };
    while (next(a, i) != order(none) || next(b, j) != order(none)) {
      bool const left = next(a, i) <= next(b, j);
      if (n == Limits.factors) {
        ok_ = false;
        return result;
      }
      result.atoms[n++] = left ? a.atoms[i++] : b.atoms[j++];
    }
    return result;
  }

  // a / b of two monomials, added to `result`, if b's atoms are among a's and its coefficient divides.
  constexpr bool divide_term(monomial const& a, monomial const& b, polynomial& result) {
    if (b.coefficient == 0 || a.coefficient % b.coefficient != 0) return false;
    monomial quotient{a.coefficient / b.coefficient, {}};
    std::size_t n = 0, j = 0;
    for (std::uint16_t const index : a.atoms) {
      if (index == none) break;
      if (j < Limits.factors && b.atoms[j] == index)
        ++j;
      else
        quotient.atoms[n++] = index;
    }
    if (j < Limits.factors && b.atoms[j] != none) return false;
    insert(result, quotient, 1);
    return true;
  }

  constexpr void insert(polynomial& into, monomial term, std::int64_t sign) {
    if (__builtin_mul_overflow(term.coefficient, sign, &term.coefficient)) ok_ = false;
    std::size_t at = 0;
    while (at < into.size && into.terms[at].atoms != term.atoms && earlier(into.terms[at], term)) ++at;
    if (at < into.size && into.terms[at].atoms == term.atoms) {
      auto& place = into.terms[at].coefficient;
      if (__builtin_add_overflow(place, term.coefficient, &place)) ok_ = false;
      if (place == 0) {
        for (std::size_t i = at; i + 1 < into.size; ++i) into.terms[i] = into.terms[i + 1];
        into.terms[--into.size] = {};
      }
      return;
    }
    if (term.coefficient == 0) return;
    if (into.size >= Limits.terms) {
      ok_ = false;
      return;
    }
    for (std::size_t i = into.size; i > at; --i) into.terms[i] = into.terms[i - 1];
    into.terms[at] = term;
    ++into.size;
  }

  // `none` is the last, so that the constant term is.
  static constexpr std::uint16_t order(std::uint16_t index) { return static_cast<std::uint16_t>(index - 1); }
  static constexpr bool earlier(monomial const& a, monomial const& b) {
    for (std::size_t i = 0; i < Limits.factors; ++i)
      if (a.atoms[i] != b.atoms[i]) return order(a.atoms[i]) < order(b.atoms[i]);
    return false;
  }

  constexpr polynomial combine(polynomial const& a, polynomial const& b, std::int64_t sign) {
    polynomial result = a;
    for (std::size_t i = 0; i < b.size; ++i) insert(result, b.terms[i], sign);
    return result;
  }

  std::array<atom, Limits.atoms> atoms_{};
  std::size_t count_ = 0;
  bool ok_ = true;
};

}  // namespace constexport
