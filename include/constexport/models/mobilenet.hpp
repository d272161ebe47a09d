/// models/mobilenet.hpp: MobileNet, its versions, and MobileViT.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

struct min_depth_parameter final : parameter<min_depth_parameter, "min_depth"> {
  using parameter::operator=;
};
struct output_stride_parameter final : parameter<output_stride_parameter, "output_stride"> {
  using parameter::operator=;
};
inline constexpr min_depth_parameter min_depth{};
inline constexpr output_stride_parameter output_stride{};

/// MobileNets. Optimum lists no axis of their images but the batch.
template <class Derived, auto... Options>
struct MobileNetLikeOnnxConfig : FeatureMapOnnxConfig<Derived, Options...> {
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static consteval auto features() {
    return sizes<Derived::channels, ceil_divided(image_height, Derived::step),
                 ceil_divided(image_width, Derived::step)>;
  }
  static consteval auto declared_inputs() {
    return tensors<reshaped<pixel_values, expressions<batch_size_axis, num_channels_parameter, image_height_parameter,
                                                      image_width_parameter>>>;
  }
};

/// MobileNet v1 (`model_type` "mobilenet_v1"; transformers' MobileNetV1Config). 1024 channels, times a factor.
template <auto... Options>
struct MobileNetV1OnnxConfig : MobileNetLikeOnnxConfig<MobileNetV1OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mobilenet_v1";
  static constexpr auto parameters =
      normalized(hidden_size.named<"depth_multiplier*1024"> = 1024, min_depth = 8, image_size(224), num_channels = 3);
  static constexpr auto channels = max(hidden_size, min_depth);
  static constexpr auto step = int_c<32>;
};

/// MobileNet v2 (`model_type` "mobilenet_v2"; transformers' MobileNetV2Config). 1280 channels, or more with a factor.
template <auto... Options>
struct MobileNetV2OnnxConfig : MobileNetLikeOnnxConfig<MobileNetV2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mobilenet_v2";
  static constexpr auto parameters = normalized(hidden_size.named<"depth_multiplier*1280"> = 1280, output_stride = 32,
                                                image_size(224), num_channels = 3);
  static constexpr auto channels = max(hidden_size, int_c<1280>);
  static constexpr auto step = output_stride;
};

/// MobileViT (`model_type` "mobilevit"; transformers' MobileViTConfig).
template <auto... Options>
struct MobileViTOnnxConfig : FeatureMapOnnxConfig<MobileViTOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mobilevit";
  static constexpr auto tasks = supports(feature_extraction, image_classification, image_segmentation);
  static constexpr auto parameters = normalized(hidden_size.named<"neck_hidden_sizes[-1]"> = 640, output_stride = 32,
                                                image_size(256), num_channels = 3);
  static constexpr auto grid_rows = ceil_divided(height, output_stride);
  static constexpr auto grid_columns = ceil_divided(width, output_stride);
  // Optimum calls the masks' size the image's.
  static constexpr auto mask_rows = named<"height", grid_rows>;
  static constexpr auto mask_columns = named<"width", grid_columns>;
};

}  // namespace constexport
