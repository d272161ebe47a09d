#include "../register.hpp"

namespace constexport::command {

void add_vision(entries& all) { add_models(all, vision_models{}); }

}  // namespace constexport::command
