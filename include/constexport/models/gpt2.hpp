/// models/gpt2.hpp: GPT-2 and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_decoder.hpp>

namespace constexport {

/// The parameters of GPT-2 and its kin under the names they have in config.json.
consteval auto gpt2_parameters(std::int64_t layers, std::int64_t heads, std::int64_t size, std::int64_t vocabulary) {
  return normalized(num_layers.named<"num_hidden_layers|n_layer"> = layers,
                    num_attention_heads.named<"num_attention_heads|n_head"> = heads,
                    hidden_size.named<"hidden_size|n_embd"> = size, vocab_size = vocabulary);
}

/// GPT-2 (`model_type` "gpt2"; transformers' GPT2Config).
template <auto... Options>
struct GPT2OnnxConfig : TextDecoderWithPositionIdsOnnxConfig<GPT2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "gpt2";
  static constexpr auto tasks =
      supports(feature_extraction.with_past, text_generation.with_past, text_classification, token_classification);
  static constexpr auto parameters = gpt2_parameters(12, 12, 768, 50257);
};

/// GPT-J (`model_type` "gptj").
template <auto... Options>
struct GPTJOnnxConfig : TextDecoderWithPositionIdsOnnxConfig<GPTJOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "gptj";
  static constexpr auto tasks =
      supports(feature_extraction.with_past, text_generation.with_past, text_classification, question_answering);
  static constexpr auto parameters = gpt2_parameters(28, 16, 4096, 50400);
};

/// CodeGen (`model_type` "codegen").
template <auto... Options>
struct CodeGenOnnxConfig : TextDecoderWithPositionIdsOnnxConfig<CodeGenOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "codegen";
  static constexpr auto parameters = gpt2_parameters(28, 16, 4096, 50400);
};

/// ImageGPT (`model_type` "imagegpt"): its tokens are colours.
template <auto... Options>
struct ImageGPTOnnxConfig : TextDecoderWithPositionIdsOnnxConfig<ImageGPTOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "imagegpt";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters = gpt2_parameters(24, 8, 512, 513);
};

}  // namespace constexport
