/// export/runtime_types.hpp: conversions around nodes that cannot be computed in their own type.
///
/// Room: export. Includes build.hpp. export.hpp runs it when the graph is optimised, so that lowerings write nodes in
/// LibTorch's types and need not know which of them ONNX's operators take (specification, opsets 17 to 23) or ONNX
/// Runtime's CPU provider has kernels for (all of versions 1.20 to 1.32): where either lacks, the operands are
/// converted to a type that can hold them and the result is converted back. Half precision without a kernel is
/// converted by ONNX Runtime itself.
#pragma once

#include <constexport/export/build.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport {

namespace detail::runtime_types {

/// Operators that lack a type, and the types that stand in for it, the first that does not lack either.
struct gap {
  dtype type;
  std::string_view operators;
  std::array<dtype, 4> instead;  ///< the rest is `undefined`
};

inline bool is_in(std::string_view list, std::string_view op) {
  for (std::size_t at = list.find(op); at != std::string_view::npos; at = list.find(op, at + 1))
    if ((at == 0 || list[at - 1] == ' ') && (at + op.size() == list.size() || list[at + op.size()] == ' ')) return true;
  return false;
}

inline std::span<gap const> gaps() {
  static constexpr gap rows[] = {
      {dtype::float64,
       "Acos Acosh Asin Asinh Atan Atanh AveragePool Celu Col2Im Conv ConvTranspose Cosh Elu Erf Gelu "
       "GlobalAveragePool GridSample HardSigmoid HardSwish Hardmax InstanceNormalization LeakyRelu LpPool MaxUnpool "
       "Mean MeanVarianceNormalization Mish NonZero OneHot PRelu RNN Resize RotaryEmbedding STFT Selu Sinh Softplus "
       "Softsign Tan ThresholdedRelu",
       {dtype::float32}},
      {dtype::float16, "Celu IsInf Range STFT", {dtype::float32}},
      {dtype::int64,
       "Col2Im DepthToSpace Gemm GridSample PRelu Relu Resize SpaceToDepth",
       {dtype::float64, dtype::float32}},
      {dtype::int32,
       "Col2Im DepthToSpace Gemm GridSample OneHot PRelu SpaceToDepth Trilu Unique",
       {dtype::int64, dtype::float64, dtype::float32}},
      {dtype::int16,
       "Add ArgMax ArgMin Clip Col2Im CumSum DepthToSpace Div Einsum Equal Gemm Greater GreaterOrEqual GridSample "
       "Less LessOrEqual MatMul Max Min Mul Neg NonZero OneHot PRelu Pad Pow ReduceL1 ReduceL2 ReduceLogSumExp "
       "ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Resize SpaceToDepth Sub TopK Trilu "
       "Unique Where",
       {dtype::int32, dtype::int64, dtype::float32}},
      {dtype::int8,
       "Add Col2Im CumSum DepthToSpace Div Einsum Equal Gemm Greater GreaterOrEqual GridSample Less LessOrEqual "
       "MatMul Max Min Mul NonZero OneHot PRelu Pow Range ReduceL1 ReduceL2 ReduceLogSumExp ReduceMean ReduceProd "
       "ReduceSum ReduceSumSquare SpaceToDepth Sub TopK Trilu Where",
       {dtype::int32, dtype::int64, dtype::float32}},
      {dtype::uint8,
       "Add Col2Im CumSum DepthToSpace Div Einsum Equal Gemm Greater GreaterOrEqual GridSample Less LessOrEqual "
       "MatMul Max Min Mul Neg OneHot PRelu Pow Range ReduceL1 ReduceL2 ReduceLogSumExp ReduceMean ReduceProd "
       "ReduceSum ReduceSumSquare Relu SpaceToDepth Sub TopK Trilu Unique",
       {dtype::int32, dtype::int64, dtype::float32}},
      {dtype::uint16, "BitShift", {dtype::uint32}},
      {dtype::boolean,
       "Abs Add ArgMax ArgMin Clip Col2Im CumSum DepthToSpace Div Einsum Gemm Greater GreaterOrEqual GridSample Less "
       "LessOrEqual MatMul Max Min Mod Mul Neg OneHot PRelu Pow Range ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax "
       "ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Resize Sign SpaceToDepth Sub TopK Unique Where",
       {dtype::uint8, dtype::int32, dtype::int64, dtype::float32}},
  };
  return rows;
}

/// What moves elements about takes bfloat16; arithmetic does not.
inline constexpr std::string_view takes_bfloat16 =
    "Cast CastLike Concat Flatten Gather GatherElements GatherND Identity Reshape ScatterElements "
    "ScatterND Shape Sign Size Slice Split Squeeze Transpose Unsqueeze";
/// Operators whose boolean result says something about their operands.
inline constexpr std::string_view predicates = "Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual NonZero";

/// The type in which `op` is computed on `type`.
inline dtype computed_in(std::string_view op, dtype type) {
  if (type == dtype::bfloat16) return is_in(takes_bfloat16, op) ? type : dtype::float32;
  for (gap const& each : gaps())
    if (each.type == type && is_in(each.operators, op))
      for (dtype const other : each.instead)
        if (other != dtype::undefined && computed_in(op, other) == other) return other;
  return type;
}

/// Does this input of `op` hold elements, not an index, a size or a condition?
inline bool holds_elements(std::string_view op, std::size_t input) {
  if (op == "Where") return input > 0;
  if (op == "OneHot") return input == 2;
  if (op == "Resize" || op == "Col2Im") return input == 0;
  return true;
}

}  // namespace detail::runtime_types

/// Converts operands and results where a node has no kernel for their type.
inline void use_runtime_types(graph& g, run_sizes& runs) {
  namespace types = detail::runtime_types;
  std::vector<graph_node> const before = std::exchange(g.nodes, {});
  builder b(g, runs);
  std::map<std::pair<value_id, dtype>, value_id> converted;
  for (graph_node node : before) {
    std::map<dtype, dtype> changes;
    if (node.domain.empty())
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        if (node.inputs[i] == no_value || !types::holds_elements(node.op, i)) continue;
        dtype const type = g[node.inputs[i]].type, other = types::computed_in(node.op, type);
        if (other == type) continue;
        changes.emplace(type, other);
        auto const [known, is_new] = converted.try_emplace({node.inputs[i], other}, no_value);
        if (is_new) known->second = b.cast(node.inputs[i], other);
        node.inputs[i] = known->second;
      }
    std::vector<std::pair<value_id, value_id>> back;
    if (!types::is_in(types::predicates, node.op))
      for (value_id& output : node.outputs) {
        if (output == no_value) continue;
        auto const change = changes.find(g[output].type);
        if (change == changes.end()) continue;
        graph_value result = g[output];
        result.type = change->second;
        result.name.clear();
        value_id const made = g.add(std::move(result));
        back.emplace_back(made, std::exchange(output, made));
      }
    g.nodes.push_back(std::move(node));
    for (auto const& [from, to] : back)
      g.nodes.push_back({"Cast", {}, {from}, {to}, {{"to", static_cast<std::int64_t>(g[to].type)}}});
  }
}

}  // namespace constexport
