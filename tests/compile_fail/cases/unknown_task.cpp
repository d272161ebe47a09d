// EXPECT: this model does not support this task; its member `tasks` lists those that it supports
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr auto list = BertOnnxConfig<text_to_audio>::inputs();
