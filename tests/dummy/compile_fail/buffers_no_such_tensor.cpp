// EXPECT: the configuration has no tensor of this name
#include <constexport/dummy/static_buffers.hpp>
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr BertOnnxConfig<> bert{};
constinit static_buffers<bert, (batch_size = 1)> buffers;
auto pixels() { return buffers.get<"pixel_values">(); }
