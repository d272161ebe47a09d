/// models/levit.hpp: LeViT.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// LeViT (`model_type` "levit"; transformers' LevitConfig). Patches are made by halving; so are its later stages.
template <auto... Options>
struct LevitOnnxConfig : VisionOnnxConfig<LevitOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "levit";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters = normalized(hidden_size.named<"hidden_sizes[-1]"> = 384, num_stages = 3,
                                                image_size(224), patch_size = 16, num_channels = 3);
  static constexpr auto step = patch_size * power(int_c<2>, num_stages - int_c<1>);
  static consteval auto features() {
    return sizes<ceil_divided(image_height, step) * ceil_divided(image_width, step), hidden_size>;
  }
};

}  // namespace constexport
