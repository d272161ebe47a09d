/// What a program executes to read a configuration's inputs and outputs. In a file of their own, so that the
/// disassembly shows them alone and no caller sees through them.
#pragma once

#include <constexport/core/contract.hpp>

#include <cstddef>
#include <span>

extern "C" {
std::span<constexport::tensor_row const> read_bert_inputs();
std::span<constexport::tensor_row const> read_bert_outputs();
std::span<constexport::tensor_row const> read_gpt2_inputs();
std::span<constexport::tensor_row const> read_gpt2_outputs();
std::size_t walk_gpt2();
}
