// A build that fails when the file and the configuration disagree. Without MATCHES: the same contract, not compared.
#include "gpt2_12.hpp"
#include "model_io.hpp"

#ifdef MATCHES
#include <constexport/check/matches.hpp>
static_assert(constexport::matches<gpt2>(model_io::contract));
#else
static_assert(!constexport::bound<gpt2>.table->inputs.empty());
#endif
