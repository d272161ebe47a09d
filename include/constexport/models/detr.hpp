/// models/detr.hpp: DETR and detectors like it.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// DETR and its kin: a fixed number of queries, each with a box.
template <class Derived, auto... Options>
struct QueryOnnxConfig : VisionOnnxConfig<Derived, Options...> {
  static consteval auto features() { return sizes<num_queries, hidden_size>; }
};

/// DETR (`model_type` "detr"; transformers' DetrConfig).
template <auto... Options>
struct DetrOnnxConfig : QueryOnnxConfig<DetrOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "detr";
  static constexpr auto tasks = supports(feature_extraction, object_detection, image_segmentation);
  static constexpr auto parameters =
      normalized(hidden_size.named<"d_model"> = 256, num_queries = 100, num_channels = 3);
  static consteval auto declared_outputs() {
    using base = QueryOnnxConfig<DetrOnnxConfig, Options...>;
    constexpr auto queries = named<"num_queries", num_queries>;
    if constexpr (base::task.name == image_segmentation.name)  // masks have the size of the backbone's first stage
      return tensors<tensor<"logits", dtype::float32, batch_size, queries, base::detection_labels>,
                     tensor<"pred_masks", dtype::float32, batch_size, queries, unlisted<ceil_divided(height, int_c<4>)>,
                            unlisted<ceil_divided(width, int_c<4>)>>>;
    else
      return base::declared_outputs();
  }
};

/// Table Transformer (`model_type` "table-transformer"; transformers' TableTransformerConfig).
template <auto... Options>
struct TableTransformerOnnxConfig : QueryOnnxConfig<TableTransformerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "table-transformer";
  static constexpr auto tasks = supports(feature_extraction, object_detection);
  static constexpr auto parameters = normalized(DetrOnnxConfig<>::parameters);
};

/// YOLOS (`model_type` "yolos"; transformers' YolosConfig): its queries are tokens among the patches.
template <auto... Options>
struct YolosOnnxConfig : VisionOnnxConfig<YolosOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "yolos";
  static constexpr auto tasks = supports(feature_extraction, object_detection);
  static constexpr auto parameters = normalized(hidden_size = 768, image_size(512, 864), patch_size = 16,
                                                num_channels = 3, num_queries.named<"num_detection_tokens"> = 100);
  static consteval auto features() {
    return sizes<(height / patch_size) * (width / patch_size) + num_queries + int_c<1>, hidden_size>;
  }
};

}  // namespace constexport
