#include "../register.hpp"

namespace constexport::command {

void add_text_to_text(entries& all) { add_models(all, text_to_text_models{}); }

}  // namespace constexport::command
