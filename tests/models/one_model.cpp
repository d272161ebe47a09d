// What tests/models/one_model.py looks at: the whole catalogue is included, one model is used.
#include <constexport/models.hpp>

extern "C" constexport::contract const* used() { return &constexport::BertOnnxConfig<>::contract(); }
