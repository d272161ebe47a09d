// Writes the interface of a 12-layer GPT-2 as an ONNX file.
#include "gpt2_12.hpp"
#include <constexport/onnx/graph_metadata.hpp>

#include <cstdio>

int main() {
  auto const& bytes = constexport::graph_metadata<gpt2>;
  return std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() ? 0 : 1;
}
