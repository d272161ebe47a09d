// EXPECT: a configuration has one task; remove all tasks but one
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr auto list = BertOnnxConfig<fill_mask, question_answering>::inputs();
