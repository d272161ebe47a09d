/// models.hpp: the catalogue, one line per family.
#pragma once

#include <constexport/models/bert.hpp>            // BertOnnxConfig       text encoder
#include <constexport/models/clip.hpp>            // CLIPOnnxConfig       text and vision
#include <constexport/models/gpt2.hpp>            // GPT2OnnxConfig       text decoder, past
#include <constexport/models/moonshine.hpp>       // MoonshineOnnxConfig  sound to text, encoder and decoder, past
#include <constexport/models/musicgen.hpp>        // MusicgenOnnxConfig   text to sound, four parts, past
#include <constexport/models/patchtst.hpp>        // PatchTST, PatchTSMixer: time series
#include <constexport/models/spectrogram.hpp>     // AST, M-CTC-T         sound
#include <constexport/models/speech_to_text.hpp>  // Speech2TextOnnxConfig  sound to text, encoder and decoder, past
#include <constexport/models/speecht5.hpp>        // SpeechT5OnnxConfig   text to sound, three parts
#include <constexport/models/t5.hpp>              // T5OnnxConfig         text to text, encoder and decoder, past
#include <constexport/models/vit.hpp>             // ViTOnnxConfig        vision
#include <constexport/models/vits.hpp>            // VitsOnnxConfig       text to sound
#include <constexport/models/wav2vec2.hpp>        // Wav2Vec2 and its kin: HuBERT, SEW, UniSpeech, WavLM, ...: sound
#include <constexport/models/whisper.hpp>         // WhisperOnnxConfig    sound to text, encoder and decoder, past

namespace constexport {

/// A list of models.
template <template <auto...> class... Models>
struct model_list {};

/// The models of several lists.
template <class... Lists>
struct joined_models;
template <template <auto...> class... Models>
struct joined_models<model_list<Models...>> {
  using type = model_list<Models...>;
};
template <template <auto...> class... Models, template <auto...> class... More, class... Rest>
struct joined_models<model_list<Models...>, model_list<More...>, Rest...>
    : joined_models<model_list<Models..., More...>, Rest...> {};

// The catalogue by modality.
using text_encoder_models = model_list<BertOnnxConfig>;
using text_decoder_models = model_list<GPT2OnnxConfig>;
using text_to_text_models = model_list<T5OnnxConfig>;
using vision_models = model_list<ViTOnnxConfig>;
using text_and_vision_models = model_list<CLIPOnnxConfig>;
using audio_models =
    model_list<ASTOnnxConfig, Data2VecAudioOnnxConfig, HubertOnnxConfig, MCTCTOnnxConfig, MoonshineOnnxConfig,
               MusicgenOnnxConfig, SEWDOnnxConfig, SEWOnnxConfig, Speech2TextOnnxConfig, SpeechT5OnnxConfig,
               UniSpeechOnnxConfig, UniSpeechSATOnnxConfig, VitsOnnxConfig, Wav2Vec2ConformerOnnxConfig,
               Wav2Vec2OnnxConfig, WavLMOnnxConfig, WhisperOnnxConfig>;
using time_series_models = model_list<PatchTSMixerOnnxConfig, PatchTSTOnnxConfig>;

/// Every model of the catalogue.
using every_model = joined_models<text_encoder_models, text_decoder_models, text_to_text_models, vision_models,
                                  text_and_vision_models, audio_models, time_series_models>::type;

}  // namespace constexport
