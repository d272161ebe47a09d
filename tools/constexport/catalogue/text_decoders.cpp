#include "../register.hpp"

namespace constexport::command {

void add_text_decoders(entries& all) { add_models(all, text_decoder_models{}); }

}  // namespace constexport::command
