// EXPECT: use_past_in_inputs needs use_past; add use_past
#include <constexport/models/gpt2.hpp>
using namespace constexport;
constexpr auto list = GPT2OnnxConfig<text_generation, use_past_in_inputs>::inputs();
