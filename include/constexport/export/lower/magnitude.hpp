/// export/lower/magnitude.hpp: how large the numbers of a value can be, from how it is made.
///
/// Room: export/lower. Includes call.hpp. attention.hpp asks whether a mask can hold minus infinity, because a row
/// that is masked entirely then needs nodes of its own, and most masks have a finite number in its place.
#pragma once

#include <constexport/export/call.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

namespace constexport::lower {

/// A bound of |x|, infinity where none is known.
inline double magnitude(graph const& g, value_id x, int depth = 0) {
  double const infinite = std::numeric_limits<double>::infinity();
  if (g.is_constant(x)) {
    if (g[x].data.numel() == 0) return 0;
    double const largest = g[x].data.to(at::kDouble).abs().max().item<double>();
    return largest == largest ? largest : infinite;
  }
  if (g[x].type == dtype::boolean) return 1;
  if (g[x].type == dtype::int64 || g[x].type == dtype::int32) return 0x1p63;
  auto node = g.nodes.rbegin();
  while (node != g.nodes.rend() && (node->outputs.empty() || node->outputs[0] != x)) ++node;
  if (node == g.nodes.rend() || depth > 48) return infinite;
  auto const of = [&](std::size_t i) { return magnitude(g, node->inputs[i], depth + 1); };
  auto const is = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), node->op) != names.end();
  };
  if (is({"Cast", "Reshape", "Unsqueeze", "Squeeze", "Transpose", "Slice", "Expand", "Gather", "GatherElements",
          "Trilu", "Identity", "Neg", "Abs", "Tile", "Relu"}))
    return of(0);
  if (is({"Add", "Sub"})) return of(0) + of(1);
  if (is({"Mul"})) {
    double const product = of(0) * of(1);
    return product == product ? product : infinite;
  }
  if (is({"Where"})) return std::max(of(1), of(2));
  if (is({"ScatterND", "ScatterElements"}))
    return node->find("reduction") == nullptr ? std::max(of(0), of(2)) : infinite;
  if (is({"Min", "Max", "Concat"})) {
    double largest = 0;
    for (std::size_t i = 0; i < node->inputs.size(); ++i) largest = std::max(largest, of(i));
    return largest;
  }
  if (is({"ConstantOfShape"})) {
    attribute const* const number = node->find("value");
    return number == nullptr ? 0 : std::get<at::Tensor>(number->value).to(at::kDouble).abs().max().item<double>();
  }
  return infinite;
}

/// Is no number of this value infinite or NaN, whatever the inputs are?
inline bool is_finite(graph const& g, value_id x) {
  double const largest = magnitude(g, x);
  switch (g[x].type) {
    case dtype::float16:
      return largest <= 65504;
    case dtype::float32:
    case dtype::bfloat16:
      return largest <= static_cast<double>(std::numeric_limits<float>::max());
    default:
      return largest <= std::numeric_limits<double>::max();
  }
}

}  // namespace constexport::lower
