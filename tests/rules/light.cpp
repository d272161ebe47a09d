// Uses the light layers at run time; consumers.py looks at the symbols that the object file wants from elsewhere.
#include <span>

#include <constexport/models.hpp>
#include <constexport/onnx/metadata.hpp>

using namespace constexport;

constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 2, hidden_size = 64,
                                                                             num_attention_heads = 4};

std::int64_t size_of(std::size_t output, std::size_t dim) {
  bound_contract const bound = gpt2.bind();
  return evaluate(bound.table->outputs[output].dims[dim].size, bound.sizes());
}

std::uint64_t write(std::span<char> memory) {
  wire::span_sink sink{memory};
  write_metadata(sink, gpt2.bind());
  return sink.size();
}
