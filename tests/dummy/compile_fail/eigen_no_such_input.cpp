// EXPECT: the configuration has no input of this name
#include <constexport/adapters/eigen.hpp>
#include <constexport/models/bert.hpp>
using namespace constexport;
auto ids() { return make_eigen<"pixel_values">(BertOnnxConfig<>{}); }
