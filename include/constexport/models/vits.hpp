/// models/vits.hpp: VITS.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_encoder.hpp>

namespace constexport {

/// Frames of the spectrogram: data decides how long the model speaks.
struct num_bins_axis final : axis<num_bins_axis, "num_bins"> {
  using axis::operator=;
  static constexpr bool is_free = true;
};
struct flow_size_parameter final : parameter<flow_size_parameter, "flow_size"> {
  using parameter::operator=;
};
struct upsample_rates_array final : parameter_array<"upsample_rates", 8> {};
inline constexpr num_bins_axis num_bins{};
inline constexpr flow_size_parameter flow_size{};
inline constexpr upsample_rates_array upsample_rates{};

/// VITS (`model_type` "vits"; transformers' VitsConfig).
template <auto... Options>
struct VitsOnnxConfig : TextEncoderOnnxConfig<VitsOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "vits";
  static constexpr auto tasks = supports(text_to_audio);
  static constexpr auto parameters = normalized(vocab_size = 38, flow_size = 192, upsample_rates.of<8, 8, 2, 2>());
  using text_dims = expressions<text_batch_size_axis, sequence_length_axis>;
  static constexpr auto model_inputs = tensors<reshaped<input_ids, text_dims>, reshaped<attention_mask, text_dims>>;

  static consteval auto declared_outputs() {
    return tensors<
        tensor<"waveform", dtype::float32, text_batch_size, named<"n_samples", num_bins * product_of(upsample_rates)>>,
        tensor<"spectrogram", dtype::float32, text_batch_size, flow_size, num_bins>>;
  }
  static constexpr auto values_override() { return std::array<value_override, 0>{}; }
};

}  // namespace constexport
