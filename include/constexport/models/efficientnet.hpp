/// models/efficientnet.hpp: EfficientNet.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// EfficientNet (`model_type` "efficientnet"; transformers' EfficientNetConfig). Stem and blocks halve, rounding down.
template <auto... Options>
struct EfficientNetOnnxConfig : FeatureMapOnnxConfig<EfficientNetOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "efficientnet";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters = normalized(hidden_size.named<"hidden_dim"> = 2560, image_size(600),
                                                num_channels = 3, strides.of<1, 2, 2, 2, 1, 2, 1>());
  static constexpr auto grid_rows = height / (int_c<2> * product_of(strides));
  static constexpr auto grid_columns = width / (int_c<2> * product_of(strides));

  static consteval auto declared_outputs() {
    using base = FeatureMapOnnxConfig<EfficientNetOnnxConfig, Options...>;
    if constexpr (base::task.name == image_classification.name)
      return tensors<tensor<"logits", dtype::float32, batch_size, named<"num_classes", num_labels>>>;
    else
      return base::declared_outputs();
  }
};

}  // namespace constexport
