/// models/image_tower.hpp: the image sides of CLIP and SigLIP.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// The image side of CLIP and SigLIP as a model of its own. Its images have an axis for their channels.
template <class Derived, auto... Options>
struct ImageTowerOnnxConfig : VisionOnnxConfig<Derived, Options...> {
  static constexpr auto tasks = supports(feature_extraction);
  static consteval auto declared_inputs() {
    return tensors<dummy_shaped<tensor<"pixel_values", dtype::float32, batch_size, image_channels, height, width>,
                                batch_size, num_channels, dummy_rows, dummy_columns>>;
  }
  static consteval auto declared_outputs() {
    return join(VisionOnnxConfig<Derived, Options...>::declared_outputs(),
                tensors<tensor<"pooler_output", dtype::float32, batch_size, hidden_size>>);
  }
};

/// The image side of CLIP (`model_type` "clip_vision_model"; transformers' CLIPVisionConfig).
template <auto... Options>
struct CLIPVisionModelOnnxConfig : ImageTowerOnnxConfig<CLIPVisionModelOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "clip_vision_model";
  static constexpr auto parameters = normalized(hidden_size = 768, image_size(224), patch_size = 32, num_channels = 3);
};

/// The image side of SigLIP (`model_type` "siglip_vision_model"; transformers' SiglipVisionConfig), without a class
/// token.
template <auto... Options>
struct SiglipVisionModelOnnxConfig : ImageTowerOnnxConfig<SiglipVisionModelOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "siglip_vision_model";
  static constexpr auto parameters = normalized(CLIPVisionModelOnnxConfig<>::parameters, patch_size = 16);
  static consteval auto features() { return sizes<patch_rows * patch_columns, hidden_size>; }
};

}  // namespace constexport
