// EXPECT: no buffers at these axis sizes; the enumerator of dummy_error says why
// SHOWS: dummy_error::size_out_of_range
#include <constexport/dummy/static_buffers.hpp>
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr BertOnnxConfig<> bert{};
constinit static_buffers<bert, (batch_size = 0)> buffers;
