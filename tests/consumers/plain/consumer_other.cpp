// The same configuration in a second file of one program: nothing in the headers may be defined twice.
#include <cstddef>

#include <constexport/models.hpp>

std::size_t in_other_file() {
  using namespace constexport;
  static constexpr BertOnnxConfig<feature_extraction> bert{num_layers = 2, hidden_size = 96};
  return bert.bind().table->inputs.size();
}
