/// tools/constexport/contract_json.hpp: a bound contract as JSON.
#pragma once

#include "axes.hpp"
#include "dims.hpp"

#include <nlohmann/json.hpp>

namespace constexport::command {

using json = nlohmann::ordered_json;

/// What `show` answers: a contract with the values of its parameters, and the sizes of its dummies.
struct answer {
  std::string task{}, part{};    // as they were asked for
  entry const* found = nullptr;  // none of a contract file
  bound_contract bound{};
  dummy_sizes sizes{};
};

namespace detail {

inline json or_null(std::string_view text) { return text.empty() ? json() : json(text); }

inline json tensors_json(std::span<tensor_row const> rows, bound_contract const& bound) {
  json result = json::array();
  for_each_tensor(rows, bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
    json dims = json::array(), axes = json::object();
    for (std::size_t i = 0; i < row.dims.size(); ++i) {
      dimension_text const text = text_of(row.dims[i], bound);
      dims.push_back(text.number ? json(*text.number) : or_null(text.expression));
      if (auto const axis = dynamic_axis(row.dims[i], bound)) axes[std::to_string(i)] = *axis;
    }
    result.push_back({{"name", text_of(tensor_name{row.name, layer})},
                      {"dtype", row.type == dtype::undefined ? json() : json(name_of(row.type))},
                      {"dims", row.is_unstated ? json() : std::move(dims)},
                      {"dynamic_axes", std::move(axes)}});
  });
  return result;
}

inline json dummies_json(bound_contract const& bound, dummy_sizes const& sizes) {
  json result = json::array();
  auto const values = sizes.of(*bound.table);
  for_each_dummy(*bound.table, values, [&](tensor_row const& row, std::int64_t layer) {
    json shape = json::array();
    for (dimension const& dim : row.dummy_dims) {
      std::int64_t const size = evaluate(dim.size, values);
      shape.push_back(size == unknown ? json() : json(size));
    }
    result.push_back(
        {{"name", text_of(tensor_name{row.name, layer})}, {"dtype", name_of(row.type)}, {"shape", std::move(shape)}});
  });
  return result;
}

// `conv_kernel[0]`, `conv_kernel[1]`, ... are one array; what is 1 at its end is not there in the model.
inline json parameters_json(bound_contract const& bound) {
  json result = json::object();
  for (std::size_t i = 0; i < bound.table->symbols.size(); ++i) {
    symbol_row const& symbol = bound.table->symbols[i];
    if (symbol.is_axis) continue;
    json const value = bound.values[i] == unknown ? json() : json(bound.values[i]);
    std::size_t const bracket = symbol.name.find('[');
    if (bracket == std::string_view::npos)
      result[std::string(symbol.name)] = value;
    else
      result[std::string(symbol.name.substr(0, bracket))].push_back(value);
  }
  for (auto& [name, value] : result.items())
    while (value.is_array() && value.size() > 1 && value.back() == 1) value.erase(value.size() - 1);
  return result;
}

// Axes with one size only.
inline json fixed_axes_json(bound_contract const& bound) {
  json result = json::object();
  for (std::size_t i = 0; i < bound.table->symbols.size(); ++i)
    if (bound.table->symbols[i].is_axis && bound.values[i] != unknown)
      result[std::string(bound.table->symbols[i].name)] = bound.values[i];
  return result;
}

}  // namespace detail

inline json to_json(answer const& shown) {
  contract_identity const& identity = shown.bound.table->identity;
  return {{"class", identity.class_name},
          {"library", identity.library},
          {"model_type", identity.model_type},
          {"task", shown.task},
          {"behavior", detail::or_null(shown.found != nullptr ? behavior_of(*shown.found) : identity.behavior)},
          {"part", detail::or_null(shown.part.empty() ? identity.part : std::string_view(shown.part))},
          {"variant", identity.variant},
          {"use_past", identity.use_past},
          {"use_past_in_inputs", identity.use_past_in_inputs},
          {"opset", identity.opset},
          {"atol_for_validation", identity.atol_for_validation},
          {"parameters", detail::parameters_json(shown.bound)},
          {"fixed_axes", detail::fixed_axes_json(shown.bound)},
          {"inputs", detail::tensors_json(shown.bound.table->inputs, shown.bound)},
          {"outputs", detail::tensors_json(shown.bound.table->outputs, shown.bound)},
          {"dummy_inputs", detail::dummies_json(shown.bound, shown.sizes)}};
}

}  // namespace constexport::command
