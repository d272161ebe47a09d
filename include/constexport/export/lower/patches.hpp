/// export/lower/patches.hpp: windows as columns and back, channels as pixels and back, channels dealt round.
///
/// Room: export/lower. Includes windows.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/lower/windows.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <vector>

namespace constexport::lower {

/// [batch, channels * kernel, windows].
inline value_list im2col(call& c, builder& b) {
  batched const image(b, c.tensor("self"), 2);
  integer_list const kernel = per_axis(c.integers("kernel_size"), 2, 1), stride = per_axis(c.integers("stride"), 2, 1),
                     dilation = per_axis(c.integers("dilation"), 2, 1), padding = per_axis(c.integers("padding"), 2, 0);
  value_id const x = padded(b, image.x, padding, padding, 0);
  value_id const elements = kernels_first(b, windows_of(b, x, kernel, stride, dilation));
  dim_list const sizes = b.dims(elements);
  dim const columns = b.g.dims.multiply(sizes[1], kernel[0] * kernel[1]);
  return {image.back(b, b.reshape(elements, {sizes[0], columns, b.g.dims.multiply(sizes[4], sizes[5])}))};
}

/// [size, kernel * windows] as numbers of the type: 1 where an element of a window lies.
inline value_id window_matrix(builder& b, dim size, dim count, std::int64_t kernel, std::int64_t stride,
                              std::int64_t dilation, std::int64_t padding, dtype type) {
  value_id const places = window_positions(b, count, kernel, stride, dilation);
  if (b.g.is_constant(places) && b.g.dims.is_number(size)) {
    at::Tensor const rows = at::arange(padding, padding + b.g.dims.value(size), at::kLong).unsqueeze(1);
    return b.g.constant(at::eq(rows, b.g[places].data.reshape({1, -1})).to(to_scalar_type(type)));
  }
  value_id rows = positions(b, size);
  if (padding != 0) rows = b.broadcast("Add", {rows, b.scalar(padding, dtype::int64)});
  value_id const columns = b.reshape(places, {b.g.dims.multiply(count, kernel)});
  return b.cast(b.broadcast("Equal", {b.unsqueeze(rows, {1}), columns}, dtype::boolean), type);
}

/// The sum, in every pixel, of what the windows over it say.
inline value_list col2im(call& c, builder& b) {
  value_id x = c.tensor("self");
  bool const single = b.rank(x) == 2;
  if (single) x = b.unsqueeze(x, {0});
  dtype const type = b.type(x);
  if (!is_floating(type)) c.decline("ONNX Runtime adds up windows of floating-point numbers only");
  dim_list const plane = c.sizes("output_size"), from = b.dims(x);
  integer_list const kernel = per_axis(c.integers("kernel_size"), 2, 1), stride = per_axis(c.integers("stride"), 2, 1),
                     dilation = per_axis(c.integers("dilation"), 2, 1), padding = per_axis(c.integers("padding"), 2, 0);
  dim const channels = b.g.dims.floor_divide(from[1], kernel[0] * kernel[1]);
  dim_list const sizes{from[0], channels, plane[0], plane[1]};
  value_id y = no_value;
  if (b.g.opset >= 18 && has_image_kernels(type)) {
    y = b.node("Col2Im", {x, b.shape_tensor(plane), b.g.integers(kernel)},
               {{"dilations", dilation}, {"pads", joined(padding, padding)}, {"strides", stride}}, type, sizes);
  } else {
    dim_list counts;
    for (std::size_t i = 0; i < 2; ++i)
      counts.push_back(window_count(b, plane[i], kernel[i], 2 * padding[i], stride[i], dilation[i]));
    dim const rows = b.g.dims.number(kernel[0]), columns = b.g.dims.number(kernel[1]);
    y = b.transpose(b.reshape(x, {from[0], channels, rows, columns, counts[0], counts[1]}), {0, 1, 2, 4, 3, 5});
    y = b.reshape(
        y, {from[0], channels, b.g.dims.multiply(counts[0], kernel[0]), b.g.dims.multiply(counts[1], kernel[1])});
    for (std::size_t i = 0; i < 2; ++i)
      y = product_along(b, y, static_cast<std::int64_t>(2 + i),
                        window_matrix(b, plane[i], counts[i], kernel[i], stride[i], dilation[i], padding[i], type));
  }
  return {single ? b.squeeze(y, {0}) : y};
}

/// `x` with its last axes (channels, height, width) cut into `parts`, in another order, and put together as `to`.
inline value_id dealt(builder& b, value_id x, dim_list const& parts, integer_list const& order, dim_list const& to) {
  dim_list const sizes = b.dims(x);
  dim_list cut(sizes.begin(), sizes.end() - 3), whole = cut;
  auto const leading = static_cast<std::int64_t>(cut.size());
  integer_list all;
  for (std::int64_t i = 0; i < leading; ++i) all.push_back(i);
  for (std::int64_t const each : order) all.push_back(leading + each);
  cut.insert(cut.end(), parts.begin(), parts.end());
  whole.insert(whole.end(), to.begin(), to.end());
  return b.reshape(b.transpose(b.reshape(x, cut), all), whole);
}

inline value_list pixel_shuffle(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const by = c.integer("upscale_factor");
  dim const channels = b.g.dims.floor_divide(b.dim_of(x, -3), by * by), height = b.dim_of(x, -2),
            width = b.dim_of(x, -1), factor = b.g.dims.number(by);
  dim_list const to{channels, b.g.dims.multiply(height, by), b.g.dims.multiply(width, by)};
  if (b.rank(x) == 4 && is_floating(b.type(x)))
    return {b.node("DepthToSpace", {x}, {{"blocksize", by}, {"mode", std::string("CRD")}}, b.type(x),
                   {b.dims(x)[0], to[0], to[1], to[2]})};
  return {dealt(b, x, {channels, factor, factor, height, width}, {0, 3, 1, 4, 2}, to)};
}

/// ONNX's SpaceToDepth has the channels last among what becomes channels, LibTorch first.
inline value_list pixel_unshuffle(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const by = c.integer("downscale_factor");
  dim const channels = b.dim_of(x, -3), factor = b.g.dims.number(by);
  dim const height = b.g.dims.floor_divide(b.dim_of(x, -2), by), width = b.g.dims.floor_divide(b.dim_of(x, -1), by);
  dim_list const to{b.g.dims.multiply(channels, by * by), height, width};
  if (b.rank(x) == 4 && b.g.dims.is_number(channels, 1) && is_floating(b.type(x)))
    return {b.node("SpaceToDepth", {x}, {{"blocksize", by}}, b.type(x), {b.dims(x)[0], to[0], to[1], to[2]})};
  return {dealt(b, x, {channels, height, factor, width, factor}, {0, 2, 4, 1, 3}, to)};
}

inline value_list channel_shuffle(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::int64_t const groups = c.integer("groups");
  dim_list const sizes = b.dims(x);
  dim_list cut = sizes;
  cut[1] = b.g.dims.floor_divide(sizes[1], groups);
  cut.insert(cut.begin() + 1, b.g.dims.number(groups));
  return {b.reshape(b.swap(b.reshape(x, cut), 1, 2), sizes)};
}

inline void add_patches(lowering_table& table) {
  table.add({"aten::im2col"}, im2col);
  table.add({"aten::col2im"}, col2im);
  table.add({"aten::pixel_shuffle"}, pixel_shuffle);
  table.add({"aten::pixel_unshuffle"}, pixel_unshuffle);
  table.add({"aten::channel_shuffle", "aten::native_channel_shuffle"}, channel_shuffle);
}

}  // namespace constexport::lower
