/// export/optimise/identities.hpp: nodes that change nothing, that follow each other, or that compute a constant.
///
/// Room: export/optimise. Includes build.hpp and producers.hpp. rules.hpp applies these rules like its own: a rule
/// returns the value that replaces the node's output, or `no_value`.
#pragma once

#include <constexport/export/build.hpp>
#include <constexport/export/optimise/producers.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace constexport::optimise_rules {

/// Is the value one number, everywhere?
inline bool is_number(builder const& b, value_id id, double number) {
  if (!b.g.is_constant(id) || b.g[id].is_weight || b.g[id].is_complex || b.g[id].data.numel() != 1) return false;
  return b.g[id].data.item().toDouble() == number;
}

/// x + 0, x - 0, x * 1, x / 1, x ** 1, where the result is like x.
inline value_id neutral(graph_node const& node, builder& b) {
  auto const replaces = [&](std::size_t kept) {
    value_id const x = node.inputs[kept], result = node.outputs[0];
    return b.type(x) == b.type(result) && b.dims(x) == b.dims(result) && b.g[x].is_complex == b.g[result].is_complex;
  };
  bool const sum = node.op == "Add" || node.op == "Sub", product = node.op == "Mul" || node.op == "Div";
  if (!sum && !product && node.op != "Pow") return no_value;
  double const number = sum ? 0 : 1;
  if (is_number(b, node.inputs[1], number) && replaces(0)) return node.inputs[0];
  bool const either_side = node.op == "Add" || node.op == "Mul";
  if (either_side && is_number(b, node.inputs[0], number) && replaces(1)) return node.inputs[1];
  return no_value;
}

/// Dimensions of 1 that are put in after others are put in at once; what is put in and taken out again was not needed.
inline value_id unsqueeze(graph_node const& node, builder& b, producers& from) {
  value_id const x = node.inputs[0];
  dim_list const sizes = b.dims(node.outputs[0]);
  for (char const* op : {"Squeeze", "Unsqueeze", "Reshape"})
    if (graph_node const* const before = from.find(x, op); before != nullptr) {
      value_id const source = before->inputs[0];
      if (b.dims(source) == sizes) return source;
      if (before->op == "Reshape" && b.open_sizes(b.dims(source), sizes) <= 1) return b.reshape(source, sizes);
    }
  graph_node const* const before = from.find(x, "Unsqueeze");
  auto const axes_of = [&](graph_node const& of) {
    std::vector<std::int64_t> axes;
    if (of.inputs.size() < 2 || !b.g.is_constant(of.inputs[1])) return axes;
    at::Tensor const numbers = b.g[of.inputs[1]].data.contiguous();
    for (std::int64_t i = 0; i < numbers.numel(); ++i) {
      std::int64_t const axis = numbers.data_ptr<std::int64_t>()[i];
      axes.push_back(axis < 0 ? axis + b.rank(of.outputs[0]) : axis);
    }
    return axes;
  };
  if (before == nullptr) return no_value;
  std::vector<std::int64_t> axes = axes_of(node);
  std::vector<std::int64_t> const earlier = axes_of(*before);
  if (axes.empty() || earlier.empty()) return no_value;
  std::vector<std::int64_t> places;  // of the dimensions in between, in the result
  for (std::int64_t i = 0; i < b.rank(node.outputs[0]); ++i)
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) places.push_back(i);
  for (std::int64_t const axis : earlier) axes.push_back(places[static_cast<std::size_t>(axis)]);
  std::sort(axes.begin(), axes.end());
  return b.unsqueeze(before->inputs[0], axes);
}

inline value_id squeeze(graph_node const& node, builder& b, producers& from) {
  dim_list const sizes = b.dims(node.outputs[0]);
  if (b.dims(node.inputs[0]) == sizes) return node.inputs[0];
  for (char const* op : {"Unsqueeze", "Reshape"})
    if (graph_node const* const before = from.find(node.inputs[0], op))
      if (b.dims(before->inputs[0]) == sizes) return before->inputs[0];
  return no_value;
}

/// Does the second type hold every number of the first?
inline bool holds(dtype wide, dtype narrow) {
  if (narrow == dtype::boolean) return wide != dtype::boolean;
  auto const is_integer = [](dtype type) {
    return type == dtype::int8 || type == dtype::int16 || type == dtype::int32 || type == dtype::int64;
  };
  if (is_integer(wide) && is_integer(narrow)) return bits_of(wide) >= bits_of(narrow);
  return (wide == dtype::float64 && is_floating(narrow)) ||
         (wide == dtype::float32 && (narrow == dtype::float16 || narrow == dtype::bfloat16));
}

/// A cast from a type that held every number of the one before.
inline value_id cast_of_cast(graph_node const& node, builder& b, producers& from) {
  graph_node const* const before = from.find(node.inputs[0], "Cast");
  if (before == nullptr || !holds(b.type(node.inputs[0]), b.type(before->inputs[0]))) return no_value;
  return b.cast(before->inputs[0], b.type(node.outputs[0]));
}

/// What depends on small constants only is one. A weight keeps its name in another shape.
inline value_id constant(graph_node const& node, builder& b) {
  constexpr std::int64_t most = 65536;
  graph_value const& result = b.g[node.outputs[0]];
  std::vector<std::int64_t> sizes;
  std::int64_t elements = 1;
  for (dim const size : result.dims) {
    if (!b.g.dims.is_number(size)) return no_value;
    sizes.push_back(b.g.dims.value(size));
    elements *= sizes.back();
  }
  if (elements > most || result.is_complex) return no_value;
  for (value_id const id : node.inputs)
    if (id != no_value && !b.g.is_constant(id)) return no_value;
  graph_value const first = b.g[node.inputs[0]];
  bool const reshapes = node.op == "Unsqueeze" || node.op == "Squeeze" || node.op == "Reshape";
  at::Tensor data;
  if (reshapes)
    data = first.data.reshape(sizes);
  else if (first.is_weight)
    return no_value;  // its bytes would be others than under its name in the module
  else if (node.op == "Transpose")
    data = first.data.permute(node.integers("perm"));
  else if (node.op == "Cast" && first.type != dtype::bfloat16 && is_floating(result.type))
    data = first.data.to(to_scalar_type(result.type));
  else
    return no_value;
  if (first.is_weight) {
    graph_value made = first;
    made.data = data;
    made.dims = result.dims;
    return b.g.add(std::move(made));
  }
  return b.g.constant(data.contiguous());
}

}  // namespace constexport::optimise_rules
