/// models/rt_detr.hpp: RT-DETR, its second version, and D-FINE.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// RT-DETR and its kin. Dummies are large enough to hold as many positions as there are queries.
template <class Derived, auto... Options>
struct RealTimeDetrOnnxConfig : VisionOnnxConfig<Derived, Options...> {
  static constexpr auto tasks = supports(object_detection);
  static constexpr auto parameters =
      normalized(num_queries = 300, num_channels.named<"backbone_config.num_channels"> = 3);
  static constexpr auto detection_labels = num_labels;
  static constexpr auto dummy_channels = image_channels;
  static constexpr auto dummy_height = max(height, ceil_divided(num_queries, int_c<32>) * int_c<32>);
  static constexpr auto dummy_width = max(width, ceil_divided(num_queries, int_c<32>) * int_c<32>);
};

/// RT-DETR (`model_type` "rt_detr"; transformers' RTDetrConfig).
template <auto... Options>
struct RTDetrOnnxConfig : RealTimeDetrOnnxConfig<RTDetrOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "rt_detr";
};

/// RT-DETR v2 (`model_type` "rt_detr_v2"; transformers' RTDetrV2Config).
template <auto... Options>
struct RTDetrV2OnnxConfig : RealTimeDetrOnnxConfig<RTDetrV2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "rt_detr_v2";
};

/// D-FINE (`model_type` "d_fine"; transformers' DFineConfig).
template <auto... Options>
struct DFineOnnxConfig : RealTimeDetrOnnxConfig<DFineOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "d_fine";
};

}  // namespace constexport
