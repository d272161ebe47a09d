/// export/lower/recurrent.hpp: LSTM, GRU and simple recurrent layers, one ONNX node for a layer with its directions.
///
/// Room: export/lower. Includes call.hpp, packed.hpp and recurrent_weights.hpp. lower.hpp collects the families.
/// ONNX works time first, as LibTorch does without `batch_first`: [time, batch, features] becomes
/// [time, directions, batch, hidden]. ONNX Runtime has no other layout, and these operators in float32 only.
#pragma once

#include <constexport/export/lower/packed.hpp>
#include <constexport/export/lower/recurrent_weights.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// Is this value zero everywhere, whatever the inputs are?
inline bool is_zero(graph const& g, value_id x) {
  if (g.is_constant(x)) return g[x].data.numel() == 0 || !g[x].data.ne(0).any().item<bool>();
  for (auto node = g.nodes.rbegin(); node != g.nodes.rend(); ++node) {
    if (node->outputs.empty() || node->outputs[0] != x) continue;
    for (char const* const op : {"Expand", "Reshape", "Unsqueeze", "Squeeze", "Transpose", "Slice", "Gather", "Cast"})
      if (node->op == op) return is_zero(g, node->inputs[0]);
    if (node->op != "ConstantOfShape") return false;
    attribute const* const number = node->find("value");
    return number == nullptr || !std::get<at::Tensor>(number->value).ne(0).any().item<bool>();
  }
  return false;
}

/// Steps of one sequence or of a batch of them, time first.
struct recurrent_steps {
  value_id x = no_value;        ///< [time, batch, features]
  value_id lengths = no_value;  ///< int32 [batch], if the sequences are of unequal lengths
};

/// What a layer makes.
struct recurrent_result {
  value_id y = no_value;  ///< [time, directions, batch, hidden]
  value_id h = no_value;  ///< [directions, batch, hidden]
  value_id c = no_value;  ///< the same, of an LSTM
};

/// A layer, from its input and the states [directions, batch, hidden] before it.
class recurrent_layer {
 public:
  recurrent_layer(builder& b, recurrent_kind const& kind, std::vector<direction_weights> const& directions)
      : b_(b), kind_(kind), directions_(directions) {}

  recurrent_result operator()(recurrent_steps steps, value_id h, value_id c) {
    bool const from_zero = h == no_value || is_zero(b_.g, h);
    bool const projected = directions_[0].projection != no_value;
    if (projected && !from_zero) steps.x = with_first_step(steps, h);
    recurrent_weights const weights = assemble(b_, kind_, directions_, projected && !from_zero);
    auto const count = static_cast<std::int64_t>(directions_.size());
    auto const hidden = weights.hidden;
    value_list inputs{steps.x, weights.input, weights.recurrent, weights.bias, steps.lengths};
    inputs.push_back(from_zero || projected ? no_value : h);
    if (kind_.gates.size() == 4) inputs.push_back(c == no_value || is_zero(b_.g, c) ? no_value : c);
    while (inputs.back() == no_value) inputs.pop_back();
    std::vector<attribute> attributes{{"hidden_size", hidden}};
    if (count == 2) attributes.push_back({"direction", std::string("bidirectional")});
    if (kind_.gates.size() == 3) attributes.push_back({"linear_before_reset", std::int64_t{1}});
    if (kind_.activation != nullptr)
      attributes.push_back(
          {"activations", std::vector<std::string>(static_cast<std::size_t>(count), kind_.activation)});
    dtype const type = b_.type(steps.x);
    dim const width = b_.g.dims.number(hidden), ways = b_.g.dims.number(count);
    dim const time = b_.dim_of(steps.x, 0), batch = b_.dim_of(steps.x, 1);
    dim_list const state{ways, batch, width};
    std::vector<std::pair<dtype, dim_list>> results{{type, {time, ways, batch, width}}, {type, state}};
    if (kind_.gates.size() == 4) results.push_back({type, state});
    value_list const made = b_.g.node(kind_.op, std::move(inputs), std::move(attributes), std::move(results));
    recurrent_result result{made[0], made[1], made.size() > 2 ? made[2] : no_value};
    if (projected) {
      result.y = b_.matmul(result.y, weights.projection);
      result.h = b_.matmul(result.h, weights.projection);
    }
    return result;
  }

 private:
  // A projected state has no place in ONNX's node: what it adds to the first step's gates comes in as more features,
  // which are the state at the first step of each direction and zero at all others.
  value_id with_first_step(recurrent_steps const& steps, value_id h) {
    value_list parts{steps.x};
    value_id const times = b_.unsqueeze(b_.range(b_.dim_of(steps.x, 0)), {1, 2});
    for (std::size_t i = 0; i < directions_.size(); ++i) {
      value_id first = b_.scalar(0, dtype::int64);
      if (i == 1) {
        value_id const length = steps.lengths == no_value ? b_.size_scalar(b_.dim_of(steps.x, 0))
                                                          : b_.unsqueeze(b_.cast(steps.lengths, dtype::int64), {0, 2});
        first = b_.broadcast("Sub", {length, b_.scalar(1, dtype::int64)});
      }
      value_id const here = b_.broadcast("Equal", {times, first}, dtype::boolean);
      auto const at = b_.g.dims.number(static_cast<std::int64_t>(i));
      value_id const state = directions_.size() == 1 ? h : b_.slice(h, 0, at, b_.g.dims.add(at, 1));
      value_id const zero = b_.scalar(0, b_.type(h));
      dim_list const sizes{b_.dim_of(steps.x, 0), b_.dim_of(steps.x, 1), b_.dim_of(h, 2)};
      parts.push_back(b_.node("Where", {here, state, zero}, {}, b_.type(h), sizes));
    }
    return b_.concat(parts, 2);
  }

  builder& b_;
  recurrent_kind const& kind_;
  std::vector<direction_weights> const& directions_;
};

/// All layers; of the last one the directions are still apart. `h` and `c` are [layers * directions, batch, hidden].
struct recurrent_stack {
  value_id y = no_value;
  value_list states;
};

inline recurrent_stack run_layers(call& c, builder& b, recurrent_kind const& kind, recurrent_steps steps, value_id h,
                                  value_id cell) {
  if (c.flag("train") && c.real("dropout") != 0 && c.integer("num_layers") > 1)
    throw module_error(c.name() + " (" + c.where() + ") drops elements at random: call the module's eval() first.");
  std::int64_t const layers = c.integer("num_layers"), ways = c.flag("bidirectional") ? 2 : 1;
  bool const biased = c.flag("has_biases");
  value_list const params = c.tensors("params");
  std::size_t const each = params.size() / static_cast<std::size_t>(layers * ways);
  recurrent_stack result;
  value_list hs, cs;
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    std::vector<direction_weights> directions;
    for (std::int64_t way = 0; way < ways; ++way) {
      auto const p =
          params.begin() + static_cast<std::ptrdiff_t>((layer * ways + way)) * static_cast<std::ptrdiff_t>(each);
      direction_weights weights{p[0], p[1]};
      if (biased) {
        weights.input_bias = p[2];
        weights.recurrent_bias = p[3];
      }
      if (each == (biased ? 5u : 3u)) weights.projection = p[biased ? 4 : 2];
      directions.push_back(weights);
    }
    auto const part = [&](value_id state) {
      if (state == no_value || layers == 1) return state;
      return b.slice(state, 0, b.g.dims.number(layer * ways), b.g.dims.number((layer + 1) * ways));
    };
    recurrent_result const made = recurrent_layer(b, kind, directions)(steps, part(h), part(cell));
    hs.push_back(made.h);
    cs.push_back(made.c);
    result.y = made.y;
    if (layer + 1 == layers) break;
    dim_list joined = b.dims(steps.x);
    joined[2] = b.g.dims.multiply(b.dims(made.y)[3], ways);
    steps.x = ways == 1 ? b.squeeze(made.y, {1}) : b.reshape(b.transpose(made.y, {0, 2, 1, 3}), joined);
  }
  result.states.push_back(b.concat(hs, 0));
  if (cell != no_value) result.states.push_back(b.concat(cs, 0));
  return result;
}

/// [time, batch, directions * hidden], or the batch first.
inline value_id join_directions(builder& b, value_id y, bool batch_first) {
  dim_list const from = b.dims(y);
  if (b.g.dims.is_number(from[1], 1)) {
    value_id const steps = b.squeeze(y, {1});
    return batch_first ? b.swap(steps, 0, 1) : steps;
  }
  value_id const turned = batch_first ? b.transpose(y, {2, 0, 1, 3}) : b.transpose(y, {0, 2, 1, 3});
  return b.reshape(turned, {b.dims(turned)[0], b.dims(turned)[1], b.g.dims.multiply(from[1], from[3])});
}

/// The states that a call starts from: h, and c of an LSTM.
inline std::pair<value_id, value_id> states_of(call& c) {
  if (!c.is_list("hx")) return {c.tensor("hx"), no_value};
  value_list const both = c.tensors("hx");
  return {both[0], both.at(1)};
}

inline lowering recurrent(recurrent_kind const& kind) {
  return [kind](call& c, builder& b) -> value_list {
    bool const batch_first = c.flag("batch_first");
    value_id const x = c.tensor("input");
    auto const [h, cell] = states_of(c);
    recurrent_stack const made = run_layers(c, b, kind, {batch_first ? b.swap(x, 0, 1) : x}, h, cell);
    value_list results{join_directions(b, made.y, batch_first)};
    results.insert(results.end(), made.states.begin(), made.states.end());
    return results;
  };
}

/// The same for packed sequences: the node works on the padded ones and is told their lengths.
inline lowering packed_recurrent(recurrent_kind const& kind) {
  return [kind](call& c, builder& b) -> value_list {
    auto const [h, cell] = states_of(c);
    value_id const data = c.tensor("data");
    packed_rows const rows = unpack(b, data, c.tensor("batch_sizes"), b.dim_of(h, 1));
    recurrent_steps const steps{rows.padded, b.cast(rows.lengths, dtype::int32)};
    recurrent_stack const made = run_layers(c, b, kind, steps, h, cell);
    packed_rows const after{join_directions(b, made.y, false), rows.lengths, rows.mask, true};
    value_list results{pack(b, after, b.dim_of(data, 0))};
    results.insert(results.end(), made.states.begin(), made.states.end());
    return results;
  };
}

/// One step of one layer.
inline lowering recurrent_cell(recurrent_kind const& kind) {
  return [kind](call& c, builder& b) -> value_list {
    direction_weights weights{c.tensor("w_ih"), c.tensor("w_hh")};
    weights.input_bias = c.optional_tensor("b_ih");
    weights.recurrent_bias = c.optional_tensor("b_hh");
    auto const [h, cell] = states_of(c);
    value_id const x = c.tensor("input");
    if (b.rank(x) != 2 || b.rank(h) != 2) c.decline("the input is not a batch of vectors");
    auto const alone = [&](value_id state) { return state == no_value ? state : b.unsqueeze(state, {0}); };
    recurrent_result const made = recurrent_layer(b, kind, {weights})({alone(x)}, alone(h), alone(cell));
    value_list results{b.squeeze(made.h, {0})};
    if (cell != no_value) results.push_back(b.squeeze(made.c, {0}));
    return results;
  };
}

inline void add_recurrent(lowering_table& table) {
  table.add("aten::lstm.input", recurrent(lstm_kind()));
  table.add("aten::gru.input", recurrent(gru_kind()));
  table.add("aten::rnn_tanh.input", recurrent(rnn_kind("Tanh")));
  table.add("aten::rnn_relu.input", recurrent(rnn_kind("Relu")));
  table.add("aten::lstm.data", packed_recurrent(lstm_kind()));
  table.add("aten::gru.data", packed_recurrent(gru_kind()));
  table.add("aten::rnn_tanh.data", packed_recurrent(rnn_kind("Tanh")));
  table.add("aten::rnn_relu.data", packed_recurrent(rnn_kind("Relu")));
  table.add("aten::lstm_cell", recurrent_cell(lstm_kind()));
  table.add("aten::gru_cell", recurrent_cell(gru_kind()));
  table.add("aten::rnn_tanh_cell", recurrent_cell(rnn_kind("Tanh")));
  table.add("aten::rnn_relu_cell", recurrent_cell(rnn_kind("Relu")));
  table.add("aten::_pack_padded_sequence", pack_padded_sequence);
  table.add("aten::_pad_packed_sequence", pad_packed_sequence);
}

}  // namespace constexport::lower
