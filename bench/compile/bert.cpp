/// What a user pays for one model header. Compiled, never run.
#include <constexport/models/bert.hpp>
