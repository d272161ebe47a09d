/// models.hpp: the catalogue, one line per family.
#pragma once

#include <constexport/models/bert.hpp>     // BertOnnxConfig       text encoder
#include <constexport/models/clip.hpp>     // CLIPOnnxConfig       text and vision
#include <constexport/models/gpt2.hpp>     // GPT2OnnxConfig       text decoder, past
#include <constexport/models/t5.hpp>       // T5OnnxConfig         text to text, encoder and decoder, past
#include <constexport/models/vit.hpp>      // ViTOnnxConfig        vision
#include <constexport/models/whisper.hpp>  // WhisperOnnxConfig    audio to text, encoder and decoder, past

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
using audio_models = model_list<WhisperOnnxConfig>;

/// Every model of the catalogue.
using every_model = joined_models<text_encoder_models, text_decoder_models, text_to_text_models, vision_models,
                                  text_and_vision_models, audio_models>::type;

}  // namespace constexport
