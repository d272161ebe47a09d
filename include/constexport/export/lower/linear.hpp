/// export/lower/linear.hpp: products of matrices.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/call.hpp>

#include <cstdint>

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

inline void add_linear(lowering_table& table) {
  table.add({"aten::linear"}, linear);
  table.add({"aten::matmul"}, product("self", "other"));
  table.add({"aten::mm", "aten::bmm"}, product("self", "mat2"));
  table.add({"aten::mv"}, product("self", "vec"));
  table.add({"aten::dot"}, product("self", "tensor"));
  table.add({"aten::addmm"}, added_product("mat1", "mat2"));
  table.add({"aten::baddbmm"}, added_product("batch1", "batch2"));
}

}  // namespace constexport::lower
