#include "../register.hpp"

namespace constexport::command {

void add_text_and_vision(entries& all) { add_models(all, text_and_vision_models{}); }

}  // namespace constexport::command
