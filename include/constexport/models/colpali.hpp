/// models/colpali.hpp: ColPali.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

struct num_image_tokens_parameter final : parameter<num_image_tokens_parameter, "num_image_tokens"> {
  using parameter::operator=;
};
inline constexpr num_image_tokens_parameter num_image_tokens{};

struct embedding_dim_parameter final : parameter<embedding_dim_parameter, "embedding_dim"> {
  using parameter::operator=;
};
inline constexpr embedding_dim_parameter embedding_dim{};

/// ColPali (`model_type` "colpali"; transformers' ColPaliConfig): one embedding per token of a page or of a query.
template <auto... Options>
struct ColPaliOnnxConfig : TextAndVisionOnnxConfig<ColPaliOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "colpali";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters =
      normalized(vocab_size.named<"text_config.vocab_size|vlm_config.text_config.vocab_size"> = 257152,
                 num_image_tokens.named<"vlm_config.vision_config.num_image_tokens"> = 256,
                 image_size<"vlm_config.vision_config.image_size">(224),
                 num_channels.named<"vlm_config.vision_config.num_channels"> = 3, embedding_dim = 128);
  static constexpr std::array<std::string_view, 2> variants{"vision", "text"};

  static consteval auto declared_inputs() {
    using base = TextAndVisionOnnxConfig<ColPaliOnnxConfig, Options...>;
    constexpr auto length = sequence_length + num_image_tokens;
    if constexpr (base::variant_name() == "vision")  // the tokens of the image come before those of the text
      return tensors<dummy_shaped<input_ids, batch_size, length>, dummy_shaped<attention_mask, batch_size, length>,
                     typename base::template images<batch_size, num_channels, image_height, image_width>>;
    else
      return tensors<input_ids, attention_mask>;
  }
  static consteval auto declared_outputs() {
    return tensors<tensor<"embeddings", dtype::float32, batch_size, sequence_length, embedding_dim>>;
  }
};

}  // namespace constexport
