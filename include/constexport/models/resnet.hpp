/// models/resnet.hpp: ResNet and RegNet.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

struct downsample_in_first_stage_parameter final
    : parameter<downsample_in_first_stage_parameter, "downsample_in_first_stage", 0> {
  using parameter::operator=;
};
inline constexpr downsample_in_first_stage_parameter downsample_in_first_stage{};

/// ResNet (`model_type` "resnet"; transformers' ResNetConfig). Its stem divides by 4, its stages but the first by 2.
template <auto... Options>
struct ResNetOnnxConfig : FeatureMapOnnxConfig<ResNetOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "resnet";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters = normalized(hidden_size.named<"hidden_sizes[-1]"> = 2048, num_stages = 4,
                                                downsample_in_first_stage = 0, num_channels = 3);
  static constexpr auto step = power(int_c<2>, num_stages + int_c<1> + downsample_in_first_stage);
  static constexpr auto grid_rows = ceil_divided(height, step);
  static constexpr auto grid_columns = ceil_divided(width, step);
};

/// RegNet (`model_type` "regnet"; transformers' RegNetConfig). Its stem and its stages divide by 2.
template <auto... Options>
struct RegNetOnnxConfig : FeatureMapOnnxConfig<RegNetOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "regnet";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters =
      normalized(hidden_size.named<"hidden_sizes[-1]"> = 1088, num_stages = 4, num_channels = 3);
  static constexpr auto step = power(int_c<2>, num_stages + int_c<1>);
  static constexpr auto grid_rows = ceil_divided(height, step);
  static constexpr auto grid_columns = ceil_divided(width, step);
};

}  // namespace constexport
