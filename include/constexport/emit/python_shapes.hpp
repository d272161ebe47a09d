/// emit/python_shapes.hpp: dynamic shapes as torch.export takes them.
///
/// Room: emit. Includes core, python_axes.hpp and the standard library. Source: torch.export (`dynamic_shapes`, Dim).
/// It has no arithmetic of several axes: such a size is `Dim.DYNAMIC`, whose value torch.export derives while it
/// traces, and which it refuses to make a constant.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/emit/python_axes.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace constexport {

namespace detail {

// factor * axis + summand; no axis: the summand alone.
struct affine_size {
  std::optional<std::size_t> axis{};
  std::int64_t factor = 0, summand = 0;
};

inline std::optional<affine_size> combined(operation code, affine_size const& a, affine_size const& b) {
  auto const apply_to = [&](operation step, std::int64_t x, std::int64_t y) { return detail::apply(step, x, y); };
  if (code == operation::add || code == operation::subtract) {
    if (a.axis && b.axis && *a.axis != *b.axis) return {};
    affine_size const sum{a.axis ? a.axis : b.axis, apply_to(code, a.factor, b.factor),
                          apply_to(code, a.summand, b.summand)};
    return sum.factor == 0 ? affine_size{{}, 0, sum.summand} : sum;
  }
  if (code == operation::multiply && !(a.axis && b.axis)) {
    affine_size const& scaled = a.axis ? a : b;
    std::int64_t const by = a.axis ? b.summand : a.summand;
    if (by == 0) return affine_size{};
    return affine_size{scaled.axis, apply_to(code, scaled.factor, by), apply_to(code, scaled.summand, by)};
  }
  if (a.axis || b.axis) return {};
  return affine_size{{}, 0, apply_to(code, a.summand, b.summand)};
}

// The size over the axes that are free, if it is affine in one of them.
inline std::optional<affine_size> affine(program size, limited_contract const& wanted) {
  std::vector<affine_size> stack;
  for (instruction const step : size) {
    if (is_binary(step.code)) {
      affine_size const right = stack.back();
      stack.pop_back();
      auto const made = combined(step.code, stack.back(), right);
      if (!made || made->factor == unknown || made->summand == unknown) return {};
      stack.back() = *made;
    } else if (step.code == operation::constant) {
      stack.push_back({{}, 0, step.value});
    } else {
      auto const index = static_cast<std::size_t>(step.value);
      std::int64_t const value = wanted.fixed.values[index];
      stack.push_back(value == unknown ? affine_size{index, 1, 0} : affine_size{{}, 0, value});
    }
  }
  if (stack.size() != 1) return {};
  return stack[0];
}

class dynamic_shapes_writer {
 public:
  explicit dynamic_shapes_writer(limited_contract const& wanted) : wanted_(wanted) {}

  std::string write() {
    std::string arguments;
    std::span<tensor_row const> const rows = wanted_.bound.table->inputs;
    for (std::size_t first = 0, last = 0; first < rows.size(); first = last) {
      last = first + 1;
      while (rows[first].group != 0 && last < rows.size() && rows[last].group == rows[first].group) ++last;
      std::span<tensor_row const> const group = rows.subspan(first, last - first);
      if (std::string const name = nested_argument(group); !name.empty())
        arguments += layers(group, name);
      else
        for_each_tensor(group, wanted_.bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
          arguments += "    " + python_string(text_of_tensor({row.name, layer})) + ": " + axes(row) + ",\n";
        });
    }
    return "from torch.export import Dim\n\n" + declared_ + (declared_.empty() ? "" : "\n") + "dynamic_shapes = {\n" +
           arguments + "}\n";
  }

 private:
  // `past_key_values.*.key` and `past_key_values.*.value` are one argument: a list of a tuple for each layer.
  static std::string nested_argument(std::span<tensor_row const> group) {
    std::string name;
    for (tensor_row const& row : group) {
      std::size_t const end = row.name.find(".*");
      if (row.group == 0 || end == std::string_view::npos || end == 0) return {};
      std::string const argument(row.name.substr(0, end));
      if (!name.empty() && argument != name) return {};
      name = argument;
    }
    return name;
  }

  std::string layers(std::span<tensor_row const> group, std::string const& name) {
    std::string tuple;
    std::int64_t layers = 0, elements = 0;
    for_each_tensor(group, wanted_.bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
      layers = layer + 1;
      if (layer > 0) return;  // all layers are alike
      tuple += (elements++ > 0 ? ", " : "") + axes(row);
    });
    if (layers == 0) return {};
    return "    " + python_string(name) + ": [(" + tuple + (elements == 1 ? "," : "") + ")] * " +
           std::to_string(layers) + ",\n";
  }

  std::string axes(tensor_row const& row) {
    require_rank(row);
    std::string result;
    for (std::size_t i = 0; i < row.dims.size(); ++i) {
      program const size = row.dims[i].size;
      if (evaluate(size, wanted_.fixed.sizes()) != unknown) continue;
      result += (result.empty() ? "" : ", ") + std::to_string(i) + ": " + this->size(size);
    }
    return "{" + result + "}";
  }

  std::string size(program code) {
    auto const known = affine(code, wanted_);
    // torch.export takes sizes that grow with one axis.
    if (!known || !known->axis || known->factor < 1) return "Dim.DYNAMIC";
    std::string result = name_of(*known->axis);
    if (known->factor > 1) result = std::to_string(known->factor) + " * " + result;
    if (known->summand > 0) result += " + " + std::to_string(known->summand);
    if (known->summand < 0) result += " - " + std::to_string(-known->summand);
    return result;
  }

  // The name of an axis, which is declared where it is met first. Sizes that are multiples are one of a root.
  std::string name_of(std::size_t axis) {
    if (auto const known = names_.find(axis); known != names_.end()) return known->second;
    symbol_row const& row = wanted_.bound.table->symbols[axis];
    std::string name;
    for (char const c : row.name)
      name += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name = "_" + name;
    while (!taken_.insert(name).second) name += "_";
    names_[axis] = name;
    std::string root = name;
    if (row.multiple != 1) root += "_div_" + std::to_string(row.multiple);
    while (row.multiple != 1 && !taken_.insert(root).second) root += "_";
    interval const range = wanted_.ranges[axis];
    declared_ += root + " = Dim(" + python_string(root) + ", min=" + std::to_string(range.minimum / row.multiple) +
                 (range.maximum == unbounded ? "" : ", max=" + std::to_string(range.maximum / row.multiple)) + ")\n";
    if (row.multiple != 1) declared_ += name + " = " + std::to_string(row.multiple) + " * " + root + "\n";
    return name;
  }

  limited_contract const& wanted_;
  std::map<std::size_t, std::string> names_;
  std::string declared_;
  // Names that Python keeps for itself get another character, too.
  std::set<std::string> taken_{
      "Dim",   "dynamic_shapes", "False",    "None",   "True",  "and",  "as",     "assert",   "async",   "await",
      "break", "class",          "continue", "def",    "del",   "elif", "else",   "except",   "finally", "for",
      "from",  "global",         "if",       "import", "in",    "is",   "lambda", "nonlocal", "not",     "or",
      "pass",  "raise",          "return",   "try",    "while", "with", "yield"};
};

}  // namespace detail

/// `dynamic_shapes` of torch.export by the names of the module's arguments: an axis is a Dim with its range. Throws
/// emit_error.
inline std::string python_dynamic_shapes(bound_contract const& bound, std::vector<axis_limit> const& limits = {}) {
  limited_contract const wanted = limited(bound, limits);
  return detail::dynamic_shapes_writer(wanted).write();
}

}  // namespace constexport
