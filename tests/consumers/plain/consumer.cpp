// A user's program: installed, as a subproject, or of two files, with nothing but the library.
#include <cstdio>

#include <constexport/models.hpp>

using namespace constexport;

constexpr BertOnnxConfig<feature_extraction> bert{num_layers = 2, hidden_size = 96};
static_assert(bert.outputs().at("last_hidden_state").axes() == "batch_size, sequence_length, hidden_size");

std::size_t in_other_file();

int main() {
  std::size_t const inputs = bert.bind().table->inputs.size();
  std::printf("%zu inputs\n", inputs);
#ifdef WITH_OTHER_FILE
  return inputs == in_other_file() ? 0 : 1;
#else
  return inputs == 3 ? 0 : 1;
#endif
}
