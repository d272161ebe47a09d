/// models/xlm.hpp: XLM and FlauBERT.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/bert.hpp>

namespace constexport {

/// XLM (`model_type` "xlm").
template <auto... Options>
struct XLMOnnxConfig : BertLikeOnnxConfig<XLMOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "xlm";
  static constexpr auto parameters =
      normalized(num_layers.named<"num_hidden_layers|n_layers"> = 12,
                 num_attention_heads.named<"num_attention_heads|n_heads"> = 16,
                 hidden_size.named<"hidden_size|emb_dim"> = 2048, vocab_size.named<"n_words|vocab_size"> = 30145);
};

/// FlauBERT (`model_type` "flaubert").
template <auto... Options>
struct FlaubertOnnxConfig : BertLikeOnnxConfig<FlaubertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "flaubert";
  static constexpr auto parameters = XLMOnnxConfig<>::parameters;
};

}  // namespace constexport
