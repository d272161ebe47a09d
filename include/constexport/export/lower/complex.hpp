/// export/lower/complex.hpp: arithmetic with complex numbers, which ONNX Runtime does not know.
///
/// Room: export/lower. Includes other families. lower.hpp adds this family after the others,
/// because it makes lowerings of theirs into lowerings for complex numbers. A complex value is a real one with real and
/// imaginary parts in one more dimension at the end; `rank` and axes of LibTorch do not count it.
#pragma once

#include <constexport/export/lower/linear.hpp>
#include <constexport/export/lower/norm.hpp>
#include <constexport/export/lower/pointwise/trigonometry.hpp>
#include <constexport/export/lower/shape.hpp>
#include <constexport/export/lowering_table.hpp>

#include <complex>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace constexport::lower {

// ---- pairs

/// Two real values as one complex one.
inline value_id paired(builder& b, value_id real, value_id imaginary) {
  dim_list const sizes = b.broadcast_dims(b.dims(real), b.dims(imaginary));
  auto const last = static_cast<std::int64_t>(sizes.size());
  real = b.unsqueeze(b.expand(real, sizes), {last});
  return b.complex(b.concat({real, b.unsqueeze(b.expand(imaginary, sizes), {last})}, last));
}

/// The real (0) or imaginary (1) part.
inline value_id part_of(builder& b, value_id pairs, std::int64_t which) {
  return b.gather(pairs, b.scalar(which, dtype::int64), -1);
}

inline value_id from_real(builder& b, value_id x) {
  x = b.unsqueeze(x, {b.rank(x)});
  std::vector<std::int64_t> pads(2 * b.dims(x).size());
  pads.back() = 1;
  dim_list sizes = b.dims(x);
  sizes.back() = b.g.dims.number(2);
  return b.complex(b.node("Pad", {x, b.g.integers(pads)}, {}, b.type(x), sizes));
}

/// A value as complex numbers of a type.
inline value_id as_pairs(builder& b, value_id x, dtype type) {
  return b.g[x].is_complex ? b.complex(b.cast(x, type)) : from_real(b, b.cast(x, type));
}

/// A complex constant without dimensions, to be broadcast.
inline value_id pair_constant(builder& b, std::complex<double> number, dtype type) {
  at::Tensor const pair = at::empty({2}, at::TensorOptions(at::kDouble));
  pair.data_ptr<double>()[0] = number.real();
  pair.data_ptr<double>()[1] = number.imag();
  return b.g.constant(pair.to(to_scalar_type(type)));
}

/// An argument that is a tensor or a number, as complex numbers.
inline value_id complex_operand(call& c, builder& b, char const* argument, dtype type) {
  if (!c.is_tensor(argument)) return pair_constant(b, c.complex_number(argument), type);
  return as_pairs(b, c.tensor(argument), type);
}

inline bool is_real(call& c, char const* argument) {
  return c.is_tensor(argument) ? !c.example(argument).is_complex() : c.complex_number(argument).imag() == 0;
}

/// A real argument in a form that broadcasts over both parts.
inline value_id real_operand(call& c, builder& b, char const* argument, dtype type) {
  if (!c.is_tensor(argument)) return b.scalar(c.complex_number(argument).real(), type);
  value_id const x = b.cast(c.tensor(argument), type);
  return b.unsqueeze(x, {b.rank(x)});
}

/// The rank without the dimension of the parts.
inline std::int64_t complex_rank(builder& b, value_id pairs) { return b.rank(pairs) - 1; }

/// An axis of the numbers, from the front, because the parts stand at the end.
inline std::int64_t complex_axis(builder& b, value_id pairs, std::int64_t axis) {
  return axis < 0 ? axis + complex_rank(b, pairs) : axis;
}

inline dim_list with_parts(builder& b, dim_list sizes) {
  sizes.push_back(b.g.dims.number(2));
  return sizes;
}

// ---- arithmetic

/// x y = x Re y + (i x) Im y, where i (p, q) = (-q, p).
inline value_id times(builder& b, value_id x, value_id y) {
  if (b.g.is_constant(x) && !b.g.is_constant(y)) std::swap(x, y);
  value_id real = no_value, imaginary = no_value;
  value_id const signs = pair_constant(b, {-1, 1}, b.type(y));
  if (b.g.is_constant(y)) {
    real = b.g.constant(b.g[y].data.narrow(-1, 0, 1));
    imaginary = b.g.constant(b.g[y].data.narrow(-1, 1, 1) * b.g[signs].data);
  } else {
    auto const half = [&](std::int64_t at) { return b.slice(y, -1, b.g.dims.number(at), b.g.dims.number(at + 1)); };
    real = half(0);
    imaginary = b.broadcast("Mul", {half(1), signs});
  }
  value_id const turned = b.gather(x, b.g.integers({1, 0}), -1);
  return b.complex(b.broadcast("Add", {b.broadcast("Mul", {x, real}), b.broadcast("Mul", {turned, imaginary})}));
}

inline value_id conjugated(builder& b, value_id x) {
  return b.complex(b.broadcast("Mul", {x, pair_constant(b, {1, -1}, b.type(x))}));
}

/// |x|^2, with a dimension of 1 in place of the parts.
inline value_id squared_magnitude(builder& b, value_id x) {
  return b.reduce("ReduceSumSquare", x, {b.rank(x) - 1}, true);
}

inline value_id magnitude(builder& b, value_id x) { return b.reduce("ReduceL2", x, {b.rank(x) - 1}, false); }

inline lowering complex_sum(char const* op, bool reversed = false) {
  return [op, reversed](call& c, builder& b) -> value_list {
    dtype const type = c.result_type();
    value_id left = complex_operand(c, b, "self", type), right = complex_operand(c, b, "other", type);
    if (reversed) std::swap(left, right);
    if (!c.is_none("alpha") && c.complex_number("alpha") != 1.0) {
      if (c.complex_number("alpha").imag() != 0) c.decline("alpha is complex");
      right = b.broadcast("Mul", {right, b.scalar(c.complex_number("alpha").real(), type)});
    }
    return {b.complex(b.broadcast(op, {left, right}))};
  };
}

inline value_list complex_product(call& c, builder& b) {
  dtype const type = c.result_type();
  for (auto const& [real, other] : {std::pair("self", "other"), std::pair("other", "self")})
    if (is_real(c, real))
      return {b.complex(b.broadcast("Mul", {complex_operand(c, b, other, type), real_operand(c, b, real, type)}))};
  return {times(b, complex_operand(c, b, "self", type), complex_operand(c, b, "other", type))};
}

inline value_list complex_quotient(call& c, builder& b) {
  dtype const type = c.result_type();
  value_id const x = complex_operand(c, b, "self", type);
  if (is_real(c, "other")) return {b.complex(b.broadcast("Div", {x, real_operand(c, b, "other", type)}))};
  value_id const y = complex_operand(c, b, "other", type);
  return {b.complex(b.broadcast("Div", {times(b, x, conjugated(b, y)), squared_magnitude(b, y)}))};
}

inline value_list complex_reciprocal(call& c, builder& b) {
  value_id const x = c.tensor("self");
  return {b.complex(b.broadcast("Div", {conjugated(b, x), squared_magnitude(b, x)}))};
}

inline value_list complex_power(call& c, builder& b) {
  if (c.is_tensor("exponent") || c.complex_number("exponent") != 2.0) c.decline("only squares are lowered");
  value_id const x = c.tensor("self");
  return {times(b, x, x)};
}

inline value_list complex_negative(call& c, builder& b) { return {b.complex(b.unary("Neg", c.tensor("self")))}; }

inline value_list complex_conjugate(call& c, builder& b) { return {conjugated(b, c.tensor("self"))}; }

inline value_list complex_magnitude(call& c, builder& b) { return {magnitude(b, c.tensor("self"))}; }

inline value_id angle_of(builder& b, value_id x) {
  return atan2(term{&b, part_of(b, x, 1)}, term{&b, part_of(b, x, 0)}).id;
}

inline value_list complex_angle(call& c, builder& b) { return {angle_of(b, c.tensor("self"))}; }

inline value_list complex_logarithm(call& c, builder& b) {
  value_id const x = c.tensor("self");
  return {paired(b, b.unary("Log", magnitude(b, x)), angle_of(b, x))};
}

inline value_list complex_exponential(call& c, builder& b) {
  value_id const x = c.tensor("self"), angle = part_of(b, x, 1), length = b.unary("Exp", part_of(b, x, 0));
  return {paired(b, b.broadcast("Mul", {length, b.unary("Cos", angle)}),
                 b.broadcast("Mul", {length, b.unary("Sin", angle)}))};
}

inline lowering complex_equality(bool negated) {
  return [negated](call& c, builder& b) -> value_list {
    // The type of both operands; the result is bool.
    at::Tensor const left = c.example("self");
    at::ScalarType const common = c.is_tensor("other") ? at::result_type(left, c.example("other"))
                                                       : at::result_type(left, c.example_number("other"));
    dtype const type = to_dtype(c10::toRealValueType(common));
    value_id const same = b.broadcast(
        "Equal", {complex_operand(c, b, "self", type), complex_operand(c, b, "other", type)}, dtype::boolean);
    value_id const both = all_of(b, same, {b.rank(same) - 1}, false);
    return {negated ? b.unary("Not", both) : both};
  };
}

inline lowering complex_reduction(value_id (*of)(builder&, value_id, std::vector<std::int64_t> const&, bool)) {
  return [of](call& c, builder& b) -> value_list {
    value_id const x = as_pairs(b, c.tensor("self"), c.result_type());
    std::vector<std::int64_t> axes;
    for (std::int64_t const axis : c.has("dim") ? c.integers("dim") : std::vector<std::int64_t>{})
      axes.push_back(complex_axis(b, x, axis));
    if (complex_rank(b, x) == 0) return {x};
    if (axes.empty()) {
      axes.resize(static_cast<std::size_t>(complex_rank(b, x)));
      std::iota(axes.begin(), axes.end(), 0);
    }
    return {b.complex(of(b, x, axes, keeps_axes(c)))};
  };
}

inline value_id sum_of(builder& b, value_id x, std::vector<std::int64_t> const& axes, bool keep) {
  return reduced(b, "ReduceSum", x, axes, keep);
}

inline lowering complex_norm(char const* order) {
  return [order](call& c, builder& b) -> value_list {
    value_id const x = b.cast(magnitude(b, c.tensor("self")), c.result_type());
    double const p = c.is_none(order) ? 2 : c.real(order);
    return {norm_of(b, x, p, axes_of(c, b, x), keeps_axes(c))};
  };
}

/// Products of matrices: four of real ones, two where one operand is real.
inline lowering complex_matrix_product(char const* left, char const* right, bool conjugate_left = false) {
  return [left, right, conjugate_left](call& c, builder& b) -> value_list {
    dtype const type = c.result_type();
    value_id x = c.tensor(left);
    value_id const y = c.tensor(right);
    auto const product = [&](value_id p, value_id q) { return b.matmul(b.cast(p, type), b.cast(q, type)); };
    if (!b.g[x].is_complex) return {paired(b, product(x, part_of(b, y, 0)), product(x, part_of(b, y, 1)))};
    if (conjugate_left) x = conjugated(b, x);
    value_id const real = part_of(b, x, 0), imaginary = part_of(b, x, 1);
    if (!b.g[y].is_complex) return {paired(b, product(real, y), product(imaginary, y))};
    value_id const y_real = part_of(b, y, 0), y_imaginary = part_of(b, y, 1);
    value_id const both = b.broadcast("Sub", {product(real, y_real), product(imaginary, y_imaginary)});
    return {paired(b, both, b.broadcast("Add", {product(real, y_imaginary), product(imaginary, y_real)}))};
  };
}

// ---- between real and complex

/// The same memory seen otherwise: a value of its own, because a value is either complex or not.
inline value_list complex_view(call& c, builder& b) {
  value_id const x = c.tensor("self");
  value_id const same = b.unary("Identity", x);
  return {b.g[x].is_complex ? same : b.complex(same)};
}

inline value_list complex_from_parts(call& c, builder& b) {
  dtype const type = c.result_type();
  return {paired(b, b.cast(c.tensor("real"), type), b.cast(c.tensor("imag"), type))};
}

inline value_list polar(call& c, builder& b) {
  value_id const length = c.tensor("abs"), angle = c.tensor("angle");
  return {paired(b, b.broadcast("Mul", {length, b.unary("Cos", angle)}),
                 b.broadcast("Mul", {length, b.unary("Sin", angle)}))};
}

inline lowering complex_part(std::int64_t which) {
  return [which](call& c, builder& b) -> value_list { return {part_of(b, c.tensor("self"), which)}; };
}

/// Conversions and copies. What becomes real loses its imaginary part.
inline value_list complex_conversion(call& c, builder& b) {
  value_id const x = c.tensor("self");
  if (c.result(0).is_complex()) return {as_pairs(b, x, c.result_type())};
  return {b.cast(part_of(b, x, 0), c.result_type())};
}

inline value_list unchanged(call& c, builder&) { return {c.tensor("self")}; }

// ---- shapes

inline value_list complex_reshape(call& c, builder& b) {
  if (c.has("dtype")) return complex_view(c, b);
  value_id const x = c.tensor("self");
  return {b.complex(b.reshape(x, viewed(b, x, with_parts(b, c.sizes(c.has("shape") ? "shape" : "size")))))};
}

inline value_list complex_transpose(call& c, builder& b) {
  value_id const x = c.tensor("self");
  if (complex_rank(b, x) < 2) return {x};
  bool const stated = c.has("dim0");
  return {b.complex(b.swap(x, stated ? complex_axis(b, x, c.integer("dim0")) : 0,
                           stated ? complex_axis(b, x, c.integer("dim1")) : 1))};
}

inline value_list complex_permute(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::vector<std::int64_t> perm = c.integers("dims");
  for (std::int64_t& axis : perm) axis = complex_axis(b, x, axis);
  perm.push_back(complex_rank(b, x));
  return {b.complex(b.transpose(x, perm))};
}

inline value_list complex_unsqueeze(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = c.integer("dim");
  return {b.complex(b.unsqueeze(x, {axis < 0 ? axis + complex_rank(b, x) + 1 : axis}))};
}

inline value_list complex_expand(call& c, builder& b) {
  value_id const x = c.tensor("self");
  dim_list sizes = with_parts(b, c.sizes("size"));
  std::size_t const added = sizes.size() - b.dims(x).size();
  for (std::size_t i = added; i < sizes.size(); ++i)
    if (b.g.dims.is_number(sizes[i], -1)) sizes[i] = b.dims(x)[i - added];
  return {b.complex(b.expand(x, sizes))};
}

inline value_list complex_slice(call& c, builder& b) {
  value_id const x = c.tensor("self");
  dim const start = c.is_none("start") ? b.g.dims.number(0) : c.size("start");
  dim const end = c.is_none("end") ? b.g.dims.number(std::numeric_limits<std::int64_t>::max()) : c.size("end");
  return {b.complex(b.slice(x, complex_axis(b, x, c.integer("dim")), start, end, c.integer("step", 1)))};
}

inline value_list complex_select(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const axis = complex_axis(b, x, c.integer("dim"));
  dim index = c.size("index");
  // What lies a number of places before the end needs no size.
  if (dim const from_end = b.g.dims.subtract(index, b.dim_of(x, axis));
      !b.g.dims.is_number(index) && b.g.dims.is_number(from_end))
    index = from_end;
  return {b.complex(b.gather(x, b.size_scalar(index), axis))};
}

/// cat and stack.
inline lowering complex_joined(bool new_axis) {
  return [new_axis](call& c, builder& b) -> value_list {
    std::int64_t axis = c.integer("dim");
    if (axis < 0) axis += c.result(0).dim();
    value_list parts;
    for (value_id const each : c.tensors("tensors")) {
      value_id const pairs = as_pairs(b, each, c.result_type());
      parts.push_back(new_axis ? b.unsqueeze(pairs, {axis}) : pairs);
    }
    return {b.complex(b.concat(parts, axis))};
  };
}

/// A lowering for real numbers, once for the real and once for the imaginary parts: what moves elements about or adds
/// them up treats both alike.
inline lowering by_parts(lowering const& real) {
  return [real](call& c, builder& b) -> value_list {
    if (c.mixes_real_and_complex()) c.decline("real and complex tensors are mixed");
    call real_part = c.on_part(0), imaginary_part = c.on_part(1);
    value_list const first = real(real_part, b), second = real(imaginary_part, b);
    value_list result;
    for (std::size_t i = 0; i < first.size(); ++i) result.push_back(paired(b, first[i], second[i]));
    return result;
  };
}

/// What is made of real numbers only.
inline lowering without_imaginary_part(lowering const& real) {
  return [real](call& c, builder& b) -> value_list {
    call numbers = c.on_part(0);
    return {from_real(b, real(numbers, b)[0])};
  };
}

inline void add_complex(lowering_table& table) {
  table.add_complex({"aten::add"}, complex_sum("Add"));
  table.add_complex({"aten::sub", "aten::subtract"}, complex_sum("Sub"));
  table.add_complex({"aten::rsub"}, complex_sum("Sub", true));
  table.add_complex({"aten::mul", "aten::multiply"}, complex_product);
  table.add_complex({"aten::div", "aten::divide", "aten::true_divide"}, complex_quotient);
  table.add_complex({"aten::reciprocal"}, complex_reciprocal);
  table.add_complex({"aten::pow"}, complex_power);
  table.add_complex({"aten::neg", "aten::_neg_view"}, complex_negative);
  table.add_complex({"aten::conj_physical", "aten::_conj", "aten::_conj_physical", "aten::_conj_copy"},
                    complex_conjugate);
  table.add_complex({"aten::abs"}, complex_magnitude);
  table.add_complex({"aten::angle"}, complex_angle);
  table.add_complex({"aten::exp"}, complex_exponential);
  table.add_complex({"aten::log"}, complex_logarithm);
  table.add_complex({"aten::eq"}, complex_equality(false));
  table.add_complex({"aten::ne", "aten::not_equal"}, complex_equality(true));
  table.add_complex({"aten::sum"}, complex_reduction(sum_of));
  table.add_complex({"aten::mean"}, complex_reduction(mean_of));
  table.add_complex({"aten::norm", "aten::frobenius_norm"}, complex_norm("p"));
  table.add_complex({"aten::linalg_vector_norm"}, complex_norm("ord"));
  table.add_complex({"aten::matmul"}, complex_matrix_product("self", "other"));
  table.add_complex({"aten::mm", "aten::bmm"}, complex_matrix_product("self", "mat2"));
  table.add_complex({"aten::mv"}, complex_matrix_product("self", "vec"));
  table.add_complex({"aten::dot"}, complex_matrix_product("self", "tensor"));
  table.add_complex({"aten::vdot"}, complex_matrix_product("self", "other", true));
  table.add_complex({"aten::view_as_complex", "aten::view_as_complex_copy", "aten::view_as_real",
                     "aten::view_as_real_copy", "aten::_view_as_real_physical"},
                    complex_view);
  table.add_complex({"aten::complex"}, complex_from_parts);
  table.add_complex({"aten::polar"}, polar);
  table.add_complex({"aten::real"}, complex_part(0));
  table.add_complex({"aten::imag"}, complex_part(1));
  table.add_complex({"aten::to", "aten::_to_copy", "aten::type_as", "aten::contiguous", "aten::clone", "aten::detach",
                     "aten::alias", "aten::lift", "aten::lift_fresh", "aten::lift_fresh_copy", "aten::resolve_conj",
                     "aten::resolve_neg", "aten::positive", "aten::alias_copy", "aten::detach_copy", "aten::cpu"},
                    complex_conversion);
  table.add({"aten::conj", "aten::_conj", "aten::conj_physical", "aten::real"}, unchanged);
  table.add_complex({"aten::view", "aten::reshape", "aten::_unsafe_view", "aten::_reshape_alias", "aten::view_copy"},
                    complex_reshape);
  table.add_complex(
      {"aten::transpose", "aten::swapaxes", "aten::swapdims", "aten::transpose_copy", "aten::t", "aten::t_copy"},
      complex_transpose);
  table.add_complex({"aten::permute", "aten::permute_copy"}, complex_permute);
  table.add_complex({"aten::unsqueeze", "aten::unsqueeze_copy"}, complex_unsqueeze);
  table.add_complex({"aten::expand", "aten::expand_copy"}, complex_expand);
  table.add_complex({"aten::slice", "aten::slice_copy"}, complex_slice);
  table.add_complex({"aten::select", "aten::select_copy"}, complex_select);
  table.add_complex({"aten::cat", "aten::concat", "aten::concatenate"}, complex_joined(false));
  table.add_complex({"aten::stack"}, complex_joined(true));
  for (char const* name : {"aten::squeeze",
                           "aten::repeat",
                           "aten::tile",
                           "aten::roll",
                           "aten::flip",
                           "aten::gather",
                           "aten::index",
                           "aten::index_select",
                           "aten::tril",
                           "aten::triu",
                           "aten::constant_pad_nd",
                           "aten::pad",
                           "aten::split",
                           "aten::split_with_sizes",
                           "aten::chunk",
                           "aten::unbind",
                           "aten::narrow",
                           "aten::diagonal",
                           "aten::unfold",
                           "aten::copy",
                           "aten::slice_scatter",
                           "aten::select_scatter",
                           "aten::index_put",
                           "aten::scatter",
                           "aten::index_add",
                           "aten::cumsum",
                           "aten::where",
                           "aten::masked_fill",
                           "aten::zeros",
                           "aten::zeros_like",
                           "aten::new_zeros",
                           "aten::zero",
                           "aten::empty",
                           "aten::empty_like",
                           "aten::new_empty",
                           "aten::full",
                           "aten::full_like",
                           "aten::new_full",
                           "aten::fill",
                           "aten::masked_select"})
    for (auto const& [row, real] : table.rows_of(name)) table.add_complex(row, by_parts(real));
  for (char const* name : {"aten::ones", "aten::ones_like", "aten::new_ones"})
    for (auto const& [row, real] : table.rows_of(name)) table.add_complex(row, without_imaginary_part(real));
}

}  // namespace constexport::lower
