/// export/lower/normalisation.hpp: layer and batch normalisation.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/call.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace constexport::lower {

/// Over the last dimensions (Ba et al. 2016, arXiv 1607.06450), one node; the results are the normalised tensor and, of
/// `native_layer_norm`, mean and 1 / standard deviation.
inline value_list layer_norm(call& c, builder& b) {
  value_id const x = c.tensor("input");
  dim_list const shape = c.sizes("normalized_shape");
  auto const axis = b.rank(x) - static_cast<std::int64_t>(shape.size());
  value_id weight = c.optional_tensor("weight");
  value_id const bias = c.optional_tensor("bias");
  if (weight == no_value) weight = b.full(shape, 1, b.type(x));
  value_list inputs{x, weight};
  if (bias != no_value) inputs.push_back(bias);
  dim_list statistics = b.dims(x);
  for (std::size_t i = static_cast<std::size_t>(axis); i < statistics.size(); ++i) statistics[i] = b.g.dims.number(1);
  std::vector<std::pair<dtype, dim_list>> results{{b.type(x), b.dims(x)}};
  if (c.result_count() == 3) results.insert(results.end(), 2, {dtype::float32, statistics});
  return b.g.node("LayerNormalization", std::move(inputs), {{"axis", axis - b.rank(x)}, {"epsilon", c.real("eps")}},
                  std::move(results));
}

/// With the running statistics (Ioffe and Szegedy 2015, arXiv 1502.03167).
inline value_list batch_norm(call& c, builder& b) {
  if (c.flag("training"))
    throw module_error(c.name() + " (" + c.where() +
                       ") computes statistics of the batch: call the module's eval() first.");
  value_id const x = c.tensor("input");
  dim_list const channels{b.dims(x)[1]};
  value_id scale = c.optional_tensor("weight"), shift = c.optional_tensor("bias");
  if (scale == no_value) scale = b.full(channels, 1, b.type(x));
  if (shift == no_value) shift = b.full(channels, 0, b.type(x));
  value_list const inputs{x, scale, shift, c.tensor("running_mean"), c.tensor("running_var")};
  return {b.node("BatchNormalization", inputs, {{"epsilon", c.real("eps")}}, b.type(x), b.dims(x))};
}

inline void add_normalisation(lowering_table& table) {
  table.add({"aten::layer_norm", "aten::native_layer_norm"}, layer_norm);
  table.add({"aten::batch_norm"}, batch_norm);
}

}  // namespace constexport::lower
