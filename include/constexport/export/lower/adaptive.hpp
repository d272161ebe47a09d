/// export/lower/adaptive.hpp: pools to a given size of the result: window i of n goes from floor(i size / n) to before
/// ceil((i + 1) size / n).
///
/// Room: export/lower. Includes pooling.hpp. lower.hpp collects the families. Where the size is a multiple of n,
/// windows are equal and a pool does it; else means are a product with a matrix along each axis, maxima are those of
/// gathered windows. Sizes may depend on axes in all cases.
#pragma once

#include <constexport/export/lower/pooling.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace constexport::lower {

/// How many elements every window has, if all of them have the same fixed number.
inline std::optional<std::int64_t> equal_windows(builder& b, dim size, dim count) {
  std::int64_t const elements = b.g.dims.evaluate(size, b.runs()[0]), windows = b.g.dims.evaluate(count, b.runs()[0]);
  if (windows < 1 || elements % windows != 0 || b.g.dims.multiply(count, elements / windows) != size)
    return std::nullopt;
  return elements / windows;
}

/// Where windows begin and end (the first element behind), int64 [count] each.
inline std::pair<value_id, value_id> adaptive_windows(builder& b, dim size, dim count) {
  if (b.g.dims.is_number(size) && b.g.dims.is_number(count)) {
    std::int64_t const n = b.g.dims.value(count), of = b.g.dims.value(size);
    at::Tensor const i = at::arange(n, at::kLong);
    return {b.g.constant(at::floor_divide(i * of, n)), b.g.constant(at::floor_divide((i + 1) * of + (n - 1), n))};
  }
  value_id const i = positions(b, count), of = b.size_tensor(size), n = b.size_tensor(count);
  value_id const next = b.broadcast("Add", {i, b.scalar(1, dtype::int64)});
  value_id const rest = b.size_tensor(b.g.dims.add(count, -1));
  return {b.broadcast("Div", {b.broadcast("Mul", {i, of}), n}),
          b.broadcast("Div", {b.broadcast("Add", {b.broadcast("Mul", {next, of}), rest}), n})};
}

/// [count, size]: one over the number of elements in the window where the element is in it, else 0.
inline value_id averaging_matrix(builder& b, dim size, dim count, dtype type) {
  auto const [start, end] = adaptive_windows(b, size, count);
  if (b.g.is_constant(start) && b.g.is_constant(end)) {
    at::Tensor const from = b.g[start].data.unsqueeze(1), to = b.g[end].data.unsqueeze(1);
    at::Tensor const i = at::arange(b.g.dims.value(size), at::kLong);
    at::Tensor const inside = at::logical_and(at::ge(i, from), at::lt(i, to)).to(to_scalar_type(type));
    return b.g.constant(at::div(inside, (to - from).to(to_scalar_type(type))));
  }
  value_id const from = b.unsqueeze(start, {1}), to = b.unsqueeze(end, {1}), i = positions(b, size);
  value_id const inside = b.broadcast(
      "And", {b.broadcast("GreaterOrEqual", {i, from}, dtype::boolean), b.broadcast("Less", {i, to}, dtype::boolean)});
  return b.broadcast("Div", {b.cast(inside, type), b.cast(b.broadcast("Sub", {to, from}), type)});
}

/// The sizes that are asked for, one per spatial axis.
inline dim_list asked_sizes(call& c, std::size_t axes) {
  dim_list sizes = c.sizes("output_size");
  if (sizes.size() == 1) sizes.resize(axes, sizes[0]);
  return sizes;
}

inline std::optional<integer_list> equal_windows(builder& b, value_id image, dim_list const& counts) {
  integer_list kernel;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    auto const size = equal_windows(b, b.dims(image)[2 + i], counts[i]);
    if (!size) return std::nullopt;
    kernel.push_back(*size);
  }
  return kernel;
}

inline lowering adaptive_average(std::size_t axes) {
  return [axes](call& c, builder& b) -> value_list {
    dim_list const counts = asked_sizes(c, axes);
    batched const image(b, c.tensor("self"), axes);
    value_id x = image.x;
    dtype const type = b.type(x);
    if (!is_floating(type)) c.decline("ONNX has means of floating-point numbers only");
    integer_list whole;
    for (std::size_t i = 0; i < axes; ++i)
      if (b.g.dims.is_number(counts[i], 1)) whole.push_back(static_cast<std::int64_t>(2 + i));
    auto const kernel = equal_windows(b, x, counts);
    if (whole.size() < axes && kernel && has_image_kernels(type)) {
      pool_form const form(*kernel);
      return {image.back(b, b.node("AveragePool", {x}, {{"kernel_shape", form.kernel}, {"strides", form.stride}}, type,
                                   form.result(b, x)))};
    }
    if (!whole.empty()) x = b.reduce("ReduceMean", x, whole, true);
    for (std::size_t i = 0; i < axes; ++i) {
      auto const axis = static_cast<std::int64_t>(2 + i);
      if (dim const size = b.dim_of(x, axis); size != counts[i])
        x = product_along(b, x, axis, averaging_matrix(b, size, counts[i], type));
    }
    return {image.back(b, x)};
  };
}

/// int64 [count, elements]: positions in every window; a shorter window has its last one again.
inline value_id adaptive_positions(builder& b, dim size, dim count) {
  auto const [start, end] = adaptive_windows(b, size, count);
  // No window is longer than this.
  dim const longest = b.g.dims.is_number(size) && b.g.dims.is_number(count)
                          ? b.g.dims.number((b.g[end].data - b.g[start].data).max().item<std::int64_t>())
                          : b.g.dims.add(b.g.dims.floor_divide(b.g.dims.add(size, -1), count), 2);
  value_id const within = positions(b, longest);
  if (b.g.is_constant(start) && b.g.is_constant(end) && b.g.is_constant(within))
    return b.g.constant(at::minimum(b.g[start].data.unsqueeze(1) + b.g[within].data, b.g[end].data.unsqueeze(1) - 1));
  value_id const last = b.broadcast("Sub", {b.unsqueeze(end, {1}), b.scalar(1, dtype::int64)});
  return b.broadcast("Min", {b.broadcast("Add", {b.unsqueeze(start, {1}), within}), last});
}

inline lowering adaptive_maximum(std::size_t axes) {
  return [axes](call& c, builder& b) -> value_list {
    dim_list const counts = asked_sizes(c, axes);
    batched const image(b, c.tensor("self"), axes);
    value_id x = image.x;
    value_list results;
    bool const of_all = counts == dim_list(axes, b.g.dims.number(1));
    if (of_all) {
      dim_list const from = b.dims(x);
      dim_list sizes{from[0], from[1]};
      sizes.resize(2 + axes, b.g.dims.number(1));
      value_id const flat = b.reshape(x, {from[0], from[1], b.g.dims.product({from.begin() + 2, from.end()})});
      value_id const which = b.node("ArgMax", {flat}, {{"axis", std::int64_t{2}}, {"keepdims", std::int64_t{1}}},
                                    dtype::int64, {from[0], from[1], b.g.dims.number(1)});
      integer_list over;
      for (std::size_t i = 0; i < axes; ++i) over.push_back(static_cast<std::int64_t>(2 + i));
      results = {b.reduce("ReduceMax", x, over, true), b.reshape(which, sizes)};
    } else if (auto const kernel = equal_windows(b, x, counts)) {
      results = maxima(b, x, pool_form(*kernel), true);
    } else {
      value_id numbers = numbers_in_plane(b, x);
      for (std::size_t i = axes; i-- > 0;) {
        auto const axis = static_cast<std::int64_t>(2 + i);
        if (dim const size = b.dim_of(x, axis); size != counts[i])
          std::tie(x, numbers) = largest_along(b, x, numbers, axis, adaptive_positions(b, size, counts[i]));
      }
      results = {x, numbers};
    }
    for (value_id& each : results) each = image.back(b, each);
    return results;
  };
}

inline void add_adaptive(lowering_table& table) {
  table.add({"aten::adaptive_avg_pool1d"}, adaptive_average(1));
  table.add({"aten::adaptive_avg_pool2d", "aten::_adaptive_avg_pool2d", "aten::mkldnn_adaptive_avg_pool2d"},
            adaptive_average(2));
  table.add({"aten::adaptive_avg_pool3d", "aten::_adaptive_avg_pool3d"}, adaptive_average(3));
  table.add({"aten::adaptive_max_pool1d"}, adaptive_maximum(1));
  table.add({"aten::adaptive_max_pool2d"}, adaptive_maximum(2));
  table.add({"aten::adaptive_max_pool3d"}, adaptive_maximum(3));
}

}  // namespace constexport::lower
