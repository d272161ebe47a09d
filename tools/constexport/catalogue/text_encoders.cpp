#include "../register.hpp"

namespace constexport::command {

void add_text_encoders(entries& all) { add_models(all, text_encoder_models{}); }

}  // namespace constexport::command
