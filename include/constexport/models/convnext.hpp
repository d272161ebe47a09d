/// models/convnext.hpp: ConvNeXt and its second version.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// ConvNeXt (`model_type` "convnext"; transformers' ConvNextConfig).
template <auto... Options>
struct ConvNextOnnxConfig : FeatureMapOnnxConfig<ConvNextOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "convnext";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters =
      normalized(hidden_size.named<"hidden_sizes[-1]"> = 768, num_stages.named<"num_stages"> = 4, image_size(224),
                 patch_size = 4, num_channels = 3);
  static constexpr auto step = patch_size * power(int_c<2>, num_stages - int_c<1>);
  static constexpr auto grid_rows = height / step;
  static constexpr auto grid_columns = width / step;
};

/// ConvNeXt v2 (`model_type` "convnextv2"; transformers' ConvNextV2Config).
template <auto... Options>
struct ConvNextV2OnnxConfig : FeatureMapOnnxConfig<ConvNextV2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "convnextv2";
  static constexpr auto tasks = ConvNextOnnxConfig<>::tasks;
  static constexpr auto parameters = ConvNextOnnxConfig<>::parameters;
  static constexpr auto grid_rows = ConvNextOnnxConfig<>::grid_rows;
  static constexpr auto grid_columns = ConvNextOnnxConfig<>::grid_columns;
};

}  // namespace constexport
