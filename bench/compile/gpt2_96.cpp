/// The contract and the ModelProto of GPT-2 with 96 layers (386 tensors), made by the compiler. What is measured is the
/// compilation: at most 1 s and 200 MB of g++. The program prints the size of the file.
#include <constexport/models/gpt2.hpp>
#include <constexport/onnx/graph_metadata.hpp>

#include <cstdio>

namespace {
using namespace constexport;

constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 96};
static_assert(count_tensors(gpt2.contract().inputs, gpt2.bind().sizes()) +
                  count_tensors(gpt2.contract().outputs, gpt2.bind().sizes()) ==
              388);
}  // namespace

int main() { std::printf("%zu bytes\n", graph_metadata<gpt2>.size()); }
