/// models/t5.hpp: T5 and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_seq2seq.hpp>

namespace constexport {

/// T5 (`model_type` "t5"; transformers' T5Config). Its heads have a size of their own, `d_kv`.
template <auto... Options>
struct T5OnnxConfig : TextSeq2SeqOnnxConfig<T5OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "t5";
  static constexpr auto tasks = supports(feature_extraction.with_past, text2text_generation.with_past);
  static constexpr auto past_key_values = encoder_decoder_cache<head_dim>;
  static constexpr auto parameters =
      normalized(num_layers.named<"num_decoder_layers"> = 6, num_attention_heads.named<"num_heads"> = 8,
                 hidden_size.named<"d_model"> = 512, head_dim.named<"d_kv"> = 64, vocab_size = 32128);
};

}  // namespace constexport
