// EXPECT: this model is not an encoder-decoder model; remove encoder, decoder or monolith
#include <constexport/models/gpt2.hpp>
using namespace constexport;
constexpr auto list = GPT2OnnxConfig<text_generation, decoder>::inputs();
