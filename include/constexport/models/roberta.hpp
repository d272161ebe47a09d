/// models/roberta.hpp: RoBERTa and other encoders that take no segments.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/bert.hpp>

namespace constexport {

/// RoBERTa (`model_type` "roberta").
template <auto... Options>
struct RobertaOnnxConfig : TextEncoderOnnxConfig<RobertaOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "roberta";
  static constexpr bool has_use_cache = true;
  static constexpr auto parameters = normalized(BertOnnxConfig<>::parameters, vocab_size = 50265);
};

/// BigBird (`model_type` "big_bird").
template <auto... Options>
struct BigBirdOnnxConfig : TextEncoderOnnxConfig<BigBirdOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "big_bird";
  static constexpr bool has_use_cache = true;
  static constexpr auto parameters = normalized(BertOnnxConfig<>::parameters, vocab_size = 50358);
};

/// CamemBERT (`model_type` "camembert").
template <auto... Options>
struct CamembertOnnxConfig : TextEncoderOnnxConfig<CamembertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "camembert";
  static constexpr bool has_use_cache = true;
  static constexpr auto parameters = BertOnnxConfig<>::parameters;
};

/// The text model of data2vec (`model_type` "data2vec-text").
template <auto... Options>
struct Data2VecTextOnnxConfig : TextEncoderOnnxConfig<Data2VecTextOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "data2vec-text";
  static constexpr bool has_use_cache = true;
  static constexpr auto parameters = BertOnnxConfig<>::parameters;
};

/// ESM, a model of proteins (`model_type` "esm").
template <auto... Options>
struct EsmOnnxConfig : TextEncoderOnnxConfig<EsmOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "esm";
  static constexpr bool has_use_cache = true;
  static constexpr auto tasks = supports(feature_extraction, fill_mask, text_classification, token_classification);
  static constexpr auto parameters = normalized(BertOnnxConfig<>::parameters, vocab_size = 33);
};

/// I-BERT (`model_type` "ibert").
template <auto... Options>
struct IBertOnnxConfig : TextEncoderOnnxConfig<IBertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "ibert";
  static constexpr auto parameters = BertOnnxConfig<>::parameters;
};

/// ModernBERT (`model_type` "modernbert").
template <auto... Options>
struct ModernBertOnnxConfig : TextEncoderOnnxConfig<ModernBertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "modernbert";
  static constexpr auto tasks = EsmOnnxConfig<>::tasks;
  static constexpr auto parameters = normalized(BertOnnxConfig<>::parameters, num_layers = 22, vocab_size = 50368);
};

/// MPNet (`model_type` "mpnet").
template <auto... Options>
struct MPNetOnnxConfig : TextEncoderOnnxConfig<MPNetOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mpnet";
  static constexpr auto parameters = normalized(BertOnnxConfig<>::parameters, vocab_size = 30527);
};

/// XLM-RoBERTa (`model_type` "xlm-roberta").
template <auto... Options>
struct XLMRobertaOnnxConfig : TextEncoderOnnxConfig<XLMRobertaOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "xlm-roberta";
  static constexpr bool has_use_cache = true;
  static constexpr auto parameters = BertOnnxConfig<>::parameters;
};

}  // namespace constexport
