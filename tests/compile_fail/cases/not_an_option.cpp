// EXPECT: a template argument is not an option; use a task
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr auto list = BertOnnxConfig<feature_extraction, hidden_size>::inputs();
