/// export/lower/convolution.hpp: convolutions and pooling.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/call.hpp>

#include <cstdint>
#include <vector>

namespace constexport::lower {

/// One number per spatial axis; LibTorch allows one for all.
inline std::vector<std::int64_t> per_axis(std::vector<std::int64_t> numbers, std::size_t axes, std::int64_t otherwise) {
  if (numbers.empty()) numbers.push_back(otherwise);
  if (numbers.size() == 1) numbers.resize(axes, numbers[0]);
  return numbers;
}

inline std::vector<std::int64_t> both_sides(std::vector<std::int64_t> const& padding) {
  std::vector<std::int64_t> result = padding;
  result.insert(result.end(), padding.begin(), padding.end());
  return result;
}

/// floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.
inline dim window_count(builder& b, dim size, std::int64_t kernel, std::int64_t padding, std::int64_t stride,
                        std::int64_t dilation) {
  return b.g.dims.add(b.g.dims.floor_divide(b.g.dims.add(size, 2 * padding - dilation * (kernel - 1) - 1), stride), 1);
}

inline value_list convolution(call& c, builder& b) {
  if (c.has("transposed") && c.flag("transposed")) c.decline("transposed convolutions are not lowered");
  if (c.has("padding") && c.is_text("padding")) c.decline("the padding is given by a word");
  value_id x = c.tensor("input");
  value_id const weight = c.tensor("weight"), bias = c.optional_tensor("bias");
  std::size_t const axes = b.dims(weight).size() - 2;
  bool const single = b.dims(x).size() == axes + 1;
  if (single) x = b.unsqueeze(x, {0});
  auto const stride = per_axis(c.integers("stride"), axes, 1), padding = per_axis(c.integers("padding"), axes, 0),
             dilation = per_axis(c.integers("dilation"), axes, 1);
  std::vector<std::int64_t> kernel;
  dim_list sizes{b.dims(x)[0], b.dims(weight)[0]};
  for (std::size_t i = 0; i < axes; ++i) {
    dim const width = b.dims(weight)[2 + i];
    if (!b.g.dims.is_number(width)) c.decline("the kernel's size is dynamic");
    kernel.push_back(b.g.dims.value(width));
    sizes.push_back(window_count(b, b.dims(x)[2 + i], kernel[i], padding[i], stride[i], dilation[i]));
  }
  value_list inputs{x, weight};
  if (bias != no_value) inputs.push_back(bias);
  value_id const y = b.node("Conv", inputs,
                            {{"dilations", dilation},
                             {"group", c.integer("groups")},
                             {"kernel_shape", kernel},
                             {"pads", both_sides(padding)},
                             {"strides", stride}},
                            b.type(x), sizes);
  return {single ? b.squeeze(y, {0}) : y};
}

/// MaxPool or AveragePool over `axes` spatial axes.
inline lowering pool(char const* op, std::size_t axes) {
  return [op, axes](call& c, builder& b) -> value_list {
    if (c.flag("ceil_mode")) c.decline("window counts that are rounded up are not lowered");
    if (!c.is_none("divisor_override")) c.decline("a divisor of its own has no ONNX counterpart");
    value_id x = c.tensor("self");
    bool const single = b.dims(x).size() == axes + 1;
    if (single) x = b.unsqueeze(x, {0});
    auto const kernel = per_axis(c.integers("kernel_size"), axes, 1),
               padding = per_axis(c.integers("padding"), axes, 0),
               dilation = per_axis(c.has("dilation") ? c.integers("dilation") : std::vector<std::int64_t>{}, axes, 1);
    auto stride = c.integers("stride");
    stride = stride.empty() ? kernel : per_axis(stride, axes, 1);
    dim_list sizes{b.dims(x)[0], b.dims(x)[1]};
    for (std::size_t i = 0; i < axes; ++i)
      sizes.push_back(window_count(b, b.dims(x)[2 + i], kernel[i], padding[i], stride[i], dilation[i]));
    std::vector<attribute> attributes{{"kernel_shape", kernel}, {"pads", both_sides(padding)}, {"strides", stride}};
    if (c.has("count_include_pad"))
      attributes.push_back({"count_include_pad", std::int64_t{c.flag("count_include_pad") ? 1 : 0}});
    else
      attributes.push_back({"dilations", dilation});
    value_id const y = b.node(op, {x}, attributes, b.type(x), sizes);
    return {single ? b.squeeze(y, {0}) : y};
  };
}

/// The mean over all of the image; other output sizes need windows of different sizes.
inline lowering adaptive_mean(std::size_t axes) {
  return [axes](call& c, builder& b) -> value_list {
    value_id const x = c.tensor("self");
    std::vector<std::int64_t> over;
    for (std::int64_t const size : c.integers("output_size"))
      if (size != 1) c.decline("output sizes other than 1 are not lowered");
    for (std::size_t i = 0; i < axes; ++i) over.push_back(b.rank(x) - static_cast<std::int64_t>(i) - 1);
    return {b.reduce("ReduceMean", x, over, true)};
  };
}

inline void add_convolution(lowering_table& table) {
  table.add({"aten::conv1d", "aten::conv2d", "aten::conv3d", "aten::convolution", "aten::_convolution"}, convolution);
  table.add({"aten::max_pool1d"}, pool("MaxPool", 1));
  table.add({"aten::max_pool2d"}, pool("MaxPool", 2));
  table.add({"aten::avg_pool1d"}, pool("AveragePool", 1));
  table.add({"aten::avg_pool2d"}, pool("AveragePool", 2));
  table.add({"aten::adaptive_avg_pool1d"}, adaptive_mean(1));
  table.add({"aten::adaptive_avg_pool2d"}, adaptive_mean(2));
}

}  // namespace constexport::lower
