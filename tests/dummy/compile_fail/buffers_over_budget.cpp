// EXPECT: the buffers are over their budget<>
// SHOWS: is_within_budget<3170304
#include <constexport/dummy/static_buffers.hpp>
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr BertOnnxConfig<> bert{};
constinit static_buffers<bert, (batch_size = 64), budget<65536>> buffers;
