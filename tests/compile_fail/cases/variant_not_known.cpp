// EXPECT: this model has no such variant; its member `variants` lists its variants
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr auto list = BertOnnxConfig<variant<"split">>::inputs();
