/// models/longformer.hpp: Longformer.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/bert.hpp>

namespace constexport {

/// Which tokens attend to all others. Optimum's dummies name none.
struct global_attention_mask : attention_mask {
  static constexpr std::string_view name = "global_attention_mask";
  static constexpr auto values = uniform<0, 1>;
};

/// Longformer (`model_type` "longformer").
template <auto... Options>
struct LongformerOnnxConfig : TextEncoderOnnxConfig<LongformerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "longformer";
  static constexpr auto model_inputs = tensors<input_ids, attention_mask, token_type_ids, global_attention_mask>;
  static constexpr auto parameters = BertOnnxConfig<>::parameters;
};

}  // namespace constexport
