/// models/deberta.hpp: DeBERTa.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/bert.hpp>

namespace constexport {

/// DeBERTa (`model_type` "deberta"). It has segments only if it has embeddings for them.
template <auto... Options>
struct DebertaOnnxConfig : TextEncoderOnnxConfig<DebertaOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "deberta";
  static constexpr auto tasks =
      supports(feature_extraction, fill_mask, text_classification, token_classification, question_answering);
  static constexpr auto model_inputs = tensors<input_ids, attention_mask, when<type_vocab_size, token_type_ids>>;
  static constexpr auto parameters = normalized(BertOnnxConfig<>::parameters, vocab_size = 50265, type_vocab_size = 0);
};

/// DeBERTa v2 and v3 (`model_type` "deberta-v2").
template <auto... Options>
struct DebertaV2OnnxConfig : TextEncoderOnnxConfig<DebertaV2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "deberta-v2";
  static constexpr auto model_inputs = DebertaOnnxConfig<>::model_inputs;
  static constexpr auto parameters = normalized(DebertaOnnxConfig<>::parameters, num_layers = 24,
                                                num_attention_heads = 24, hidden_size = 1536, vocab_size = 128100);
};

}  // namespace constexport
