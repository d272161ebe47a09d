/// check/size_matching.hpp: what a consumer meets where one interface has a size and another one has another: the one
/// rule by which sizes are compared.
///
/// Room: check, private (namespace detail). Includes core, change_kind.hpp, size_solution.hpp and freestanding standard
/// headers; no heap, no exceptions. `check` and `diff` ask it with interface_sizes.hpp, the compiler and a
/// microcontroller with described_sizes.hpp.
#pragma once

#include <constexport/check/change_kind.hpp>
#include <constexport/check/size_solution.hpp>

#include <cstddef>

namespace constexport::detail {

/// `after` replaces `before` if every call that `before` takes is taken, and outputs are then as `before` says. The
/// sizes that callers give decide the axes of `after` (size_solution.hpp); then every size of an input must be the one
/// that is given, and every size of an output the one that is promised. The kind of a change is what a person sees;
/// whether it breaks follows from this alone.
template <class Sides>
class size_matching {
 public:
  using before_size = typename Sides::before_size;
  using after_size = typename Sides::after_size;

  constexpr explicit size_matching(Sides& sides)
      : sides_(sides), before_(sides.before_axes()), after_(sides.after_axes()), solution_(sides) {
    // Where no solution fits, the one by names says best what does not.
    std::size_t last = no_axis;
    for (bool const inputs : {true, false})
      sides.for_each_place(inputs, [&](before_size const& before, after_size const& after) {
        if (!sides_.facts(before).is(size_form::unstated) && !solution_.same(before, after))
          solution_.for_each_axis(after, [&](std::size_t b) {
            // In a list, because what is taken now would judge the places that follow.
            if (after_[b].next_mistaken != no_axis || b == last) return;
            after_[b].next_mistaken = last == no_axis ? b : last;
            last = b;
          });
      });
    while (last != no_axis) {
      std::size_t const next = after_[last].next_mistaken;
      solution_.take_name(last);
      last = next == last ? no_axis : next;
    }
    for (std::size_t b = 0; b < after_.size(); ++b)
      if (std::size_t const a = solution_.displaced(b);
          a != no_axis && after_[before_[a].namesake].how == solved_by::name)
        solution_.take_name(b);
    // What follows from a merger is not said again.
    sides.for_each_place(true, [&](before_size const& before, after_size const& after) {
      size_facts const a = sides_.facts(before), b = sides_.facts(after);
      if (!a.is(size_form::axis) || !b.is(size_form::axis) || !after_[b.axis()].has_several ||
          solution_.conflict(a.axis(), b.axis()) || solution_.same(before, after) ||
          before_[a.axis()].how != solved_by::nothing)
        return;
      before_[a.axis()].how = solved_by::name;
      before_[a.axis()].named = b.axis();
    });
  }

  constexpr size_solution<Sides> const& solution() const { return solution_; }

  /// What a consumer of `before` meets where the other has `after`.
  constexpr verdict judge(before_size const& before, after_size const& after, bool input) const {
    size_facts const a = sides_.facts(before), b = sides_.facts(after);
    if (a.is(size_form::unstated)) {
      if (b.is(size_form::unstated)) return {};
      bool const takes_any = solution_.is_free(before, after) && solution_.takes(b.axis(), before);
      return verdict::of(change_kind::size_stated, input && !takes_any);
    }
    // An input that takes any size takes the old ones, too.
    if (b.is(size_form::unstated)) return verdict::of(change_kind::size_unstated, !input);
    return input ? judge_input(before, a, after, b) : judge_output(before, a, after, b);
  }

  /// Is the second at this place an axis that stands for another one before, where callers may give other sizes?
  constexpr bool merges(before_size const& before, after_size const& after) const {
    size_facts const a = sides_.facts(before), b = sides_.facts(after);
    return a.is(size_form::axis) && b.is(size_form::axis) && before_[a.axis()].is_bound &&
           before_[a.axis()].how == solved_by::name && before_[a.axis()].named == b.axis();
  }

  /// Does a size depend on data, as far as the inputs say?
  constexpr bool is_of_data(after_size const& after) const {
    bool result = false;
    solution_.for_each_axis(after, [&](std::size_t b) { result = result || !after_[b].is_bound; });
    return result;
  }

 private:
  constexpr verdict judge_input(before_size const& before, size_facts a, after_size const& after, size_facts b) const {
    if (!solution_.same(before, after)) {
      if (b.is(size_form::number)) return fixed(a, true);
      return verdict::of(a.is(size_form::number) ? change_kind::axis_freed : change_kind::size_changed, true);
    }
    if (b.is(size_form::number)) return fixed(a, false);
    if (b.is(size_form::expression) && !solution_.takes_parts(after))
      return verdict::of(change_kind::size_changed, true);
    if (a.is(size_form::number))
      return verdict::of(change_kind::axis_freed, b.is(size_form::axis) && !solution_.takes(b.axis(), before));
    if (a.is(size_form::expression) && b.is(size_form::axis)) return verdict::of(change_kind::relation_lost, false);
    return {};
  }

  constexpr verdict judge_output(before_size const& before, size_facts a, after_size const& after, size_facts b) const {
    bool const same = solution_.same(before, after);
    bool const is_promised =
        same && (a.is(size_form::axis) ? before_[a.axis()].is_bound || solution_.takes(after, a.axis())
                                       : solution_.takes_parts(before));
    if (b.is(size_form::number)) return fixed(a, !is_promised);
    if (a.is(size_form::number)) return verdict::of(change_kind::axis_freed, !same);
    bool const of_data = is_of_data(after);
    if (!same) return verdict::of(of_data ? change_kind::relation_lost : change_kind::size_changed, true);
    // Of single axes of data, their ranges say it.
    if (a.is(size_form::axis) && b.is(size_form::axis) && of_data) return {};
    if (!is_promised) return verdict::of(change_kind::size_changed, true);
    bool const was_of_data = a.is(size_form::axis) && !before_[a.axis()].is_bound;
    return was_of_data && !of_data ? verdict::of(change_kind::size_stated, false) : verdict{};
  }

  static constexpr verdict fixed(size_facts a, bool is_breaking) {
    if (!a.is(size_form::number)) return verdict::of(change_kind::axis_fixed, is_breaking);
    return is_breaking ? verdict::of(change_kind::size_changed, true) : verdict{};
  }

  Sides& sides_;
  std::span<matched_axis<before_size, after_size>> before_;
  std::span<matched_axis<after_size, before_size>> after_;
  size_solution<Sides> solution_;
};

}  // namespace constexport::detail
