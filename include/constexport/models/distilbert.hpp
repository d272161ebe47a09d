/// models/distilbert.hpp: DistilBERT.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_encoder.hpp>

namespace constexport {

/// DistilBERT (`model_type` "distilbert").
template <auto... Options>
struct DistilBertOnnxConfig : TextEncoderOnnxConfig<DistilBertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "distilbert";
  static constexpr auto parameters = normalized(num_layers.named<"num_hidden_layers|n_layers"> = 6,
                                                num_attention_heads.named<"num_attention_heads|n_heads"> = 12,
                                                hidden_size.named<"hidden_size|dim"> = 768, vocab_size = 30522);
};

}  // namespace constexport
