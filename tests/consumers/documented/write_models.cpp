// write_models MODEL DECODER: the files that the document's lines check, as their configurations make them.
#include <constexport/models/bert.hpp>
#include <constexport/models/gpt2.hpp>
#include <constexport/onnx/graph_metadata.hpp>

#include <cstdio>

using namespace constexport;

constexpr BertOnnxConfig<> bert{};
constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{};

template <auto const& Config>
bool write(char const* path) {
  auto const& bytes = graph_metadata<Config>;
  std::FILE* const file = std::fopen(path, "wb");
  bool const written = file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  return file != nullptr && std::fclose(file) == 0 && written;
}

int main(int count, char** paths) { return count == 3 && write<bert>(paths[1]) && write<gpt2>(paths[2]) ? 0 : 1; }
