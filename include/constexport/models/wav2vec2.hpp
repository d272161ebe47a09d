/// models/wav2vec2.hpp: Wav2Vec2, HuBERT and their kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/audio.hpp>

namespace constexport {

/// An adapter after the encoder widens the hidden states.
struct add_adapter_parameter final : parameter<add_adapter_parameter, "add_adapter", 0> {
  using parameter::operator=;
};
inline constexpr add_adapter_parameter add_adapter{};
struct output_hidden_size_parameter final : parameter<output_hidden_size_parameter, "output_hidden_size"> {
  using parameter::operator=;
};
inline constexpr output_hidden_size_parameter output_hidden_size{};
inline constexpr auto adapted_size = hidden_size + add_adapter * (output_hidden_size - hidden_size);

/// Models whose feature extractor is a stack of convolutions over samples.
template <class Derived, auto... Options>
struct ConvolutionalAudioOnnxConfig : AudioOnnxConfig<Derived, Options...> {
  static constexpr auto frames = convolved(sequence_length, conv_kernel, conv_stride);
  static constexpr auto tasks = supports(feature_extraction, automatic_speech_recognition, audio_classification);
  static constexpr auto parameters =
      normalized(hidden_size = 768, vocab_size = 32,  //
                 conv_kernel.of<10, 3, 3, 3, 3, 2, 2>(), conv_stride.of<5, 2, 2, 2, 2, 2, 2>());
};

/// Those that also label frames and speakers.
template <class Derived, auto... Options>
struct SpeakerAudioOnnxConfig : ConvolutionalAudioOnnxConfig<Derived, Options...> {
  using base = ConvolutionalAudioOnnxConfig<Derived, Options...>;
  static constexpr auto tasks = supports(feature_extraction, automatic_speech_recognition, audio_classification,
                                         audio_frame_classification, audio_xvector);
  static constexpr auto parameters = normalized(base::parameters, xvector_output_dim = 512);
};

/// Those of them that may have an adapter.
template <class Derived, auto... Options>
struct AdaptedAudioOnnxConfig : SpeakerAudioOnnxConfig<Derived, Options...> {
  using base = SpeakerAudioOnnxConfig<Derived, Options...>;
  static constexpr auto width = adapted_size;
  static constexpr auto parameters = normalized(base::parameters, add_adapter = 0, output_hidden_size = hidden_size);
};

/// HuBERT (`model_type` "hubert"; transformers' HubertConfig).
template <auto... Options>
struct HubertOnnxConfig : ConvolutionalAudioOnnxConfig<HubertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "hubert";
};

/// SEW (`model_type` "sew"; transformers' SEWConfig).
template <auto... Options>
struct SEWOnnxConfig : ConvolutionalAudioOnnxConfig<SEWOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "sew";
  static constexpr auto parameters =
      normalized(hidden_size = 768, vocab_size = 32, conv_kernel.of<10, 3, 1, 3, 1, 3, 1, 3, 1, 2, 1, 2, 1>(),
                 conv_stride.of<5, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1>());
};

/// SEW-D (`model_type` "sew-d"; transformers' SEWDConfig).
template <auto... Options>
struct SEWDOnnxConfig : ConvolutionalAudioOnnxConfig<SEWDOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "sew-d";
  static constexpr auto parameters = SEWOnnxConfig<>::parameters;
};

/// UniSpeech (`model_type` "unispeech"; transformers' UniSpeechConfig).
template <auto... Options>
struct UniSpeechOnnxConfig : ConvolutionalAudioOnnxConfig<UniSpeechOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "unispeech";
};

/// UniSpeech-SAT (`model_type` "unispeech-sat"; transformers' UniSpeechSatConfig).
template <auto... Options>
struct UniSpeechSATOnnxConfig : SpeakerAudioOnnxConfig<UniSpeechSATOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "unispeech-sat";
};

/// Data2Vec for sound (`model_type` "data2vec-audio"; transformers' Data2VecAudioConfig).
template <auto... Options>
struct Data2VecAudioOnnxConfig : AdaptedAudioOnnxConfig<Data2VecAudioOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "data2vec-audio";
};

/// Wav2Vec2 (`model_type` "wav2vec2"; transformers' Wav2Vec2Config).
template <auto... Options>
struct Wav2Vec2OnnxConfig : AdaptedAudioOnnxConfig<Wav2Vec2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "wav2vec2";
};

/// Wav2Vec2-Conformer (`model_type` "wav2vec2-conformer"; transformers' Wav2Vec2ConformerConfig).
template <auto... Options>
struct Wav2Vec2ConformerOnnxConfig : AdaptedAudioOnnxConfig<Wav2Vec2ConformerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "wav2vec2-conformer";
};

/// WavLM (`model_type` "wavlm"; transformers' WavLMConfig).
template <auto... Options>
struct WavLMOnnxConfig : AdaptedAudioOnnxConfig<WavLMOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "wavlm";
};

}  // namespace constexport
