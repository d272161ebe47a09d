/// models/layoutlm.hpp: LayoutLM, its third version, and LiLT: tokens with their places on a page.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// LayoutLM (`model_type` "layoutlm"; transformers' LayoutLMConfig).
template <auto... Options>
struct LayoutLMOnnxConfig : TextAndVisionOnnxConfig<LayoutLMOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "layoutlm";
  static constexpr bool has_use_cache = true;
  static constexpr auto tasks = supports(feature_extraction, fill_mask, text_classification, token_classification);
  static constexpr auto parameters = normalized(hidden_size = 768, vocab_size = 30522);
  static constexpr auto model_inputs = tensors<input_ids, bbox, attention_mask, token_type_ids>;
};

/// LiLT (`model_type` "lilt"; transformers' LiltConfig).
template <auto... Options>
struct LiltOnnxConfig : TextAndVisionOnnxConfig<LiltOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "lilt";
  static constexpr auto tasks =
      supports(feature_extraction, question_answering, text_classification, token_classification);
  static constexpr auto parameters = normalized(hidden_size = 768, vocab_size = 30522);
  static constexpr auto model_inputs = tensors<input_ids, bbox, attention_mask>;
};

/// LayoutLMv3 (`model_type` "layoutlmv3"; transformers' LayoutLMv3Config): patches of the page follow the tokens.
template <auto... Options>
struct LayoutLMv3OnnxConfig : TextAndVisionOnnxConfig<LayoutLMv3OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "layoutlmv3";
  static constexpr auto tasks = LiltOnnxConfig<>::tasks;
  static constexpr auto parameters = normalized(hidden_size = 768, vocab_size = 50265, image_size<"input_size">(224),
                                                patch_size = 16, num_channels = 3);
  // Optimum lists the size of the images for two of the tasks only.
  static consteval auto declared_inputs() {
    constexpr auto texts = tensors<input_ids, attention_mask, bbox>;
    if constexpr (base::task.name == text_classification.name || base::task.name == question_answering.name)
      return join(texts, tensors<typename base::template images<batch_size, image_channels, height, width>>);
    else
      return join(texts,
                  tensors<typename base::template images<batch_size, image_channels, image_height, image_width>>);
  }
  // What Optimum calls the tokens' axis covers the patches and their class token too.
  static consteval auto declared_outputs() {
    constexpr auto length = named<"sequence_length", sequence_length + patch_rows * patch_columns + int_c<1>>;
    if constexpr (base::task.name == question_answering.name)
      return tensors<tensor<"start_logits", dtype::float32, batch_size, length>,
                     tensor<"end_logits", dtype::float32, batch_size, length>>;
    else if constexpr (base::task.name == feature_extraction.name)
      return tensors<last_hidden_state<length>>;
    else
      return base::declared_outputs();
  }

 private:
  using base = TextAndVisionOnnxConfig<LayoutLMv3OnnxConfig, Options...>;
};

}  // namespace constexport
