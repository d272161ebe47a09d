// script_module OUT.pt [--seed N] [--training] [NAME=2x3 ...] < SOURCE
// A TorchScript file of methods in TorchScript's own language, with random parameters of the given shapes.
#include <torch/script.h>
#include <torch/torch.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  try {
    torch::jit::Module module("module");
    bool training = false;
    torch::manual_seed(1);
    for (int i = 2; i < argc; ++i) {
      std::string const word = argv[i];
      if (word == "--training") {
        training = true;
      } else if (word == "--seed" && i + 1 < argc) {
        torch::manual_seed(std::strtoull(argv[++i], nullptr, 10));
      } else {
        std::vector<std::int64_t> sizes;
        std::size_t const sign = word.find('=');
        for (std::size_t at = sign; at != std::string::npos; at = word.find('x', at + 1))
          sizes.push_back(std::strtoll(word.c_str() + at + 1, nullptr, 10));
        module.register_parameter(word.substr(0, sign), torch::randn(sizes) * 0.2, false);
      }
    }
    module.register_attribute("training", c10::BoolType::get(), training);
    module.define(std::string(std::istreambuf_iterator<char>(std::cin), {}));
    module.save(argv[1]);
    return 0;
  } catch (std::exception const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
