/// models/llama.hpp: Llama and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_decoder.hpp>

namespace constexport {

/// What Llama and its kin have in common: grouped-query attention, with heads of a size of their own.
template <class Derived, auto... Options>
struct LlamaLikeOnnxConfig : TextDecoderWithPositionIdsOnnxConfig<Derived, Options...> {
  static constexpr auto past_key_values = grouped_query_cache;
  static constexpr auto parameters =
      normalized(num_layers = 32, num_attention_heads = 32, hidden_size = 4096, vocab_size = 32000,
                 num_key_value_heads = num_attention_heads, head_dim = hidden_size / num_attention_heads);
};

/// Llama (`model_type` "llama"; transformers' LlamaConfig).
template <auto... Options>
struct LlamaOnnxConfig : LlamaLikeOnnxConfig<LlamaOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "llama";
  static constexpr auto tasks = supports(feature_extraction.with_past, text_generation.with_past, text_classification);
};

/// Arcee (`model_type` "arcee").
template <auto... Options>
struct ArceeOnnxConfig : LlamaLikeOnnxConfig<ArceeOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "arcee";
  static constexpr auto parameters = normalized(LlamaOnnxConfig<>::parameters, hidden_size = 2560);
};

/// Cohere (`model_type` "cohere").
template <auto... Options>
struct CohereOnnxConfig : LlamaLikeOnnxConfig<CohereOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "cohere";
  static constexpr auto parameters = normalized(LlamaOnnxConfig<>::parameters, num_layers = 40,
                                                num_attention_heads = 64, hidden_size = 8192, vocab_size = 256000);
};

/// GLM (`model_type` "glm").
template <auto... Options>
struct GLMOnnxConfig : LlamaLikeOnnxConfig<GLMOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "glm";
  static constexpr auto parameters =
      normalized(LlamaOnnxConfig<>::parameters, num_layers = 40, vocab_size = 151552, num_key_value_heads = 2,
                 or_if_null(head_dim = 128, hidden_size / num_attention_heads));
};

/// Granite (`model_type` "granite").
template <auto... Options>
struct GraniteOnnxConfig : LlamaLikeOnnxConfig<GraniteOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "granite";
};

/// Helium (`model_type` "helium").
template <auto... Options>
struct HeliumOnnxConfig : LlamaLikeOnnxConfig<HeliumOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "helium";
  static constexpr auto parameters = normalized(
      LlamaOnnxConfig<>::parameters, num_layers = 24, num_attention_heads = 20, hidden_size = 2560, vocab_size = 48000,
      num_key_value_heads = 20, or_if_null(head_dim = 128, hidden_size / num_attention_heads));
};

/// InternLM2 (`model_type` "internlm2"; its code comes with the model).
template <auto... Options>
struct InternLM2OnnxConfig : LlamaLikeOnnxConfig<InternLM2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "internlm2";
  static constexpr bool has_use_cache = false;
  static constexpr auto tasks = supports(text_generation.with_past);
  static constexpr auto parameters =
      normalized(LlamaOnnxConfig<>::parameters, vocab_size = 92544, num_key_value_heads = 8);
};

/// Mistral (`model_type` "mistral").
template <auto... Options>
struct MistralOnnxConfig : LlamaLikeOnnxConfig<MistralOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mistral";
  static constexpr auto tasks = LlamaOnnxConfig<>::tasks;
  static constexpr auto parameters =
      normalized(LlamaOnnxConfig<>::parameters, or_if_null(num_key_value_heads = 8, num_attention_heads));
};

/// OLMo (`model_type` "olmo").
template <auto... Options>
struct OlmoOnnxConfig : LlamaLikeOnnxConfig<OlmoOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "olmo";
  static constexpr auto parameters = normalized(LlamaOnnxConfig<>::parameters, vocab_size = 50304);
};

/// OLMo 2 (`model_type` "olmo2").
template <auto... Options>
struct Olmo2OnnxConfig : LlamaLikeOnnxConfig<Olmo2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "olmo2";
  static constexpr auto parameters = normalized(LlamaOnnxConfig<>::parameters, vocab_size = 50304);
};

/// SmolLM 3 (`model_type` "smollm3").
template <auto... Options>
struct SmolLM3OnnxConfig : LlamaLikeOnnxConfig<SmolLM3OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "smollm3";
  static constexpr auto tasks = LlamaOnnxConfig<>::tasks;
  static constexpr auto parameters =
      normalized(LlamaOnnxConfig<>::parameters, num_layers = 36, num_attention_heads = 16, hidden_size = 2048,
                 vocab_size = 128256, or_if_null(num_key_value_heads = 4, num_attention_heads));
};

/// StableLM (`model_type` "stablelm").
template <auto... Options>
struct StableLMOnnxConfig : LlamaLikeOnnxConfig<StableLMOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "stablelm";
  static constexpr auto parameters =
      normalized(LlamaOnnxConfig<>::parameters, hidden_size = 2560, vocab_size = 50304, num_key_value_heads = 32);
};

}  // namespace constexport
