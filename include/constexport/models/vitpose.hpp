/// models/vitpose.hpp: ViTPose.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

struct scale_factor_parameter final : parameter<scale_factor_parameter, "scale_factor"> {
  using parameter::operator=;
};
inline constexpr scale_factor_parameter scale_factor{};

/// ViTPose (`model_type` "vitpose"; transformers' VitPoseConfig). Images have the size that its preprocessor makes.
template <auto... Options>
struct VitPoseOnnxConfig : VisionOnnxConfig<VitPoseOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "vitpose";
  static constexpr auto tasks = supports(keypoint_detection);
  static constexpr auto parameters =
      normalized(image_height.named<"@size.height"> = 224, image_width.named<"@size.width"> = 224,
                 patch_size.named<"backbone_config.patch_size[0]"> = 16,
                 num_channels.named<"backbone_config.num_channels"> = 3, scale_factor = 4);
  static consteval auto declared_inputs() {
    return tensors<
        dummy_shaped<tensor<"pixel_values", dtype::float32, batch_size, num_channels, image_height, image_width>,
                     batch_size, image_channels, dummy_rows, dummy_columns>>;
  }
  static consteval auto declared_outputs() {
    return tensors<tensor<"heatmaps", dtype::float32, batch_size, named<"num_keypoints", num_labels>,
                          named<"height", patch_rows * scale_factor>, named<"width", patch_columns * scale_factor>>>;
  }
};

}  // namespace constexport
