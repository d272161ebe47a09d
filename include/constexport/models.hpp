/// models.hpp: the catalogue, one line per family. Includes nothing else.
#pragma once

#include <constexport/models/bert.hpp>     // BertOnnxConfig       text encoder
#include <constexport/models/clip.hpp>     // CLIPOnnxConfig       text and vision
#include <constexport/models/gpt2.hpp>     // GPT2OnnxConfig       text decoder, past
#include <constexport/models/t5.hpp>       // T5OnnxConfig         text to text, encoder and decoder, past
#include <constexport/models/vit.hpp>      // ViTOnnxConfig        vision
#include <constexport/models/whisper.hpp>  // WhisperOnnxConfig    audio to text, encoder and decoder, past
