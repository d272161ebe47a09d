/// check/compare.hpp: what changes for a consumer from one interface to another.
///
/// Room: check. Includes core, change.hpp, model_interface.hpp, interface_sizes.hpp and the standard library. check.hpp
/// compares a contract with a file; `constexport diff` two of either kind.
#pragma once

#include <constexport/check/change.hpp>
#include <constexport/check/interface_sizes.hpp>
#include <constexport/check/model_interface.hpp>
#include <constexport/check/size_matching.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace constexport {
namespace detail {

inline std::string joined_names(std::vector<interface_tensor const*> const& tensors) {
  std::string result;
  for (interface_tensor const* each : tensors) result += (result.empty() ? "" : ", ") + each->name;
  return result;
}

inline std::string range_text(interface_axis const& axis) {
  std::string text = std::to_string(axis.minimum) + " to ";
  text += axis.maximum == unbounded ? "any" : std::to_string(axis.maximum);
  if (axis.multiple != 1) text += ", multiples of " + std::to_string(axis.multiple);
  return text;
}

class comparison {
 public:
  comparison(model_interface const& before, model_interface const& after)
      : before_(before), after_(after), sizes_(before, after), matching_(sizes_) {
    for (interface_tensor const& each : before.inputs) input_of_.emplace(each.name, &each);
    list(before.inputs, after.inputs, sizes_.inputs(), true);
    list(before.outputs, after.outputs, sizes_.outputs(), false);
    axes();
    if (before.opset > 0 && after.opset > 0 && before.opset != after.opset)
      add(before.opset < after.opset ? change_kind::opset_raised : change_kind::opset_lowered, false, "opset",
          std::to_string(before.opset), std::to_string(after.opset));
  }
  std::vector<change> take() { return std::move(changes_); }

 private:
  // Changes of one kind from one thing to another are one change in several places.
  void add(change_kind kind, bool is_breaking, std::string place, std::string before, std::string after) {
    auto const [at, is_new] = known_.try_emplace({kind, is_breaking, before, after}, changes_.size());
    if (is_new)
      changes_.push_back({kind, is_breaking, {std::move(place)}, std::move(before), std::move(after)});
    else if (std::vector<std::string>& places = changes_[at->second].places; places.back() != place)
      places.push_back(std::move(place));
  }

  void add(verdict const& found, std::string place, std::string before, std::string after) {
    add(found.kind, found.is_breaking, std::move(place), std::move(before), std::move(after));
  }

  void list(std::vector<interface_tensor> const& before, std::vector<interface_tensor> const& after,
            matched_tensors const& matched, bool inputs) {
    for (interface_tensor const& each : before)
      if (!matched.partner(each))
        add(inputs ? change_kind::input_removed : change_kind::output_removed, true, each.name, {}, {});
    std::size_t last_kept = after.size();  // what is added behind it moves no other
    while (last_kept > 0 && !matched.origin(after[last_kept - 1])) --last_kept;
    for (std::size_t i = 0; i < after.size(); ++i)
      if (!matched.origin(after[i]) && !after[i].has_default)
        add(inputs ? change_kind::input_added : change_kind::output_added, inputs || i < last_kept, after[i].name, {},
            {});
    std::vector<interface_tensor const*> kept, in_new_order;
    for (interface_tensor const& each : before)
      if (interface_tensor const* const partner = matched.partner(each)) kept.push_back(partner);
    for (interface_tensor const& each : after)
      if (matched.origin(each)) in_new_order.push_back(&each);
    if (kept != in_new_order)
      add(inputs ? change_kind::inputs_reordered : change_kind::outputs_reordered, true, inputs ? "inputs" : "outputs",
          joined_names(kept), joined_names(in_new_order));
    for (interface_tensor const& each : before)
      if (interface_tensor const* const partner = matched.partner(each)) tensor(each, *partner, inputs);
  }

  void tensor(interface_tensor const& before, interface_tensor const& after, bool input) {
    if (before.name != after.name)
      add(input ? change_kind::input_renamed : change_kind::output_renamed, true, before.name, before.name, after.name);
    if (before.what != after.what) {
      auto const kind = [](interface_tensor const& each) { return std::string(wire::kind_name(each.what)); };
      add(change_kind::kind_changed, true, before.name, kind(before), kind(after));
      return;
    }
    if (verdict const type = dtype_verdict(before.type, after.type); type.differs)
      add(type, before.name, std::string(name_of(before.type)),
          after.type == dtype::undefined ? "?" : std::string(name_of(after.type)));
    if (input && before.has_default && !after.has_default) add(change_kind::input_added, true, before.name, {}, {});
    if (!input) pairing(before, after);
    if (input && before.values && after.values && *before.values != *after.values) {
      bool const narrowed = after.values->first > before.values->first || after.values->second < before.values->second;
      auto const text = [](auto const& range) {
        return std::to_string(range.first) + " to " + std::to_string(range.second);
      };
      add(narrowed ? change_kind::values_narrowed : change_kind::values_widened, narrowed, before.name,
          text(*before.values), text(*after.values));
    }
    if (verdict const rank =
            rank_verdict(before.is_ranked, before.dims.size(), after.is_ranked, after.dims.size(), input);
        rank.differs)
      return rank.kind == change_kind::rank_unstated
                 ? add(rank, before.name, std::to_string(before.dims.size()) + " dimensions", "?")
                 : add(rank, before.name, shape_text(before), shape_text(after));
    if (!before.is_ranked) return;
    for (std::size_t i = 0; i < before.dims.size(); ++i)
      if (verdict const size = matching_.judge({&before.dims[i]}, {&after.dims[i]}, input); size.differs)
        add(size, before.name + "[" + std::to_string(i) + "]", before.dims[i].text, after.dims[i].text);
  }

  static std::string shape_text(interface_tensor const& tensor) {
    std::string text = "[";
    for (interface_dim const& dim : tensor.dims) text += (text.size() > 1 ? ", " : "") + dim.text;
    return text + "]";
  }
  void pairing(interface_tensor const& before, interface_tensor const& after) {
    if (!before_.has_pairs || !after_.has_pairs) return;
    std::string wanted = before.past;
    if (auto const at = input_of_.find(wanted); at != input_of_.end())
      if (interface_tensor const* const partner = sizes_.inputs().partner(*at->second)) wanted = partner->name;
    if (wanted == after.past) return;
    auto const text = [](std::string const& name) { return name.empty() ? std::string("no input") : name; };
    add(change_kind::pairing_changed, !wanted.empty(), before.name, text(before.past), text(after.past));
  }

  void axes() {
    auto const before_axes = sizes_.before_axes();
    auto const after_axes = sizes_.after_axes();
    std::map<std::size_t, std::set<std::size_t>> partners, origins;  // of axes that have several
    for (bool const inputs : {true, false})
      matching_.for_each_partner(inputs, [&](std::size_t a, std::size_t b) {
        if (before_axes[a].has_several) partners[a].insert(b);
        if (after_axes[b].has_several) origins[b].insert(a);
      });
    for (std::size_t i = 0; i < before_.axes.size(); ++i) {
      interface_axis const& before = before_.axes[i];
      if (before_axes[i].has_several)
        add(change_kind::axis_split, false, "axis " + before.name, before.name, names(after_, partners[i]));
      std::size_t const chosen = before_axes[i].chosen;
      if (chosen == no_axis) continue;
      interface_axis const& after = after_.axes[chosen];
      bool const only = before_axes[i].partner == chosen && !before_axes[i].has_several;
      if (only && !after_axes[chosen].has_several && before.name != after.name)
        add(change_kind::axis_renamed, false, "axis " + before.name, before.name, after.name);
      range(before, after, after_axes[chosen].is_bound);
    }
    for (std::size_t i = 0; i < after_.axes.size(); ++i)
      if (after_axes[i].has_several)
        add(change_kind::axes_merged, true, "axis " + after_.axes[i].name, names(before_, origins[i]),
            after_.axes[i].name);
  }
  static std::string names(model_interface const& in, std::set<std::size_t> const& of) {
    std::string result;
    for (std::size_t const each : of) result += (result.empty() ? "" : ", ") + in.axes[each].name;
    return result;
  }

  void range(interface_axis const& before, interface_axis const& after, bool bound_by_inputs) {
    if (!before.has_range || !after.has_range) return;
    auto const within = [](interface_axis const& small, interface_axis const& large) {
      return small.minimum >= large.minimum && small.maximum <= large.maximum && small.multiple % large.multiple == 0;
    };
    bool const takes_all = within(before, after), gives_no_more = within(after, before);
    if (takes_all && gives_no_more) return;
    // What callers give must still be taken; what data decides must not exceed what callers expect.
    add(takes_all ? change_kind::range_widened : change_kind::range_narrowed,
        bound_by_inputs ? !takes_all : !gives_no_more, "axis " + before.name, range_text(before), range_text(after));
  }

  model_interface const& before_;
  model_interface const& after_;
  interface_sizes sizes_;
  size_matching<interface_sizes> matching_;
  std::map<std::string_view, interface_tensor const*> input_of_;
  std::vector<change> changes_;
  std::map<std::tuple<change_kind, bool, std::string, std::string>, std::size_t> known_;
};

}  // namespace detail

/// Every change from `before` to `after`, as a consumer of `before` meets it, in the order of the tensors.
inline std::vector<change> compare(model_interface const& before, model_interface const& after) {
  return detail::comparison(before, after).take();
}

}  // namespace constexport
