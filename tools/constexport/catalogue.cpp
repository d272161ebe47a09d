#include "catalogue.hpp"

#include <constexport/models.hpp>

#include <type_traits>

namespace constexport::command {

// One translation unit each.
void add_text_encoders(entries&);
void add_text_decoders(entries&);
void add_text_to_text(entries&);
void add_vision(entries&);
void add_text_and_vision(entries&);
void add_diffusion(entries&);
void add_audio(entries&);
void add_time_series(entries&);

static_assert(
    std::is_same_v<every_model,
                   joined_models<text_encoder_models, text_decoder_models, text_to_text_models, vision_models,
                                 text_and_vision_models, diffusion_models, audio_models, time_series_models>::type>,
    "models.hpp has another list of models: give it a translation unit in catalogue/, and name it here");

entries const& catalogue() {
  static entries const all = [] {
    entries result;
    for (auto const add : {add_text_encoders, add_text_decoders, add_text_to_text, add_vision, add_text_and_vision,
                           add_diffusion, add_audio, add_time_series})
      add(result);
    return result;
  }();
  return all;
}

}  // namespace constexport::command
