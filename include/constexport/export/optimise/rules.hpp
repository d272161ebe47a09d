/// export/optimise/rules.hpp: local rules: what one node becomes, given the nodes before it.
///
/// Room: export/optimise. Includes build.hpp. optimise.hpp applies the rules node by node, in order, while it builds
/// the graph anew. A rule returns the value that replaces the node's (only) output, or `no_value` to leave the node.
#pragma once

#include <constexport/export/build.hpp>
#include <constexport/export/optimise/identities.hpp>
#include <constexport/export/optimise/producers.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport::optimise_rules {

inline bool is_broadcasting(std::string_view op) {
  for (std::string_view const each : {"Add", "Sub", "Mul", "Div", "Pow", "Mod", "Min", "Max", "Equal", "Less",
                                      "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or", "Xor", "Where"})
    if (each == op) return true;
  return false;
}

/// Shapes of shapes: only the last one counts.
inline value_id reshape(graph_node const& node, builder& b, producers& from) {
  value_id const x = node.inputs[0];
  dim_list const sizes = b.dims(node.outputs[0]);
  if (b.dims(x) == sizes) return x;
  for (char const* op : {"Reshape", "Unsqueeze", "Squeeze"})
    if (graph_node const* const before = from.find(x, op)) {
      value_id const source = before->inputs[0];
      if (b.dims(source) == sizes) return source;
      if (b.open_sizes(b.dims(source), sizes) <= 1) return b.reshape(source, sizes);
    }
  // Rows of a batch, multiplied by a matrix, and back to a batch: MatMul does that without either.
  if (graph_node const* const product = from.find(x, "Gemm"); product != nullptr) {
    value_list operands = product->inputs;
    bool const turned = product->integer("transB", 0) != 0;
    if (product->attributes.size() != (turned ? 1u : 0u)) return no_value;
    graph_node const* const rows = from.find(operands[0], "Reshape");
    if (rows == nullptr) return no_value;
    value_id const batch = rows->inputs[0];
    dim_list expected = b.dims(batch);
    bool const whole = !expected.empty() && expected.size() > 2 && expected.back() == b.dims(operands[0]).back();
    if (!whole) return no_value;
    expected.back() = b.dims(operands[1])[turned ? 0 : 1];
    bool const row_added = operands.size() < 3 || b.rank(operands[2]) <= 1;
    if (expected != sizes || !row_added) return no_value;
    if (turned) operands[1] = b.swap(operands[1], 0, 1);
    value_id const result = b.matmul(batch, operands[1]);
    return operands.size() < 3 ? result : b.broadcast("Add", {result, operands[2]});
  }
  return no_value;
}

inline value_id transpose(graph_node const& node, builder& b, producers& from) {
  graph_node const* const before = from.find(node.inputs[0], "Transpose");
  if (before == nullptr) return no_value;
  std::vector<std::int64_t> const first = before->integers("perm"), second = node.integers("perm");
  std::vector<std::int64_t> both;
  for (std::int64_t const axis : second) both.push_back(first[static_cast<std::size_t>(axis)]);
  return b.transpose(before->inputs[0], both);
}

/// An operand that is only spread needs no spreading where the operator does it.
inline value_id broadcasting(graph_node const& node, builder& b, producers& from) {
  value_list inputs = node.inputs;
  bool changed = false;
  for (value_id& each : inputs) {
    graph_node const* const spread = from.find(each, "Expand");
    if (spread == nullptr) continue;
    value_id const before = std::exchange(each, spread->inputs[0]);
    dim_list sizes;
    for (value_id const input : inputs) sizes = b.broadcast_dims(sizes, b.dims(input));
    if (sizes == b.dims(node.outputs[0]))
      changed = true;
    else
      each = before;
  }
  if (!changed) return no_value;
  return b.node(node.op, inputs, node.attributes, b.type(node.outputs[0]), b.dims(node.outputs[0]));
}

inline value_id expand(graph_node const& node, builder& b, producers& from) {
  value_id const x = node.inputs[0];
  if (b.dims(x) == b.dims(node.outputs[0])) return x;
  graph_node const* const before = from.find(x, "Expand");
  return before == nullptr ? no_value : b.expand(before->inputs[0], b.dims(node.outputs[0]));
}

/// A transposed operand is an attribute of Gemm.
inline value_id gemm(graph_node const& node, builder& b, producers& from) {
  graph_node changed = node;
  bool any = false;
  for (std::size_t i = 0; i < 2; ++i) {
    graph_node const* const turned = from.find(node.inputs[i], "Transpose");
    if (turned == nullptr) continue;
    char const* const name = i == 0 ? "transA" : "transB";
    std::int64_t const flag = node.integer(name, 0);
    std::erase_if(changed.attributes, [&](attribute const& each) { return each.name == name; });
    if (flag == 0) changed.attributes.push_back({name, std::int64_t{1}});
    changed.inputs[i] = turned->inputs[0];
    any = true;
  }
  if (!any) return no_value;
  return b.node("Gemm", changed.inputs, changed.attributes, b.type(node.outputs[0]), b.dims(node.outputs[0]));
}

/// The size of an inner value is asked of an input, or is known.
inline value_id shape(graph_node const& node, builder& b, producers&) {
  std::int64_t const start = node.integer("start", 0), end = node.integer("end", start);
  if (end != start + 1) return no_value;
  value_id const known = b.size_tensor(b.dims(node.inputs[0])[static_cast<std::size_t>(start)]);
  return known == node.outputs[0] ? no_value : known;
}

inline value_id cast(graph_node const& node, builder& b, producers& from) {
  if (b.type(node.inputs[0]) == b.type(node.outputs[0])) return node.inputs[0];
  return cast_of_cast(node, b, from);
}

/// A value under another name: a view of complex numbers as pairs of real ones is no other value in a file.
inline value_id identity(graph_node const& node, builder&, producers&) { return node.inputs[0]; }

/// Applies the rule of the node's operator, if it has one.
inline value_id apply(graph_node const& node, builder& b, producers& from) {
  if (!node.domain.empty() || node.outputs.size() != 1) return no_value;
  for (value_id const id : node.inputs)
    if (id == no_value) return no_value;
  if (value_id const known = constant(node, b); known != no_value) return known;
  if (value_id const same = neutral(node, b); same != no_value) return same;
  if (node.op == "Unsqueeze") return unsqueeze(node, b, from);
  if (node.op == "Squeeze") return squeeze(node, b, from);
  if (node.op == "Reshape") return reshape(node, b, from);
  if (node.op == "Transpose") return transpose(node, b, from);
  if (node.op == "Expand") return expand(node, b, from);
  if (node.op == "Gemm") return gemm(node, b, from);
  if (node.op == "Shape") return shape(node, b, from);
  if (node.op == "Identity") return identity(node, b, from);
  if (node.op == "Cast") return cast(node, b, from);
  if (is_broadcasting(node.op)) return broadcasting(node, b, from);
  return no_value;
}

}  // namespace constexport::optimise_rules
