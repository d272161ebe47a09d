/// models/clip.hpp: CLIP and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// CLIP (`model_type` "clip"; transformers' CLIPConfig).
template <auto... Options>
struct CLIPOnnxConfig : TextAndVisionOnnxConfig<CLIPOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "clip";
  static constexpr auto tasks = supports(feature_extraction, zero_shot_image_classification, image_classification);
  static constexpr auto parameters = normalized(
      vocab_size.named<"text_config.vocab_size"> = 49408, num_channels.named<"vision_config.num_channels"> = 3,
      image_size.named<"vision_config.image_size"> = 224, projection_dim = 512);
};

}  // namespace constexport
