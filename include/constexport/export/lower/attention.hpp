/// export/lower/attention.hpp: softmax(q k^T * scale + mask) v (Vaswani et al. 2017, arXiv 1706.03762).
///
/// Room: export/lower. Includes call.hpp and magnitude.hpp. transformer.hpp builds on it, lower.hpp collects the
/// families. From opset 23 ONNX has a node for it; ONNX Runtime's agrees with LibTorch also where a row is masked
/// entirely.
#pragma once

#include <constexport/export/lower/magnitude.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace constexport::lower {

/// What an attention is computed from. Query [..., queries, width], key and value [..., keys, width].
struct attention_inputs {
  value_id query = no_value, key = no_value, value = no_value;
  value_id mask = no_value;  ///< bool: what may be seen; else added to the scores
  bool causal = false;       ///< query i sees keys up to i
  bool grouped = false;      ///< several heads of queries share one of keys and values
  std::optional<double> scale{};
  bool zero_if_masked = false;  ///< a query that sees nothing gives zeros, not NaN
};

/// What an attention makes; the last two only where it is composed.
struct attention_result {
  value_id output = no_value;
  value_id weights = no_value;  ///< after the softmax
  value_id scores = no_value;   ///< before it
};

class attention_writer {
 public:
  attention_writer(builder& b, attention_inputs in) : b_(b), in_(std::move(in)), type_(b.type(in_.query)) {
    if (in_.mask != no_value && b_.type(in_.mask) != dtype::boolean) in_.mask = b_.cast(in_.mask, type_);
    if (in_.mask != no_value && b_.rank(in_.mask) < 2) in_.mask = b_.unsqueeze(in_.mask, missing(in_.mask));
  }

  /// One node where there is one.
  attention_result shortest() { return has_node() ? attention_result{node()} : composed(); }

  attention_result composed() {
    bool const shared = in_.grouped && heads(in_.query) != heads(in_.key);
    dim_list const whole = b_.dims(in_.query);
    if (shared) group();
    attention_result result;
    result.scores = scaled(b_.matmul(in_.query, b_.swap(in_.key, -1, -2)));
    value_id seen = no_value;
    if (in_.mask != no_value) {
      bool const hides = b_.type(in_.mask) == dtype::boolean || !is_finite(b_.g, in_.mask);
      value_id added = additive(in_.mask);
      if (in_.causal) added = b_.broadcast("Add", {added, causal_mask()});
      result.scores = b_.broadcast("Add", {result.scores, added});
      if (hides && in_.zero_if_masked && !sees_something(added))
        seen = b_.broadcast("Greater", {b_.reduce("ReduceMax", added, {-1}, true), minus_infinity()}, dtype::boolean);
    } else if (in_.causal) {
      result.scores = b_.broadcast("Add", {result.scores, causal_mask()});
    }
    result.weights = b_.unary("Softmax", result.scores, {{"axis", std::int64_t{-1}}});
    result.output = b_.matmul(result.weights, in_.value);
    if (seen != no_value) {
      value_id const zero = b_.scalar(0, type_);
      result.weights = b_.broadcast("Where", {seen, result.weights, zero}, type_);
      result.output = b_.broadcast("Where", {seen, result.output, zero}, type_);
    }
    if (shared) {
      dim_list sizes = whole;
      sizes.back() = b_.dims(result.output).back();
      result.output = b_.reshape(result.output, sizes);
    }
    return result;
  }

 private:
  dim heads(value_id x) const { return b_.rank(x) < 3 ? b_.g.dims.number(1) : b_.dim_of(x, -3); }
  value_id minus_infinity() { return b_.scalar(-std::numeric_limits<double>::infinity(), type_); }
  std::vector<std::int64_t> missing(value_id x) const {
    std::vector<std::int64_t> axes;
    for (std::int64_t i = b_.rank(x); i < 2; ++i) axes.push_back(static_cast<std::int64_t>(axes.size()));
    return axes;
  }

  value_id scaled(value_id scores) {
    if (in_.scale) return b_.broadcast("Mul", {scores, b_.scalar(*in_.scale, type_)});
    dim const width = b_.dims(in_.query).back();
    if (b_.g.dims.is_number(width))
      return b_.broadcast("Mul",
                          {scores, b_.scalar(1 / std::sqrt(static_cast<double>(b_.g.dims.value(width))), type_)});
    return b_.broadcast("Div", {scores, b_.unary("Sqrt", b_.cast(b_.size_scalar(width), type_))});
  }

  value_id additive(value_id mask) {
    if (b_.type(mask) != dtype::boolean) return mask;
    if (b_.g.is_constant(mask)) {
      at::Tensor const data = b_.g[mask].data;
      return b_.g.constant(at::zeros(data.sizes(), at::TensorOptions(to_scalar_type(type_)))
                               .masked_fill(data.logical_not(), -std::numeric_limits<double>::infinity()));
    }
    return b_.broadcast("Where", {mask, b_.scalar(0, type_), minus_infinity()}, type_);
  }
  // A constant mask that hides no row entirely.
  bool sees_something(value_id added) const {
    if (!b_.g.is_constant(added) || b_.g[added].data.numel() == 0) return false;
    return std::get<0>(b_.g[added].data.to(at::kDouble).max(-1)).isfinite().all().item<bool>();
  }

  // Minus infinity above the diagonal.
  value_id causal_mask() {
    dim const queries = b_.dim_of(in_.query, -2), keys = b_.dim_of(in_.key, -2);
    if (b_.g.dims.is_number(queries) && b_.g.dims.is_number(keys))
      return b_.g.constant(at::full({b_.g.dims.value(queries), b_.g.dims.value(keys)},
                                    -std::numeric_limits<double>::infinity(), at::TensorOptions(to_scalar_type(type_)))
                               .triu(1));
    value_id const all = b_.expand(minus_infinity(), {queries, keys});
    return b_.node("Trilu", {all, b_.scalar(1, dtype::int64)}, {{"upper", std::int64_t{1}}}, type_, {queries, keys});
  }

  // Heads of queries in groups, one for each head of keys: an axis more, along which keys and values are spread.
  void group() {
    dim_list sizes = b_.dims(in_.query);
    dim const shared = heads(in_.key);
    if (!b_.g.dims.is_number(heads(in_.query)) || !b_.g.dims.is_number(shared) || heads(in_.value) != shared)
      throw declined{"the number of heads is dynamic"};
    std::int64_t const count = b_.g.dims.value(shared), each = b_.g.dims.value(heads(in_.query)) / count;
    auto const split = [&](value_id x) {
      dim_list to = b_.dims(x);
      to[to.size() - 3] = b_.g.dims.number(count);
      to.insert(to.end() - 2, b_.g.dims.number(each));
      return b_.reshape(x, to);
    };
    auto const apart = [&](value_id x) { return b_.unsqueeze(x, {b_.rank(x) - 2}); };
    in_.query = split(in_.query);
    in_.key = apart(in_.key);
    in_.value = apart(in_.value);
    if (in_.mask != no_value && b_.rank(in_.mask) > 2)
      in_.mask = b_.g.dims.is_number(heads(in_.mask), 1) ? apart(in_.mask) : split(in_.mask);
  }

  // ---- ONNX's own node

  bool has_node() const {
    if (b_.g.opset < 23 || b_.rank(in_.query) != 4 || b_.rank(in_.key) != 4 || b_.rank(in_.value) != 4) return false;
    if (in_.mask != no_value && b_.rank(in_.mask) > 4) return false;
    if (in_.mask != no_value && !in_.zero_if_masked) return false;
    dim const batch = b_.dim_of(in_.query, 0);
    return b_.dim_of(in_.key, 0) == batch && b_.dim_of(in_.value, 0) == batch && heads(in_.key) == heads(in_.value) &&
           (in_.grouped || heads(in_.query) == heads(in_.key));
  }
  value_id node() {
    value_list inputs{in_.query, in_.key, in_.value};
    if (in_.mask != no_value) {
      // The node spreads a mask along batch and heads only.
      dim_list sizes = b_.dims(in_.mask);
      sizes[sizes.size() - 2] = b_.dim_of(in_.query, -2);
      sizes[sizes.size() - 1] = b_.dim_of(in_.key, -2);
      inputs.push_back(b_.expand(in_.mask, sizes));
    }
    std::vector<attribute> attributes;
    if (in_.causal) attributes.push_back({"is_causal", std::int64_t{1}});
    if (in_.scale) attributes.push_back({"scale", *in_.scale});
    dim_list sizes = b_.dims(in_.query);
    sizes.back() = b_.dims(in_.value).back();
    return b_.node("Attention", std::move(inputs), std::move(attributes), type_, std::move(sizes));
  }

  builder& b_;
  attention_inputs in_;
  dtype type_;
};

/// The arguments that all of LibTorch's forms have.
inline attention_inputs attention_arguments(call& c) {
  if (c.real("dropout_p") != 0)
    throw module_error(c.name() + " (" + c.where() + ") drops elements at random: call the module's eval() first.");
  attention_inputs in{c.tensor("query"), c.tensor("key"), c.tensor("value"), c.optional_tensor("attn_mask")};
  in.causal = c.flag("is_causal");
  in.grouped = !c.is_none("enable_gqa") && c.flag("enable_gqa");
  if (!c.is_none("scale")) in.scale = c.real("scale");
  // LibTorch from 2.5 has a softmax of its own for this.
  in.zero_if_masked = c10::Dispatcher::singleton().findSchema({"aten::_safe_softmax", ""}).has_value();
  return in;
}

inline value_list attention(call& c, builder& b) {
  return {attention_writer(b, attention_arguments(c)).shortest().output};
}

/// With log(sum(exp(scores))) of each query.
inline value_list flash_attention(call& c, builder& b) {
  attention_result const made = attention_writer(b, attention_arguments(c)).composed();
  value_id const sums = b.reduce("ReduceLogSumExp", b.cast(made.scores, c.result_type(1)), {-1}, false);
  return {made.output, sums};
}

/// LibTorch 1.13: with the weights on request.
inline value_list attention_with_weights(call& c, builder& b) {
  attention_writer write(b, attention_arguments(c));
  if (c.result_count() < 2) return {write.shortest().output};
  attention_result const made = write.composed();
  return {made.output, made.weights};
}

/// A softmax that gives zeros where all scores are minus infinity.
inline value_list safe_softmax(call& c, builder& b) {
  dtype const type = c.result_type();
  value_id const x = b.cast(c.tensor("self"), type);
  if (b.rank(x) == 0) c.decline("a softmax of one number");
  std::int64_t const axis = c.integer("dim");
  value_id const weights = b.unary("Softmax", x, {{"axis", axis}});
  if (is_finite(b.g, x)) return {weights};
  value_id const least = b.scalar(-std::numeric_limits<double>::infinity(), type);
  value_id const seen = b.broadcast("Greater", {b.reduce("ReduceMax", x, {axis}, true), least}, dtype::boolean);
  return {b.broadcast("Where", {seen, weights, b.scalar(0, type)}, type)};
}

inline void add_attention(lowering_table& table) {
  table.add("aten::scaled_dot_product_attention", attention);
  table.add("aten::_scaled_dot_product_flash_attention_for_cpu", flash_attention);
  table.add("aten::_scaled_dot_product_attention", attention_with_weights);
  table.add("aten::_safe_softmax", safe_softmax);
}

}  // namespace constexport::lower
