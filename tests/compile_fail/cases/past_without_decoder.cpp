// EXPECT: use_past needs a decoder, and this model has none; remove use_past
#include <constexport/models/bert.hpp>
using namespace constexport;
constexpr auto list = BertOnnxConfig<feature_extraction, use_past>::outputs();
