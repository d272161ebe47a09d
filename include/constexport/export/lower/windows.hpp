/// export/lower/windows.hpp: windows that slide over an image: how many there are, where they lie, their elements.
///
/// Room: export/lower. Includes call.hpp. Convolutions, pools and patches share it. An image has a batch axis, a
/// channel axis and one to three spatial axes, which begin at axis 2.
#pragma once

#include <constexport/export/call.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace constexport::lower {

using integer_list = std::vector<std::int64_t>;

/// One number per spatial axis; LibTorch allows one for all.
inline integer_list per_axis(integer_list numbers, std::size_t axes, std::int64_t otherwise) {
  if (numbers.empty()) numbers.push_back(otherwise);
  if (numbers.size() == 1) numbers.resize(axes, numbers[0]);
  return numbers;
}

inline integer_list joined(integer_list first, integer_list const& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Elements from the first to the last that a window touches.
inline std::int64_t extent(std::int64_t kernel, std::int64_t dilation) { return dilation * (kernel - 1) + 1; }

/// floor((size + padding on both sides - extent) / stride) + 1.
inline dim window_count(builder& b, dim size, std::int64_t kernel, std::int64_t padding, std::int64_t stride,
                        std::int64_t dilation) {
  return b.g.dims.add(b.g.dims.floor_divide(b.g.dims.add(size, padding - extent(kernel, dilation)), stride), 1);
}

/// 0, 1, ..., count - 1.
inline value_id positions(builder& b, dim count) {
  if (b.g.dims.is_number(count)) return b.g.constant(at::arange(b.g.dims.value(count), at::kLong));
  return b.node("Range", {b.scalar(0, dtype::int64), b.size_scalar(count), b.scalar(1, dtype::int64)}, {}, dtype::int64,
                {count});
}

/// Index of every element of every window, along one axis: int64 [kernel, count], or [count, kernel].
inline value_id window_positions(builder& b, dim count, std::int64_t kernel, std::int64_t stride, std::int64_t dilation,
                                 bool windows_first = false) {
  at::Tensor const within =
      at::mul(at::arange(kernel, at::kLong), at::Scalar(dilation)).unsqueeze(windows_first ? 0 : 1);
  if (b.g.dims.is_number(count)) {
    at::Tensor const starts = at::mul(at::arange(b.g.dims.value(count), at::kLong), at::Scalar(stride));
    return b.g.constant(at::add(starts.unsqueeze(windows_first ? 1 : 0), within));
  }
  value_id starts = positions(b, count);
  if (stride != 1) starts = b.broadcast("Mul", {starts, b.scalar(stride, dtype::int64)});
  if (windows_first) starts = b.unsqueeze(starts, {1});
  return b.broadcast("Add", {starts, b.g.constant(within)});
}

/// An image without its batch axis gets one.
struct batched {
  value_id x;
  bool single;

  batched(builder& b, value_id given, std::size_t axes)
      : x(given), single(b.rank(given) == static_cast<std::int64_t>(axes) + 1) {
    if (single) x = b.unsqueeze(x, {0});
  }
  value_id back(builder& b, value_id y) const { return single ? b.squeeze(y, {0}) : y; }
};

inline std::size_t spatial_axes(builder& b, value_id image) { return b.dims(image).size() - 2; }

/// `image` with `number` around it; from opset 18 on the Pad may name its axes.
inline value_id padded(builder& b, value_id image, integer_list const& before, integer_list const& after,
                       at::Scalar const& number, bool names_axes = false) {
  auto const none = [](integer_list const& list) {
    return std::all_of(list.begin(), list.end(), [](std::int64_t each) { return each == 0; });
  };
  if (none(before) && none(after)) return image;
  dim_list sizes = b.dims(image);
  for (std::size_t i = 0; i < before.size(); ++i) sizes[2 + i] = b.g.dims.add(sizes[2 + i], before[i] + after[i]);
  integer_list const pads = names_axes ? joined(before, after) : joined(joined({0, 0}, before), joined({0, 0}, after));
  value_list inputs{image, b.g.integers(pads), b.scalar(number, b.type(image))};
  if (names_axes) {
    integer_list axes(before.size());
    std::iota(axes.begin(), axes.end(), 2);
    inputs.push_back(b.g.integers(axes));
  }
  return b.node("Pad", std::move(inputs), {}, b.type(image), sizes);
}

/// The elements of all windows: [batch, channels, kernel, windows, kernel, windows, ...].
inline value_id windows_of(builder& b, value_id image, integer_list const& kernel, integer_list const& stride,
                           integer_list const& dilation) {
  std::size_t const axes = spatial_axes(b, image);
  for (std::size_t i = 0; i < axes; ++i) {
    auto const axis = static_cast<std::int64_t>(2 + 2 * i);
    dim const count = window_count(b, b.dim_of(image, axis), kernel[i], 0, stride[i], dilation[i]);
    image = b.gather(image, window_positions(b, count, kernel[i], stride[i], dilation[i]), axis);
  }
  return image;
}

/// [batch, channels, kernel, windows, kernel, windows, ...] as [batch, channels, kernel, kernel, ..., windows, ...].
inline value_id kernels_first(builder& b, value_id windows) {
  integer_list order{0, 1};
  for (std::int64_t first : {2, 3})
    for (std::int64_t axis = first; axis < b.rank(windows); axis += 2) order.push_back(axis);
  return b.transpose(windows, order);
}

/// The product of one axis with a matrix [new size, size of the axis].
inline value_id product_along(builder& b, value_id x, std::int64_t axis, value_id matrix) {
  std::int64_t const rank = b.rank(x);
  if (axis == rank - 1) return b.matmul(x, b.swap(matrix, 0, 1));
  if (axis == rank - 2) return b.matmul(matrix, x);
  auto const at = static_cast<std::ptrdiff_t>(axis);
  dim_list sizes = b.dims(x), flat(sizes.begin(), sizes.begin() + at + 1);
  flat.push_back(b.g.dims.product({sizes.begin() + at + 1, sizes.end()}));
  sizes[static_cast<std::size_t>(axis)] = b.dims(matrix)[0];
  return b.reshape(b.matmul(matrix, b.reshape(x, flat)), sizes);
}

/// Does ONNX Runtime have the floating-point kernels of images (Conv, AveragePool, Resize, Col2Im) for this type?
inline bool has_image_kernels(dtype type) { return is_floating(type) && type != dtype::float64; }

}  // namespace constexport::lower
