// EXPECT: a parameter or an axis is given two values; keep one of them
#include <constexport/models/gpt2.hpp>
using namespace constexport;
constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 2, num_layers = 3};
constexpr auto const& contract_of_gpt2 = bound<gpt2>;
