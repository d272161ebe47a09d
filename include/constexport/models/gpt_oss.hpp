/// models/gpt_oss.hpp: gpt-oss and Nemotron.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/gemma.hpp>

namespace constexport {

/// gpt-oss (`model_type` "gpt_oss").
template <auto... Options>
struct GPTOssOnnxConfig : GemmaLikeOnnxConfig<GPTOssOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "gpt_oss";
  static constexpr auto parameters =
      normalized(num_layers = 36, num_attention_heads = 64, hidden_size = 2880, vocab_size = 201088,
                 or_if_null(num_key_value_heads = 8, num_attention_heads),
                 or_if_null(head_dim = 64, hidden_size / num_attention_heads));
};

/// Nemotron (`model_type` "nemotron").
template <auto... Options>
struct NemotronOnnxConfig : GemmaLikeOnnxConfig<NemotronOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "nemotron";
  static constexpr auto parameters =
      normalized(num_layers = 32, num_attention_heads = 48, hidden_size = 6144, vocab_size = 256000,
                 num_key_value_heads = num_attention_heads, head_dim = hidden_size / num_attention_heads);
};

}  // namespace constexport
