/// models/timm.hpp: models of timm.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// Any model of the timm library; its configuration is what timm calls `pretrained_cfg`.
template <auto... Options>
struct TimmDefaultOnnxConfig : VisionOnnxConfig<TimmDefaultOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view library = "timm";
  static constexpr std::string_view model_type = "default-timm-config";
  static constexpr auto tasks = supports(image_classification);
  static constexpr auto parameters = normalized(
      num_labels.named<"num_classes|num_labels|id2label#"> = 1000, num_channels.named<"num_channels|input_size[0]"> = 3,
      image_height.named<"image_size[0]|input_size[1]"> = 224, image_width.named<"image_size[1]|input_size[2]"> = 224);
  static constexpr auto torch_to_onnx_input_map() { return std::array{name_pair{"x", "pixel_values"}}; }
};

}  // namespace constexport
