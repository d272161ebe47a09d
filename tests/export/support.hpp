#pragma once
// What the tests of export/ share: contracts written as text, and exports that are run in ONNX Runtime.
#include <constexport/core/contract.hpp>

#include <torch/torch.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace export_tests {

using list = std::vector<at::Tensor>;
using function = std::function<list(list const&)>;

/// Inputs and outputs as text: "x float32 [batch, 2 * length]"; "ids int64<10> [batch]" has values below 10. Every name
/// in a dimension is an axis; `axes` says more of one: "length:16:1:512:8" (size in dummies, minimum, maximum,
/// multiple).
struct interface {
  std::vector<std::string> inputs, outputs, axes{};
};

/// What became of an export.
struct outcome {
  std::string error;  ///< of the exporter, with its class: "baked_value: ..."; or how ONNX Runtime and LibTorch differ
  std::size_t nodes = 0;
  std::map<std::string, std::size_t> node_counts;
  std::vector<std::string> assumptions;
  double largest_error = 0;
  std::string type;                         ///< the file's real type, "" if there is no one
  std::map<std::string, std::size_t> kept;  ///< nodes that stay in the module's type, by operator
  std::size_t clamped = 0;                  ///< constants with numbers beyond the file's type
  bool ok() const { return error.empty(); }
};

/// Exports to a temporary file, runs it in ONNX Runtime and LibTorch at sizes and on data that were not recorded,
/// compares values and dimensions.
/// `type` asks for a real type of the file.
outcome run_export(interface const& shape, function const& forward, int opset = 18, std::string const& type = {});
/// The same for a module.
outcome run_export(interface const& shape, torch::nn::Module& module, function const& forward, int opset = 18,
                   std::string const& type = {});
/// The same through a configuration: `run_export(config.bind(), module, forward)`.
outcome run_export(constexport::bound_contract const& contract, torch::nn::Module& module, function const& forward,
                   int opset = 18);

}  // namespace export_tests
