// The decoding example's GPT-2 file, to the standard output.
#include "gpt2_file.hpp"

#include <cstdio>

int main() {
  std::string const file = decoding::gpt2_file({.layers = 2, .heads = 2, .hidden = 16, .vocabulary = 50});
  return std::fwrite(file.data(), 1, file.size(), stdout) == file.size() ? 0 : 1;
}
