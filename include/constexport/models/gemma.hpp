/// models/gemma.hpp: Gemma.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_decoder.hpp>

namespace constexport {

/// What Gemma and its kin have in common: grouped-query attention, and no positions among the inputs.
template <class Derived, auto... Options>
struct GemmaLikeOnnxConfig : TextDecoderOnnxConfig<Derived, Options...> {
  static constexpr auto past_key_values = grouped_query_cache;
  static constexpr auto parameters = normalized(num_layers = 26, num_attention_heads = 8, hidden_size = 2304,
                                                vocab_size = 256000, num_key_value_heads = 4, head_dim = 256);
};

/// Gemma (`model_type` "gemma").
template <auto... Options>
struct GemmaOnnxConfig : GemmaLikeOnnxConfig<GemmaOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "gemma";
  static constexpr auto tasks = supports(feature_extraction.with_past, text_generation.with_past, text_classification);
  static constexpr auto parameters = normalized(num_layers = 28, num_attention_heads = 16, hidden_size = 3072,
                                                vocab_size = 256000, num_key_value_heads = 16, head_dim = 256);
};

/// Gemma 2 (`model_type` "gemma2").
template <auto... Options>
struct Gemma2OnnxConfig : GemmaLikeOnnxConfig<Gemma2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "gemma2";
  static constexpr auto tasks = GemmaOnnxConfig<>::tasks;
};

/// Gemma 3, text only (`model_type` "gemma3_text").
template <auto... Options>
struct Gemma3TextOnnxConfig : GemmaLikeOnnxConfig<Gemma3TextOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "gemma3_text";
  static constexpr auto parameters = normalized(Gemma2OnnxConfig<>::parameters, vocab_size = 262208);
};

/// Gemma 3 (`model_type` "gemma3"): its text side.
template <auto... Options>
struct Gemma3OnnxConfig : GemmaLikeOnnxConfig<Gemma3OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "gemma3";
  static constexpr auto tasks = GemmaOnnxConfig<>::tasks;
  static constexpr auto parameters = normalized(
      num_layers.named<"text_config.num_hidden_layers"> = 26,
      num_attention_heads.named<"text_config.num_attention_heads"> = 8,
      hidden_size.named<"text_config.hidden_size"> = 2304, vocab_size.named<"text_config.vocab_size"> = 262208,
      num_key_value_heads.named<"text_config.num_key_value_heads"> = 4, head_dim.named<"text_config.head_dim"> = 256);
};

/// Gemma 2 as the text encoder of a pipeline (diffusers, "gemma2-text-encoder").
template <auto... Options>
struct Gemma2TextEncoderOnnxConfig : GemmaLikeOnnxConfig<Gemma2TextEncoderOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view library = "diffusers";
  static constexpr std::string_view model_type = "gemma2-text-encoder";
  static constexpr auto tasks = supports(feature_extraction);
};

}  // namespace constexport
