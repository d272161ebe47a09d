/// export/lower/linear.hpp: products of matrices, sums by Einstein's rule, determinants.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/lowering_table.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// The type in which numbers of a type are multiplied and added: ONNX Runtime's products know no small integers.
inline dtype multiplying_type(dtype type) {
  if (type == dtype::bfloat16) return dtype::float32;
  return is_floating(type) || type == dtype::int64 ? type : dtype::int32;
}

/// A product of matrices with LibTorch's broadcasting, in any type.
inline value_id product_of(builder& b, value_id left, value_id right) {
  dtype const type = b.type(left), wide = multiplying_type(type);
  return b.cast(b.matmul(b.cast(left, wide), b.cast(right, wide)), type);
}

/// x W^T + bias, as one Gemm where x is a matrix.
inline value_list linear(call& c, builder& b) {
  value_id const x = c.tensor("input"), bias = c.optional_tensor("bias");
  value_id const weight = c.tensor("weight"), turned = b.rank(weight) == 2 ? b.swap(weight, 0, 1) : weight;
  if (b.rank(x) == 2 && b.rank(weight) == 2 && is_floating(b.type(x)) && (bias == no_value || b.rank(bias) <= 2))
    return {b.gemm(x, turned, bias)};
  value_id const product = product_of(b, x, turned);
  return {bias == no_value ? product : b.broadcast("Add", {product, bias})};
}

inline lowering product(char const* left, char const* right) {
  return [left, right](call& c, builder& b) -> value_list {
    if (c.has("out_dtype")) c.decline("a product in another type than its operands' is not lowered");
    return {product_of(b, c.tensor(left), c.tensor(right))};
  };
}

/// beta * self + alpha * product. Where beta is 0, `self` counts for nothing, even if it is not a number.
inline value_id added(call& c, builder& b, value_id product) {
  dtype const type = c.result_type(), wide = type == dtype::boolean ? dtype::int32 : type;
  auto const scaled = [&](value_id x, char const* factor) {
    x = b.cast(x, wide);
    return c.real(factor) == 1 ? x : b.broadcast("Mul", {x, b.scalar(c.scalar(factor), wide)});
  };
  value_id const result = scaled(product, "alpha");
  if (c.real("beta") == 0) return b.cast(result, type);
  return b.cast(b.broadcast("Add", {result, scaled(c.tensor("self"), "beta")}), type);
}

/// addmm, baddbmm, addmv: with matrices, batches of them, or a vector.
inline lowering added_product(char const* left, char const* right) {
  return [left, right](call& c, builder& b) -> value_list {
    if (c.has("out_dtype")) c.decline("a product in another type than its operands' is not lowered");
    value_id const a = c.tensor(left), m = c.tensor(right), addend = c.tensor("self");
    if (b.rank(a) == 2 && b.rank(m) == 2 && is_floating(c.result_type()) && b.rank(addend) <= 2) {
      double const alpha = c.real("alpha"), beta = c.real("beta");
      return {b.gemm(a, m, beta == 0 ? no_value : addend, alpha, beta)};
    }
    return {added(c, b, product_of(b, a, m))};
  };
}

/// beta * self + alpha * the sum of all products of a batch.
inline value_list addbmm(call& c, builder& b) {
  value_id const products = product_of(b, c.tensor("batch1"), c.tensor("batch2"));
  dtype const wide = multiplying_type(b.type(products));
  return {added(c, b, b.reduce("ReduceSum", b.cast(products, wide), {0}, false))};
}

/// beta * self + alpha * every element of one vector times every element of another.
inline value_list addr(call& c, builder& b) {
  dtype const type = c.result_type(), wide = type == dtype::boolean ? dtype::int32 : type;
  value_id const rows = b.unsqueeze(b.cast(c.tensor("vec1"), wide), {1});
  return {added(c, b, b.broadcast("Mul", {rows, b.cast(c.tensor("vec2"), wide)}))};
}

inline value_list outer(call& c, builder& b) {
  dtype const type = c.result_type(), wide = type == dtype::boolean ? dtype::int32 : type;
  value_id const rows = b.unsqueeze(b.cast(c.tensor("self"), wide), {1});
  return {b.cast(b.broadcast("Mul", {rows, b.cast(c.tensor("vec2"), wide)}), type)};
}

/// x1^T W_o x2 + bias for every output o.
inline value_list bilinear(call& c, builder& b) {
  value_id const x = c.tensor("input1"), y = c.tensor("input2"), weight = c.tensor("weight");
  value_id const bias = c.optional_tensor("bias");
  dim_list sizes = b.dims(x);
  sizes.back() = b.dims(weight)[0];
  std::string batch;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) batch += static_cast<char>('a' + i);
  value_id const product = b.node("Einsum", {x, weight, y},
                                  {{"equation", batch + "x,zxy," + batch + "y->" + batch + "z"}}, b.type(x), sizes);
  return {bias == no_value ? product : b.broadcast("Add", {product, bias})};
}

// ---- Einstein's sums

/// What LibTorch's equation says, with a letter for every axis that an ellipsis stands for.
struct einstein_sum {
  std::vector<std::string> operands;
  std::string result;
};

inline einstein_sum parsed(call& c, builder& b, std::string equation, value_list const& operands) {
  std::erase(equation, ' ');
  std::size_t const arrow = equation.find("->");
  std::string const left = equation.substr(0, arrow);
  std::string free_letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::erase_if(free_letters, [&](char letter) { return equation.find(letter) != std::string::npos; });
  einstein_sum result;
  std::string spread;  // the letters of the longest ellipsis; a shorter one has the last of them
  std::size_t from = 0;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    std::size_t const comma = std::min(left.find(',', from), left.size());
    result.operands.push_back(left.substr(from, comma - from));
    from = comma + 1;
    std::string const& own = result.operands.back();
    if (own.find("...") == std::string::npos) continue;
    std::size_t const covered = static_cast<std::size_t>(b.rank(operands[i])) + 3 - own.size();
    if (covered > free_letters.size()) c.decline("it has more axes than there are letters");
    if (covered > spread.size()) spread = free_letters.substr(0, covered);
  }
  auto const written_out = [&](std::string own, std::size_t count) {
    if (std::size_t const dots = own.find("..."); dots != std::string::npos)
      own.replace(dots, 3, spread.substr(spread.size() - count));
    return own;
  };
  for (std::size_t i = 0; i < operands.size(); ++i) {
    std::size_t const letters = result.operands[i].size();
    bool const dotted = result.operands[i].find("...") != std::string::npos;
    std::size_t const covered = dotted ? static_cast<std::size_t>(b.rank(operands[i])) + 3 - letters : 0;
    result.operands[i] = written_out(result.operands[i], covered);
  }
  if (arrow != std::string::npos) {
    result.result = written_out(equation.substr(arrow + 2), spread.size());
  } else {
    // What occurs once, in the order of the alphabet, after what an ellipsis stands for.
    std::string once;
    for (char const letter : left)
      if (letter != ',' && letter != '.' && std::count(left.begin(), left.end(), letter) == 1) once += letter;
    std::sort(once.begin(), once.end());
    result.result = spread + once;
  }
  return result;
}

inline value_list einsum(call& c, builder& b) {
  dtype const type = c.result_type(), wide = multiplying_type(type);
  value_list operands = c.tensors("tensors");
  einstein_sum const sum = parsed(c, b, c.text("equation"), operands);
  std::map<char, dim> size_of;
  std::string equation;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    equation += (i > 0 ? "," : "") + sum.operands[i];
    for (std::size_t axis = 0; axis < sum.operands[i].size(); ++axis) {
      dim const size = b.dims(operands[i])[axis];
      auto const [known, is_new] = size_of.emplace(sum.operands[i][axis], size);
      if (!is_new) known->second = b.broadcast_dims({known->second}, {size})[0];
    }
    operands[i] = b.cast(operands[i], wide);
  }
  dim_list sizes;
  for (char const letter : sum.result) sizes.push_back(size_of.at(letter));
  return {b.cast(b.node("Einsum", operands, {{"equation", equation + "->" + sum.result}}, wide, sizes), type)};
}

// ---- determinants and the product of two vectors in space

/// The determinant of matrices in the last two axes.
inline value_id determinant(call& c, builder& b, value_id x) {
  dim_list const sizes = b.dims(x), batch(sizes.begin(), sizes.end() - 2);
  dtype const type = b.type(x);
  if (type != dtype::float64)
    return b.cast(b.node("Det", {b.cast(x, dtype::float32)}, {}, dtype::float32, batch), type);
  // ONNX Runtime's kernel knows single precision only; small matrices are written out.
  if (!b.g.dims.is_number(sizes.back()) || b.g.dims.value(sizes.back()) > 3)
    c.decline("in float64 only determinants of up to 3 rows are lowered");
  std::int64_t const count = b.g.dims.value(sizes.back());
  auto const element = [&](std::int64_t row, std::int64_t column) {
    value_id const picked = b.gather(x, b.scalar(row, dtype::int64), -2);
    return b.gather(picked, b.scalar(column, dtype::int64), -1);
  };
  auto const times = [&](value_id p, value_id q) { return b.broadcast("Mul", {p, q}); };
  auto const minor = [&](std::int64_t row, std::int64_t p, std::int64_t q) {
    return b.broadcast("Sub",
                       {times(element(row, p), element(row + 1, q)), times(element(row, q), element(row + 1, p))});
  };
  if (count == 0) return b.full(batch, 1, type);
  if (count == 1) return element(0, 0);
  if (count == 2) return minor(0, 0, 1);
  value_id const first = times(element(0, 0), minor(1, 1, 2)), second = times(element(0, 1), minor(1, 0, 2));
  return b.broadcast("Add", {b.broadcast("Sub", {first, second}), times(element(0, 2), minor(1, 0, 1))});
}

inline value_list det(call& c, builder& b) { return {determinant(c, b, c.tensor(c.has("self") ? "self" : "A"))}; }

inline value_list logdet(call& c, builder& b) { return {b.unary("Log", determinant(c, b, c.tensor("self")))}; }

inline value_list slogdet(call& c, builder& b) {
  value_id const value = determinant(c, b, c.tensor(c.has("self") ? "self" : "A"));
  return {b.unary("Sign", value), b.unary("Log", b.unary("Abs", value))};
}

inline value_list no_factors(call& c, builder&) { c.decline("ONNX has no operator for the factors of a matrix"); }

inline value_list cross(call& c, builder& b) {
  if (c.is_none("dim")) c.decline("LibTorch looks for the axis itself");
  dtype const type = c.result_type();
  value_id x = b.cast(c.tensor("self"), type), y = b.cast(c.tensor("other"), type);
  std::int64_t const rank = std::max(b.rank(x), b.rank(y));
  std::int64_t const from_end = c.integer("dim") < 0 ? c.integer("dim") : c.integer("dim") - rank;
  auto const turned = [&](value_id of, std::vector<std::int64_t> const& order) {
    return b.gather(of, b.g.integers(order), from_end);
  };
  value_id const first = b.broadcast("Mul", {turned(x, {1, 2, 0}), turned(y, {2, 0, 1})});
  value_id const second = b.broadcast("Mul", {turned(x, {2, 0, 1}), turned(y, {1, 2, 0})});
  return {b.broadcast("Sub", {first, second})};
}

// ---- other orders of the axes

/// mT, mH, adjoint: the last two axes swapped. Real numbers are their own conjugates.
inline value_list matrix_transpose(call& c, builder& b) { return {b.swap(c.tensor("self"), -1, -2)}; }

/// T: all axes the other way round.
inline value_list reversed_axes(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::vector<std::int64_t> perm;
  for (std::int64_t i = b.rank(x); i-- > 0;) perm.push_back(i);
  return {b.transpose(x, perm)};
}

// ---- products by groups

/// Rows, columns or terms of a sum belong to groups that end at `offs`; every group has a matrix of its own. What a
/// group does not own is 0 in its product.
inline value_list grouped_product(call& c, builder& b) {
  value_id x = c.tensor("self"), y = c.tensor("mat2");
  value_id const ends = c.optional_tensor("offs"), bias = c.optional_tensor("bias");
  if (bias != no_value) c.decline("a bias is not lowered");
  if (c.result_type() != b.type(x)) c.decline("a product in another type than its operands' is not lowered");
  if (ends == no_value) return {product_of(b, x, y)};
  // Group g has what lies in [end of g - 1, end of g) of `size` places: bool [groups, size].
  auto const owned = [&](dim size) {
    value_id const last = b.unsqueeze(b.cast(ends, dtype::int64), {1});
    value_id const before = b.broadcast("Less", {b.range(size), last}, dtype::boolean);
    value_id const sums =
        b.node("CumSum", {b.cast(before, dtype::int64), b.scalar(0, dtype::int64)}, {}, dtype::int64, b.dims(before));
    // The ends ascend: the first group whose end lies behind a place owns it.
    return b.broadcast("Equal", {sums, b.scalar(1, dtype::int64)}, dtype::boolean);
  };
  auto const masked = [&](value_id of, value_id mask) {
    return b.broadcast("Where", {mask, of, b.scalar(0, b.type(of))}, b.type(of));
  };
  if (b.rank(x) == 2 && b.rank(y) == 3) {
    value_id const rows = masked(x, b.unsqueeze(owned(b.dim_of(x, 0)), {2}));
    return {b.reduce("ReduceSum", product_of(b, rows, y), {0}, false)};
  }
  if (b.rank(x) == 3 && b.rank(y) == 2) {
    value_id const columns = masked(y, b.unsqueeze(owned(b.dim_of(y, 1)), {1}));
    return {b.reduce("ReduceSum", product_of(b, x, columns), {0}, false)};
  }
  return {product_of(b, masked(x, b.unsqueeze(owned(b.dim_of(x, 1)), {1})), y)};
}

inline void add_linear(lowering_table& table) {
  table.add({"aten::linear"}, linear);
  table.add({"aten::matmul", "aten::linalg_matmul"}, product("self", "other"));
  table.add({"aten::mm", "aten::bmm"}, product("self", "mat2"));
  table.add({"aten::mv"}, product("self", "vec"));
  table.add({"aten::dot"}, product("self", "tensor"));
  table.add({"aten::vdot"}, product("self", "other"));
  table.add({"aten::addmm"}, added_product("mat1", "mat2"));
  table.add({"aten::baddbmm"}, added_product("batch1", "batch2"));
  table.add({"aten::addmv"}, added_product("mat", "vec"));
  table.add({"aten::addbmm"}, addbmm);
  table.add({"aten::addr"}, addr);
  table.add({"aten::outer", "aten::ger"}, outer);
  table.add({"aten::bilinear"}, bilinear);
  table.add({"aten::einsum"}, einsum);
  table.add({"aten::det", "aten::linalg_det"}, det);
  table.add({"aten::logdet"}, logdet);
  table.add({"aten::slogdet", "aten::linalg_slogdet"}, slogdet);
  table.add({"aten::_linalg_det", "aten::_linalg_slogdet", "aten::_det_lu_based_helper"}, no_factors);
  table.add({"aten::cross", "aten::linalg_cross"}, cross);
  table.add({"aten::mT", "aten::mH", "aten::adjoint", "aten::matrix_H"}, matrix_transpose);
  table.add({"aten::numpy_T"}, reversed_axes);
  table.add({"aten::_grouped_mm"}, grouped_product);
}

}  // namespace constexport::lower
