// EXPECT: no dummy inputs at these axis sizes; the enumerator of dummy_error says why
// SHOWS: dummy_error::size_out_of_range
#include <constexport/dummy/static_inputs.hpp>
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr BertOnnxConfig<> bert{};
auto const& ids = static_dummy_inputs<bert, (batch_size = 0)>.get<"input_ids">();
