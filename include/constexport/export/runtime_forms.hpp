/// export/runtime_forms.hpp: nodes written in another way, because an older ONNX Runtime cannot compute them.
///
/// Room: export. Includes build/term.hpp, optimise.hpp and optimise/producers.hpp. export.hpp runs it when the graph is
/// optimised, so that lowerings write the plain form. What is here is float64's, in ONNX Runtime 1.20 and 1.21 (not in
/// 1.32): a function without a kernel whose precision a conversion would lose, and what their optimiser fuses into
/// operators that it has kernels for in float32 only.
#pragma once

#include <constexport/export/build/term.hpp>
#include <constexport/export/optimise.hpp>
#include <constexport/export/optimise/producers.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace constexport {

namespace detail::runtime_forms {

using optimise_rules::producers;

/// cos x is 1 - 2 sin² (x / 2), for there is Sin. Halving is exact: nothing is lost where x is large.
inline void cosine(graph_node& node, builder& b) {
  term const half = sin(term{&b, node.inputs[0]} * 0.5);
  term const doubled = half * half * 2;
  node.op = "Sub";
  node.inputs = {doubled.number(1).id, doubled.id};
}

/// x sigmoid(a x) becomes QuickGelu, x / (1 + exp(-a x)) does not.
inline void gated_by_itself(graph_node& node, builder& b, producers& from) {
  for (std::size_t i = 0; i < 2; ++i) {
    graph_node const* const gate = from.find(node.inputs[i], "Sigmoid");
    if (gate == nullptr) continue;
    value_id const x = node.inputs[1 - i], argument = gate->inputs[0];
    graph_node const* const scaled = from.find(argument, "Mul");
    if (argument != x && (scaled == nullptr || (scaled->inputs[0] != x && scaled->inputs[1] != x))) continue;
    node.op = "Div";
    node.inputs = {x, (exp(-term{&b, argument}) + 1).id};
    return;
  }
}

/// A product takes a Transpose into itself, and becomes FusedMatMul, unless something stands between: a Reshape that
/// leaves every size as it is copies nothing.
inline void transposed_factors(graph_node& node, builder& b, producers& from) {
  for (value_id& factor : node.inputs) {
    graph_node const* const converted = from.find(factor, "Cast");
    if (from.find(converted != nullptr ? converted->inputs[0] : factor, "Transpose") == nullptr) continue;
    value_id const same = b.g.integers(std::vector<std::int64_t>(b.dims(factor).size(), 0));
    factor = b.node("Reshape", {factor, same}, {}, b.type(factor), b.dims(factor));
  }
}

}  // namespace detail::runtime_forms

/// Rewrites what an older ONNX Runtime cannot compute.
inline void use_runtime_forms(graph& g, run_sizes& runs) {
  namespace forms = detail::runtime_forms;
  std::vector<graph_node> const before = std::exchange(g.nodes, {});
  builder b(g, runs);
  forms::producers from(g);
  for (graph_node node : before) {
    std::size_t const first = g.nodes.size();
    if (node.domain.empty() && node.outputs.size() == 1 && b.type(node.outputs[0]) == dtype::float64) {
      if (node.op == "Cos") forms::cosine(node, b);
      if (node.op == "Mul") forms::gated_by_itself(node, b, from);
      if (node.op == "MatMul") forms::transposed_factors(node, b, from);
    }
    for (std::size_t i = first; i < g.nodes.size(); ++i) g.nodes[i].scope = node.scope;
    g.nodes.push_back(std::move(node));
  }
  detail::remove_dead(g);
}

}  // namespace constexport
