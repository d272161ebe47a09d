// EXPECT: this model has no past key/values for this task
#include <constexport/models/gpt2.hpp>
using namespace constexport;
constexpr auto list = GPT2OnnxConfig<text_classification, use_past>::outputs();
