// EXPECT: an option is given twice; keep one of them
#include <constexport/models/gpt2.hpp>
using namespace constexport;
constexpr auto list = GPT2OnnxConfig<text_generation, use_past, use_past>::inputs();
