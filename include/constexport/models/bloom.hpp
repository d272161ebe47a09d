/// models/bloom.hpp: BLOOM and MPT, which know positions by attention biases alone.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/gpt2.hpp>

namespace constexport {

/// MPT (`model_type` "mpt").
template <auto... Options>
struct MPTOnnxConfig : TextDecoderOnnxConfig<MPTOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mpt";
  static constexpr auto tasks = GPT2OnnxConfig<>::tasks;
  static constexpr auto parameters = normalized(num_layers.named<"num_hidden_layers|n_layers"> = 24,
                                                num_attention_heads.named<"num_attention_heads|n_heads"> = 16,
                                                hidden_size.named<"hidden_size|d_model"> = 2048, vocab_size = 50368);
};

/// BLOOM (`model_type` "bloom").
template <auto... Options>
struct BloomOnnxConfig : TextDecoderOnnxConfig<BloomOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "bloom";
  static constexpr auto tasks = GPT2OnnxConfig<>::tasks;
  static constexpr auto parameters = normalized(num_layers.named<"num_hidden_layers|n_layer"> = 2,
                                                num_attention_heads.named<"num_attention_heads|n_head"> = 8,
                                                hidden_size.named<"n_embed|hidden_size"> = 64, vocab_size = 250880);
};

}  // namespace constexport
