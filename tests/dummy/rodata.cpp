// What rodata.py looks at: constant dummy inputs lie in the file, and nothing makes them.
#include <constexport/dummy/static_inputs.hpp>
#include <constexport/models/gpt2.hpp>

using namespace constexport;

constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 2, hidden_size = 24,
                                                                             num_attention_heads = 3};
// 5 * 3 * 71 * 8 floats: more than one piece of static_inputs.hpp.
constexpr auto inputs = static_dummy_inputs<gpt2, (batch_size = 5), (past_sequence_length = 71)>;

extern "C" std::int64_t const* input_ids() { return inputs.get<"input_ids">().data(); }
extern "C" float const* last_cache() { return inputs.get<"past_key_values.1.value">().data(); }
