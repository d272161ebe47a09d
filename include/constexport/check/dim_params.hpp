/// check/dim_params.hpp: what the names of a file's dimensions mean by a contract.
///
/// Room: check, private to mismatch.hpp (namespace detail). Includes core, onnx and freestanding standard headers; no
/// heap, no exceptions. As in file_interface.hpp and axis_matching.hpp, which know more and need a heap: a name is
/// understood if it is the one that this library or Optimum gives the size, an expression over other names, or one name
/// for one size in the whole file.
#pragma once

#include <constexport/check/described_file.hpp>
#include <constexport/core/canonical.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/onnx/declared_shape.hpp>
#include <constexport/onnx/expression_reader.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace constexport::detail {

/// Calls `visit(row, name, tensor)` for every tensor of a contract with the one at its place in a file, or null. Inputs
/// with a default are passed over where they are not asked for. Returns the index of the first tensor that is left, or
/// the number of tensors.
template <class Tensors, class Visit>
constexpr std::size_t for_each_pair(std::span<tensor_row const> rows, std::span<std::int64_t const> values,
                                    Tensors const& tensors, Visit&& visit) {
  std::size_t index = 0;
  for_each_tensor(rows, values, [&](tensor_row const& row, std::int64_t layer) {
    tensor_name const name{row.name, layer};
    while (index < tensors.size() && tensors[index].has_default && !(name == tensors[index].name)) ++index;
    visit(row, name, index < tensors.size() ? &tensors[index] : nullptr);
    if (index < tensors.size()) ++index;
  });
  while (index < tensors.size() && tensors[index].has_default) ++index;
  return index;
}

constexpr bool is_same_program(program a, program b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(a[i] == b[i])) return false;
  return true;
}

/// A name as an expression over other names, as other exporters write them.
struct written {
  static constexpr std::size_t most_names = 8;
  std::array<instruction, 64> code{};
  std::array<std::string_view, most_names> names{};
  std::size_t size = 0, count = 0;
  bool is_expression = false;

  explicit constexpr written(std::string_view text) {
    if (is_identifier(text)) return;
    read_status const status = read_expression(
        text, {},
        [&](instruction step) {
          if (size == code.size()) return false;
          code[size++] = step;
          return true;
        },
        [&](std::string_view name) {
          std::size_t index = 0;
          while (index < count && names[index] != name) ++index;
          if (index == names.size()) return no_symbol;
          if (index == count) names[count++] = name;
          return index;
        });
    is_expression = status && count > 0 && is_well_formed(steps(), count);
  }
  constexpr program steps() const { return {code.data(), size}; }
};

template <FileDescription File>
class dim_params {
 public:
  constexpr dim_params(bound_contract const& bound, File const& file) : bound_(bound), file_(file) {}

  /// Can the dimension `found` of the file, which has a name, be `wanted`?
  constexpr bool is(dimension const& wanted, auto const& found, bool input) const {
    std::string_view const param = found.param;
    if (is_answered(wanted, found, input)) return true;
    if (is_called(wanted, param) && (wanted.size.size() == 1 || has_axes_of(wanted.size))) return true;
    compound_name const name = compound(param);
    if (!name.size.empty()) return is_same(wanted.size, name.size);
    written const code{name.is_known ? std::string_view{} : param};
    if (!code.is_expression) return has_one_meaning(wanted, param, input);
    if (is_only_name(wanted, param)) return true;
    std::array<program, written::most_names> sizes{};
    for (std::size_t i = 0; i < code.count; ++i)
      if (sizes[i] = size_of(code.names[i]); sizes[i].empty()) return false;
    return is_same(wanted.size, code.steps(), std::span<program const>(sizes.data(), code.count));
  }

  /// Is a dimension that is called so free to have any size?
  constexpr bool is_axis(std::string_view param) const {
    compound_name const name = compound(param);
    return name.size.empty() && (name.is_known || !written{param}.is_expression);
  }

  constexpr bool varies(dimension const& dim) const {
    return evaluate(dim.size, bound_.sizes()) == unknown && is_dynamic(dim, bound_.table->symbols);
  }

 private:
  // Calls `visit(dimension, found)` for the places at which both sides have a dimension that varies, inputs first, for
  // as long as it returns true.
  template <class Visit>
  constexpr void for_each_place(bool inputs, bool outputs, Visit&& visit) const {
    bool goes_on = true;
    auto const list = [&](std::span<tensor_row const> rows, auto const& tensors) {
      for_each_pair(rows, bound_.sizes(), tensors, [&](tensor_row const& row, tensor_name, auto const* found) {
        if (!goes_on || found == nullptr || row.is_unstated || found->dims.size() != row.dims.size()) return;
        for (std::size_t i = 0; goes_on && i < row.dims.size(); ++i)
          if (found->dims[i].size < 0 && !found->dims[i].param.empty() && varies(row.dims[i]))
            goes_on = visit(row.dims[i], found->dims[i]);
      });
    };
    if (inputs) list(bound_.table->inputs, file_.inputs);
    if (outputs) list(bound_.table->outputs, file_.outputs);
  }

  // Does a place before this one, of the same list, have the same size and name?
  constexpr bool is_answered(dimension const& wanted, auto const& found, bool input) const {
    bool result = false;
    for_each_place(input, !input, [&](dimension const& other, auto const& place) {
      if (&place == &found) return false;
      result = place.param == found.param && is_same_program(other.size, wanted.size);
      return !result;
    });
    return result;
  }

  constexpr bool is_called(dimension const& wanted, std::string_view param) const {
    for (dim_naming const naming : {dim_naming::identifiers, dim_naming::optimum}) {
      std::size_t at = 0;
      bool same = true;
      print_dim_param(wanted, bound_, naming, [&](char c) {
        same = same && at < param.size() && param[at] == c;
        ++at;
      });
      if (same && at == param.size()) return true;
    }
    return false;
  }

  // Inputs say what a name means; a name that they do not have only leaves open what an output's size follows from.
  constexpr bool has_one_meaning(dimension const& wanted, std::string_view param, bool input) const {
    bool same = true, bound = false;
    for_each_place(true, false, [&](dimension const& other, auto const& place) {
      if (place.param == param) {
        bound = true;
        same = is_same(wanted.size, other.size);
      }
      return same;
    });
    return same && (input || !bound || is_chosen(wanted, param));
  }
  // Of an axis that has several names in inputs, outputs have its own, or the first.
  constexpr bool is_chosen(dimension const& wanted, std::string_view param) const {
    std::string_view first{};
    bool has_own = false;
    for_each_place(true, false, [&](dimension const& other, auto const& place) {
      if (!is_same_program(other.size, wanted.size)) return true;
      if (first.empty()) first = place.param;
      has_own = has_own || is_called(wanted, place.param);
      return true;
    });
    return !has_own && (first.empty() || first == param);
  }
  // Has an axis this name in all inputs, whatever it looks like, and its own nowhere?
  constexpr bool is_only_name(dimension const& wanted, std::string_view param) const {
    if (wanted.size.size() != 1) return false;
    bool only = true;
    for_each_place(true, false, [&](dimension const& other, auto const& place) {
      only = (place.param == param) == is_same_program(other.size, wanted.size);
      return only;
    });
    if (only)
      for_each_place(true, true, [&](dimension const&, auto const& place) {
        only = !is_called(wanted, place.param);
        return only;
      });
    return only;
  }

  // The name of a contract's expression; its size is empty if the file has not the axes, where that is but a name.
  struct compound_name {
    bool is_known = false;
    program size{};
  };
  constexpr compound_name compound(std::string_view param) const {
    for (std::span<tensor_row const> const rows : {bound_.table->inputs, bound_.table->outputs})
      for (tensor_row const& row : rows)
        for (dimension const& dim : row.dims)
          if (dim.size.size() > 1 && varies(dim) && is_called(dim, param))
            return {true, has_axes_of(dim.size) ? dim.size : program{}};
    return {};
  }
  constexpr bool has_axes_of(program size) const {
    for (instruction const step : size) {
      if (step.code != operation::symbol) continue;
      auto const index = static_cast<std::size_t>(step.value);
      if (bound_.values[index] == unknown && size_of(bound_.table->symbols[index].name).empty()) return false;
    }
    return true;
  }
  // What the contract has at the first place of an input with this name.
  constexpr program size_of(std::string_view param) const {
    program size{};
    for_each_place(true, false, [&](dimension const& other, auto const& place) {
      if (place.param == param) size = other.size;
      return size.empty();
    });
    return size;
  }

  constexpr bool is_same(program a, program b, std::span<program const> names_of_b = {}) const {
    if (names_of_b.empty() && is_same_program(a, b)) return true;
    // Small: the compiler pays for capacity.
    algebra<compact_algebra> small;
    if (bool const same = compare(small, a, b, names_of_b); small.ok()) return same;
    algebra<> large;
    return compare(large, a, b, names_of_b) && large.ok();
  }
  template <class Algebra>
  constexpr bool compare(Algebra& sizes, program a, program b, std::span<program const> names_of_b) const {
    auto const symbol = [&](std::size_t index) {
      return bound_.values[index] == unknown ? sizes.symbol(index) : sizes.number(bound_.values[index]);
    };
    if (names_of_b.empty()) return sizes.from(a, symbol) == sizes.from(b, symbol);
    return sizes.from(a, symbol) ==
           sizes.from(b, [&](std::size_t index) { return sizes.from(names_of_b[index], symbol); });
  }

  bound_contract const& bound_;
  File const& file_;
};

}  // namespace constexport::detail
