/// export/lower/pooling.hpp: maxima and means over windows, and back from maxima.
///
/// Room: export/lower. Includes windows.hpp. lower.hpp collects the families. adaptive.hpp has the pools whose windows
/// follow from the size of the result. ONNX's ceil_mode is not used: LibTorch drops a last window that would begin in
/// the padding, which padding further behind says exactly, at any opset.
#pragma once

#include <constexport/export/lower/windows.hpp>
#include <constexport/export/lowering_table.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace constexport::lower {

/// What a pool is, beside its tensor. `after` is the padding behind which gives as many windows as LibTorch has.
struct pool_form {
  integer_list kernel, stride, dilation, before, after;

  /// Equal windows that fill the image.
  explicit pool_form(integer_list const& windows)
      : kernel(windows), stride(windows), dilation(windows.size(), 1), before(windows.size()), after(windows.size()) {}
  pool_form(call& c, std::size_t axes)
      : kernel(per_axis(c.integers("kernel_size"), axes, 1)),
        stride(c.integers("stride")),
        dilation(per_axis(c.has("dilation") ? c.integers("dilation") : integer_list{}, axes, 1)),
        before(per_axis(c.integers("padding"), axes, 0)),
        after(before) {
    stride = stride.empty() ? kernel : per_axis(stride, axes, 1);
    if (!c.flag("ceil_mode")) return;
    // Enough behind for a started stride, but not so much that a window could begin behind the image.
    for (std::size_t i = 0; i < axes; ++i)
      after[i] = std::min(before[i] + stride[i] - 1, extent(kernel[i], dilation[i]) - 1);
  }

  dim_list result(builder& b, value_id x) const {
    dim_list sizes = b.dims(x);
    for (std::size_t i = 0; i < kernel.size(); ++i)
      sizes[2 + i] = window_count(b, sizes[2 + i], kernel[i], before[i] + after[i], stride[i], dilation[i]);
    return sizes;
  }
};

/// The smallest number of a type.
inline at::Scalar smallest(dtype type) {
  switch (type) {
    case dtype::int64:
      return std::numeric_limits<std::int64_t>::min();
    case dtype::int32:
      return std::int64_t{std::numeric_limits<std::int32_t>::min()};
    case dtype::int16:
      return std::int64_t{std::numeric_limits<std::int16_t>::min()};
    case dtype::int8:
      return -128;
    case dtype::uint8:
      return 0;
    default:
      return -std::numeric_limits<double>::infinity();
  }
}

/// The number of every element within its plane: int64, shaped like the image.
inline value_id numbers_in_plane(builder& b, value_id image) {
  dim_list const sizes = b.dims(image);
  dim_list plane(sizes.begin() + 2, sizes.end());
  dim const count = b.g.dims.product(plane);
  return b.expand(b.reshape(positions(b, count), plane), sizes);
}

/// The largest element of every window along one axis, and what `numbers` says of it. `windows` [windows, elements]
/// are positions along the axis; the first of equal elements counts.
inline std::pair<value_id, value_id> largest_along(builder& b, value_id x, value_id numbers, std::int64_t axis,
                                                   value_id windows) {
  value_id const elements = b.gather(x, windows, axis);
  value_id const largest = b.reduce("ReduceMax", elements, {axis + 1}, false);
  dim_list sizes = b.dims(largest);
  sizes.insert(sizes.begin() + axis + 1, b.g.dims.number(1));
  value_id const which =
      b.node("ArgMax", {elements}, {{"axis", axis + 1}, {"keepdims", std::int64_t{1}}}, dtype::int64, sizes);
  value_id const chosen =
      b.node("GatherElements", {b.gather(numbers, windows, axis), which}, {{"axis", axis + 1}}, dtype::int64, sizes);
  return {largest, b.squeeze(chosen, {axis + 1})};
}

/// Maxima and their numbers within the plane. ONNX numbers the elements of the whole tensor.
inline value_list maxima(builder& b, value_id x, pool_form const& form, bool with_numbers) {
  std::size_t const axes = form.kernel.size();
  dtype const type = b.type(x);
  dim_list const sizes = form.result(b, x);
  bool const known = is_floating(type) || type == dtype::int8 || type == dtype::uint8;
  // ONNX Runtime wants less padding than elements in a window.
  bool inside = true;
  for (std::size_t i = 0; i < axes; ++i)
    inside = inside && form.before[i] < form.kernel[i] && form.after[i] < form.kernel[i];
  if (!known || !inside) {
    value_id numbers = with_numbers ? padded(b, numbers_in_plane(b, x), form.before, form.after, 0) : no_value;
    value_id y = padded(b, x, form.before, form.after, smallest(type));
    if (known && !with_numbers)
      return {b.node("MaxPool", {y},
                     {{"dilations", form.dilation}, {"kernel_shape", form.kernel}, {"strides", form.stride}}, type,
                     sizes)};
    for (std::size_t i = axes; i-- > 0;) {
      auto const axis = static_cast<std::int64_t>(2 + i);
      value_id const windows =
          window_positions(b, sizes[2 + i], form.kernel[i], form.stride[i], form.dilation[i], true);
      if (with_numbers)
        std::tie(y, numbers) = largest_along(b, y, numbers, axis, windows);
      else
        y = b.reduce("ReduceMax", b.gather(y, windows, axis), {axis + 1}, false);
    }
    return {y, numbers};
  }
  std::vector<std::pair<dtype, dim_list>> results{{type, sizes}};
  if (with_numbers) results.emplace_back(dtype::int64, sizes);
  value_list made = b.g.node("MaxPool", {x},
                             {{"dilations", form.dilation},
                              {"kernel_shape", form.kernel},
                              {"pads", joined(form.before, form.after)},
                              {"strides", form.stride}},
                             results);
  if (with_numbers) {
    dim_list const from = b.dims(x);
    made[1] = b.broadcast("Mod", {made[1], b.size_scalar(b.g.dims.product({from.begin() + 2, from.end()}))});
  }
  return made;
}

inline lowering max_pool(std::size_t axes, bool with_numbers) {
  return [axes, with_numbers](call& c, builder& b) -> value_list {
    batched const image(b, c.tensor("self"), axes);
    value_list results = maxima(b, image.x, pool_form(c, axes), with_numbers);
    for (value_id& each : results)
      if (each != no_value) each = image.back(b, each);
    return results;
  };
}

/// How many elements of every window lie from `first` to before `last`, [windows], as numbers of the type.
inline value_id elements_within(builder& b, value_id windows, std::int64_t first, dim last, dtype type) {
  if (b.g.is_constant(windows) && b.g.dims.is_number(last)) {
    at::Tensor const at_ = b.g[windows].data;
    at::Tensor const within = at::logical_and(at::ge(at_, first), at::lt(at_, b.g.dims.value(last)));
    return b.g.constant(within.sum(1).to(to_scalar_type(type)));
  }
  value_id const after = b.broadcast("GreaterOrEqual", {windows, b.scalar(first, dtype::int64)}, dtype::boolean);
  value_id const before = b.broadcast("Less", {windows, b.size_tensor(last)}, dtype::boolean);
  return b.reduce("ReduceSum", b.cast(b.broadcast("And", {after, before}), type), {1}, false);
}

/// Means, or sums, over windows for types that ONNX Runtime's AveragePool does not have. `counted` is padding whose
/// elements count.
inline value_id means_by_sums(builder& b, value_id x, pool_form const& form, integer_list const& counted,
                              bool divided) {
  dim_list const from = b.dims(x), sizes = form.result(b, x);
  x = padded(b, x, form.before, form.after, 0);
  for (std::size_t i = 0; i < form.kernel.size(); ++i) {
    auto const axis = static_cast<std::int64_t>(2 + i);
    value_id const windows = window_positions(b, sizes[2 + i], form.kernel[i], form.stride[i], 1, true);
    x = b.reduce("ReduceSum", b.gather(x, windows, axis), {axis + 1}, false);
    if (!divided) continue;
    integer_list behind;
    for (std::size_t k = i + 1; k < form.kernel.size(); ++k) behind.push_back(static_cast<std::int64_t>(k - i));
    value_id const divisor = elements_within(b, windows, form.before[i] - counted[i],
                                             b.g.dims.add(from[2 + i], form.before[i] + counted[i]), b.type(x));
    x = b.broadcast("Div", {x, b.unsqueeze(divisor, behind)});
  }
  return x;
}

inline lowering average_pool(std::size_t axes) {
  return [axes](call& c, builder& b) -> value_list {
    batched const image(b, c.tensor("self"), axes);
    value_id x = image.x;
    if (!is_floating(b.type(x))) c.decline("ONNX has means of floating-point numbers only");
    pool_form form(c, axes);
    bool const padding_counts = c.flag("count_include_pad"), own_divisor = !c.is_none("divisor_override");
    double elements = 1;
    for (std::int64_t const each : form.kernel) elements *= static_cast<double>(each);
    value_id y = no_value;
    if (!has_image_kernels(b.type(x))) {
      y = means_by_sums(b, x, form, padding_counts ? form.before : integer_list(axes), !own_divisor);
      elements = 1;
    } else {
      // With a divisor of its own everything counts: sums are means times the elements of a window. ONNX Runtime 1.21
      // miscounts from opset 19 on what counts on one side more than on the other, and 1.20 counts a Pad no longer that
      // it has taken into the pool; one that names its axes it leaves alone.
      bool const counts = own_divisor || padding_counts;
      bool const all_count = counts && (form.before == form.after || (own_divisor && b.g.opset < 19));
      if (counts && !all_count) {
        integer_list const counted = own_divisor ? form.after : form.before;
        x = padded(b, x, form.before, counted, 0, b.g.opset >= 18);
        for (std::size_t i = 0; i < axes; ++i) form.after[i] -= counted[i];
        form.before.assign(axes, 0);
      }
      y = b.node("AveragePool", {x},
                 {{"count_include_pad", std::int64_t{all_count ? 1 : 0}},
                  {"kernel_shape", form.kernel},
                  {"pads", joined(form.before, form.after)},
                  {"strides", form.stride}},
                 b.type(x), form.result(b, x));
    }
    if (own_divisor)
      y = b.broadcast("Mul", {y, b.scalar(elements / static_cast<double>(c.integer("divisor_override")), b.type(y))});
    return {image.back(b, y)};
  };
}

/// Back from maxima: every number in its place, zeros elsewhere.
inline lowering max_unpool(std::size_t axes) {
  return [axes](call& c, builder& b) -> value_list {
    batched const image(b, c.tensor("self"), axes);
    batched const places(b, c.tensor("indices"), axes);
    dim_list const from = b.dims(image.x);
    dim_list plane = c.sizes("output_size"), sizes{from[0], from[1]};
    dim_list flat{from[0], from[1], b.g.dims.product(plane)};
    dim_list const given{from[0], from[1], b.g.dims.product({from.begin() + 2, from.end()})};
    sizes.insert(sizes.end(), plane.begin(), plane.end());
    value_id const scattered = b.node(
        "ScatterElements", {b.full(flat, 0, b.type(image.x)), b.reshape(places.x, given), b.reshape(image.x, given)},
        {{"axis", std::int64_t{2}}}, b.type(image.x), flat);
    return {image.back(b, b.reshape(scattered, sizes))};
  };
}

inline void add_pooling(lowering_table& table) {
  table.add({"aten::max_pool1d"}, max_pool(1, false));
  table.add({"aten::max_pool2d", "aten::mkldnn_max_pool2d"}, max_pool(2, false));
  table.add({"aten::max_pool3d", "aten::mkldnn_max_pool3d"}, max_pool(3, false));
  table.add({"aten::max_pool1d_with_indices"}, max_pool(1, true));
  table.add({"aten::max_pool2d_with_indices"}, max_pool(2, true));
  table.add({"aten::max_pool3d_with_indices"}, max_pool(3, true));
  table.add({"aten::avg_pool1d"}, average_pool(1));
  table.add({"aten::avg_pool2d"}, average_pool(2));
  table.add({"aten::avg_pool3d"}, average_pool(3));
  table.add({"aten::max_unpool2d"}, max_unpool(2));
  table.add({"aten::max_unpool3d"}, max_unpool(3));
}

}  // namespace constexport::lower
