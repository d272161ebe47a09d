/// check/size_matching.hpp: which size of one interface is which of another: the one rule by which sizes are compared.
///
/// Room: check, private (namespace detail). Includes core, onnx, change_kind.hpp and freestanding standard headers; no
/// heap, no exceptions: what it has to remember is held by the two sides. `check` and `diff` ask it with
/// interface_sizes.hpp, the compiler and a microcontroller with described_sizes.hpp.
#pragma once

#include <constexport/check/change_kind.hpp>
#include <constexport/core/canonical.hpp>
#include <constexport/core/program.hpp>
#include <constexport/onnx/dim_names.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace constexport::detail {

inline constexpr std::size_t no_axis = static_cast<std::size_t>(-1);

enum class size_form : std::uint8_t { unstated, number, axis, expression };

/// One size as far as it is looked at alone. Symbols of an expression are axes or numbers.
struct size_facts {
  size_form form = size_form::unstated;
  std::int64_t value = 0;  ///< the number, or the index of the axis

  constexpr bool is(size_form wanted) const { return form == wanted; }
  constexpr std::size_t axis() const { return static_cast<std::size_t>(value); }
  friend constexpr bool operator==(size_facts, size_facts) = default;
};

/// What is known of one axis: `Size` is a size of the other side.
template <class Size>
struct matched_axis {
  std::size_t namesake = no_axis;  ///< the other side's axis of this name
  std::size_t partner = no_axis;   ///< the first at its places
  std::size_t chosen = no_axis;    ///< the one that it is
  bool has_several = false;        ///< are there others at its places?
  bool meets_namesake = false;     ///< is its namesake at one of them?
  bool is_bound = false;           ///< has an input the axis, so that its size is known from the feeds?
  bool is_known = false;           ///< did inputs give it a partner?
  bool is_taken = false;           ///< is it chosen?
  bool is_alias = false;           ///< is it a name for `size`?
  Size size{};
};

/// Calls `visit(algebra, polynomial)` with the canonical form of an expression, as `make(algebra)` writes it; false if
/// it is beyond any algebra.
template <class Make, class Visit>
constexpr bool visit_canonical(Make const& make, Visit&& visit) {
  // Small: most expressions have a handful of atoms, and the compiler pays for capacity.
  auto const within = [&](auto&& sizes) {
    auto const result = make(sizes);
    if (sizes.ok()) visit(sizes, result);
    return sizes.ok();
  };
  return within(algebra<compact_algebra>{}) || within(algebra<>{});
}

/// The two `Sides` of a comparison have
/// - `before_size`, `after_size`: types of handles, and `facts(size)`, `read(size, visit(program, facts of a symbol))`;
/// - `before_axes()`, `after_axes()`: their axes, with namesakes, and of `after` with `is_bound`;
/// - `for_each_place(inputs, visit(before, after))`: the sizes at one place of inputs or outputs, in order;
/// - `takes(axis after, number)`: is the number within the axis's range?
template <class Sides>
class size_matching {
 public:
  using before_size = typename Sides::before_size;
  using after_size = typename Sides::after_size;

  constexpr explicit size_matching(Sides& sides)
      : sides_(sides), before_(sides.before_axes()), after_(sides.after_axes()) {
    for_each_partner(true, [&](std::size_t a, std::size_t b) { pair(a, b); });
    for (auto& each : before_) each.is_known = each.partner != no_axis;
    // What no input has is matched by the outputs.
    for_each_partner(false, [&](std::size_t a, std::size_t b) { pair(a, b); });
    for (auto& each : before_) {
      each.chosen =
          each.namesake != no_axis && (each.partner == no_axis || each.meets_namesake) ? each.namesake : each.partner;
      if (each.chosen != no_axis) after_[each.chosen].is_taken = true;
    }
    find_aliases(true);
    find_aliases(false);
  }

  /// Calls `visit(axis before, axis after)` for every place of inputs or outputs that says that the two are one.
  template <class Visit>
  constexpr void for_each_partner(bool inputs, Visit&& visit) const {
    sides_.for_each_place(inputs, [&](before_size const& before, after_size const& after) {
      size_facts const a = sides_.facts(before), b = sides_.facts(after);
      if (!a.is(size_form::axis) || !b.is(size_form::axis) || conflict(a.axis(), b.axis())) return;
      if (inputs || (!before_[a.axis()].is_known && !after_[b.axis()].is_bound)) visit(a.axis(), b.axis());
    });
  }

  /// What a consumer of `before` meets where the other has `after`.
  constexpr verdict judge(before_size const& before, after_size const& after, bool input) const {
    size_facts const a = sides_.facts(before), b = sides_.facts(after);
    if (a.is(size_form::unstated))
      return b.is(size_form::unstated) ? verdict{}
                                       : verdict::of(change_kind::size_stated, input && b.is(size_form::number));
    // An input that takes any size takes the old ones, too.
    if (b.is(size_form::unstated)) return verdict::of(change_kind::size_unstated, !input);
    if (b.is(size_form::number)) {
      if (!a.is(size_form::number)) return verdict::of(change_kind::axis_fixed, true);
      return a == b ? verdict{} : verdict::of(change_kind::size_changed, true);
    }
    if (a.is(size_form::number))
      return verdict::of(change_kind::axis_freed, !input || !b.is(size_form::axis) || !sides_.takes(b.axis(), a.value));
    if (same(before, after)) return {};
    // Of single axes of inputs, `merges` says it.
    bool const is_single = a.is(size_form::axis) && b.is(size_form::axis);
    if (input && is_single && !conflict(a.axis(), b.axis())) return {};
    bool const unbound = !input && b.is(size_form::axis) && !after_[b.axis()].is_bound;
    return verdict::of(unbound ? change_kind::relation_lost : change_kind::size_changed, true);
  }

  /// Is the second at this place an axis that stands for another one before?
  constexpr bool merges(before_size const& before, after_size const& after) const {
    size_facts const a = sides_.facts(before), b = sides_.facts(after);
    return a.is(size_form::axis) && b.is(size_form::axis) && after_[b.axis()].has_several &&
           after_[b.axis()].partner != a.axis() && !conflict(a.axis(), b.axis());
  }

 private:
  // Are two axes at one place known to be different ones, because each side has both names?
  constexpr bool conflict(std::size_t a, std::size_t b) const {
    return before_[a].namesake != b && before_[a].namesake != no_axis && after_[b].namesake != no_axis;
  }

  constexpr void pair(std::size_t a, std::size_t b) {
    auto const meet = [](auto& axis, std::size_t other) {
      if (axis.partner == no_axis) axis.partner = other;
      axis.has_several = axis.has_several || axis.partner != other;
      axis.meets_namesake = axis.meets_namesake || axis.namesake == other;
    };
    meet(before_[a], b);
    meet(after_[b], a);
  }

  // An axis of one side at a place where the other has an expression is a name for the expression, which ONNX has no
  // other way to write. It says the same size only if an input has it.
  constexpr void find_aliases(bool inputs) {
    sides_.for_each_place(inputs, [&](before_size const& before, after_size const& after) {
      size_facts const a = sides_.facts(before), b = sides_.facts(after);
      if (a.is(size_form::expression) && b.is(size_form::axis)) {
        auto& axis = after_[b.axis()];
        if (axis.is_bound && axis.partner == no_axis && !axis.is_taken && !axis.is_alias) {
          axis.is_alias = true;
          axis.size = before;
        }
      } else if (b.is(size_form::expression) && a.is(size_form::axis)) {
        auto& axis = before_[a.axis()];
        if (axis.chosen == no_axis && !axis.is_alias) {
          axis.is_alias = true;
          axis.size = after;
        }
      }
    });
  }

  // The index of an axis among those of both sides, if it is no name for an expression.
  constexpr std::size_t common(std::size_t a) const {
    return before_[a].chosen != no_axis ? before_[a].chosen : after_.size() + a;
  }

  constexpr bool same(before_size const& before, after_size const& after) const {
    return is_spelled_alike(before, after) || is_equal(before, after);
  }

  constexpr bool is_spelled_alike(before_size const& before, after_size const& after) const {
    return sides_.read(before, [&](program a, auto const& symbol_of_a) {
      return sides_.read(after, [&](program b, auto const& symbol_of_b) {
        bool same = a.size() == b.size();
        for (std::size_t i = 0; same && i < a.size(); ++i) {
          same = a[i].code == b[i].code;
          if (same && a[i].code == operation::symbol) {
            size_facts x = symbol_of_a(a[i].value);
            size_facts const y = symbol_of_b(b[i].value);
            if (x.is(size_form::axis) && before_[x.axis()].is_alias) return false;
            if (x.is(size_form::axis)) x.value = static_cast<std::int64_t>(common(x.axis()));
            same = x == y && !(y.is(size_form::axis) && after_[y.axis()].is_alias);
          } else if (same && a[i].code == operation::constant) {
            same = a[i].value == b[i].value;
          }
        }
        return same;
      });
    });
  }

  constexpr bool is_equal(before_size const& before, after_size const& after) const {
    bool equal = false;
    visit_canonical([&](auto& sizes) { return sizes.subtract(of_before(sizes, before), of_after(sizes, after)); },
                    [&](auto const&, auto const& difference) { equal = difference.size == 0; });
    return equal;
  }

  template <class Algebra>
  static constexpr auto expand(Algebra& sizes, program code, auto const& symbol, auto const& axis) {
    return sizes.from(code, [&](std::size_t index) {
      size_facts const facts = symbol(static_cast<std::int64_t>(index));
      return facts.is(size_form::number) ? sizes.number(facts.value) : axis(facts.axis());
    });
  }
  template <class Algebra>
  constexpr typename Algebra::polynomial of_before(Algebra& sizes, before_size const& size) const {
    return sides_.read(size, [&](program code, auto const& symbol) {
      return expand(sizes, code, symbol, [&](std::size_t a) {
        if (!before_[a].is_alias) return sizes.symbol(common(a));
        return sides_.read(before_[a].size, [&](program alias, auto const& symbol_of_alias) {
          return expand(sizes, alias, symbol_of_alias, [&](std::size_t b) { return sizes.symbol(b); });
        });
      });
    });
  }
  template <class Algebra>
  constexpr typename Algebra::polynomial of_after(Algebra& sizes, after_size const& size) const {
    return sides_.read(size, [&](program code, auto const& symbol) {
      return expand(sizes, code, symbol, [&](std::size_t b) {
        return after_[b].is_alias ? of_before(sizes, after_[b].size) : sizes.symbol(b);
      });
    });
  }

  Sides& sides_;
  std::span<matched_axis<after_size>> before_;
  std::span<matched_axis<before_size>> after_;
};

}  // namespace constexport::detail
