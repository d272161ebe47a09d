/// models/hiera.hpp: Hiera.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

struct query_stride_parameter final : parameter<query_stride_parameter, "query_stride", 1, "query_stride[0]"> {
  using parameter::operator=;
};
inline constexpr query_stride_parameter query_stride{};

struct num_query_pool_parameter final : parameter<num_query_pool_parameter, "num_query_pool", 0> {
  using parameter::operator=;
};
inline constexpr num_query_pool_parameter num_query_pool{};

struct patch_step_parameter final : parameter<patch_step_parameter, "patch_step", 1, "patch_stride[0]"> {
  using parameter::operator=;
};
inline constexpr patch_step_parameter patch_step{};

/// Hiera (`model_type` "hiera"; transformers' HieraConfig).
template <auto... Options>
struct HieraOnnxConfig : VisionOnnxConfig<HieraOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "hiera";
  static constexpr auto tasks = supports(feature_extraction, image_classification);
  static constexpr auto parameters = normalized(hidden_size.named<"embed_dim"> = 96, num_stages = 4, image_size(224),
                                                num_channels = 3, patch_step = 4, query_stride = 2, num_query_pool = 3);
  static constexpr auto step = patch_step * power(query_stride, num_query_pool);
  static consteval auto features() {
    return sizes<(image_height / step) * (image_width / step), hidden_size * power(int_c<2>, num_stages - int_c<1>)>;
  }
};

}  // namespace constexport
