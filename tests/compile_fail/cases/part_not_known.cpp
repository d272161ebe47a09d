// EXPECT: this model has no such part; its member `parts` lists its parts
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr auto list = BertOnnxConfig<part<"vision_encoder">>::inputs();
