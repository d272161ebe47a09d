#include <constexport/export/verify.hpp>
#include <constexport/models/gpt2.hpp>
#include <constexport/onnx/graph_metadata.hpp>
#include <cstdio>
#include "models/gpt2.hpp"  // GPT-2 in torch::nn
using namespace constexport;

// The contract. The compiler checks task, flags, names, axes and parameters.
using Gpt2 = GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>;
constexpr Gpt2 gpt2{num_layers = 2, num_attention_heads = 4, hidden_size = 64, vocab_size = 100};
static_assert(gpt2.inputs().at("attention_mask").axes() == "batch_size, past_sequence_length + sequence_length");

// Its inputs and outputs as an ONNX ModelProto: bytes in .rodata.
constexpr auto const& metadata = graph_metadata<gpt2>;

int main() {
  examples::gpt2 module({.vocab_size = 100, .n_embd = 64, .n_layer = 2, .n_head = 4});
  auto const dummies = gpt2.generate_dummy_inputs<libtorch>(batch_size = 4, sequence_length = 32);
  export_report const report = export_onnx(module, gpt2, "gpt2.onnx");  // LibTorch to ONNX, without Python
  verification const result = verify(module, gpt2, "gpt2.onnx");        // ONNX Runtime against LibTorch
  std::printf("metadata %zu bytes, %zu dummies, %zu nodes, largest error %.0e\n", metadata.size(), dummies.size(),
              report.nodes, result.largest_error());
  return result.ok() ? 0 : 1;
}
