/// models/perceiver.hpp: Perceiver.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

struct max_position_embeddings_parameter final
    : parameter<max_position_embeddings_parameter, "max_position_embeddings"> {
  using parameter::operator=;
};
inline constexpr max_position_embeddings_parameter max_position_embeddings{};

/// Perceiver (`model_type` "perceiver"; transformers' PerceiverConfig). Texts have its full length in the outputs.
template <auto... Options>
struct PerceiverOnnxConfig : TextAndVisionOnnxConfig<PerceiverOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "perceiver";
  static constexpr auto tasks = supports(fill_mask, text_classification, image_classification);
  static constexpr auto parameters =
      normalized(vocab_size = 262, max_position_embeddings = 2048, image_height.named<"@size.height"> = 224,
                 image_width.named<"@size.width"> = 224);
  // Optimum makes an image for a task whose inputs it says are tokens, and tokens in another order.
  static consteval auto declared_dummies() {
    if constexpr (base::task.name == image_classification.name)
      return tensors<tensor<"pixel_values", dtype::float32, batch_size, image_channels, dummy_rows, dummy_columns>>;
    else
      return tensors<attention_mask, input_ids>;
  }
  static consteval auto declared_outputs() {
    if constexpr (base::task.name == fill_mask.name)
      return tensors<token_logits<max_position_embeddings>>;
    else
      return base::declared_outputs();
  }

 private:
  using base = TextAndVisionOnnxConfig<PerceiverOnnxConfig, Options...>;
};

}  // namespace constexport
