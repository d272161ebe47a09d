// EXPECT: a constant dummy has at most 32768 elements
// SHOWS: 65536 <= 32768
#include <constexport/dummy/static_inputs.hpp>
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr BertOnnxConfig<> bert{};
auto const& ids = static_dummy_inputs<bert, (batch_size = 4096)>.get<"input_ids">();
