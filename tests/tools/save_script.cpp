// save_script OUT.pt SEED: a small module as TorchScript, with other weights for another seed.
#include <torch/script.h>
#include <torch/torch.h>

#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  torch::manual_seed(static_cast<std::uint64_t>(std::strtoull(argv[2], nullptr, 10)));
  torch::jit::Module module("mlp");
  module.register_parameter("first", torch::randn({64, 8}) * 0.2, false);
  module.register_parameter("second", torch::randn({8, 64}) * 0.2, false);
  module.define(
      "def forward(self, x):\n"
      "  return torch.softmax(torch.linear(torch.tanh(torch.linear(x, self.first)), self.second), -1)\n");
  module.eval();
  module.save(argv[1]);
  return 0;
}
