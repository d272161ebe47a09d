/// models/segformer.hpp: SegFormer and GLPN.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// Pyramids of overlapping patches.
template <class Derived, auto... Options>
struct PyramidOnnxConfig : FeatureMapOnnxConfig<Derived, Options...> {
  static constexpr auto grid_rows = ceil_divided(height, product_of(strides));
  static constexpr auto grid_columns = ceil_divided(width, product_of(strides));
};

/// SegFormer (`model_type` "segformer"; transformers' SegformerConfig). Masks have the size of its first stage.
template <auto... Options>
struct SegformerOnnxConfig : PyramidOnnxConfig<SegformerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "segformer";
  static constexpr auto tasks =
      supports(feature_extraction, image_classification, image_segmentation, semantic_segmentation);
  static constexpr auto parameters =
      normalized(hidden_size.named<"hidden_sizes[-1]"> = 256, num_channels = 3, strides.of<4, 2, 2, 2>());
  static constexpr auto mask_rows = unlisted<ceil_divided(height, strides_array::element<0>{})>;
  static constexpr auto mask_columns = unlisted<ceil_divided(width, strides_array::element<0>{})>;

  static consteval auto declared_outputs() {
    using base = PyramidOnnxConfig<SegformerOnnxConfig, Options...>;
    if constexpr (base::task.name == semantic_segmentation.name)  // Optimum calls the masks' size the image's
      return tensors<tensor<"logits", dtype::float32, batch_size, named<"num_labels", num_labels>,
                            named<"height", mask_rows>, named<"width", mask_columns>>>;
    else
      return base::declared_outputs();
  }
};

/// GLPN (`model_type` "glpn"; transformers' GLPNConfig).
template <auto... Options>
struct GlpnOnnxConfig : PyramidOnnxConfig<GlpnOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "glpn";
  static constexpr auto tasks = supports(feature_extraction, depth_estimation);
  static constexpr auto parameters = normalized(SegformerOnnxConfig<>::parameters);
};

}  // namespace constexport
