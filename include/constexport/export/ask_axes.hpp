/// export/ask_axes.hpp: which dimensions a module leaves free, where the contract asks ("?").
///
/// Room: export. Includes assignment.hpp and derived_contract.hpp. export.hpp asks before it records. The module is run
/// at other sizes: what it refuses is fixed, what it takes only together is one axis.
#pragma once

#include <constexport/export/assignment.hpp>
#include <constexport/export/derived_contract.hpp>
#include <constexport/export/module_state.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace constexport {

namespace detail {

class axis_question {
 public:
  axis_question(exportable const& what, bound_contract const& bound, double child_seconds)
      : what_(what), bound_(bound), seconds_(child_seconds) {
    for (std::size_t const axis : free_axes(bound)) {
      symbol_row const& row = bound.table->symbols[axis];
      defaults_[axis] = legal_size(row, std::max<std::int64_t>(row.dummy, 2));
      if (row.is_asked) asked_.push_back(axis);
    }
  }

  std::shared_ptr<derived_contract> answer() {
    symbol_values const base = accepted_sizes();
    std::vector<std::size_t> same(bound_.table->symbols.size());
    for (std::size_t i = 0; i < same.size(); ++i) same[i] = i;
    std::vector<std::int64_t> multiple(same.size(), 0);  // 0: fixed
    std::set<std::size_t> done;
    for (std::size_t const axis : asked_) {
      if (done.count(axis) != 0) continue;
      for (std::vector<std::size_t> const& group : groups(axis, base, done)) {
        std::int64_t const step = step_of(group, base);
        if (step == 0) continue;
        for (std::size_t const each : group) {
          same[each] = axis;
          multiple[each] = step;
          done.insert(each);
        }
        break;
      }
    }
    auto result = std::make_shared<derived_contract>(bound_, same);
    for (std::size_t const axis : asked_)
      if (multiple[axis] == 0)
        result->fix(axis, base[axis]);
      else
        result->free(axis, base[axis], multiple[axis]);
    return result;
  }

 private:
  bool takes(symbol_values const& sizes) const {
    return succeeds([&] { what_.forward(make_inputs(bound_, sizes, 1)); }, seconds_);
  }

  // Sizes at which the module runs: one for all, then those that its weights suggest, axis by axis.
  symbol_values accepted_sizes() const {
    std::vector<std::int64_t> sizes{4, 8, 16, 32, 64, 128, 224, 256};
    std::set<std::int64_t> of_weights;
    for (named_tensor const& each : state_of(what_))
      for (std::int64_t const size : each.value.sizes())
        if (size > 1 && size <= 4096) of_weights.insert(size);
    sizes.insert(sizes.end(), of_weights.begin(), of_weights.end());
    for (std::int64_t size = 1; size <= 48; ++size) sizes.push_back(size);
    symbol_values tried = defaults_;
    for (std::int64_t const size : sizes) {
      for (std::size_t const axis : asked_) tried[axis] = legal_size(bound_.table->symbols[axis], size);
      if (takes(tried)) return tried;
    }
    // Two different fixed sizes and more: every axis goes through the weights' sizes.
    std::vector<std::int64_t> candidates(of_weights.begin(), of_weights.end());
    candidates.push_back(2);
    std::size_t combinations = 1;
    for (std::size_t i = 0; i < asked_.size() && combinations < limit; ++i) combinations *= candidates.size();
    for (std::size_t number = 0; number < std::min(combinations, limit); ++number) {
      std::size_t rest = number;
      for (std::size_t const axis : asked_) {
        tried[axis] = legal_size(bound_.table->symbols[axis], candidates[rest % candidates.size()]);
        rest /= candidates.size();
      }
      if (takes(tried)) return tried;
    }
    throw module_error(
        "No sizes were found at which the module runs, so that it cannot be asked which of them it leaves free. Give "
        "the axes defaults: {\"axes\": {\"" +
        std::string(bound_.table->symbols[asked_[0]].name) + "\": {\"default\": 224}}}.");
  }

  // The axis alone, with another of the same size, with all of them.
  std::vector<std::vector<std::size_t>> groups(std::size_t axis, symbol_values const& base,
                                               std::set<std::size_t> const& done) const {
    std::vector<std::vector<std::size_t>> result{{axis}};
    std::vector<std::size_t> all{axis};
    for (std::size_t const other : asked_)
      if (other != axis && base[other] == base[axis] && done.count(other) == 0) {
        result.push_back({axis, other});
        all.push_back(other);
      }
    if (all.size() > 2) result.push_back(all);
    return result;
  }

  // 1: any size; more: multiples of it only; 0: no other size.
  std::int64_t step_of(std::vector<std::size_t> const& group, symbol_values const& base) const {
    std::int64_t const size = base[group[0]];
    for (std::int64_t step = 1; step <= size; ++step) {
      if (size % step != 0) continue;
      bool all = true;
      for (std::int64_t const factor : {1, 2, 5}) {
        symbol_values tried = base;
        for (std::size_t const each : group) tried[each] = size + factor * step;
        all = all && takes(tried);
        if (!all) break;
      }
      if (all) return step;
    }
    return 0;
  }

  static constexpr std::size_t limit = 2000;

  exportable const& what_;
  bound_contract bound_;
  double seconds_;
  symbol_values defaults_ = bound_.values;
  std::vector<std::size_t> asked_;
};

}  // namespace detail

/// The contract with an answer for every dimension that it asks for ("?"): fixed, or an axis, or the same axis as
/// another; null if it asks for none. Throws module_error if no sizes are found at which the module runs.
inline std::shared_ptr<derived_contract> ask_axes(exportable const& what, bound_contract const& bound,
                                                  double child_seconds) {
  bool asks = false;
  for (symbol_row const& row : bound.table->symbols) asks = asks || row.is_asked;
  if (!asks) return nullptr;
  detail::single_thread const one;
  return detail::axis_question(what, bound, child_seconds).answer();
}

}  // namespace constexport
