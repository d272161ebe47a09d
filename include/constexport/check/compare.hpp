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
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace constexport {
namespace detail {

inline std::string joined_names(std::vector<interface_tensor const*> const& tensors) {
  std::string result;
  for (interface_tensor const* each : tensors) result += (result.empty() ? "" : ", ") + each->name;
  return result;
}

inline std::string range_text(interface_axis const& axis) {
  if (!axis.has_range) return "any";
  std::string text = std::to_string(axis.minimum) + " to ";
  text += axis.maximum == unbounded ? "any" : std::to_string(axis.maximum);
  if (axis.multiple != 1) text += ", multiples of " + std::to_string(axis.multiple);
  return text;
}

// Is every value of the one taken by the other? Dummies of a kind are drawn so because a model needs it.
inline bool are_within(interface_values const& small, interface_values const& large) {
  bool const same_kind = small.kind == large.kind && small.end == large.end;
  return (large.kind == value_kind::uniform || same_kind) && small.smallest >= large.smallest &&
         small.largest <= large.largest;
}
inline std::string values_text(interface_values const& values) {
  if (values.kind == value_kind::positions) return "positions";
  std::string const range = std::to_string(values.smallest) + " to " + std::to_string(values.largest);
  if (values.kind == value_kind::mask) return "ones, then zeros";
  return values.kind == value_kind::ended ? range + ", " + std::to_string(values.end) + " once" : range;
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
      if (matched.origin(after[i]))
        continue;
      else if (after[i].has_default)
        add(change_kind::input_optional, false, after[i].name, {}, {});
      else
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
    if (before.what != after.what || before.kind != after.kind) {
      auto const kind = [](interface_tensor const& each) {
        return each.kind.empty() ? std::string(wire::kind_name(each.what)) : each.kind;
      };
      add(change_kind::kind_changed, true, before.name, kind(before), kind(after));
      return;
    }
    if (verdict const type = dtype_verdict(before.type, after.type); type.differs)
      add(type, before.name, std::string(name_of(before.type)),
          after.type == dtype::undefined ? "?" : std::string(name_of(after.type)));
    if (input && before.has_default != after.has_default)
      add(after.has_default ? change_kind::input_optional : change_kind::input_added, before.has_default, before.name,
          {}, {});
    if (!input) pairing(before, after);
    if (input && before.values && after.values && before.values != after.values) {
      bool const narrowed = !are_within(*before.values, *after.values);
      add(narrowed ? change_kind::values_narrowed : change_kind::values_widened, narrowed, before.name,
          values_text(*before.values), values_text(*after.values));
    }
    if (verdict const rank =
            rank_verdict(before.is_ranked, before.dims.size(), after.is_ranked, after.dims.size(), input);
        rank.differs)
      return add(rank, before.name, shape_text(before), shape_text(after));
    if (!before.is_ranked) return;
    for (std::size_t i = 0; i < before.dims.size(); ++i)
      if (verdict const size = matching_.judge({&before.dims[i]}, {&after.dims[i]}, input); size.differs)
        add(size, before.name + "[" + std::to_string(i) + "]", before.dims[i].text,
            size.is_breaking ? explained(before.dims[i], after.dims[i]) : after.dims[i].text);
  }

  // "L + 1 (no input has L)": what a caller of the old one gives the axes, where their names do not say it.
  std::string explained(interface_dim const& before, interface_dim const& after) {
    std::string text;
    std::set<std::size_t> known;
    matching_.solution().for_each_axis(interface_sizes::after_size{&after}, [&](std::size_t index) {
      auto const& axis = sizes_.after_axes()[index];
      std::string const& name = after_.axes[index].name;
      std::string is;
      if (!axis.is_bound && before.text == after.text)
        is = "no input has " + name;
      else if (axis.how == solved_by::place && axis.other.dim->text != name && axis.other.dim != &before)
        is = name + " is " + (axis.other.dim->is_stated() ? axis.other.dim->text : place_of(*axis.other.dim));
      if (!is.empty() && known.insert(index).second) text += (text.empty() ? " (" : ", ") + is;
    });
    return after.text + text + (text.empty() ? "" : ")");
  }
  std::string place_of(interface_dim const& dim) const {
    for (interface_tensor const& each : before_.inputs)
      for (std::size_t i = 0; i < each.dims.size(); ++i)
        if (&each.dims[i] == &dim) return each.name + "[" + std::to_string(i) + "]";
    return {};
  }

  static std::string shape_text(interface_tensor const& tensor) {
    if (!tensor.is_ranked) return "?";
    std::string text = "[";
    for (interface_dim const& dim : tensor.dims) text += (text.size() > 1 ? ", " : "") + dim.text;
    return text + "]";
  }
  void pairing(interface_tensor const& before, interface_tensor const& after) {
    if (!before_.is_contract || !after_.is_contract) return;
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
      matching_.solution().for_each_partner(inputs, [&](std::size_t a, std::size_t b) {
        if (before_axes[a].has_several) partners[a].insert(b);
        if (after_axes[b].has_several) origins[b].insert(a);
      });
    for (std::size_t i = 0; i < before_.axes.size(); ++i) {
      std::string const& name = before_.axes[i].name;
      std::size_t const partner = before_axes[i].partner;
      if (before_axes[i].has_several)
        add(change_kind::axis_split, false, "axis " + name, name, names(after_, partners[i]));
      else if (partner != no_axis && !after_axes[partner].has_several && name != after_.axes[partner].name)
        add(change_kind::axis_renamed, false, "axis " + name, name, after_.axes[partner].name);
    }
    std::set<std::size_t> merged;
    sizes_.for_each_place(true, [&](auto const& before, auto const& after) {
      std::optional<std::size_t> const a = before.dim->axis(), b = after.dim->axis();
      if (matching_.merges(before, after)) merged.insert(*b);
      if (a && b && matching_.solution().conflict(*a, *b) && matching_.solution().same(before, after))
        add(change_kind::axes_exchanged, false, "axis " + before.dim->text, before.dim->text, after.dim->text);
    });
    for (std::size_t i = 0; i < after_.axes.size(); ++i)
      if (after_axes[i].has_several)
        add(change_kind::axes_merged, merged.contains(i), "axis " + after_.axes[i].name, names(before_, origins[i]),
            after_.axes[i].name);
    ranges();
  }
  static std::string names(model_interface const& in, std::set<std::size_t> const& of) {
    std::string result;
    for (std::size_t const each : of) result += (result.empty() ? "" : ", ") + in.axes[each].name;
    return result;
  }

  // What callers give must be taken; what data decides must not be more than what callers expect.
  void ranges() {
    auto const& solution = matching_.solution();
    std::set<std::pair<std::string_view, std::size_t>> known;
    for (bool const inputs : {true, false})
      sizes_.for_each_place(inputs, [&](auto const& before, auto const& after) {
        std::optional<std::size_t> const a = before.dim->axis(), b = after.dim->axis();
        if (before.dim->code.empty() || !b || (!inputs && (!a || sizes_.before_axes()[*a].is_bound))) return;
        if (!known.insert({before.dim->text, *b}).second) return;
        if ((!inputs || (a && solution.conflict(*a, *b))) && !solution.same(before, after)) return;
        bool const fits = inputs ? solution.takes(*b, before) : solution.takes(after, *a);
        legal_sizes const now = sizes_.after_range(*b), was = a ? sizes_.before_range(*a) : now;
        if (fits && a && sizes_.before_axes()[*a].has_several && sizes_.before_axes()[*a].partner != *b) return;
        if (fits && (!now.is_stated || !was.is_stated || now == was)) return;
        bool const is_more = inputs == fits;
        change_kind const kind = !is_more                  ? change_kind::range_narrowed
                                 : now.is_stated || inputs ? change_kind::range_widened
                                                           : change_kind::range_unstated;
        add(kind, !fits, "axis " + before.dim->text, a ? range_text(before_.axes[*a]) : before.dim->text,
            range_text(after_.axes[*b]));
      });
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
