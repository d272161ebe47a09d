// EXPECT: the configuration has no dummy input of this name
#include <constexport/dummy/static_inputs.hpp>
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr BertOnnxConfig<> bert{};
auto const& ids = static_dummy_inputs<bert>.get<"pixel_values">();
