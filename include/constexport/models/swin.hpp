/// models/swin.hpp: Swin and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

// The channels double from stage to stage, and the rows and columns halve.
inline constexpr auto swin_step = patch_size * power(int_c<2>, num_stages - int_c<1>);

/// Swin and its kin. They take images of any size, which they pad.
template <class Derived, auto... Options>
struct SwinLikeOnnxConfig : VisionOnnxConfig<Derived, Options...> {
  static constexpr auto grid_rows = ceil_divided(height, swin_step);
  static constexpr auto grid_columns = ceil_divided(width, swin_step);
  static consteval auto features() {
    return sizes<grid_rows * grid_columns, hidden_size * power(int_c<2>, num_stages - int_c<1>)>;
  }
};

/// Swin (`model_type` "swin"; transformers' SwinConfig).
template <auto... Options>
struct SwinOnnxConfig : SwinLikeOnnxConfig<SwinOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "swin";
  static constexpr auto tasks = supports(feature_extraction, image_classification, masked_im);
  static constexpr auto parameters = normalized(hidden_size.named<"embed_dim"> = 96, num_stages = 4, image_size(224),
                                                patch_size = 4, num_channels = 3, encoder_stride = 32);
};

/// Swin v2 (`model_type` "swinv2"; transformers' Swinv2Config).
template <auto... Options>
struct SwinV2OnnxConfig : SwinLikeOnnxConfig<SwinV2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "swinv2";
  static constexpr auto tasks = supports(feature_extraction, image_classification, masked_im);
  static constexpr auto parameters = normalized(SwinOnnxConfig<>::parameters);
};

/// The encoder of Donut (`model_type` "donut-swin"; transformers' DonutSwinConfig).
template <auto... Options>
struct DonutSwinOnnxConfig : SwinLikeOnnxConfig<DonutSwinOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "donut-swin";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized(SwinOnnxConfig<>::parameters);
};

struct upscale_parameter final : parameter<upscale_parameter, "upscale"> {
  using parameter::operator=;
};
struct num_channels_out_parameter final : parameter<num_channels_out_parameter, "num_channels_out"> {
  using parameter::operator=;
};
struct window_size_parameter final : parameter<window_size_parameter, "window_size"> {
  using parameter::operator=;
};
inline constexpr upscale_parameter upscale{};
inline constexpr num_channels_out_parameter num_channels_out{};
inline constexpr window_size_parameter window_size{};

/// Swin2SR (`model_type` "swin2sr"; transformers' Swin2SRConfig): enlarges images.
template <auto... Options>
struct Swin2srOnnxConfig : FeatureMapOnnxConfig<Swin2srOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "swin2sr";
  static constexpr auto tasks = supports(feature_extraction, image_to_image);
  static constexpr auto parameters = normalized(hidden_size.named<"embed_dim"> = 180, image_size(64), window_size = 8,
                                                num_channels = 3, num_channels_out = num_channels, upscale = 2);
  // Images are padded to whole windows.
  static constexpr auto grid_rows = ceil_divided(height, window_size) * window_size;
  static constexpr auto grid_columns = ceil_divided(width, window_size) * window_size;

  static consteval auto declared_outputs() {
    using base = FeatureMapOnnxConfig<Swin2srOnnxConfig, Options...>;
    if constexpr (base::task.name == image_to_image.name)
      return tensors<tensor<"reconstruction", dtype::float32, batch_size, named<"num_channels", num_channels_out>,
                            height * upscale, width * upscale>>;
    else
      return base::declared_outputs();
  }
};

}  // namespace constexport
