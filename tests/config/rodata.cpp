// What tests/config/rodata.py looks at: reading a configuration executes nothing.
#include <constexport/models/gpt2.hpp>
#include <constexport/models/t5.hpp>

using namespace constexport;

constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 96, hidden_size = 12288,
                                                                             num_attention_heads = 96};

extern "C" contract const* contract_of_gpt2() { return &gpt2.contract(); }
extern "C" bound_contract const* bound_gpt2() { return &bound<gpt2>; }
extern "C" tensor_row const* first_input_of_t5() { return T5OnnxConfig<>::contract().inputs.data(); }
