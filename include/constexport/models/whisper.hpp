/// models/whisper.hpp: Whisper.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/audio.hpp>

namespace constexport {

/// Whisper (`model_type` "whisper"; transformers' WhisperConfig).
template <auto... Options>
struct WhisperOnnxConfig : AudioToTextOnnxConfig<WhisperOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "whisper";
  static constexpr auto tasks =
      supports(feature_extraction.with_past, audio_classification, automatic_speech_recognition.with_past);
  static constexpr auto parameters =
      normalized(num_layers.named<"decoder_layers"> = 4, num_attention_heads.named<"encoder_attention_heads"> = 6,
                 hidden_size.named<"d_model"> = 384, vocab_size = 51865, feature_size.named<"num_mel_bins"> = 80,
                 max_source_positions = 1500);
};

}  // namespace constexport
