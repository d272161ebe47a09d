/// models/vit.hpp: ViT and what differs from it by a few lines.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// ViT (`model_type` "vit"; transformers' ViTConfig).
template <auto... Options>
struct ViTOnnxConfig : VisionOnnxConfig<ViTOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "vit";
  static constexpr auto tasks = supports(feature_extraction, image_classification, masked_im);
  static constexpr auto parameters =
      normalized(hidden_size = 768, image_size(224), patch_size = 16, num_channels = 3, encoder_stride = 16);
};

/// DeiT (`model_type` "deit"; transformers' DeiTConfig): a class token and a distillation token.
template <auto... Options>
struct DeiTOnnxConfig : VisionOnnxConfig<DeiTOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "deit";
  static constexpr auto tasks = supports(feature_extraction, image_classification, masked_im);
  static constexpr auto parameters = normalized(ViTOnnxConfig<>::parameters);
  static consteval auto features() { return sizes<patch_rows * patch_columns + int_c<2>, hidden_size>; }
};

/// BEiT (`model_type` "beit"; transformers' BeitConfig).
template <auto... Options>
struct BeitOnnxConfig : VisionOnnxConfig<BeitOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "beit";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters = normalized(ViTOnnxConfig<>::parameters);
};

/// Data2Vec for images (`model_type` "data2vec-vision"; transformers' Data2VecVisionConfig).
template <auto... Options>
struct Data2VecVisionOnnxConfig : VisionOnnxConfig<Data2VecVisionOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "data2vec-vision";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters = normalized(ViTOnnxConfig<>::parameters);
};

/// ViT-MSN (`model_type` "vit_msn"; transformers' ViTMSNConfig).
template <auto... Options>
struct VitMSNOnnxConfig : VisionOnnxConfig<VitMSNOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "vit_msn";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters = normalized(ViTOnnxConfig<>::parameters);
};

/// Share of the patches that a masked autoencoder hides, in thousandths.
struct mask_ratio_parameter final : parameter<mask_ratio_parameter, "mask_ratio", 0, "mask_ratio*1000"> {
  using parameter::operator=;
};
inline constexpr mask_ratio_parameter mask_ratio{};

/// ViT-MAE (`model_type` "vit_mae"; transformers' ViTMAEConfig). Its encoder sees the patches that are not masked.
template <auto... Options>
struct VitMAEOnnxConfig : VisionOnnxConfig<VitMAEOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "vit_mae";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized(ViTOnnxConfig<>::parameters, mask_ratio = 750);
  static consteval auto features() {
    return sizes<patch_rows * patch_columns*(int_c<1000> - mask_ratio) / int_c<1000> + int_c<1>, hidden_size>;
  }
};

/// DINOv2 (`model_type` "dinov2"; transformers' Dinov2Config). Dummies have the size that its preprocessor crops to.
template <auto... Options>
struct Dinov2OnnxConfig : VisionOnnxConfig<Dinov2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "dinov2";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters =
      normalized(hidden_size = 768, image_height.named<"@crop_size.height"> = 224,
                 image_width.named<"@crop_size.width"> = 224, patch_size = 14, num_channels = 3);
  static constexpr auto grid_rows = height / patch_size;
  static constexpr auto grid_columns = width / patch_size;
};

/// DPT (`model_type` "dpt"; transformers' DPTConfig).
template <auto... Options>
struct DptOnnxConfig : VisionOnnxConfig<DptOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "dpt";
  static constexpr auto tasks =
      supports(feature_extraction, depth_estimation, image_segmentation, semantic_segmentation);
  static constexpr auto parameters = normalized(hidden_size = 768, image_size(384), patch_size = 16, num_channels = 3);
  static constexpr auto grid_rows = height / patch_size;
  static constexpr auto grid_columns = width / patch_size;
};

}  // namespace constexport
