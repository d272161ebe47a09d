/// models/bert.hpp: BERT and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_encoder.hpp>

namespace constexport {

/// What BERT and its kin have in common: segments as a third input, and the names of their parameters.
template <class Derived, auto... Options>
struct BertLikeOnnxConfig : TextEncoderOnnxConfig<Derived, Options...> {
  static constexpr auto model_inputs = tensors<input_ids, attention_mask, token_type_ids>;
  static constexpr auto parameters =
      normalized(num_layers = 12, num_attention_heads = 12, hidden_size = 768, vocab_size = 30522, type_vocab_size = 2);
};

/// BERT (`model_type` "bert"; transformers' BertConfig).
template <auto... Options>
struct BertOnnxConfig : BertLikeOnnxConfig<BertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "bert";
  static constexpr bool has_use_cache = true;
};

/// ALBERT (`model_type` "albert").
template <auto... Options>
struct AlbertOnnxConfig : BertLikeOnnxConfig<AlbertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "albert";
  static constexpr auto parameters =
      normalized(BertOnnxConfig<>::parameters, num_attention_heads = 64, hidden_size = 4096, vocab_size = 30000);
};

/// ConvBERT (`model_type` "convbert").
template <auto... Options>
struct ConvBertOnnxConfig : BertLikeOnnxConfig<ConvBertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "convbert";
};

/// ELECTRA (`model_type` "electra").
template <auto... Options>
struct ElectraOnnxConfig : BertLikeOnnxConfig<ElectraOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "electra";
  static constexpr bool has_use_cache = true;
  static constexpr auto parameters =
      normalized(BertOnnxConfig<>::parameters, num_attention_heads = 4, hidden_size = 256);
};

/// Megatron BERT (`model_type` "megatron-bert").
template <auto... Options>
struct MegatronBertOnnxConfig : BertLikeOnnxConfig<MegatronBertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "megatron-bert";
  static constexpr bool has_use_cache = true;
  static constexpr auto parameters = normalized(BertOnnxConfig<>::parameters, num_layers = 24, num_attention_heads = 16,
                                                hidden_size = 1024, vocab_size = 29056);
};

/// MobileBERT (`model_type` "mobilebert").
template <auto... Options>
struct MobileBertOnnxConfig : BertLikeOnnxConfig<MobileBertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mobilebert";
  static constexpr auto parameters =
      normalized(BertOnnxConfig<>::parameters, num_layers = 24, num_attention_heads = 4, hidden_size = 512);
};

/// Nystromformer (`model_type` "nystromformer").
template <auto... Options>
struct NystromformerOnnxConfig : BertLikeOnnxConfig<NystromformerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "nystromformer";
  static constexpr auto parameters = normalized(BertOnnxConfig<>::parameters, vocab_size = 30000);
};

/// RemBERT (`model_type` "rembert").
template <auto... Options>
struct RemBertOnnxConfig : BertLikeOnnxConfig<RemBertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "rembert";
  static constexpr bool has_use_cache = true;
  static constexpr auto parameters = normalized(BertOnnxConfig<>::parameters, num_layers = 32, num_attention_heads = 18,
                                                hidden_size = 1152, vocab_size = 250300);
};

/// RoFormer (`model_type` "roformer").
template <auto... Options>
struct RoFormerOnnxConfig : BertLikeOnnxConfig<RoFormerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "roformer";
  static constexpr bool has_use_cache = true;
  static constexpr auto parameters = normalized(BertOnnxConfig<>::parameters, vocab_size = 50000);
};

/// Splinter (`model_type` "splinter").
template <auto... Options>
struct SplinterOnnxConfig : BertLikeOnnxConfig<SplinterOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "splinter";
  static constexpr bool has_use_cache = true;
  static constexpr auto tasks = supports(feature_extraction, question_answering);
};

/// SqueezeBERT (`model_type` "squeezebert").
template <auto... Options>
struct SqueezeBertOnnxConfig : BertLikeOnnxConfig<SqueezeBertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "squeezebert";
};

}  // namespace constexport
