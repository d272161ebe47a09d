// What the program expects of its model.
#pragma once

#ifndef SINGLE_HEADER
#include <constexport/models/gpt2.hpp>
#else
#include "constexport.hpp"
#endif

inline constexpr constexport::GPT2OnnxConfig<constexport::text_generation, constexport::use_past,
                                             constexport::use_past_in_inputs>
    gpt2{constexport::num_layers = 2};
