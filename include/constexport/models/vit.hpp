/// models/vit.hpp: ViT and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// ViT (`model_type` "vit"; transformers' ViTConfig).
template <auto... Options>
struct ViTOnnxConfig : VisionOnnxConfig<ViTOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "vit";
  static constexpr auto tasks = supports(feature_extraction, image_classification, masked_im);
  static constexpr auto parameters =
      normalized(hidden_size = 768, image_size = 224, patch_size = 16, num_channels = 3, encoder_stride = 16);
};

}  // namespace constexport
