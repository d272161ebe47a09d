/// export/lower/normalisation.hpp: layer, root-mean-square, group, instance, batch and weight normalisation.
///
/// Room: export/lower. Includes call.hpp. transformer.hpp uses the first of them, lower.hpp collects the families.
/// Where ONNX has no node, or ONNX Runtime no kernel for float64, they are composed.
#pragma once

#include <constexport/export/lowering_table.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace constexport::lower {

/// (x - mean) / sqrt(variance + eps) over some axes.
struct normalised {
  value_id x = no_value;
  value_id mean = no_value, inverse_deviation = no_value;  ///< with the axes kept, of size 1
};
inline normalised normalise(builder& b, value_id x, std::vector<std::int64_t> const& axes, double eps) {
  normalised result;
  result.mean = b.reduce("ReduceMean", x, axes, true);
  value_id const apart = b.broadcast("Sub", {x, result.mean});
  value_id const variance = b.reduce("ReduceMean", b.broadcast("Mul", {apart, apart}), axes, true);
  value_id const deviation = b.unary("Sqrt", b.broadcast("Add", {variance, b.scalar(eps, b.type(x))}));
  result.inverse_deviation = b.unary("Reciprocal", deviation);
  result.x = b.broadcast("Div", {apart, deviation});
  return result;
}

/// x * weight + bias, one number for each channel; either may be missing.
inline value_id scale_channels(builder& b, value_id x, value_id weight, value_id bias) {
  std::vector<std::int64_t> after;
  for (std::int64_t i = 2; i < b.rank(x); ++i) after.push_back(i - 1);
  auto const spread = [&](value_id each) { return b.cast(b.unsqueeze(each, after), b.type(x)); };
  if (weight != no_value) x = b.broadcast("Mul", {x, spread(weight)});
  return bias == no_value ? x : b.broadcast("Add", {x, spread(bias)});
}

inline bool has_float_kernels(dtype type) { return type == dtype::float32 || type == dtype::float16; }

/// Over the last dimensions from `axis` on (Ba et al. 2016, arXiv 1607.06450), with mean and 1 / standard deviation.
inline value_list layer_norm_node(builder& b, value_id x, value_id weight, value_id bias, std::int64_t axis,
                                  double eps) {
  dim_list const sizes = b.dims(x);
  dim_list const shape(sizes.begin() + axis, sizes.end());
  dim_list statistics = sizes;
  std::fill(statistics.begin() + axis, statistics.end(), b.g.dims.number(1));
  dtype const type = b.type(x);
  value_list inputs{x, weight == no_value ? b.full(shape, 1, type) : b.cast(weight, type)};
  if (bias != no_value) inputs.push_back(b.cast(bias, type));
  return b.g.node("LayerNormalization", std::move(inputs), {{"axis", axis - b.rank(x)}, {"epsilon", eps}},
                  {{type, sizes}, {dtype::float32, statistics}, {dtype::float32, statistics}});
}

inline std::int64_t first_normalised_axis(call& c, builder& b) {
  return b.rank(c.tensor("input")) - static_cast<std::int64_t>(c.sizes("normalized_shape").size());
}

inline value_list layer_norm(call& c, builder& b) {
  value_id const x = c.tensor("input");
  value_list made = layer_norm_node(b, x, c.optional_tensor("weight"), c.optional_tensor("bias"),
                                    first_normalised_axis(c, b), c.real("eps"));
  if (c.result_count() == 1) return {made[0]};
  return {made[0], b.cast(made[1], c.result_type(1)), b.cast(made[2], c.result_type(2))};
}

/// x / sqrt(mean(x^2) + eps) * weight (Zhang and Sennrich 2019, arXiv 1910.07467).
inline value_list rms_norm(call& c, builder& b) {
  value_id const x = c.tensor("input"), weight = c.optional_tensor("weight");
  std::int64_t const first = first_normalised_axis(c, b);
  dtype const type = b.type(x), result = c.result_type();
  // Half precision is computed in float32, and that decides which number is the smallest that counts.
  dtype const inner = type == dtype::float64 ? type : dtype::float32;
  double const eps = !c.is_none("eps")         ? c.real("eps")
                     : type == dtype::float64  ? std::numeric_limits<double>::epsilon()
                     : type == dtype::float16  ? 0x1p-10
                     : type == dtype::bfloat16 ? 0x1p-7
                                               : static_cast<double>(std::numeric_limits<float>::epsilon());
  bool const only_output = c.result_count() == 1;
  if (b.g.opset >= 23 && type == dtype::float32 && only_output && first < b.rank(x)) {
    dim_list const sizes = b.dims(x);
    value_id const scale =
        weight == no_value ? b.full(dim_list(sizes.begin() + first, sizes.end()), 1, type) : b.cast(weight, type);
    return {b.node("RMSNormalization", {x, scale}, {{"axis", first - b.rank(x)}, {"epsilon", eps}}, type, sizes)};
  }
  std::vector<std::int64_t> axes;
  for (std::int64_t i = first; i < b.rank(x); ++i) axes.push_back(i);
  value_id const wide = b.cast(x, inner);
  // With Pow, ONNX Runtime makes one node of all this; 1.21 forgets the eps of a float64 one.
  value_id const square =
      inner == dtype::float64 ? b.broadcast("Mul", {wide, wide}) : b.broadcast("Pow", {wide, b.scalar(2, inner)});
  value_id const squares = b.reduce("ReduceMean", square, axes, true);
  value_id const root = b.unary("Sqrt", b.broadcast("Add", {squares, b.scalar(eps, inner)}));
  value_id made = b.broadcast("Div", {wide, root});
  if (weight != no_value) made = b.broadcast("Mul", {made, b.cast(weight, inner)});
  if (only_output) return {b.cast(made, result)};
  return {b.cast(made, result), b.cast(b.unary("Reciprocal", root), c.result_type(1))};
}

/// Each channel of each element of the batch by itself (Ulyanov et al. 2016, arXiv 1607.08022).
inline value_id instance_norm_node(builder& b, value_id x, value_id weight, value_id bias, double eps) {
  dtype const type = b.type(x);
  if (b.rank(x) < 3 || !has_float_kernels(type)) {
    std::vector<std::int64_t> axes;
    for (std::int64_t i = 2; i < b.rank(x); ++i) axes.push_back(i);
    return scale_channels(b, normalise(b, x, axes, eps).x, weight, bias);
  }
  dim_list const channels{b.dims(x)[1]};
  value_id const scale = weight == no_value ? b.full(channels, 1, type) : b.cast(weight, type);
  value_id const shift = bias == no_value ? b.full(channels, 0, type) : b.cast(bias, type);
  return b.node("InstanceNormalization", {x, scale, shift}, {{"epsilon", eps}}, type, b.dims(x));
}

/// Channels in groups (Wu and He 2018, arXiv 1803.08494); `native_group_norm` gives mean and 1 / deviation too.
inline value_list group_norm(call& c, builder& b) {
  bool const native = c.has("group");
  value_id const x = c.tensor("input"), weight = c.optional_tensor("weight"), bias = c.optional_tensor("bias");
  std::int64_t const groups = c.integer(native ? "group" : "num_groups");
  double const eps = c.real("eps");
  dtype const type = b.type(x);
  dim_list const sizes = b.dims(x), channels{sizes[1]};
  dim_list folded{sizes[0], b.g.dims.number(groups), b.g.dims.floor_divide(b.g.dims.product(sizes), groups)};
  folded[2] = b.g.dims.floor_divide(sizes[1], groups);
  for (std::size_t i = 2; i < sizes.size(); ++i) folded[2] = b.g.dims.multiply(folded[2], sizes[i]);
  value_list results;
  if (b.g.dims.is_number(sizes[1], groups) && b.rank(x) > 2) {
    results = {instance_norm_node(b, x, weight, bias, eps)};
  } else if (b.g.opset >= 21 && has_float_kernels(type)) {
    value_id const scale = weight == no_value ? b.full(channels, 1, type) : b.cast(weight, type);
    value_id const shift = bias == no_value ? b.full(channels, 0, type) : b.cast(bias, type);
    results = {
        b.node("GroupNormalization", {x, scale, shift}, {{"num_groups", groups}, {"epsilon", eps}}, type, sizes)};
  } else {
    value_id const each = instance_norm_node(b, b.reshape(x, folded), no_value, no_value, eps);
    results = {scale_channels(b, b.reshape(each, sizes), weight, bias)};
  }
  if (!native) return results;
  normalised const statistics = normalise(b, b.reshape(x, folded), {2}, eps);
  results.push_back(b.cast(b.squeeze(statistics.mean, {2}), c.result_type(1)));
  results.push_back(b.cast(b.squeeze(statistics.inverse_deviation, {2}), c.result_type(2)));
  return results;
}

/// With the running statistics (Ioffe and Szegedy 2015, arXiv 1502.03167).
inline value_id batch_norm_node(builder& b, value_id x, value_id weight, value_id bias, value_id mean,
                                value_id variance, double eps) {
  dtype const type = b.type(x);
  dim_list const channels{b.dims(x)[1]};
  value_id const scale = weight == no_value ? b.full(channels, 1, type) : b.cast(weight, type);
  value_id const shift = bias == no_value ? b.full(channels, 0, type) : b.cast(bias, type);
  return b.node("BatchNormalization", {x, scale, shift, b.cast(mean, type), b.cast(variance, type)}, {{"epsilon", eps}},
                type, b.dims(x));
}

[[noreturn]] inline void refuse_training(call const& c) {
  throw module_error(c.name() + " (" + c.where() +
                     ") computes statistics of the batch: call the module's eval() first.");
}

/// All forms of it; the native ones have more results. A layer that keeps no running statistics takes those of the
/// batch in evaluation too.
inline value_list batch_norm(call& c, builder& b) {
  value_id const x = c.tensor("input"), weight = c.optional_tensor("weight"), bias = c.optional_tensor("bias");
  value_id const mean = c.optional_tensor("running_mean"), variance = c.optional_tensor("running_var");
  double const eps = c.real("eps");
  value_list results;
  if (c.has("training") && c.flag("training")) {
    if (mean != no_value || variance != no_value) refuse_training(c);
    std::vector<std::int64_t> axes{0};
    for (std::int64_t i = 2; i < b.rank(x); ++i) axes.push_back(i);
    normalised const made = normalise(b, x, axes, eps);
    results.push_back(scale_channels(b, made.x, weight, bias));
    for (value_id const each : {made.mean, made.inverse_deviation})
      if (results.size() < c.result_count())
        results.push_back(b.cast(b.squeeze(each, axes), c.result_type(results.size())));
  } else {
    if (mean == no_value || variance == no_value) c.decline("there are no running statistics");
    results.push_back(batch_norm_node(b, x, weight, bias, mean, variance, eps));
  }
  // Statistics of the batch are empty in evaluation; running ones come out as they went in.
  while (results.size() < c.result_count()) {
    std::size_t const index = results.size();
    if (index == 3 && c.result_count() == 5)
      results.push_back(mean);
    else if (index == 4)
      results.push_back(variance);
    else
      results.push_back(b.g.constant(at::empty({0}, c.result(index).options())));
  }
  return results;
}

inline value_list instance_norm(call& c, builder& b) {
  value_id const x = c.tensor("input"), weight = c.optional_tensor("weight"), bias = c.optional_tensor("bias");
  value_id const mean = c.optional_tensor("running_mean"), variance = c.optional_tensor("running_var");
  double const eps = c.real("eps");
  if (!c.flag("use_input_stats")) return {batch_norm_node(b, x, weight, bias, mean, variance, eps)};
  if (mean != no_value || variance != no_value) refuse_training(c);
  return {instance_norm_node(b, x, weight, bias, eps)};
}

/// v * g / |v|, the norm over all axes but one (Salimans and Kingma 2016, arXiv 1602.07868), and that norm on request.
inline value_list weight_norm(call& c, builder& b) {
  value_id const v = c.tensor("v"), g = c.tensor("g");
  std::int64_t const kept = c.integer("dim");
  std::vector<std::int64_t> axes;
  for (std::int64_t i = 0; i < b.rank(v); ++i)
    if (i != kept) axes.push_back(i);
  value_id const norm = b.reduce("ReduceL2", v, axes, true);
  value_list results{b.broadcast("Mul", {v, b.broadcast("Div", {g, norm})})};
  if (c.result_count() > 1) results.push_back(b.cast(b.reshape(norm, b.dims(g)), c.result_type(1)));
  return results;
}

inline void add_normalisation(lowering_table& table) {
  table.add({"aten::layer_norm", "aten::native_layer_norm"}, layer_norm);
  table.add({"aten::rms_norm", "aten::_fused_rms_norm"}, rms_norm);
  table.add({"aten::group_norm", "aten::native_group_norm"}, group_norm);
  table.add({"aten::batch_norm", "aten::native_batch_norm", "aten::_native_batch_norm_legit",
             "aten::_native_batch_norm_legit_functional", "aten::_native_batch_norm_legit_no_training",
             "aten::_batch_norm_no_update"},
            batch_norm);
  table.add({"aten::instance_norm"}, instance_norm);
  table.add({"aten::_weight_norm", "aten::_weight_norm_interface"}, weight_norm);
}

}  // namespace constexport::lower
