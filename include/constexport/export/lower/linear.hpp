/// export/lower/linear.hpp: products of matrices, and attention.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/call.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

namespace constexport::lower {

/// x W^T + bias, as one Gemm where x is a matrix.
inline value_list linear(call& c, builder& b) {
  value_id const x = c.tensor("input"), bias = c.optional_tensor("bias");
  value_id const weight = c.tensor("weight"), turned = b.rank(weight) == 2 ? b.swap(weight, 0, 1) : weight;
  if (b.rank(x) == 2 && b.rank(weight) == 2) return {b.gemm(x, turned, bias)};
  value_id const product = b.matmul(x, turned);
  return {bias == no_value ? product : b.broadcast("Add", {product, bias})};
}

inline lowering product(char const* left, char const* right) {
  return [left, right](call& c, builder& b) -> value_list { return {b.matmul(c.tensor(left), c.tensor(right))}; };
}

/// beta * self + alpha * a b, with matrices or batches of them.
inline lowering added_product(char const* left, char const* right) {
  return [left, right](call& c, builder& b) -> value_list {
    value_id const a = c.tensor(left), m = c.tensor(right), addend = c.tensor("self");
    dtype const type = c.result_type();
    double const alpha = c.real("alpha"), beta = c.real("beta");
    if (b.rank(a) == 2 && b.rank(m) == 2 && is_floating(type) && b.rank(addend) <= 2)
      return {b.gemm(a, m, beta == 0 ? no_value : addend, alpha, beta)};
    value_id result = b.matmul(a, m);
    if (alpha != 1) result = b.broadcast("Mul", {result, b.scalar(c.scalar("alpha"), type)});
    if (beta == 0) return {result};
    value_id const scaled = beta == 1 ? addend : b.broadcast("Mul", {addend, b.scalar(c.scalar("beta"), type)});
    return {b.broadcast("Add", {result, scaled})};
  };
}

/// softmax(q k^T * scale + mask) v (Vaswani et al. 2017).
inline value_list attention(call& c, builder& b) {
  if (!c.is_none("enable_gqa") && c.flag("enable_gqa")) c.decline("grouped queries are not lowered");
  if (c.real("dropout_p") != 0)
    throw module_error(c.name() + " (" + c.where() + ") drops elements at random: call the module's eval() first.");
  value_id const q = c.tensor("query"), k = c.tensor("key"), v = c.tensor("value"),
                 mask = c.optional_tensor("attn_mask");
  dtype const type = c.result_type();
  value_id scores = b.matmul(q, b.swap(k, -1, -2));
  if (!c.is_none("scale")) {
    scores = b.broadcast("Mul", {scores, b.scalar(c.scalar("scale"), type)});
  } else {
    dim const width = b.dims(q).back();
    if (!b.g.dims.is_number(width)) c.decline("the width of a head is dynamic");
    scores = b.broadcast("Mul", {scores, b.scalar(1 / std::sqrt(static_cast<double>(b.g.dims.value(width))), type)});
  }
  value_id allowed = no_value;
  if (c.flag("is_causal")) {
    // Query i sees keys up to i.
    auto const count = [&](dim size) {
      return b.node("Range",
                    {b.size_scalar(b.g.dims.number(0)), b.size_scalar(size), b.size_scalar(b.g.dims.number(1))}, {},
                    dtype::int64, {size});
    };
    value_id const queries = count(b.dim_of(q, -2)), keys = count(b.dim_of(k, -2));
    allowed = b.broadcast("GreaterOrEqual", {b.unsqueeze(queries, {1}), keys}, dtype::boolean);
  } else if (mask != no_value && b.type(mask) == dtype::boolean) {
    allowed = mask;
  } else if (mask != no_value) {
    scores = b.broadcast("Add", {scores, b.cast(mask, type)});
  }
  if (allowed != no_value)
    scores = b.broadcast("Where", {allowed, scores, b.scalar(-std::numeric_limits<double>::infinity(), type)}, type);
  value_id const weights = b.unary("Softmax", scores, {{"axis", std::int64_t{-1}}});
  return {b.matmul(weights, v)};
}

inline void add_linear(lowering_table& table) {
  table.add({"aten::linear"}, linear);
  table.add({"aten::matmul"}, product("self", "other"));
  table.add({"aten::mm", "aten::bmm"}, product("self", "mat2"));
  table.add({"aten::mv"}, product("self", "vec"));
  table.add({"aten::dot"}, product("self", "tensor"));
  table.add({"aten::addmm"}, added_product("mat1", "mat2"));
  table.add({"aten::baddbmm"}, added_product("batch1", "batch2"));
  table.add({"aten::scaled_dot_product_attention"}, attention);
}

}  // namespace constexport::lower
