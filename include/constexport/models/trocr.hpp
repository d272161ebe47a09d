/// models/trocr.hpp: TrOCR.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_seq2seq.hpp>

namespace constexport {

/// TrOCR's decoder of texts, with an encoder of texts (`model_type` "trocr").
template <auto... Options>
struct TrOCROnnxConfig : TextSeq2SeqOnnxConfig<TrOCROnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "trocr";
  static constexpr auto tasks = supports(feature_extraction.with_past);
  static constexpr auto parameters =
      normalized(num_layers.named<"num_hidden_layers|decoder_layers"> = 12,
                 num_attention_heads.named<"num_attention_heads|decoder_attention_heads"> = 16,
                 hidden_size.named<"hidden_size|d_model"> = 1024, vocab_size = 50265);
};

}  // namespace constexport
