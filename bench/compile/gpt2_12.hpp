// The configuration whose file `constexport header` describes, and that is compared with it.
#include <constexport/models/gpt2.hpp>

inline constexpr constexport::GPT2OnnxConfig<constexport::text_generation, constexport::use_past,
                                             constexport::use_past_in_inputs>
    gpt2{constexport::num_layers = 12};
