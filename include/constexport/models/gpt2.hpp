/// models/gpt2.hpp: GPT-2 and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_decoder.hpp>

namespace constexport {

/// GPT-2 (`model_type` "gpt2"; transformers' GPT2Config).
template <auto... Options>
struct GPT2OnnxConfig : TextDecoderWithPositionIdsOnnxConfig<GPT2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "gpt2";
  static constexpr auto tasks =
      supports(feature_extraction.with_past, text_generation.with_past, text_classification, token_classification);
  static constexpr auto parameters =
      normalized(num_layers.named<"n_layer"> = 12, num_attention_heads.named<"n_head"> = 12,
                 hidden_size.named<"n_embd"> = 768, vocab_size = 50257);
};

}  // namespace constexport
