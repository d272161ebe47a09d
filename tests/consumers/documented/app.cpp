// What docs/checking.md has for CMake, with the two headers that its lines make.
#include "decoder_io.hpp"
#include "model_io.hpp"

#include <cstdio>

int main() {
  std::printf("%zu and %zu inputs\n", model_io::contract.value.inputs.size(), decoder_io::contract.value.inputs.size());
}
