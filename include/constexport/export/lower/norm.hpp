/// export/lower/norm.hpp: norms of vectors and matrices, and distances.
///
/// Room: export/lower. Includes reduction.hpp. lower.hpp collects the families. Norms of matrices come as the vector
/// norms of which LibTorch makes them; those by singular values have no ONNX counterpart.
#pragma once

#include <constexport/export/lower/reduction.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace constexport::lower {

/// (sum |x|^p)^(1/p) over some axes; for p = 0 the number of elements other than 0, for infinite p the largest or
/// smallest magnitude.
inline value_id norm_of(builder& b, value_id x, double p, std::vector<std::int64_t> const& axes, bool keep) {
  dtype const type = b.type(x), wide = adding_type(type);
  auto const magnitude = [&] { return b.unary("Abs", b.cast(x, wide)); };
  auto const over = [&](char const* op, value_id of) { return b.cast(b.reduce(op, of, axes, keep), type); };
  if (p == 0) return over("ReduceSum", b.cast(b.cast(x, dtype::boolean), wide));
  if (b.rank(x) == 0) return b.cast(magnitude(), type);
  if (p == 1) return over("ReduceL1", b.cast(x, wide));
  if (p == 2) return over("ReduceL2", b.cast(x, wide));
  if (std::isinf(p)) return over(p > 0 ? "ReduceMax" : "ReduceMin", magnitude());
  value_id const powers = b.broadcast("Pow", {magnitude(), b.scalar(p, wide)});
  value_id const sum = b.reduce("ReduceSum", powers, axes, keep);
  return b.cast(b.broadcast("Pow", {sum, b.scalar(1 / p, wide)}), type);
}

/// norm, linalg_vector_norm, frobenius_norm: which one is in `order`, 2 where LibTorch leaves it out.
inline lowering norm(char const* order) {
  return [order](call& c, builder& b) -> value_list {
    if (c.has("dim") && !c.is_none("dim") && !c.is_list("dim") && !c.is_integer("dim"))
      c.decline("named dimensions are not exported");
    value_id const x = b.cast(c.tensor("self"), c.result_type());
    double const p = c.is_none(order) ? 2 : c.real(order);
    return {norm_of(b, x, p, axes_of(c, b, x), keeps_axes(c))};
  };
}

inline value_list dist(call& c, builder& b) {
  dtype const type = c.result_type();
  value_id const difference = b.broadcast("Sub", {b.cast(c.tensor("self"), type), b.cast(c.tensor("other"), type)});
  return {norm_of(b, difference, c.real("p"), {}, false)};
}

/// Distances of every row of one matrix to every row of another.
inline value_list cdist(call& c, builder& b) {
  value_id const x = c.tensor("x1"), y = c.tensor("x2");
  value_id const rows = b.unsqueeze(x, {b.rank(x) - 1}), columns = b.unsqueeze(y, {b.rank(y) - 2});
  double const p = c.is_none("p") ? 2 : c.real("p");
  value_id const difference = b.broadcast("Sub", {rows, columns});
  return {norm_of(b, difference, p, {b.rank(difference) - 1}, false)};
}

/// x . y / (max(|x|, eps) max(|y|, eps)) along one axis.
inline value_list cosine_similarity(call& c, builder& b) {
  dtype const type = c.result_type();
  value_id x = b.cast(c.tensor("x1"), type), y = b.cast(c.tensor("x2"), type);
  value_id const product = b.broadcast("Mul", {x, y});
  dim_list const sizes = b.dims(product);
  std::int64_t const rank = b.rank(product);
  if (rank == 0) c.decline("it has no axis");
  auto const axis = static_cast<std::int64_t>(builder::index(c.integer("dim"), rank));
  double const least = c.real("eps");
  auto const length = [&](value_id of) {
    std::int64_t const own = axis - rank + b.rank(of);
    // An axis along which one number stands for all must be spread before its length is known.
    if (own < 0 || b.dim_of(of, own) != sizes[static_cast<std::size_t>(axis)]) of = b.expand(of, sizes);
    value_id const lengths = norm_of(b, of, 2, {axis - rank + b.rank(of)}, false);
    return b.broadcast("Max", {lengths, b.scalar(least, type)});
  };
  value_id const lengths = b.broadcast("Mul", {length(x), length(y)});
  return {b.broadcast("Div", {reduced(b, "ReduceSum", product, {axis}, false), lengths})};
}

inline value_list singular_values(call& c, builder&) { c.decline("ONNX has no operator for singular values"); }

inline void add_norm(lowering_table& table) {
  table.add({"aten::norm"}, norm("p"));
  table.add({"aten::linalg_vector_norm"}, norm("ord"));
  table.add({"aten::frobenius_norm"}, norm("p"));
  table.add({"aten::dist"}, dist);
  table.add({"aten::cdist", "aten::_cdist_forward", "aten::_euclidean_dist"}, cdist);
  table.add({"aten::cosine_similarity"}, cosine_similarity);
  table.add({"aten::_linalg_svd", "aten::linalg_svdvals"}, singular_values);
}

}  // namespace constexport::lower
