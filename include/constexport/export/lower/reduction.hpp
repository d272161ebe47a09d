/// export/lower/reduction.hpp: sums, means, variances, extrema and running sums along axes.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families; norm.hpp and sorting.hpp use its helpers.
/// ONNX Runtime reduces few types, so the others are converted and back; what LibTorch makes of no elements at all is
/// not always what ONNX makes of them.
#pragma once

#include <constexport/export/lowering_table.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace constexport::lower {

/// The axes that an argument names, not negative, in order; all of them if it names none.
inline std::vector<std::int64_t> axes_of(call& c, builder& b, value_id x, char const* argument = "dim") {
  std::vector<std::int64_t> axes;
  if (b.rank(x) == 0) return axes;
  for (std::int64_t const axis : c.has(argument) ? c.integers(argument) : std::vector<std::int64_t>{})
    axes.push_back(static_cast<std::int64_t>(builder::index(axis, b.rank(x))));
  if (axes.empty())
    for (std::int64_t i = 0; i < b.rank(x); ++i) axes.push_back(i);
  std::sort(axes.begin(), axes.end());
  return axes;
}

inline bool keeps_axes(call& c) { return c.has("keepdim") && c.flag("keepdim"); }

/// The number of elements along some axes.
inline dim count_along(builder& b, value_id x, std::vector<std::int64_t> const& axes) {
  dim count = b.g.dims.number(1);
  for (std::int64_t const axis : axes) count = b.g.dims.multiply(count, b.dim_of(x, axis));
  return count;
}

/// May one of the axes have no elements?
inline bool may_be_empty(builder& b, value_id x, std::vector<std::int64_t> const& axes) {
  for (std::int64_t const axis : axes)
    if (!b.proven_at_most(b.g.dims.number(1), b.dim_of(x, axis))) return true;
  return false;
}

/// The type in which numbers of a type are added up: that of a sum of halves is wider, as in LibTorch.
inline dtype adding_type(dtype type) {
  if (type == dtype::float16 || type == dtype::bfloat16) return dtype::float32;
  return is_floating(type) || type == dtype::int32 ? type : dtype::int64;
}

/// The type in which numbers of a type are compared.
inline dtype comparing_type(dtype type) {
  if (type == dtype::bfloat16) return dtype::float32;
  return type == dtype::boolean || type == dtype::int16 ? dtype::int32 : type;
}

/// `op` (ReduceSum and the like) in a type that is reduced, with the result in the operand's.
inline value_id reduced(builder& b, std::string const& op, value_id x, std::vector<std::int64_t> const& axes,
                        bool keep) {
  dtype const type = b.type(x);
  bool const extremum = op == "ReduceMax" || op == "ReduceMin";
  bool const has_kernel = extremum && type == dtype::boolean && b.g.opset >= 20;
  dtype const wide = has_kernel ? type : extremum ? comparing_type(type) : adding_type(type);
  return b.cast(b.reduce(op, b.cast(x, wide), axes, keep), type);
}

/// Is any of some booleans true?
inline value_id any_of(builder& b, value_id x, std::vector<std::int64_t> const& axes, bool keep) {
  if (!may_be_empty(b, x, axes)) return reduced(b, "ReduceMax", x, axes, keep);
  return b.cast(b.reduce("ReduceSum", b.cast(x, dtype::int64), axes, keep), dtype::boolean);
}

inline value_id all_of(builder& b, value_id x, std::vector<std::int64_t> const& axes, bool keep) {
  if (!may_be_empty(b, x, axes)) return reduced(b, "ReduceMin", x, axes, keep);
  return b.unary("Not", any_of(b, b.unary("Not", x), axes, keep));
}

/// In ONNX Runtime the mean of no elements is 0, in LibTorch it is not a number.
inline value_id mean_of(builder& b, value_id x, std::vector<std::int64_t> const& axes, bool keep) {
  if (!may_be_empty(b, x, axes)) return reduced(b, "ReduceMean", x, axes, keep);
  value_id const count = b.cast(b.size_scalar(count_along(b, x, axes)), b.type(x));
  return b.broadcast("Div", {reduced(b, "ReduceSum", x, axes, keep), count});
}

inline value_list mean(call& c, builder& b) {
  value_id const x = b.cast(c.tensor("self"), c.result_type());
  return {mean_of(b, x, axes_of(c, b, x), keeps_axes(c))};
}

/// Sum or product; of booleans, whether any or all are true.
inline value_list sum(call& c, builder& b) {
  value_id const x = b.cast(c.tensor("self"), c.result_type());
  auto const axes = axes_of(c, b, x);
  if (b.type(x) == dtype::boolean) return {any_of(b, x, axes, keeps_axes(c))};
  return {reduced(b, "ReduceSum", x, axes, keeps_axes(c))};
}

inline value_list prod(call& c, builder& b) {
  value_id const x = b.cast(c.tensor("self"), c.result_type());
  auto const axes = axes_of(c, b, x);
  if (b.type(x) == dtype::boolean) return {all_of(b, x, axes, keeps_axes(c))};
  return {reduced(b, "ReduceProd", x, axes, keeps_axes(c))};
}

/// The elements that are numbers, and 0 for the others.
inline value_id without_nan(builder& b, value_id x) {
  if (!is_floating(b.type(x))) return x;
  value_id const nan = b.node("IsNaN", {x}, {}, dtype::boolean, b.dims(x));
  return b.broadcast("Where", {nan, b.scalar(0, b.type(x)), x}, b.type(x));
}

inline value_list nansum(call& c, builder& b) {
  value_id const x = b.cast(without_nan(b, c.tensor("self")), c.result_type());
  return {reduced(b, "ReduceSum", x, axes_of(c, b, x), keeps_axes(c))};
}

inline value_list count_nonzero(call& c, builder& b) {
  value_id const x = b.cast(b.cast(c.tensor("self"), dtype::boolean), dtype::int64);
  return {reduced(b, "ReduceSum", x, axes_of(c, b, x), false)};
}

/// all and any; an empty list of axes, other than none, leaves every element by itself.
inline lowering truth(value_id (*of)(builder&, value_id, std::vector<std::int64_t> const&, bool)) {
  return [of](call& c, builder& b) -> value_list {
    value_id const x = b.cast(c.tensor("self"), dtype::boolean);
    bool const separate = c.has("dim") && c.is_list("dim") && c.integers("dim").empty();
    value_id const result = separate || b.rank(x) == 0 ? x : of(b, x, axes_of(c, b, x), keeps_axes(c));
    return {b.cast(result, c.result_type())};
  };
}

/// amax, amin.
inline lowering extremum_of(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    value_id const x = c.tensor("self");
    return {reduced(b, op, x, axes_of(c, b, x), keeps_axes(c))};
  };
}

inline value_list aminmax(call& c, builder& b) {
  value_id const x = c.tensor("self");
  auto const axes = axes_of(c, b, x);
  return {reduced(b, "ReduceMin", x, axes, keeps_axes(c)), reduced(b, "ReduceMax", x, axes, keeps_axes(c))};
}

/// Index of the first largest or smallest element along one axis.
inline value_id index_of(builder& b, char const* op, value_id x, std::int64_t axis, bool keep) {
  if (b.rank(x) == 0) return b.scalar(0, dtype::int64);
  std::size_t const at = builder::index(axis, b.rank(x));
  dim_list sizes = b.dims(x);
  if (keep)
    sizes[at] = b.g.dims.number(1);
  else
    sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(at));
  return b.node(op, {b.cast(x, comparing_type(b.type(x)))},
                {{"axis", static_cast<std::int64_t>(at)}, {"keepdims", std::int64_t{keep ? 1 : 0}}}, dtype::int64,
                sizes);
}

/// max, min: of all elements, or along one axis with the index of the first.
inline lowering extremum_and_index(char const* op, char const* index_op) {
  return [op, index_op](call& c, builder& b) -> value_list {
    value_id const x = c.tensor("self");
    if (c.has("other")) c.decline("it compares two tensors");
    if (!c.has("dim")) return {reduced(b, op, x, {}, false)};
    if (!c.is_integer("dim")) c.decline("named dimensions are not exported");
    std::int64_t const axis = c.integer("dim");
    bool const keep = keeps_axes(c);
    return {reduced(b, op, x, {axis}, keep), index_of(b, index_op, x, axis, keep)};
  };
}

/// argmax, argmin: along one axis or of all.
inline lowering arg_extremum(char const* op) {
  return [op](call& c, builder& b) -> value_list {
    value_id const x = c.tensor("self");
    if (!c.is_none("dim")) return {index_of(b, op, x, c.integer("dim"), keeps_axes(c))};
    value_id const flat = b.reshape(x, {b.g.dims.product(b.dims(x))});
    value_id const index = index_of(b, op, flat, 0, false);
    return {b.reshape(index, dim_list(static_cast<std::size_t>(c.result(0).dim()), b.g.dims.number(1)))};
  };
}

/// What is taken from the number of elements before a variance divides by it.
inline double correction_of(call& c) {
  if (c.has("correction")) return c.is_none("correction") ? 1 : c.real("correction");
  return c.has("unbiased") && !c.flag("unbiased") ? 0 : 1;
}

struct moments {
  value_id variance, mean;
};

/// The sum of squared distances to the mean, divided by the number of elements less `correction`.
inline moments moments_of(builder& b, value_id x, std::vector<std::int64_t> const& axes, double correction, bool keep) {
  dtype const type = adding_type(b.type(x));
  x = b.cast(x, type);
  value_id const mean = mean_of(b, x, axes, true);
  value_id const squares = b.reduce("ReduceSumSquare", b.broadcast("Sub", {x, mean}), axes, keep);
  dim const count = count_along(b, x, axes);
  value_id divisor = no_value;
  if (b.g.dims.is_number(count)) {
    divisor = b.scalar(std::max(0.0, static_cast<double>(b.g.dims.value(count)) - correction), type);
  } else {
    divisor = b.cast(b.size_scalar(count), type);
    if (correction != 0) divisor = b.broadcast("Sub", {divisor, b.scalar(correction, type)});
    if (!b.proven_at_most(b.g.dims.number(static_cast<std::int64_t>(std::ceil(correction))), count))
      divisor = b.broadcast("Max", {divisor, b.scalar(0, type)});
  }
  return {b.broadcast("Div", {squares, divisor}), keep ? mean : b.squeeze(mean, axes)};
}

/// var, std and, `with_mean`, the mean as a second result.
inline lowering variance(bool root, bool with_mean) {
  return [root, with_mean](call& c, builder& b) -> value_list {
    value_id const x = c.tensor("self");
    auto const [spread, mean] = moments_of(b, x, axes_of(c, b, x), correction_of(c), keeps_axes(c));
    value_list result{b.cast(root ? b.unary("Sqrt", spread) : spread, c.result_type(0))};
    if (with_mean) result.push_back(b.cast(mean, c.result_type(1)));
    return result;
  };
}

inline value_list logsumexp(call& c, builder& b) {
  value_id const x = b.cast(c.tensor("self"), c.result_type());
  return {reduced(b, "ReduceLogSumExp", x, axes_of(c, b, x), keeps_axes(c))};
}

inline value_list cumsum(call& c, builder& b) {
  dtype const type = c.result_type();
  value_id const x = b.cast(c.tensor("self"), type);
  if (b.rank(x) == 0) return {x};
  value_list const inputs{b.cast(x, adding_type(type)), b.scalar(c.integer("dim"), dtype::int64)};
  return {b.cast(b.node("CumSum", inputs, {}, b.type(inputs[0]), b.dims(x)), type)};
}

/// Every element with all before it, each sum relative to its own largest term: a running sum of exponentials relative
/// to one number for all would lose what is far below that.
inline value_list logcumsumexp(call& c, builder& b) {
  value_id const x = c.tensor("self");
  if (b.rank(x) == 0) return {x};
  auto const axis = static_cast<std::int64_t>(builder::index(c.integer("dim"), b.rank(x)));
  value_id const columns = b.range(b.dim_of(x, axis)), rows = b.unsqueeze(columns, {1});
  std::vector<std::int64_t> behind;
  for (std::int64_t i = axis + 2; i <= b.rank(x); ++i) behind.push_back(i - axis);
  value_id const so_far = b.unsqueeze(b.broadcast("GreaterOrEqual", {rows, columns}, dtype::boolean), behind);
  value_id const nothing = b.scalar(-std::numeric_limits<double>::infinity(), b.type(x));
  value_id const terms = b.broadcast("Where", {so_far, b.unsqueeze(x, {axis}), nothing}, b.type(x));
  return {reduced(b, "ReduceLogSumExp", terms, {axis + 1}, false)};
}

inline void add_reduction(lowering_table& table) {
  table.add({"aten::mean"}, mean);
  table.add({"aten::sum"}, sum);
  table.add({"aten::prod"}, prod);
  table.add({"aten::nansum"}, nansum);
  table.add({"aten::count_nonzero"}, count_nonzero);
  table.add({"aten::any"}, truth(any_of));
  table.add({"aten::all"}, truth(all_of));
  table.add({"aten::amax"}, extremum_of("ReduceMax"));
  table.add({"aten::amin"}, extremum_of("ReduceMin"));
  table.add({"aten::aminmax"}, aminmax);
  table.add({"aten::max"}, extremum_and_index("ReduceMax", "ArgMax"));
  table.add({"aten::min"}, extremum_and_index("ReduceMin", "ArgMin"));
  table.add({"aten::argmax"}, arg_extremum("ArgMax"));
  table.add({"aten::argmin"}, arg_extremum("ArgMin"));
  table.add({"aten::var"}, variance(false, false));
  table.add({"aten::std"}, variance(true, false));
  table.add({"aten::var_mean"}, variance(false, true));
  table.add({"aten::std_mean"}, variance(true, true));
  table.add({"aten::logsumexp"}, logsumexp);
  table.add({"aten::cumsum"}, cumsum);
  table.add({"aten::logcumsumexp"}, logcumsumexp);
}

}  // namespace constexport::lower
