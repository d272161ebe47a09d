/// check/contract_interface.hpp: the interface of a bound contract.
///
/// Room: check. Includes core, model_interface.hpp, param_meaning.hpp and the standard library. Parameters and fixed
/// axes become numbers, layers become tensors of their own.
#pragma once

#include <constexport/check/model_interface.hpp>
#include <constexport/check/param_meaning.hpp>
#include <constexport/core/contract.hpp>

#include <cstddef>
#include <map>
#include <string>

namespace constexport {
namespace detail {

inline std::string text_of_name(tensor_name name) {
  std::string text;
  name.print([&](char c) { text += c; });
  return text;
}

inline std::string text_of_code(program code, std::vector<interface_axis> const& axes) {
  std::string text;
  print(
      code, [&](std::size_t index) { return std::string_view(axes[index].name); }, [&](char c) { text += c; });
  return text;
}

class contract_interface_maker {
 public:
  explicit contract_interface_maker(bound_contract const& bound) : bound_(bound) {
    contract const& table = *bound.table;
    result_.title = !table.identity.class_name.empty() ? table.identity.class_name : "contract";
    result_.opset = table.identity.opset;
    result_.is_contract = true;
    tensors(table.inputs, result_.inputs, true);
    tensors(table.outputs, result_.outputs, false);
  }
  model_interface take() { return std::move(result_); }

  /// A size as the interface has it: its index of axes instead of the contract's of symbols.
  interface_dim dim(program size) {
    interface_dim result;
    std::int64_t const value = evaluate(size, bound_.sizes());
    if (value != unknown) {
      result.number = value;
      result.text = std::to_string(value);
      return result;
    }
    if (!is_dynamic({size}, bound_.table->symbols)) {
      result.text = "?";
      return result;
    }
    std::vector<instruction> code;
    if (!visit_canonical(size, bound_, [&](auto const& sizes, auto const& canonical) {
          sizes.write(canonical, [&](instruction step) { code.push_back(step); });
        }))
      code.assign(size.begin(), size.end());
    if (code.size() == 1 && code[0].code == operation::constant) {
      result.number = code[0].value;
      result.text = std::to_string(code[0].value);
      return result;
    }
    for (instruction& step : code) {
      if (step.code != operation::symbol) continue;
      auto const index = static_cast<std::size_t>(step.value);
      if (bound_.values[index] != unknown)
        step = {operation::constant, bound_.values[index]};
      else
        step.value = static_cast<std::int64_t>(axis(index));
    }
    result.text = text_of_code(code, result_.axes);
    result.code = std::move(code);
    return result;
  }

 private:
  std::size_t axis(std::size_t symbol) {
    auto const [at, is_new] = places_.emplace(symbol, result_.axes.size());
    if (is_new) {
      symbol_row const& row = bound_.table->symbols[symbol];
      result_.axes.push_back({std::string(row.name), true, row.minimum, row.maximum, row.multiple});
    }
    return at->second;
  }

  void tensors(std::span<tensor_row const> rows, std::vector<interface_tensor>& into, bool inputs) {
    for_each_tensor(rows, bound_.sizes(), [&](tensor_row const& row, std::int64_t layer) {
      interface_tensor& tensor = into.emplace_back();
      tensor.name = text_of_name({row.name, layer});
      tensor.type = row.type;
      tensor.is_ranked = !row.is_unstated;
      for (dimension const& each : row.dims) tensor.dims.push_back(dim(each.size));
      if (!inputs && row.pair != no_row) tensor.past = text_of_name({bound_.table->inputs[row.pair].name, layer});
      if (!inputs || is_floating(row.type)) return;
      value_kind const kind = row.values.kind;
      std::int64_t const lower = evaluate(row.values.lower, bound_.sizes());
      std::int64_t const upper = evaluate(row.values.upper, bound_.sizes());
      if (kind == value_kind::positions)
        tensor.values = {kind};
      else if (lower != unknown && upper != unknown && kind == value_kind::ended)
        tensor.values = {kind, 0, upper - 1, lower};
      else if (lower != unknown && upper != unknown)
        tensor.values = {kind, lower, upper - 1};
    });
  }

  bound_contract const& bound_;
  model_interface result_;
  std::map<std::size_t, std::size_t> places_;
};

}  // namespace detail

/// The interface that a bound contract promises.
inline model_interface interface_of(bound_contract const& bound) {
  return detail::contract_interface_maker(bound).take();
}

}  // namespace constexport
