// A program that knows its model's file at compile time, in two translation units.
#include "gpt2.hpp"
#include "model_io.hpp"

#include <cstdio>

#ifdef CHECKED_HERE  // constexport_check adds a source that asks this
#ifndef SINGLE_HEADER
#include <constexport/check/matches.hpp>
#endif
static_assert(constexport::matches<gpt2>(model_io::contract));
#endif

std::size_t outputs_in_other_file();

int main() {
  std::printf("%zu inputs\n", model_io::contract.value.inputs.size());
  return gpt2.bind().table->inputs.empty() || outputs_in_other_file() != model_io::contract.value.outputs.size();
}
