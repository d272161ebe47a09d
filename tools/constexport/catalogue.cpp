#include "catalogue.hpp"

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
