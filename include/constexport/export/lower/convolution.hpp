/// export/lower/convolution.hpp: convolutions and transposed convolutions, over one to three axes.
///
/// Room: export/lower. Includes windows.hpp. lower.hpp collects the families. For types that ONNX's Conv does not have,
/// or ONNX Runtime does not (integers, float64), a convolution is a product of matrices over the elements of its
/// windows.
#pragma once

#include <constexport/export/lower/windows.hpp>
#include <constexport/export/lowering_table.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// What a convolution is, beside its tensors.
struct convolution_form {
  integer_list kernel, stride, dilation, before, after, output_padding;
  std::int64_t groups = 1;
};

/// Where LibTorch puts the padding that `padding="same"` means: what is odd goes behind.
inline void pad_same(convolution_form& form) {
  for (std::size_t i = 0; i < form.kernel.size(); ++i) {
    std::int64_t const total = extent(form.kernel[i], form.dilation[i]) - 1;
    form.before[i] = total / 2;
    form.after[i] = total - total / 2;
  }
}

/// A bias, one number per channel, so that it adds to an image.
inline value_id channel_bias(builder& b, value_id bias, std::size_t axes) {
  integer_list over(axes);
  for (std::size_t i = 0; i < axes; ++i) over[i] = static_cast<std::int64_t>(i) + 1;
  return b.unsqueeze(bias, over);
}

inline value_id add_channel_bias(builder& b, value_id y, value_id bias) {
  return bias == no_value ? y : b.broadcast("Add", {y, channel_bias(b, bias, spatial_axes(b, y))});
}

/// The product of every window of `x` with `weight` [groups, channels out of a group, channels in it * kernel].
inline value_id product_of_windows(builder& b, value_id x, value_id weight, convolution_form const& form) {
  std::size_t const axes = form.kernel.size();
  x = padded(b, x, form.before, form.after, 0);
  value_id const elements = kernels_first(b, windows_of(b, x, form.kernel, form.stride, form.dilation));
  dim_list const sizes = b.dims(elements);
  dim_list const counts(sizes.begin() + 2 + static_cast<std::ptrdiff_t>(axes), sizes.end());
  dim const groups = b.g.dims.number(form.groups);
  value_id y = b.matmul(weight, b.reshape(elements, {sizes[0], groups, b.dims(weight)[2], b.g.dims.product(counts)}));
  dim_list result{sizes[0], b.g.dims.multiply(b.dims(weight)[1], form.groups)};
  result.insert(result.end(), counts.begin(), counts.end());
  return b.reshape(y, result);
}

/// The elements of a kernel as one axis.
inline dim kernel_size(builder& b, convolution_form const& form) {
  std::int64_t count = 1;
  for (std::int64_t const each : form.kernel) count *= each;
  return b.g.dims.number(count);
}

inline value_id plain_convolution(builder& b, value_id x, value_id weight, value_id bias,
                                  convolution_form const& form) {
  std::size_t const axes = form.kernel.size();
  dim_list const from = b.dims(x), shape = b.dims(weight);
  if (!has_image_kernels(b.type(x))) {
    dim const groups = b.g.dims.number(form.groups);
    value_id const matrix = b.reshape(weight, {groups, b.g.dims.floor_divide(shape[0], form.groups),
                                               b.g.dims.multiply(shape[1], kernel_size(b, form))});
    return add_channel_bias(b, product_of_windows(b, x, matrix, form), bias);
  }
  dim_list sizes{from[0], shape[0]};
  for (std::size_t i = 0; i < axes; ++i)
    sizes.push_back(
        window_count(b, from[2 + i], form.kernel[i], form.before[i] + form.after[i], form.stride[i], form.dilation[i]));
  value_list inputs{x, weight};
  if (bias != no_value) inputs.push_back(bias);
  return b.node("Conv", inputs,
                {{"dilations", form.dilation},
                 {"group", form.groups},
                 {"kernel_shape", form.kernel},
                 {"pads", joined(form.before, form.after)},
                 {"strides", form.stride}},
                b.type(x), sizes);
}

/// `count` zeros between neighbours and after the last one, along one axis.
inline value_id spread_apart(builder& b, value_id x, std::size_t axis, std::int64_t count) {
  if (count == 0) return x;
  dim_list sizes = b.dims(x);
  x = b.unsqueeze(x, {static_cast<std::int64_t>(axis) + 1});
  integer_list pads(2 * b.dims(x).size());
  pads[b.dims(x).size() + axis + 1] = count;
  dim_list wide = b.dims(x);
  wide[axis + 1] = b.g.dims.number(count + 1);
  x = b.node("Pad", {x, b.g.integers(pads), b.scalar(0, b.type(x))}, {}, b.type(x), wide);
  sizes[axis] = b.g.dims.multiply(sizes[axis], count + 1);
  return b.reshape(x, sizes);
}

/// A transposed convolution as a convolution: of the input with zeros in between, with the kernel turned round.
inline value_id transposed_by_windows(builder& b, value_id x, value_id weight, convolution_form form) {
  std::size_t const axes = form.kernel.size();
  dim_list const shape = b.dims(weight);
  for (std::size_t i = 0; i < axes; ++i) {
    x = spread_apart(b, x, 2 + i, form.stride[i] - 1);
    std::int64_t const reach = extent(form.kernel[i], form.dilation[i]) - 1;
    form.before[i] = reach - form.before[i];
    form.after[i] = reach - form.after[i] + form.output_padding[i] - (form.stride[i] - 1);
    form.stride[i] = 1;
    weight = b.gather(weight, b.g.constant(at::arange(form.kernel[i] - 1, -1, -1, at::kLong)),
                      static_cast<std::int64_t>(2 + i));
  }
  dim const groups = b.g.dims.number(form.groups), inner = b.g.dims.floor_divide(shape[0], form.groups),
            kernel = kernel_size(b, form);
  value_id const by_group = b.reshape(weight, {groups, inner, shape[1], kernel});
  value_id const matrix = b.reshape(b.swap(by_group, 1, 2), {groups, shape[1], b.g.dims.multiply(inner, kernel)});
  return product_of_windows(b, x, matrix, form);
}

inline value_id transposed_convolution(builder& b, value_id x, value_id weight, value_id bias, convolution_form form) {
  std::size_t const axes = form.kernel.size();
  dim_list const from = b.dims(x), shape = b.dims(weight);
  if (!has_image_kernels(b.type(x))) return add_channel_bias(b, transposed_by_windows(b, x, weight, form), bias);
  // ONNX Runtime wants an output padding below the stride. A larger one is less cropping, and then zeros.
  integer_list missing(axes);
  for (std::size_t i = 0; i < axes; ++i) {
    if (form.output_padding[i] < form.stride[i]) continue;
    std::int64_t const uncropped = std::min(form.after[i], form.output_padding[i]);
    form.after[i] -= uncropped;
    missing[i] = form.output_padding[i] - uncropped;
    form.output_padding[i] = 0;
  }
  bool const extended = std::any_of(missing.begin(), missing.end(), [](std::int64_t each) { return each > 0; });
  dim_list sizes{from[0], b.g.dims.multiply(shape[1], form.groups)};
  for (std::size_t i = 0; i < axes; ++i)
    sizes.push_back(b.g.dims.add(
        b.g.dims.multiply(b.g.dims.add(from[2 + i], -1), form.stride[i]),
        extent(form.kernel[i], form.dilation[i]) + form.output_padding[i] - form.before[i] - form.after[i]));
  value_list inputs{x, weight};
  if (bias != no_value && !extended) inputs.push_back(bias);
  std::vector<attribute> attributes{{"dilations", form.dilation},
                                    {"group", form.groups},
                                    {"kernel_shape", form.kernel},
                                    {"pads", joined(form.before, form.after)},
                                    {"strides", form.stride}};
  if (std::any_of(form.output_padding.begin(), form.output_padding.end(), [](std::int64_t each) { return each > 0; }))
    attributes.push_back({"output_padding", form.output_padding});
  value_id const y = b.node("ConvTranspose", inputs, attributes, b.type(x), sizes);
  if (!extended) return y;
  return add_channel_bias(b, padded(b, y, integer_list(axes), missing, 0), bias);
}

/// All of LibTorch's convolutions: `transposed` is an argument of some of them and the name of others.
inline lowering convolution(bool transposed_by_name = false) {
  return [transposed_by_name](call& c, builder& b) -> value_list {
    bool const transposed = transposed_by_name || (c.has("transposed") && c.flag("transposed"));
    value_id const weight = c.tensor("weight"), bias = c.optional_tensor("bias");
    std::size_t const axes = spatial_axes(b, weight);
    batched const image(b, c.tensor(c.has("input") ? "input" : "self"), axes);
    convolution_form form;
    for (std::size_t i = 0; i < axes; ++i) {
      dim const width = b.dims(weight)[2 + i];
      if (!b.g.dims.is_number(width)) c.decline("the size of the kernel, " + b.g.dims.text(width) + ", is not fixed");
      form.kernel.push_back(b.g.dims.value(width));
    }
    form.stride = per_axis(c.integers("stride"), axes, 1);
    form.dilation = c.has("dilation") ? per_axis(c.integers("dilation"), axes, 1) : integer_list(axes, 1);
    form.groups = c.has("groups") ? c.integer("groups") : 1;
    form.output_padding =
        c.has("output_padding") ? per_axis(c.integers("output_padding"), axes, 0) : integer_list(axes);
    form.before = form.after = integer_list(axes);
    if (!c.is_text("padding"))
      form.before = form.after = per_axis(c.integers("padding"), axes, 0);
    else if (c.text("padding") == "same")
      pad_same(form);
    value_id const y = transposed ? transposed_convolution(b, image.x, weight, bias, form)
                                  : plain_convolution(b, image.x, weight, bias, form);
    return {image.back(b, y)};
  };
}

/// Over a sequence with time first, then batch, then channels.
inline value_list conv_tbc(call& c, builder& b) {
  value_id const weight = b.transpose(c.tensor("weight"), {2, 1, 0});
  dim const width = b.dims(weight)[2];
  if (!b.g.dims.is_number(width)) c.decline("the size of the kernel, " + b.g.dims.text(width) + ", is not fixed");
  integer_list const padding{c.integer("pad")};
  convolution_form const form{{b.g.dims.value(width)}, {1}, {1}, padding, padding, {0}};
  value_id const x = b.transpose(c.tensor("self"), {1, 2, 0});
  return {b.transpose(plain_convolution(b, x, weight, c.tensor("bias"), form), {2, 0, 1})};
}

inline void add_convolution(lowering_table& table) {
  table.add(
      {"aten::conv1d", "aten::conv2d", "aten::conv3d", "aten::convolution", "aten::_convolution",
       "aten::_convolution_mode", "aten::thnn_conv2d", "aten::slow_conv3d", "aten::slow_conv_dilated2d",
       "aten::slow_conv_dilated3d", "aten::_conv_depthwise2d", "aten::conv_depthwise3d", "aten::mkldnn_convolution"},
      convolution());
  table.add({"aten::conv_transpose1d", "aten::conv_transpose2d", "aten::conv_transpose3d",
             "aten::slow_conv_transpose2d", "aten::slow_conv_transpose3d"},
            convolution(true));
  table.add({"aten::conv_tbc"}, conv_tbc);
}

}  // namespace constexport::lower
