#include "reads.hpp"

#include <constexport/models/bert.hpp>
#include <constexport/models/gpt2.hpp>

using namespace constexport;

namespace {
constexpr BertOnnxConfig<feature_extraction> bert;
constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2;
}  // namespace

std::span<tensor_row const> read_bert_inputs() { return bert.contract().inputs; }
std::span<tensor_row const> read_bert_outputs() { return bert.contract().outputs; }
std::span<tensor_row const> read_gpt2_inputs() { return gpt2.contract().inputs; }
std::span<tensor_row const> read_gpt2_outputs() { return gpt2.contract().outputs; }

/// Length of every name plus rank, of every tensor with its layer: as much as a caller who uses all of it reads.
std::size_t walk_gpt2() {
  static constexpr bound_contract values = gpt2.bind();
  std::size_t sum = 0;
  auto const add = [&](tensor_row const& row, std::int64_t layer) {
    sum += tensor_name{row.name, layer}.size() + row.dims.size();
  };
  for_each_tensor(values.table->inputs, values.sizes(), add);
  for_each_tensor(values.table->outputs, values.sizes(), add);
  return sum;
}
