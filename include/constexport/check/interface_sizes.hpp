/// check/interface_sizes.hpp: two interfaces as the sides of a comparison: their tensors in pairs, and their sizes.
///
/// Room: check, private to compare.hpp (namespace detail). Includes core, model_interface.hpp, size_matching.hpp and
/// the standard library.
#pragma once

#include <constexport/check/model_interface.hpp>
#include <constexport/check/size_matching.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace constexport::detail {

/// Tensors of two lists in pairs.
class matched_tensors {
 public:
  void add(interface_tensor const& before, interface_tensor const& after) {
    partners_[&before] = &after;
    origins_[&after] = &before;
  }
  interface_tensor const* partner(interface_tensor const& of) const { return find(partners_, of); }
  interface_tensor const* origin(interface_tensor const& of) const { return find(origins_, of); }

 private:
  using map = std::map<interface_tensor const*, interface_tensor const*>;
  static interface_tensor const* find(map const& in, interface_tensor const& of) {
    auto const at = in.find(&of);
    return at == in.end() ? nullptr : at->second;
  }
  map partners_, origins_;
};

/// By name; of those that are left, by position where dtype and rank are the same.
inline matched_tensors match_tensors(std::vector<interface_tensor> const& before,
                                     std::vector<interface_tensor> const& after) {
  matched_tensors result;
  std::map<std::string_view, interface_tensor const*> by_name;
  for (interface_tensor const& each : after) by_name.emplace(each.name, &each);
  for (interface_tensor const& each : before)
    if (auto const at = by_name.find(each.name); at != by_name.end() && !result.origin(*at->second))
      result.add(each, *at->second);
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i)
    if (!result.partner(before[i]) && !result.origin(after[i]) && before[i].type == after[i].type &&
        before[i].what == after[i].what && before[i].dims.size() == after[i].dims.size() && !before[i].has_default &&
        !after[i].has_default)
      result.add(before[i], after[i]);
  return result;
}

/// One dimension, looked at alone.
inline size_facts facts_of(interface_dim const& dim) {
  if (dim.number) return {size_form::number, *dim.number};
  if (dim.code.empty()) return {};
  if (auto const axis = dim.axis()) return {size_form::axis, static_cast<std::int64_t>(*axis)};
  return {size_form::expression, 0};
}

/// The sides of a size_matching.
class interface_sizes {
 public:
  struct before_size {
    interface_dim const* dim = nullptr;
    friend bool operator==(before_size, before_size) = default;
  };
  struct after_size {
    interface_dim const* dim = nullptr;
    friend bool operator==(after_size, after_size) = default;
  };

  interface_sizes(model_interface const& before, model_interface const& after)
      : before_(before),
        after_(after),
        inputs_(match_tensors(before.inputs, after.inputs)),
        outputs_(match_tensors(before.outputs, after.outputs)),
        before_axes_(before.axes.size()),
        after_axes_(after.axes.size()) {
    std::map<std::string_view, std::size_t> after_names;
    for (std::size_t i = 0; i < after.axes.size(); ++i) after_names.emplace(after.axes[i].name, i);
    for (std::size_t i = 0; i < before.axes.size(); ++i)
      if (auto const at = after_names.find(before.axes[i].name); at != after_names.end()) {
        before_axes_[i].namesake = at->second;
        after_axes_[at->second].namesake = i;
      }
    for (interface_tensor const& each : before.inputs) bind(each, before_axes_);
    // What callers do not know, they do not give.
    for (interface_tensor const& each : after.inputs)
      if (!each.has_default || inputs_.origin(each)) bind(each, after_axes_);
  }

  matched_tensors const& inputs() const { return inputs_; }
  matched_tensors const& outputs() const { return outputs_; }

  std::span<matched_axis<before_size, after_size>> before_axes() { return before_axes_; }
  std::span<matched_axis<after_size, before_size>> after_axes() { return after_axes_; }
  legal_sizes before_range(std::size_t axis) const { return range_of(before_.axes[axis]); }
  legal_sizes after_range(std::size_t axis) const { return range_of(after_.axes[axis]); }

  static size_facts facts(before_size size) { return facts_of(*size.dim); }
  static size_facts facts(after_size size) { return facts_of(*size.dim); }

  template <class Size, class Visit>
  static auto read(Size size, Visit const& visit) {
    return visit(program{size.dim->code}, [](std::int64_t axis) { return size_facts{size_form::axis, axis}; });
  }

  template <class Visit>
  void for_each_place(bool inputs, Visit const& visit) const {
    for (interface_tensor const& each : inputs ? before_.inputs : before_.outputs) {
      interface_tensor const* const partner = (inputs ? inputs_ : outputs_).partner(each);
      if (partner == nullptr || partner->dims.size() != each.dims.size()) continue;
      for (std::size_t i = 0; i < each.dims.size(); ++i)
        visit(before_size{&each.dims[i]}, after_size{&partner->dims[i]});
    }
  }

 private:
  static void bind(interface_tensor const& input, auto& axes) {
    for (interface_dim const& dim : input.dims)
      for (instruction const step : dim.code)
        if (step.code == operation::symbol) axes[static_cast<std::size_t>(step.value)].is_bound = true;
  }
  static legal_sizes range_of(interface_axis const& axis) {
    return axis.has_range ? legal_sizes{true, axis.minimum, axis.maximum, axis.multiple} : legal_sizes{};
  }

  model_interface const& before_;
  model_interface const& after_;
  matched_tensors inputs_, outputs_;
  std::vector<matched_axis<before_size, after_size>> before_axes_;
  std::vector<matched_axis<after_size, before_size>> after_axes_;
};

}  // namespace constexport::detail
