/// check/axis_matching.hpp: which tensor and which axis of one interface is which of another.
///
/// Room: check, private to compare.hpp (namespace detail). Includes core, model_interface.hpp and the standard library.
#pragma once

#include <constexport/check/model_interface.hpp>
#include <constexport/core/canonical.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
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

/// Axes that stand at the same places of both interfaces, and a comparison of sizes that follows from them.
class matched_axes {
 public:
  matched_axes(model_interface const& before, model_interface const& after, matched_tensors const& inputs,
               matched_tensors const& outputs)
      : before_(&before),
        after_(&after),
        before_names_(names_of(before)),
        after_names_(names_of(after)),
        partners_(before.axes.size()),
        origins_(after.axes.size()),
        bound_(after.axes.size()) {
    for (interface_tensor const& each : after.inputs)
      for (interface_dim const& dim : each.dims)
        for (instruction const step : dim.code)
          if (step.code == operation::symbol) bound_[static_cast<std::size_t>(step.value)] = true;
    collect(before.inputs, inputs, {});
    // What no input has is matched by the outputs.
    std::vector<bool> known(before.axes.size());
    for (std::size_t i = 0; i < known.size(); ++i) known[i] = !partners_[i].empty();
    collect(before.outputs, outputs, known);
    for (std::size_t i = 0; i < before.axes.size(); ++i) choose(before.axes[i].name, partners_[i]);
    for (std::optional<std::size_t> const each : chosen_)
      if (each) taken_.insert(*each);
    find_aliases(before.inputs, inputs);
    find_aliases(before.outputs, outputs);
  }

  /// All axes at the places of one.
  std::set<std::size_t> const& partners(std::size_t before) const { return partners_[before]; }
  std::set<std::size_t> const& origins(std::size_t after) const { return origins_[after]; }
  /// The one that it is.
  std::optional<std::size_t> partner(std::size_t before) const { return chosen_[before]; }
  /// Does an input have the axis, so that its size is known from the feeds?
  bool is_bound(std::size_t after) const { return bound_[after]; }

  /// Are two axes at one place known to be different ones, because each interface has both names?
  bool conflict(std::size_t before, std::size_t after) const {
    std::string const &a = before_->axes[before].name, &b = after_->axes[after].name;
    return a != b && after_names_.contains(a) && before_names_.contains(b);
  }

  /// Are two expressions one size?
  bool same(interface_dim const& before, interface_dim const& after) const {
    std::vector<instruction> const a = translated(before.code);
    std::vector<instruction> b;
    for (instruction const step : after.code) {
      auto const alias =
          of_after_.find(step.code == operation::symbol ? static_cast<std::size_t>(step.value) : no_axis);
      if (alias == of_after_.end())
        b.push_back(step);
      else
        append(b, translated(alias->second));
    }
    if (std::ranges::equal(a, b)) return true;
    if (!is_well_formed(a, no_axis) || !is_well_formed(b, no_axis)) return false;
    algebra<> sizes;
    bool const equal = sizes.from(program{a}) == sizes.from(program{b});
    return sizes.ok() && equal;
  }

 private:
  void collect(std::vector<interface_tensor> const& list, matched_tensors const& tensors,
               std::vector<bool> const& known) {
    for (interface_tensor const& each : list) {
      interface_tensor const* const partner = tensors.partner(each);
      if (partner == nullptr || partner->dims.size() != each.dims.size()) continue;
      for (std::size_t i = 0; i < each.dims.size(); ++i) {
        std::optional<std::size_t> const a = each.dims[i].axis(), b = partner->dims[i].axis();
        if (!a || !b || conflict(*a, *b) || (!known.empty() && (known[*a] || bound_[*b]))) continue;
        partners_[*a].insert(*b);
        origins_[*b].insert(*a);
      }
    }
  }

  void choose(std::string const& name, std::set<std::size_t> const& all) {
    auto const same_name = after_names_.find(name);
    if (same_name != after_names_.end() && (all.empty() || all.contains(same_name->second)))
      chosen_.push_back(same_name->second);
    else
      chosen_.push_back(all.empty() ? std::nullopt : std::optional(*all.begin()));
  }

  // An axis of one interface at a place where the other has an expression is a name for the expression, which ONNX has
  // no other way to write. It says the same size only if an input has it.
  void find_aliases(std::vector<interface_tensor> const& list, matched_tensors const& tensors) {
    for (interface_tensor const& each : list) {
      interface_tensor const* const partner = tensors.partner(each);
      if (partner == nullptr || partner->dims.size() != each.dims.size()) continue;
      for (std::size_t i = 0; i < each.dims.size(); ++i) {
        interface_dim const &a = each.dims[i], &b = partner->dims[i];
        if (a.code.size() > 1 && b.axis() && bound_[*b.axis()] && origins_[*b.axis()].empty() &&
            !taken_.contains(*b.axis()))
          of_after_.emplace(*b.axis(), a.code);
        if (b.code.size() > 1 && a.axis() && !chosen_[*a.axis()]) of_before_.emplace(*a.axis(), b.code);
      }
    }
  }

  // In the other interface's axes; an axis that it does not have is a number of its own.
  std::vector<instruction> translated(std::vector<instruction> const& code) const {
    std::vector<instruction> result;
    for (instruction step : code) {
      if (step.code == operation::symbol) {
        auto const index = static_cast<std::size_t>(step.value);
        if (auto const alias = of_before_.find(index); alias != of_before_.end()) {
          append(result, alias->second);
          continue;
        }
        step.value = static_cast<std::int64_t>(chosen_[index].value_or(origins_.size() + index));
      }
      result.push_back(step);
    }
    return result;
  }
  static void append(std::vector<instruction>& to, std::vector<instruction> const& code) {
    to.insert(to.end(), code.begin(), code.end());
  }

  static constexpr auto no_axis = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  using names = std::map<std::string_view, std::size_t>;
  static names names_of(model_interface const& in) {
    names result;
    for (std::size_t i = 0; i < in.axes.size(); ++i) result.emplace(in.axes[i].name, i);
    return result;
  }

  model_interface const* before_;
  model_interface const* after_;
  names before_names_, after_names_;
  std::map<std::size_t, std::vector<instruction>> of_before_, of_after_;
  std::vector<std::set<std::size_t>> partners_, origins_;
  std::vector<bool> bound_;
  std::vector<std::optional<std::size_t>> chosen_;
  std::set<std::size_t> taken_;  // those that are chosen
};

}  // namespace constexport::detail
