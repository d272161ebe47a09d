/// export/lower/transformer.hpp: the whole layers that LibTorch's modules call in evaluation.
///
/// Room: export/lower. Includes call.hpp, attention.hpp and normalisation.hpp. lower.hpp collects the families.
/// torch.nn.MultiheadAttention and TransformerEncoderLayer have one operator each as a fast path.
#pragma once

#include <constexport/export/lower/attention.hpp>
#include <constexport/export/lower/normalisation.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>

namespace constexport::lower {

/// x W^T + bias.
inline value_id dense(builder& b, value_id x, value_id weight, value_id bias) {
  return b.broadcast("Add", {b.matmul(x, b.swap(weight, 0, 1)), bias});
}

/// Attention with the projections before and after it, of [batch, length, width].
struct multi_head_attention {
  value_id query, key, value;
  value_id in_weight, in_bias, out_weight, out_bias;
  value_id mask = no_value;  ///< what may not be seen: not zero there
  std::int64_t mask_type = 0;
  std::int64_t heads = 1;

  attention_result operator()(builder& b) const {
    dim const width = b.dims(query).back();
    if (!b.g.dims.is_number(width)) throw declined{"the width is dynamic"};
    attention_inputs in;
    if (query == key && key == value) {
      value_id const all = dense(b, query, in_weight, in_bias);
      dim_list sizes = b.dims(query);
      dtype const type = b.type(all);
      std::vector<attribute> attributes{{"axis", std::int64_t{-1}}};
      if (b.g.opset >= 18) attributes.push_back({"num_outputs", std::int64_t{3}});
      value_list const parts =
          b.g.node("Split", {all}, std::move(attributes), {{type, sizes}, {type, sizes}, {type, sizes}});
      in.query = split_heads(b, parts[0]);
      in.key = split_heads(b, parts[1]);
      in.value = split_heads(b, parts[2]);
    } else {
      in.query = split_heads(b, part(b, query, 0, width));
      in.key = split_heads(b, part(b, key, 1, width));
      in.value = split_heads(b, part(b, value, 2, width));
    }
    if (mask != no_value) {
      value_id const seen = b.unary("Not", b.cast(mask, dtype::boolean));
      in.mask = mask_type == 1 ? b.unsqueeze(seen, {1, 2}) : seen;
    }
    attention_result result = attention_writer(b, in).composed();
    value_id const joined = b.reshape(b.transpose(result.output, {0, 2, 1, 3}), b.dims(query));
    result.output = dense(b, joined, out_weight, out_bias);
    return result;
  }

 private:
  // Rows of the joint weight: those of queries, keys and values.
  value_id part(builder& b, value_id x, std::int64_t index, dim width) const {
    dim const start = b.g.dims.multiply(width, index), end = b.g.dims.multiply(width, index + 1);
    return dense(b, x, rows(b, in_weight, start, end), rows(b, in_bias, start, end));
  }
  static value_id rows(builder& b, value_id weight, dim start, dim end) {
    if (!b.g.is_constant(weight)) return b.slice(weight, 0, start, end);
    std::int64_t const from = b.g.dims.value(start), count = b.g.dims.value(end) - from;
    value_id const made = b.g.constant(b.g[weight].data.narrow(0, from, count), b.g[weight].name);
    b.g[made].is_weight = b.g[weight].is_weight;
    return made;
  }
  value_id split_heads(builder& b, value_id x) const {
    dim_list sizes = b.dims(x);
    dim const each = b.g.dims.floor_divide(sizes.back(), heads);
    sizes.back() = b.g.dims.number(heads);
    sizes.push_back(each);
    return b.transpose(b.reshape(x, sizes), {0, 2, 1, 3});
  }
};

/// The kind of a mask: 0 of queries and keys, 1 of keys in each element of the batch, 2 of all of it.
inline std::int64_t mask_type_of(call& c, builder& b, value_id mask) {
  if (mask == no_value) return 0;
  if (!c.is_none("mask_type")) return c.integer("mask_type");
  if (b.rank(mask) == 4) return 2;
  c.decline("it is not said what the mask is of");
}

inline value_list native_multi_head_attention(call& c, builder& b) {
  multi_head_attention layer{c.tensor("query"),      c.tensor("key"),      c.tensor("value"),
                             c.tensor("qkv_weight"), c.tensor("qkv_bias"), c.tensor("proj_weight"),
                             c.tensor("proj_bias")};
  layer.mask = c.optional_tensor("mask");
  layer.mask_type = mask_type_of(c, b, layer.mask);
  layer.heads = c.integer("num_head");
  attention_result const made = layer(b);
  if (c.result_count() < 2) return {made.output};
  bool const averaged = c.flag("average_attn_weights");
  return {made.output, averaged ? b.reduce("ReduceMean", made.weights, {1}, false) : made.weights};
}

/// max(0, x), or x * Phi(x).
inline value_id encoder_activation(builder& b, value_id x, bool use_gelu) {
  if (!use_gelu) return b.unary("Relu", x);
  if (b.g.opset >= 20) return b.unary("Gelu", x);
  dtype const type = b.type(x);
  value_id const erf = b.unary("Erf", b.broadcast("Div", {x, b.scalar(std::numbers::sqrt2, type)}));
  value_id const twice = b.broadcast("Mul", {x, b.broadcast("Add", {erf, b.scalar(1, type)})});
  return b.broadcast("Mul", {twice, b.scalar(0.5, type)});
}

inline value_list transformer_encoder_layer(call& c, builder& b) {
  value_id const x = c.tensor("src");
  double const eps = c.real("eps");
  bool const first = c.flag("norm_first");
  auto const normal = [&](value_id of, char const* weight, char const* bias) {
    return layer_norm_node(b, of, c.tensor(weight), c.tensor(bias), b.rank(of) - 1, eps)[0];
  };
  auto const attend = [&](value_id of) {
    multi_head_attention layer{
        of, of, of, c.tensor("qkv_weight"), c.tensor("qkv_bias"), c.tensor("proj_weight"), c.tensor("proj_bias")};
    layer.mask = c.optional_tensor("mask");
    layer.mask_type = mask_type_of(c, b, layer.mask);
    layer.heads = c.integer("num_heads");
    return layer(b).output;
  };
  auto const feed_forward = [&](value_id of) {
    value_id const inner = dense(b, of, c.tensor("ffn_weight_1"), c.tensor("ffn_bias_1"));
    return dense(b, encoder_activation(b, inner, c.flag("use_gelu")), c.tensor("ffn_weight_2"), c.tensor("ffn_bias_2"));
  };
  auto const add = [&](value_id y, value_id z) { return b.broadcast("Add", {y, z}); };
  if (first) {
    value_id const middle = add(x, attend(normal(x, "norm_weight_1", "norm_bias_1")));
    return {add(middle, feed_forward(normal(middle, "norm_weight_2", "norm_bias_2")))};
  }
  value_id const middle = normal(add(x, attend(x)), "norm_weight_1", "norm_bias_1");
  return {normal(add(middle, feed_forward(middle)), "norm_weight_2", "norm_bias_2")};
}

inline void add_transformer(lowering_table& table) {
  table.add("aten::_native_multi_head_attention", native_multi_head_attention);
  table.add("aten::_transformer_encoder_layer_fwd", transformer_encoder_layer);
}

}  // namespace constexport::lower
