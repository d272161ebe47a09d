#include "../register.hpp"

namespace constexport::command {

void add_time_series(entries& all) { add_models(all, time_series_models{}); }

}  // namespace constexport::command
