// Exports a module with an operator of one's own (soft_threshold.cpp) and runs the file in ONNX Runtime.
//   custom_operator OUT.onnx
#include <constexport/export/export.hpp>
#include <constexport/export/verify.hpp>
#include <constexport/onnx/contract_reader.hpp>

#include <torch/torch.h>

#include <cstdio>
#include <exception>

namespace {

/// One layer of a sparse coder: a linear map, thresholded.
struct sparse_layer : torch::nn::Module {
  sparse_layer() { linear = register_module("linear", torch::nn::Linear(8, 16)); }
  at::Tensor forward(at::Tensor const& x) {
    static auto const shrink = c10::Dispatcher::singleton()
                                   .findSchemaOrThrow("my_operators::soft_threshold", "")
                                   .typed<at::Tensor(at::Tensor const&, double)>();
    return shrink.call(linear->forward(x), 0.25);
  }
  torch::nn::Linear linear{nullptr};
};

constexpr std::string_view contract_text = R"({"inputs": [{"name": "x", "dtype": "float32", "dims": ["batch_size", 8]}],
    "outputs": [{"name": "y", "dtype": "float32", "dims": ["batch_size", 16]}]})";

}  // namespace

int main(int argc, char** argv) {
  using namespace constexport;
  if (argc < 2) return std::fprintf(stderr, "usage: custom_operator OUT.onnx\n"), 2;
  try {
    torch::manual_seed(1);
    sparse_layer layer;
    contract_storage<> contract;
    if (!read_contract(contract_text, contract)) return 1;
    export_report const report = export_onnx(layer, contract.bound(), argv[1]);
    for (auto const& [name, count] : report.node_counts) std::printf("%s %zu\n", name.c_str(), count);
    verification const seen = verify(layer, contract.bound(), argv[1]);
    std::printf("largest error %g: %s\n", seen.largest_error(), seen.ok() ? "ok" : "DIFFERENT");
    return seen.ok() ? 0 : 1;
  } catch (std::exception const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
