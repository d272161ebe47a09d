/// models/qwen.hpp: Qwen.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/llama.hpp>

namespace constexport {

/// Qwen 2 (`model_type` "qwen2").
template <auto... Options>
struct Qwen2OnnxConfig : LlamaLikeOnnxConfig<Qwen2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "qwen2";
  static constexpr auto tasks =
      supports(feature_extraction.with_past, text_generation.with_past, text_classification, token_classification);
  static constexpr auto parameters = normalized(LlamaOnnxConfig<>::parameters, vocab_size = 151936,
                                                or_if_null(num_key_value_heads = 32, num_attention_heads));
};

/// Qwen 3 (`model_type` "qwen3").
template <auto... Options>
struct Qwen3OnnxConfig : LlamaLikeOnnxConfig<Qwen3OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "qwen3";
  static constexpr auto tasks = LlamaOnnxConfig<>::tasks;
  static constexpr auto parameters =
      normalized(Qwen2OnnxConfig<>::parameters, or_if_null(head_dim = 128, hidden_size / num_attention_heads));
};

/// Qwen 3 with a mixture of experts (`model_type` "qwen3_moe").
template <auto... Options>
struct Qwen3MoeOnnxConfig : LlamaLikeOnnxConfig<Qwen3MoeOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "qwen3_moe";
  static constexpr auto tasks = Qwen2OnnxConfig<>::tasks;
  static constexpr auto parameters =
      normalized(Qwen2OnnxConfig<>::parameters, num_layers = 24, hidden_size = 2048, num_key_value_heads = 4);
};

}  // namespace constexport
