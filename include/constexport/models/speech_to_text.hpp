/// models/speech_to_text.hpp: Speech2Text.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/audio.hpp>

namespace constexport {

struct num_conv_layers_parameter final : parameter<num_conv_layers_parameter, "num_conv_layers"> {
  using parameter::operator=;
};
inline constexpr num_conv_layers_parameter num_conv_layers{};

/// Speech2Text (`model_type` "speech_to_text"; transformers' Speech2TextConfig). Optimum says that its convolutions
/// shorten the frames to one in two per layer, added up.
template <auto... Options>
struct Speech2TextOnnxConfig : AudioToTextOnnxConfig<Speech2TextOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "speech_to_text";
  static constexpr auto tasks = supports(feature_extraction.with_past, automatic_speech_recognition.with_past);
  static constexpr auto parameters =
      normalized(num_layers.named<"decoder_layers"> = 6, num_attention_heads.named<"encoder_attention_heads"> = 4,
                 hidden_size.named<"d_model"> = 256, vocab_size = 10000,
                 feature_size.named<"input_feat_per_channel"> = 80, num_conv_layers = 2);
  static constexpr auto encoder_inputs = tensors<frames_of_sound<encoder_sequence_length>, encoder_attention_mask>;
  static constexpr auto encoder_side = tensors<encoder_outputs, encoder_attention_mask>;
  static constexpr auto shortened = int_c<2> * num_conv_layers;
  static constexpr auto encoder_length = (encoder_sequence_length + shortened - int_c<1>) / shortened;
};

}  // namespace constexport
