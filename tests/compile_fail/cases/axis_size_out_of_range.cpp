// EXPECT: an axis is fixed to a size outside its range
#include <constexport/models/gpt2.hpp>
using namespace constexport;
constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{batch_size = 0};
constexpr auto const& contract_of_gpt2 = bound<gpt2>;
