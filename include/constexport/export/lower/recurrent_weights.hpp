/// export/lower/recurrent_weights.hpp: the weights of recurrent layers, from LibTorch's order to ONNX's.
///
/// Room: export/lower. Includes call.hpp. recurrent.hpp uses it. LibTorch has one matrix for all gates and one set for
/// each direction, ONNX one tensor for all directions with the gates in another order.
#pragma once

#include <constexport/export/call.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// A recurrent operator of ONNX.
struct recurrent_kind {
  char const* op;
  std::vector<std::int64_t> gates;   ///< which of LibTorch's gates stands at each place in ONNX
  char const* activation = nullptr;  ///< of the hidden state, where it is not the operator's own
};
inline recurrent_kind lstm_kind() { return {"LSTM", {0, 3, 1, 2}}; }
inline recurrent_kind gru_kind() { return {"GRU", {1, 0, 2}}; }
inline recurrent_kind rnn_kind(char const* activation) { return {"RNN", {0}, activation}; }

/// The weights of one direction of a layer, as LibTorch has them.
struct direction_weights {
  value_id input = no_value;      ///< [gates * hidden, features]
  value_id recurrent = no_value;  ///< [gates * hidden, hidden or projection]
  value_id input_bias = no_value, recurrent_bias = no_value;
  value_id projection = no_value;  ///< [projection, hidden]
};

/// The weights of a layer, as ONNX wants them.
struct recurrent_weights {
  value_id input = no_value;       ///< [directions, gates * hidden, features]
  value_id recurrent = no_value;   ///< [directions, gates * hidden, hidden]
  value_id bias = no_value;        ///< [directions, 2 * gates * hidden], or none
  value_id projection = no_value;  ///< [directions, hidden, projection], or none
  std::int64_t hidden = 0;
};

namespace detail {

/// Rearranges constants, in memory.
struct on_tensors {
  using value = at::Tensor;
  builder& b;
  value take(value_id x) const { return b.g[x].data; }
  value rows(value const& x, std::int64_t start, std::int64_t count) const { return x.narrow(0, start, count); }
  value join(std::vector<value> const& parts, std::int64_t axis) const {
    return parts.size() == 1 ? parts[0] : at::cat(parts, axis);
  }
  value lift(value const& x) const { return x.unsqueeze(0); }
  value turn(value const& x) const { return x.t(); }
  value product(value const& x, value const& y) const {
    return x.to(at::kDouble).matmul(y.to(at::kDouble)).to(x.scalar_type());
  }
  value zeros(value const& like) const { return at::zeros_like(like); }
  value_id give(value const& x, value_id from) const {
    value_id const made = b.g.constant(x, b.g[from].name);
    b.g[made].is_weight = b.g[from].is_weight;
    b.g[made].note = "gates in ONNX's order";
    return made;
  }
};

/// Rearranges what the module computes, with nodes.
struct on_nodes {
  using value = value_id;
  builder& b;
  value take(value_id x) const { return x; }
  value rows(value x, std::int64_t start, std::int64_t count) const {
    return b.slice(x, 0, b.g.dims.number(start), b.g.dims.number(start + count));
  }
  value join(value_list const& parts, std::int64_t axis) const { return b.concat(parts, axis); }
  value lift(value x) const { return b.unsqueeze(x, {0}); }
  value turn(value x) const { return b.swap(x, 0, 1); }
  value product(value x, value y) const { return b.matmul(x, y); }
  value zeros(value like) const { return b.full(b.dims(like), 0, b.type(like)); }
  value_id give(value x, value_id) const { return x; }
};

/// `with_state`: the input has more features, the first state of each direction.
template <class Ops>
recurrent_weights assemble_with(Ops const& ops, recurrent_kind const& kind,
                                std::vector<direction_weights> const& directions, std::int64_t hidden,
                                bool with_state) {
  using values = std::vector<typename Ops::value>;
  auto const ordered = [&](typename Ops::value const& x) {
    values parts;
    for (std::int64_t const gate : kind.gates) parts.push_back(ops.rows(x, gate * hidden, hidden));
    return ops.join(parts, 0);
  };
  values inputs, recurrents, biases, projections;
  for (std::size_t i = 0; i < directions.size(); ++i) {
    direction_weights const& each = directions[i];
    typename Ops::value const of_state = ordered(ops.take(each.recurrent));
    values features{ordered(ops.take(each.input))};
    for (std::size_t k = 0; with_state && k < directions.size(); ++k)
      features.push_back(k == i ? of_state : ops.zeros(of_state));
    inputs.push_back(ops.lift(ops.join(features, 1)));
    // h = P m, so what multiplies h multiplies m by way of P.
    bool const projected = each.projection != no_value;
    recurrents.push_back(ops.lift(projected ? ops.product(of_state, ops.take(each.projection)) : of_state));
    if (projected) projections.push_back(ops.lift(ops.turn(ops.take(each.projection))));
    value_id const known = each.input_bias != no_value ? each.input_bias : each.recurrent_bias;
    auto const bias = [&](value_id x) { return x != no_value ? ordered(ops.take(x)) : ops.zeros(ops.take(known)); };
    if (known != no_value) biases.push_back(ops.lift(ops.join({bias(each.input_bias), bias(each.recurrent_bias)}, 0)));
  }
  recurrent_weights result;
  result.hidden = hidden;
  result.input = ops.give(ops.join(inputs, 0), directions[0].input);
  result.recurrent = ops.give(ops.join(recurrents, 0), directions[0].recurrent);
  if (!biases.empty()) result.bias = ops.give(ops.join(biases, 0), directions[0].input);
  if (!projections.empty()) result.projection = ops.give(ops.join(projections, 0), directions[0].projection);
  return result;
}

}  // namespace detail

inline recurrent_weights assemble(builder& b, recurrent_kind const& kind,
                                  std::vector<direction_weights> const& directions, bool with_state) {
  bool constant = true;
  for (direction_weights const& each : directions)
    for (value_id const id : {each.input, each.recurrent, each.input_bias, each.recurrent_bias, each.projection})
      constant = constant && (id == no_value || b.g.is_constant(id));
  dim const rows = b.dim_of(directions[0].recurrent, 0);
  if (!b.g.dims.is_number(rows)) throw declined{"the number of hidden units is dynamic"};
  std::int64_t const hidden = b.g.dims.value(rows) / static_cast<std::int64_t>(kind.gates.size());
  if (constant) return detail::assemble_with(detail::on_tensors{b}, kind, directions, hidden, with_state);
  return detail::assemble_with(detail::on_nodes{b}, kind, directions, hidden, with_state);
}

}  // namespace constexport::lower
