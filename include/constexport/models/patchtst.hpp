/// models/patchtst.hpp: PatchTST and PatchTSMixer.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/time_series.hpp>

namespace constexport {

/// PatchTST (`model_type` "patchtst"; transformers' PatchTSTConfig). It may put a token of its own before the patches.
template <auto... Options>
struct PatchTSTOnnxConfig : TimeSeriesOnnxConfig<PatchTSTOnnxConfig<Options...>, Options...> {
  using base = TimeSeriesOnnxConfig<PatchTSTOnnxConfig<Options...>, Options...>;
  static constexpr std::string_view model_type = "patchtst";
  static constexpr auto patches = base::patches + use_cls_token;
  static constexpr auto parameters = normalized(
      hidden_size.named<"d_model"> = 128, context_length = 32, prediction_length = 24, num_input_channels = 1,
      patch_length = 1, patch_stride = 1, use_cls_token = 0, num_predicted = num_input_channels);
};

/// PatchTSMixer (`model_type` "patchtsmixer"; transformers' PatchTSMixerConfig).
template <auto... Options>
struct PatchTSMixerOnnxConfig : TimeSeriesOnnxConfig<PatchTSMixerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "patchtsmixer";
  static constexpr auto parameters = normalized(
      hidden_size.named<"d_model"> = 8, context_length = 32, prediction_length = 16, num_input_channels = 1,
      patch_length = 8, patch_stride = 8, num_predicted.named<"prediction_channel_indices#"> = num_input_channels);
};

}  // namespace constexport
