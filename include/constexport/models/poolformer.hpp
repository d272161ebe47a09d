/// models/poolformer.hpp: PoolFormer and CvT.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// The first stage's windows, larger than their step; the later stages halve.
struct first_patch_size_parameter final : parameter<first_patch_size_parameter, "patch_sizes[0]"> {
  using parameter::operator=;
};
struct first_padding_parameter final : parameter<first_padding_parameter, "padding[0]", 0> {
  using parameter::operator=;
};
inline constexpr first_patch_size_parameter first_patch_size{};
inline constexpr first_padding_parameter first_padding{};

/// Positions along `length` after the stages.
template <Expression Length, class Strides>
consteval auto pooled(Length, Strides steps) {
  return ceil_divided(
      convolved(Length{} + int_c<2> * first_padding, first_patch_size, typename Strides::template element<0>{}),
      product_of<1>(steps));
}

/// PoolFormer (`model_type` "poolformer"; transformers' PoolFormerConfig).
template <auto... Options>
struct PoolFormerOnnxConfig : FeatureMapOnnxConfig<PoolFormerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "poolformer";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters = normalized(hidden_size.named<"hidden_sizes[-1]"> = 512, num_channels = 3,
                                                first_patch_size = 7, first_padding = 2, strides.of<4, 2, 2, 2>());
  static constexpr auto grid_rows = pooled(height, strides);
  static constexpr auto grid_columns = pooled(width, strides);
};

struct patch_strides_array final : parameter_array<"patch_stride", 8> {};
inline constexpr patch_strides_array patch_strides{};

/// CvT (`model_type` "cvt"; transformers' CvtConfig).
template <auto... Options>
struct CvTOnnxConfig : FeatureMapOnnxConfig<CvTOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "cvt";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters =
      normalized(hidden_size.named<"embed_dim[-1]"> = 384, num_channels = 3, first_patch_size = 7,
                 first_padding.named<"patch_padding[0]"> = 2, patch_strides.of<4, 2, 2>());
  static constexpr auto grid_rows = pooled(height, patch_strides);
  static constexpr auto grid_columns = pooled(width, patch_strides);
};

}  // namespace constexport
