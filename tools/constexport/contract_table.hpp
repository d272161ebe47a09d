/// tools/constexport/contract_table.hpp: a bound contract as a person reads it: a line per tensor, layers in one line.
#pragma once

#include "columns.hpp"
#include "contract_json.hpp"

namespace constexport::command {

namespace detail {

// "x12" for a row that stands for twelve layers.
inline std::string layers_text(tensor_row const& row, std::span<std::int64_t const> values) {
  return row.group == 0 ? "" : "x" + std::to_string(evaluate(row.repeat, values));
}

inline bool is_present(tensor_row const& row, std::span<std::int64_t const> values) {
  bool const repeats = row.group == 0 || evaluate(row.repeat, values) > 0;
  return repeats && (row.condition.empty() || evaluate(row.condition, values) != 0);
}

inline shown_text shown(dimension const& dim, bound_contract const& bound, palette const& colours) {
  dimension_text const text = text_of(dim, bound);
  std::string const size = text.number ? std::to_string(*text.number) : text.expression.empty() ? "?" : text.expression;
  bool const varies = is_dynamic(dim, bound.table->symbols);
  shown_text const written = varies ? colours.axis(size) : shown_text(size);
  return dim.name.empty() || dim.name == size ? written : colours.axis(dim.name) + " = " + written;
}

inline std::string tensors_table(std::string_view heading, std::span<tensor_row const> rows,
                                 bound_contract const& bound, palette const& colours, std::size_t width) {
  rows_of_text table;
  for (tensor_row const& row : rows) {
    if (!is_present(row, bound.sizes())) continue;
    shown_text dims;
    for (dimension const& dim : row.dims) dims += (dims.empty() ? shown_text() : ", ") + shown(dim, bound, colours);
    if (row.is_unstated) dims = colours.minor("derived");
    std::string const type(row.type == dtype::undefined ? "?" : name_of(row.type));
    table.push_back({row.name, layers_text(row, bound.sizes()), type, dims});
  }
  return "\n" + colours.heading(heading).text() + "\n" + aligned(table, 2, width);
}

inline std::string dummies_table(answer const& given, palette const& colours) {
  rows_of_text table;
  contract const& of = *given.bound.table;
  std::span<std::int64_t const> const values = given.sizes.of(of);
  for (bool const past : {false, true})  // Optimum's order
    for (tensor_row const& row : of.dummies.empty() ? of.inputs : of.dummies) {
      if ((row.role == tensor_role::past) != past || !is_present(row, values)) continue;
      std::string shape;
      for (dimension const& dim : row.dummy_dims) {
        std::int64_t const size = evaluate(dim.size, values);
        shape += (shape.empty() ? "" : " x ") + (size == unknown ? "?" : std::to_string(size));
      }
      table.push_back(
          {row.name, layers_text(row, values), std::string(name_of(row.type)), shape.empty() ? "scalar" : shape});
    }
  return "\n" + colours.heading("dummy inputs").text() + "\n" + aligned(table, 2);
}

inline std::string parameters_table(bound_contract const& bound, palette const& colours, std::size_t width) {
  rows_of_text table;
  json const values = parameters_json(bound);
  for (auto const& [name, value] : values.items()) {
    std::string text = value.is_array() ? "" : value.is_null() ? "?" : value.dump();
    for (json const& element : value.is_array() ? value : json::array())
      text += (text.empty() ? "" : ", ") + element.dump();
    std::size_t const index = find_symbol(bound.table->symbols, name, false);
    std::string field(index < bound.table->symbols.size() ? bound.table->symbols[index].field : name);
    if (field == name) field.clear();
    for (std::size_t bar = 0; (bar = field.find('|', bar)) != std::string::npos; bar += 4)
      field.replace(bar, 1, " or ");
    table.push_back({name, text, colours.minor(field)});
  }
  return table.empty() ? "" : "\n" + colours.heading("parameters").text() + "\n" + aligned(table, 2, width);
}

// Axes with one size only: in the dimensions above they stand by their names.
inline std::string fixed_axes_table(bound_contract const& bound, palette const& colours) {
  rows_of_text table;
  for (std::size_t i = 0; i < bound.table->symbols.size(); ++i)
    if (bound.table->symbols[i].is_axis && bound.values[i] != unknown)
      table.push_back({bound.table->symbols[i].name, std::to_string(bound.values[i])});
  return table.empty() ? "" : "\n" + colours.heading("fixed axes").text() + "\n" + aligned(table, 2);
}

}  // namespace detail

/// `width`: characters of the terminal, 0 where lines may be of any length.
inline std::string to_table(answer const& given, palette const& colours, std::size_t width) {
  contract_identity const& identity = given.bound.table->identity;
  std::string past = identity.use_past_in_inputs ? "in inputs and outputs" : identity.use_past ? "in outputs" : "";
  std::string overrides, names;
  entry const& found = given.found != nullptr ? *given.found : entry{};
  for (value_override const& each : found.overrides)
    overrides += (overrides.empty() ? "" : ", ") + std::string(each.name) + " = " + (each.value ? "true" : "false");
  for (name_pair const& each : found.input_map)
    names += (names.empty() ? "" : ", ") + std::string(each.torch) + " -> " + std::string(each.onnx);
  json const tolerance = identity.atol_for_validation;
  rows_of_text lines;
  auto const add = [&](std::string_view name, std::string const& value) {
    if (!value.empty()) lines.push_back({colours.minor(name), value});
  };
  add("library", std::string(identity.library));
  add("model type", std::string(identity.model_type));
  add("task", given.task);
  add("behavior", std::string(given.found != nullptr ? behavior_of(found) : identity.behavior));
  add("part", std::string(identity.part));
  add("variant", identity.variant == "default" ? "" : std::string(identity.variant));
  add("past", past);
  add("opset", std::to_string(identity.opset));
  add("tolerance", tolerance.dump());
  add("model settings", overrides);
  add("input names", names);
  std::string_view const title = identity.class_name.empty() ? std::string_view("contract") : identity.class_name;
  return colours.heading(title).text() + "\n" + aligned(lines, 2, width) +
         detail::tensors_table("inputs", given.bound.table->inputs, given.bound, colours, width) +
         detail::tensors_table("outputs", given.bound.table->outputs, given.bound, colours, width) +
         detail::fixed_axes_table(given.bound, colours) + detail::dummies_table(given, colours) +
         detail::parameters_table(given.bound, colours, width);
}

}  // namespace constexport::command
