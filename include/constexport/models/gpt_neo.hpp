/// models/gpt_neo.hpp: GPT-Neo and GPT-NeoX.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_decoder.hpp>

namespace constexport {

/// GPT-Neo (`model_type` "gpt_neo").
template <auto... Options>
struct GPTNeoOnnxConfig : TextDecoderWithPositionIdsOnnxConfig<GPTNeoOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "gpt_neo";
  static constexpr auto tasks = supports(feature_extraction.with_past, text_generation.with_past, text_classification);
  static constexpr auto parameters = normalized(num_layers.named<"num_hidden_layers|num_layers"> = 24,
                                                num_attention_heads.named<"num_attention_heads|num_heads"> = 16,
                                                hidden_size = 2048, vocab_size = 50257);
};

/// GPT-NeoX (`model_type` "gpt_neox").
template <auto... Options>
struct GPTNeoXOnnxConfig : TextDecoderWithPositionIdsOnnxConfig<GPTNeoXOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "gpt_neox";
  static constexpr auto tasks = GPTNeoOnnxConfig<>::tasks;
  static constexpr auto parameters =
      normalized(num_layers = 44, num_attention_heads = 64, hidden_size = 6144, vocab_size = 50432);
};

}  // namespace constexport
