/// check/size_solution.hpp: what the axes of one interface are by the sizes of another.
///
/// Room: check, private (namespace detail). Includes core, size_facts.hpp and freestanding standard headers; no heap,
/// no exceptions: what it has to remember is held by the two sides. size_matching.hpp judges by it.
#pragma once

#include <constexport/check/size_facts.hpp>
#include <constexport/core/canonical.hpp>
#include <constexport/core/program.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace constexport::detail {

enum class solved_by : std::uint8_t {
  nothing,   ///< the axis stands for itself
  place,     ///< the other side's size at a place where this side has the axis alone
  equation,  ///< the sizes at a place where all others of the expression are known
  name,      ///< the other side's axis `named`: any would do, and this one is called so
};

/// What is known of one axis: `Own` is a size of its side, `Other` one of the other side.
template <class Own, class Other>
struct matched_axis {
  std::size_t namesake = no_axis;  ///< the other side's axis of this name
  std::size_t partner = no_axis;   ///< the first axis at its places
  bool has_several = false;        ///< are there others at its places?
  bool is_bound = false;           ///< has an input the axis, so that its size is known from the feeds?
  solved_by how = solved_by::nothing;
  std::uint8_t preference = 0;  ///< of the place that solves it
  std::uint8_t depth = 0;       ///< of expressions within expressions in its solution
  std::size_t named = no_axis;
  std::size_t next_mistaken = no_axis;  ///< a list of those whose solution does not fit
  Own own{};                            ///< the sizes at the place that solves it
  Other other{};
};

/// Callers give sizes of `before`: an axis that inputs of `after` have is what `before` has at its places, in terms of
/// its axes. Data decides sizes of `after`: an axis that only outputs of `before` have is what `after` has at its
/// places.
///
/// The two `Sides` of a comparison have
/// - `before_size`, `after_size`: types of handles, equal for the same place, and `facts(size)`,
///   `read(size, visit(program, facts of a symbol))`;
/// - `before_axes()`, `after_axes()`: their axes, with `namesake` and `is_bound`; `before_range(axis)`,
/// `after_range(axis)`;
/// - `for_each_place(inputs, visit(before, after))`: the sizes at one place of inputs or outputs, in order.
template <class Sides>
class size_solution {
 public:
  using before_size = typename Sides::before_size;
  using after_size = typename Sides::after_size;

  constexpr explicit size_solution(Sides& sides)
      : sides_(sides), before_(sides.before_axes()), after_(sides.after_axes()) {
    for (bool const inputs : {true, false})
      for_each_partner(inputs, [&](std::size_t a, std::size_t b) {
        meet(before_[a], b);
        meet(after_[b], a);
      });
    solve<side::after>();
    solve<side::before>();
  }

  /// Calls `visit(axis before, axis after)` for every place of inputs or outputs at which both stand alone.
  template <class Visit>
  constexpr void for_each_partner(bool inputs, Visit&& visit) const {
    sides_.for_each_place(inputs, [&](before_size const& before, after_size const& after) {
      size_facts const a = sides_.facts(before), b = sides_.facts(after);
      if (!a.is(size_form::axis) || !b.is(size_form::axis) || conflict(a.axis(), b.axis())) return;
      // What an output has of inputs follows from them.
      if (inputs || (!before_[a.axis()].is_bound && !after_[b.axis()].is_bound)) visit(a.axis(), b.axis());
    });
  }

  /// Are two axes at one place known to be different ones, because each side has both names?
  constexpr bool conflict(std::size_t a, std::size_t b) const {
    return before_[a].namesake != b && before_[a].namesake != no_axis && after_[b].namesake != no_axis;
  }

  /// The axis in whose place, by the solution, an axis stands although both sides have both names.
  constexpr std::size_t displaced(std::size_t b) const {
    if (after_[b].how != solved_by::place) return no_axis;
    size_facts const a = sides_.facts(after_[b].other);
    return a.is(size_form::axis) && conflict(a.axis(), b) ? a.axis() : no_axis;
  }
  /// Such an axis is the one of its own name, although no caller can give it so: this is how people read it.
  constexpr void take_name(std::size_t b) {
    if (displaced(b) == no_axis || !before_[after_[b].namesake].is_bound) return;
    after_[b].how = solved_by::name;
    after_[b].named = after_[b].namesake;
  }

  /// Are the sizes at one place one for all sizes that callers give and data decides?
  constexpr bool same(before_size const& before, after_size const& after) const {
    return is_spelled_alike(before, after) || is_equal(before, after);
  }

  /// Is `after` all that its place in `before`, whose size is not stated, may be?
  constexpr bool is_free(before_size const& before, after_size const& after) const {
    size_facts const b = sides_.facts(after);
    if (!b.is(size_form::axis)) return false;
    auto const& axis = after_[b.axis()];
    return axis.how == solved_by::place && axis.other == before;
  }

  /// Are all sizes at a place of an input legal for an axis that `after` has there?
  constexpr bool takes(std::size_t b, before_size const& before) const {
    return is_within(sides_.after_range(b), true, [&](auto& sizes) {
      size_facts const a = sides_.facts(before);
      if (a.is(size_form::unstated)) return sizes.symbol(before_.size() + b);
      return a.is(size_form::axis) ? free_symbol(sizes, a.axis(), sides_.before_range(a.axis()))
                                   : of_before(sizes, before);
    });
  }
  /// The same of the axes of an expression, which stand nowhere alone.
  constexpr bool takes_parts(after_size const& after) const {
    bool result = true;
    for_each_axis(after, [&](std::size_t b) {
      if (after_[b].how != solved_by::equation && after_[b].how != solved_by::name) return;
      result = result && is_within(sides_.after_range(b), false, [&](auto& sizes) { return value_after(sizes, b); });
    });
    return result;
  }
  /// Are all sizes at a place of an output legal for the axis that `before` has there?
  constexpr bool takes(after_size const& after, std::size_t a) const {
    return is_within(sides_.before_range(a), true, [&](auto& sizes) { return of_after(sizes, after); });
  }
  constexpr bool takes_parts(before_size const& before) const {
    bool result = true;
    for_each_axis(before, [&](std::size_t a) {
      if (before_[a].is_bound || (before_[a].how != solved_by::equation && before_[a].how != solved_by::name)) return;
      result = result && is_within(sides_.before_range(a), false, [&](auto& sizes) { return value_before(sizes, a); });
    });
    return result;
  }

  /// Calls `visit(axis)` for the axes that a size is made of, perhaps more than once.
  constexpr void for_each_axis(auto const& size, auto const& visit) const {
    size_facts const facts = sides_.facts(size);
    if (facts.is(size_form::axis)) visit(facts.axis());
    if (!facts.is(size_form::expression)) return;
    sides_.read(size, [&](program code, auto const& symbol) {
      for (instruction const step : code) {
        if (step.code != operation::symbol) continue;
        size_facts const part = symbol(step.value);
        if (part.is(size_form::axis)) visit(part.axis());
      }
    });
  }

 private:
  enum class side : std::uint8_t { before, after };
  // Solutions within solutions multiply; nothing that people write goes deeper.
  static constexpr int deepest = 2;

  template <side Own>
  constexpr auto axes() const {
    if constexpr (Own == side::after)
      return after_;
    else
      return before_;
  }
  template <side Own>
  constexpr legal_sizes range_of(std::size_t axis) const {
    if constexpr (Own == side::after)
      return sides_.after_range(axis);
    else
      return sides_.before_range(axis);
  }
  // Is the axis one that the other side decides, and not decided yet?
  template <side Own>
  constexpr bool is_open(std::size_t axis) const {
    if (axes<Own>()[axis].is_bound != (Own == side::after) || axes<Own>()[axis].how != solved_by::nothing) return false;
    interval const times = times_of(range_of<Own>(axis));
    return times.minimum != times.maximum;
  }
  template <side Own, class Visit>
  constexpr void for_each_place(Visit const& visit) const {
    sides_.for_each_place(Own == side::after, [&](before_size const& before, after_size const& after) {
      if constexpr (Own == side::after)
        visit(after, before);
      else
        visit(before, after);
    });
  }

  static constexpr void meet(auto& axis, std::size_t other) {
    if (axis.partner == no_axis) axis.partner = other;
    axis.has_several = axis.has_several || axis.partner != other;
  }

  template <side Own>
  constexpr void solve() {
    for_each_place<Own>([&](auto const& own, auto const& other) { solve_by_place<Own>(own, other); });
    std::size_t open = 0;
    for (std::size_t i = 0; i < axes<Own>().size(); ++i) open += is_open<Own>(i) ? 1u : 0u;
    // Each round can rest on the one before it.
    for (int round = 0; open > 0 && round <= deepest; ++round) {
      std::size_t const open_before = open;
      for_each_place<Own>([&](auto const& own, auto const& other) {
        if (std::size_t const axis = only_open<Own>(own); axis != no_axis && solve_by_equation<Own>(axis, own, other))
          --open;
      });
      if (open == open_before) break;
    }
    if (open == 0) return;
    // What no equation decides, names do; also an axis at no place that both sides have: their inputs or ranks differ,
    // and more is not to be said.
    for (std::size_t i = 0; i < axes<Own>().size(); ++i)
      if (is_open<Own>(i)) take<Own>(i, axes<Own>()[i].namesake);
    for_each_place<Own>([&](auto const& own, auto const& other) {
      for_each_axis(own, [&](std::size_t axis) {
        if (!is_open<Own>(axis) || (only_open<Own>(own) == axis && solve_by_equation<Own>(axis, own, other))) return;
        // Of two expressions, one's axis that has no partner is the other's.
        if (sides_.facts(own).is(size_form::expression) && sides_.facts(other).is(size_form::expression))
          for_each_axis(other, [&](std::size_t each) {
            if (is_open<Own>(axis) && axes<opposite<Own>>()[each].partner == no_axis) take<Own>(axis, each);
          });
      });
    });
  }

  template <side Own>
  constexpr void solve_by_place(auto const& own, auto const& other) {
    size_facts const facts = sides_.facts(own), source = sides_.facts(other);
    if (!facts.is(size_form::axis) || (Own == side::before && source.is(size_form::unstated))) return;
    auto& axis = axes<Own>()[facts.axis()];
    if (axis.is_bound != (Own == side::after)) return;
    std::uint8_t const preference = source.is(size_form::unstated)   ? 1
                                    : !source.is(size_form::axis)    ? 2
                                    : source.axis() == axis.namesake ? 4
                                                                     : 3;
    if (preference <= axis.preference) return;
    int const depth = depth_of<opposite<Own>>(other) + (source.is(size_form::expression) ? 1 : 0);
    if (depth > deepest) return;
    axis.how = solved_by::place;
    axis.preference = preference;
    axis.depth = static_cast<std::uint8_t>(depth);
    axis.own = own;
    axis.other = other;
  }

  // The axis that is not solved, if it is one.
  template <side Own>
  constexpr std::size_t only_open(auto const& own) const {
    std::size_t result = no_axis;
    bool is_one = true;
    for_each_axis(own, [&](std::size_t axis) {
      if (!is_open<Own>(axis) || axis == result) return;
      is_one = is_one && result == no_axis;
      result = axis;
    });
    return is_one ? result : no_axis;
  }

  template <side Own>
  constexpr bool solve_by_equation(std::size_t index, auto const& own, auto const& other) {
    if (!sides_.facts(own).is(size_form::expression) || sides_.facts(other).is(size_form::unstated)) return false;
    auto& axis = axes<Own>()[index];
    int const of_own = depth_of<Own>(own), of_other = depth_of<opposite<Own>>(other);
    int const depth = 1 + (of_own > of_other ? of_own : of_other);
    if (depth > deepest) return false;
    axis.own = own;
    axis.other = other;
    bool is_solved = false;
    visit_canonical(
        [&](auto& sizes) {
          auto result = sizes.number(0);
          is_solved = solved<Own>(sizes, index, result);
          return result;
        },
        [&](auto const&, auto const&) {
          if (!is_solved) return;
          axis.how = solved_by::equation;
          axis.depth = static_cast<std::uint8_t>(depth);
        });
    return axis.how == solved_by::equation;
  }

  template <side Own>
  constexpr void take(std::size_t index, std::size_t other) {
    if (other == no_axis || axes<opposite<Own>>()[other].is_bound != (Own == side::after)) return;
    auto& axis = axes<Own>()[index];
    axis.how = solved_by::name;
    axis.named = other;
    if (axes<opposite<Own>>()[other].partner == no_axis) axes<opposite<Own>>()[other].partner = index;
  }

  template <side Own>
  static constexpr side opposite = Own == side::after ? side::before : side::after;

  template <side Own>
  constexpr int depth_of(auto const& size) const {
    int result = 0;
    for_each_axis(size, [&](std::size_t axis) {
      if (int const depth = axes<Own>()[axis].depth; depth > result) result = depth;
    });
    return result;
  }

  constexpr bool is_spelled_alike(before_size const& before, after_size const& after) const {
    size_facts const x = sides_.facts(before), y = sides_.facts(after);
    if (x.form != y.form) return false;
    if (x.is(size_form::number)) return x == y;
    if (x.is(size_form::axis)) return is_axis(x.axis(), y.axis());
    return sides_.read(before, [&](program a, auto const& symbol_of_a) {
      return sides_.read(after, [&](program b, auto const& symbol_of_b) {
        bool same = a.size() == b.size();
        for (std::size_t i = 0; same && i < a.size(); ++i) {
          same = a[i].code == b[i].code;
          if (same && a[i].code == operation::symbol) {
            size_facts const left = symbol_of_a(a[i].value), right = symbol_of_b(b[i].value);
            same = left.is(size_form::axis) && right.is(size_form::axis) ? is_axis(left.axis(), right.axis())
                                                                         : left == right;
          } else if (same && a[i].code == operation::constant) {
            same = a[i].value == b[i].value;
          }
        }
        return same;
      });
    });
  }
  // Is the solution plainly the other axis?
  constexpr bool is_axis(std::size_t a, std::size_t b) const {
    auto const& left = before_[a];
    auto const& right = after_[b];
    if (right.how == solved_by::name) return right.named == a;
    if (right.how == solved_by::place) {
      size_facts const source = sides_.facts(right.other);
      return source.is(size_form::axis) && source.axis() == a;
    }
    return right.how == solved_by::nothing && left.how == solved_by::place &&
           sides_.facts(left.other).is(size_form::axis) && sides_.facts(left.other).axis() == b;
  }

  constexpr bool is_equal(before_size const& before, after_size const& after) const {
    bool equal = false;
    visit_canonical([&](auto& sizes) { return sizes.subtract(of_before(sizes, before), of_after(sizes, after)); },
                    [&](auto const&, auto const& difference) { equal = difference.size == 0; });
    return equal;
  }

  // `raw`: an axis that stands for itself.
  template <class Algebra>
  constexpr typename Algebra::polynomial of_before(Algebra& sizes, before_size const& size,
                                                   std::size_t raw = no_axis) const {
    return expand(sizes, size, [&](std::size_t a) { return a == raw ? sizes.symbol(a) : value_before(sizes, a); });
  }
  template <class Algebra>
  constexpr typename Algebra::polynomial of_after(Algebra& sizes, after_size const& size,
                                                  std::size_t raw = no_axis) const {
    return expand(sizes, size,
                  [&](std::size_t b) { return b == raw ? sizes.symbol(before_.size() + b) : value_after(sizes, b); });
  }
  template <class Algebra>
  constexpr typename Algebra::polynomial expand(Algebra& sizes, auto const& size, auto const& axis) const {
    size_facts const facts = sides_.facts(size);
    if (facts.is(size_form::number)) return sizes.number(facts.value);
    if (facts.is(size_form::axis)) return axis(facts.axis());
    return sides_.read(size, [&](program code, auto const& symbol) {
      return sizes.from(code, [&](std::size_t index) {
        size_facts const part = symbol(static_cast<std::int64_t>(index));
        return part.is(size_form::number) ? sizes.number(part.value) : axis(part.axis());
      });
    });
  }

  template <class Algebra>
  constexpr typename Algebra::polynomial value_before(Algebra& sizes, std::size_t a) const {
    auto const& axis = before_[a];
    typename Algebra::polynomial result;
    if (axis.how == solved_by::place) return of_after(sizes, axis.other);
    if (axis.how == solved_by::name) return value_after(sizes, axis.named);
    if (axis.how == solved_by::equation && solved<side::before>(sizes, a, result)) return result;
    return free_symbol(sizes, a, sides_.before_range(a));
  }
  template <class Algebra>
  constexpr typename Algebra::polynomial value_after(Algebra& sizes, std::size_t b) const {
    auto const& axis = after_[b];
    typename Algebra::polynomial result;
    if (axis.how == solved_by::place && !sides_.facts(axis.other).is(size_form::unstated))
      return of_before(sizes, axis.other);
    if (axis.how == solved_by::name) return value_before(sizes, axis.named);
    if (axis.how == solved_by::equation && solved<side::after>(sizes, b, result)) return result;
    bool const is_given = axis.how == solved_by::place;
    return free_symbol(sizes, before_.size() + b, is_given ? legal_sizes{} : sides_.after_range(b));
  }
  template <side Own, class Algebra>
  constexpr bool solved(Algebra& sizes, std::size_t index, typename Algebra::polynomial& result) const {
    auto const& axis = axes<Own>()[index];
    if constexpr (Own == side::after)
      return sizes.solve(sizes.subtract(of_after(sizes, axis.own, index), of_before(sizes, axis.other)),
                         before_.size() + index, result);
    else
      return sizes.solve(sizes.subtract(of_before(sizes, axis.own, index), of_after(sizes, axis.other)), index, result);
  }

  // An axis whose sizes are multiples is so many times a number of its own.
  template <class Algebra>
  static constexpr typename Algebra::polynomial free_symbol(Algebra& sizes, std::size_t index,
                                                            legal_sizes const& range) {
    interval const times = times_of(range);
    if (times.minimum == times.maximum) return sizes.number(times.minimum * range.multiple);
    auto const result = sizes.symbol(index);
    return range.multiple == 1 ? result : sizes.multiply(result, sizes.number(range.multiple));
  }

  // Of which symbols may `make` have a value outside a range? `is_size`: of callers, which give no negative sizes.
  template <class Make>
  constexpr bool is_within(legal_sizes const& range, bool is_size, Make const& make) const {
    std::int64_t const least = range.is_stated ? range.minimum : 0;
    if (is_size && least <= 0 && range.maximum == unbounded && range.multiple == 1) return true;
    bool result = false;
    visit_canonical(make, [&](auto const& sizes, auto const& canonical) {
      interval const found = bounds_of(sizes, canonical);
      std::int64_t const smallest = is_size && found.minimum < 0 ? 0 : found.minimum;
      result = smallest >= least && found.maximum <= range.maximum && sizes.divides(range.multiple, canonical);
    });
    return result;
  }

  constexpr interval bounds_of(auto const& sizes, auto const& canonical) const {
    constexpr std::size_t most = 32;
    std::array<instruction, 128> code{};
    std::array<std::size_t, most> symbols{};
    std::array<interval, most> ranges{};
    std::size_t size = 0, count = 0;
    bool fits = true;
    sizes.write(canonical, [&](instruction step) {
      if (step.code == operation::symbol) {
        auto const symbol = static_cast<std::size_t>(step.value);
        std::size_t at = 0;
        while (at < count && symbols[at] != symbol) ++at;
        if (at == most || size == code.size()) {
          fits = false;
          return;
        }
        if (at == count) {
          symbols[count] = symbol;
          ranges[count++] = interval_of(symbol);
        }
        step.value = static_cast<std::int64_t>(at);
      }
      if (size < code.size())
        code[size++] = step;
      else
        fits = false;
    });
    program const written(code.data(), size);
    if (!fits || !is_well_formed(written, count)) return {-unbounded, unbounded};
    return bounds(written, ranges);
  }
  constexpr interval interval_of(std::size_t symbol) const {
    bool const is_before = symbol < before_.size();
    std::size_t const index = is_before ? symbol : symbol - before_.size();
    // What a caller gives where nothing is stated has the axis that takes it for a name only.
    legal_sizes const range = is_before                               ? sides_.before_range(index)
                              : after_[index].how == solved_by::place ? legal_sizes{}
                                                                      : sides_.after_range(index);
    return times_of(range);
  }
  static constexpr interval times_of(legal_sizes const& range) {
    std::int64_t const least = range.minimum / range.multiple + (range.minimum % range.multiple > 0 ? 1 : 0);
    return {least, range.maximum == unbounded ? unbounded : range.maximum / range.multiple};
  }

  Sides& sides_;
  std::span<matched_axis<before_size, after_size>> before_;
  std::span<matched_axis<after_size, before_size>> after_;
};

}  // namespace constexport::detail
