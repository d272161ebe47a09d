// What comes with a configuration of one's own: checks, shapes, dummies, metadata.
#include "sentence_pair.hpp"

#include <constexport/dummy/static_inputs.hpp>
#include <constexport/onnx/graph_metadata.hpp>

#include <cstdio>

using namespace my_company;

using Pair = SentencePairOnnxConfig<feature_extraction>;
static_assert(Pair::outputs().at("scores").axes() == "batch_size, candidates, score_size");
constexpr Pair pair{vocab_size = 5000};

int main() {
  auto const& metadata = graph_metadata<pair>;
  std::printf("%zu inputs, %zu bytes of metadata\n", Pair::contract().inputs.size(), metadata.size());
  return Pair::contract().inputs.size() == 3 ? 0 : 1;
}
