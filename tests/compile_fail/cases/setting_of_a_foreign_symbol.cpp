// EXPECT: a value is given to a parameter or an axis that this model does not have
#include <constexport/models/gpt2.hpp>
using namespace constexport;
constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{patch_size = 224};
constexpr auto const& contract_of_gpt2 = bound<gpt2>;
