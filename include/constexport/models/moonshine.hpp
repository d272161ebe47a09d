/// models/moonshine.hpp: Moonshine.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/audio.hpp>

namespace constexport {

/// Moonshine (`model_type` "moonshine"; transformers' MoonshineConfig). Three convolutions of fixed sizes shorten the
/// samples. Optimum takes the encoder's numbers of layers and heads for the cache of the decoder.
template <auto... Options>
struct MoonshineOnnxConfig : AudioToTextOnnxConfig<MoonshineOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "moonshine";
  static constexpr auto tasks = supports(feature_extraction.with_past, automatic_speech_recognition.with_past);
  static constexpr auto parameters =
      normalized(num_layers.named<"encoder_num_hidden_layers"> = 6,
                 num_attention_heads.named<"encoder_num_attention_heads"> = 8, hidden_size = 288, vocab_size = 32768);
  using mask = dummy_shaped<encoder_attention_mask, batch_size, audio_sequence_length>;
  static constexpr auto encoder_inputs = tensors<sound<encoder_sequence_length>, mask>;
  static constexpr auto encoder_side = tensors<encoder_outputs, mask>;
  static constexpr auto encoder_length = convolved(
      convolved(convolved(encoder_sequence_length, int_c<127>, int_c<64>), int_c<7>, int_c<3>), int_c<3>, int_c<2>);
};

}  // namespace constexport
