/// models/bert.hpp: BERT and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_encoder.hpp>

namespace constexport {

/// BERT (`model_type` "bert"; transformers' BertConfig).
template <auto... Options>
struct BertOnnxConfig : TextEncoderOnnxConfig<BertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "bert";
  static constexpr auto tasks = supports(feature_extraction, fill_mask, multiple_choice, question_answering,
                                         text_classification, token_classification);
  static constexpr auto model_inputs = tensors<input_ids, attention_mask, token_type_ids>;
  static constexpr auto parameters =
      normalized(num_layers = 12, num_attention_heads = 12, hidden_size = 768, vocab_size = 30522, type_vocab_size = 2);
};

}  // namespace constexport
