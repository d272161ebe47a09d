/// models/spectrogram.hpp: encoders of spectrograms: M-CTC-T and the Audio Spectrogram Transformer.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/audio.hpp>

namespace constexport {

/// M-CTC-T (`model_type` "mctct"; transformers' MCTCTConfig). Its convolutions are padded by half a kernel.
template <auto... Options>
struct MCTCTOnnxConfig : AudioOnnxConfig<MCTCTOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mctct";
  static constexpr auto tasks = supports(feature_extraction, automatic_speech_recognition);
  static constexpr auto frames = convolved_with_padding(sequence_length, conv_kernel, conv_stride);
  static constexpr auto parameters =
      normalized(hidden_size = 1536, vocab_size = 8065, feature_size.named<"input_feat_per_channel"> = 80,
                 conv_kernel.of<7>(), conv_stride.of<3>());

  static consteval auto declared_inputs() { return tensors<frames_of_sound<sequence_length>>; }
};

struct max_length_parameter final : parameter<max_length_parameter, "max_length"> {
  using parameter::operator=;
};
struct frequency_stride_parameter final : parameter<frequency_stride_parameter, "frequency_stride"> {
  using parameter::operator=;
};
struct time_stride_parameter final : parameter<time_stride_parameter, "time_stride"> {
  using parameter::operator=;
};
inline constexpr max_length_parameter max_length{};
inline constexpr frequency_stride_parameter frequency_stride{};
inline constexpr time_stride_parameter time_stride{};

/// Audio Spectrogram Transformer (`model_type` "audio-spectrogram-transformer"; transformers' ASTConfig). Patches of a
/// spectrogram of one size, and two tokens of its own.
template <auto... Options>
struct ASTOnnxConfig : OnnxConfig<ASTOnnxConfig<Options...>, Options...> {
  using base = OnnxConfig<ASTOnnxConfig<Options...>, Options...>;
  static constexpr std::string_view model_type = "audio-spectrogram-transformer";
  static constexpr auto tasks = supports(feature_extraction, audio_classification);
  static constexpr auto parameters =
      normalized(hidden_size = 768, feature_size.named<"num_mel_bins"> = 128, max_length = 1024, patch_size = 16,
                 frequency_stride = 10, time_stride = 10);

  struct input_values : tensor<"input_values", dtype::float32, batch_size, max_length, feature_size> {
    static constexpr auto values = uniform<-1, 1>;
  };
  static consteval auto declared_inputs() { return tensors<input_values>; }
  static consteval auto declared_outputs() {
    constexpr auto patches =
        convolved(feature_size, patch_size, frequency_stride) * convolved(max_length, patch_size, time_stride);
    if constexpr (base::task.name == audio_classification.name)
      return tensors<label_logits>;
    else
      return tensors<last_hidden_state<named<"sequence_length", patches + int_c<2>>>>;
  }
};

}  // namespace constexport
