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

/// Every model of the catalogue.
using every_model = model_list<BertOnnxConfig, CLIPOnnxConfig, GPT2OnnxConfig, T5OnnxConfig, ViTOnnxConfig, WhisperOnnxConfig>;

}  // namespace constexport
