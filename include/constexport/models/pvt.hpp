/// models/pvt.hpp: PVT.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// PVT (`model_type` "pvt"; transformers' PvtConfig): a pyramid of patches that do not overlap.
template <auto... Options>
struct PvtOnnxConfig : VisionOnnxConfig<PvtOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "pvt";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters = normalized(num_labels = 1000, hidden_size.named<"hidden_sizes[-1]"> = 512,
                                                image_size(224), num_channels = 3, strides.of<4, 2, 2, 2>());
  static constexpr auto grid_rows = height / product_of(strides);
  static constexpr auto grid_columns = width / product_of(strides);
};

}  // namespace constexport
