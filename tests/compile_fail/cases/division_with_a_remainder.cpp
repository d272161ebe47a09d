// EXPECT: a division marked exactly() leaves a remainder with these parameters
#include <constexport/models/gpt2.hpp>
using namespace constexport;
constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{hidden_size = 100, num_attention_heads = 12};
constexpr auto const& contract_of_gpt2 = bound<gpt2>;
