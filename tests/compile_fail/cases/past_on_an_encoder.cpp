// EXPECT: an encoder has no past key/values; remove use_past, or use decoder
#include <constexport/models/t5.hpp>
using namespace constexport;
constexpr auto list = T5OnnxConfig<text2text_generation>{}.with_behavior<encoder, use_past>().inputs();
