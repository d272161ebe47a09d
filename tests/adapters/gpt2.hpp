// The small GPT-2 of the session's tests: a constant configuration, and a file that keeps its contract.
#pragma once

#include "examples/decoding/gpt2_file.hpp"
#include <constexport/models/gpt2.hpp>

namespace session_tests {

using namespace constexport;

using Gpt2 = GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>;
inline constexpr Gpt2 gpt2{num_layers = 2, num_attention_heads = 2, hidden_size = 16, vocab_size = 50};

}  // namespace session_tests
