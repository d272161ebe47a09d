// Uses the light layers at run time; consumers.py looks at the symbols that the object file wants from elsewhere.
#include <constexport/check/mismatch.hpp>
#include <constexport/models.hpp>
#include <constexport/onnx/contract_reader.hpp>
#include <constexport/onnx/metadata.hpp>
#include <constexport/onnx/reader.hpp>

#include <span>
#include <string_view>

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

bool read(std::string_view file, contract_storage<>& storage) {
  wire::model_file const model = wire::read_model(file);
  return model && static_cast<bool>(read_contract(model.model.find_metadata(contract_key), storage));
}

bool compare(contract_storage<> const& storage, described_file const& file) {
  return find_mismatch(storage.bound(), file).kind == mismatch_kind::none;
}
