/// models/siglip.hpp: SigLIP.
///
/// Room: models. Includes config/ and clip.hpp; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/clip.hpp>

namespace constexport {

/// SigLIP (`model_type` "siglip"; transformers' SiglipConfig): no mask, and the images' batch has one name.
template <auto... Options>
struct SiglipOnnxConfig : ContrastiveOnnxConfig<SiglipOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "siglip";
  static constexpr auto tasks = supports(feature_extraction, zero_shot_image_classification);
  static constexpr auto parameters =
      normalized(vocab_size.named<"text_config.vocab_size"> = 32000, image_size<"vision_config.image_size">(224),
                 num_channels.named<"vision_config.num_channels"> = 3,
                 projection_dim.named<"text_config.projection_size|text_config.hidden_size"> = 768);
  static constexpr auto image_batch = image_batch_size;
  static consteval auto declared_inputs() {
    using base = ContrastiveOnnxConfig<SiglipOnnxConfig, Options...>;
    return tensors<typename base::text_ids,
                   typename base::template images<image_batch_size, image_channels, height, width>>;
  }
};

}  // namespace constexport
