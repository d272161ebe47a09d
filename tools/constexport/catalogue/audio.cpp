#include "../register.hpp"

namespace constexport::command {

void add_audio(entries& all) { add_models(all, audio_models{}); }

}  // namespace constexport::command
