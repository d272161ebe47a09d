#include "../register.hpp"

namespace constexport::command {

void add_diffusion(entries& all) { add_models(all, diffusion_models{}); }

}  // namespace constexport::command
