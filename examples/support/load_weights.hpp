/// support/load_weights.hpp: weights from a safetensors file into a torch::nn module.
///
/// Room: examples/support. May include LibTorch, safetensors.hpp and its neighbours. Programs that run a model depend
/// on it.
#pragma once

#include "support/error.hpp"
#include "support/safetensors.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// Weights that do not fit a module: missing, or of another shape or dtype. `what()` names every one of them.
struct weights_error : user_error {
  using user_error::user_error;
};

/// LibTorch's name for an element type of the file.
inline torch::ScalarType torch_type(element_type type) {
  switch (type) {
    case element_type::boolean:
      return torch::kBool;
    case element_type::uint8:
      return torch::kUInt8;
    case element_type::int32:
      return torch::kInt32;
    case element_type::int64:
      return torch::kInt64;
    case element_type::float16:
      return torch::kFloat16;
    case element_type::bfloat16:
      return torch::kBFloat16;
    case element_type::float32:
      return torch::kFloat32;
    case element_type::float64:
      return torch::kFloat64;
  }
  return torch::kFloat32;  // unreachable: every enumerator returns above
}

/// The stored tensor as a LibTorch tensor that shares the file's pages and keeps them mapped. Writing to it does not
/// change the file. Bytes that are not aligned for their type (an unusual writer) are copied.
inline torch::Tensor as_tensor(safetensors_file const& file, stored_tensor const& stored) {
  auto const options = torch::TensorOptions().dtype(torch_type(stored.type));
  auto const address = reinterpret_cast<std::uintptr_t>(stored.bytes.data());
  if (stored.bytes.empty()) return torch::empty(stored.shape, options);
  if (address % facts_of(stored.type).size != 0) {
    torch::Tensor copy = torch::empty(stored.shape, options);
    std::copy(stored.bytes.begin(), stored.bytes.end(), static_cast<std::byte*>(copy.data_ptr()));
    return copy;
  }
  return torch::from_blob(
      stored.bytes.data(), stored.shape, [keep = file.storage()](void*) {}, options);
}

/// What `load_weights` did.
struct load_report {
  std::size_t loaded = 0;           ///< parameters and buffers that got their values from the file
  std::vector<std::string> unused;  ///< tensors of the file that the module has no place for, in the file's order
};

/// Gives every parameter and buffer of `module` the values of the tensor called `prefix` + its name. Nothing is copied:
/// the module then uses the file's pages, which stay mapped as long as it lives.
/// Throws `weights_error`, leaving the module as it was, if a tensor is missing or has another shape or dtype.
inline load_report load_weights(torch::nn::Module& module, safetensors_file const& file, std::string_view prefix = "") {
  struct placement {
    torch::Tensor target;
    stored_tensor const* source;
  };
  std::vector<placement> placements;
  std::vector<std::string> problems;
  std::set<std::string, std::less<>> used;

  auto const place = [&](std::string const& own_name, torch::Tensor const& target) {
    std::string const name = std::string(prefix) + own_name;
    stored_tensor const* const source = file.find(name);
    used.insert(name);
    if (source == nullptr) {
      problems.push_back("'" + name + "' is missing (the model needs " + to_string(target.sizes()) + ")");
    } else if (source->shape != target.sizes()) {
      problems.push_back("'" + name + "' has shape " + to_string(source->shape) + ", the model needs " +
                         to_string(target.sizes()));
    } else if (torch_type(source->type) != target.scalar_type()) {
      problems.push_back("'" + name + "' has dtype " + std::string(facts_of(source->type).name) + ", the model needs " +
                         torch::toString(target.scalar_type()));
    } else {
      placements.push_back({target, source});
    }
  };
  for (auto const& parameter : module.named_parameters()) place(parameter.key(), parameter.value());
  for (auto const& buffer : module.named_buffers()) place(buffer.key(), buffer.value());

  if (!problems.empty()) {
    std::string text = "does not fit the model: ";
    constexpr std::size_t most = 8;
    for (std::size_t i = 0; i < std::min(most, problems.size()); ++i) text += (i > 0 ? "; " : "") + problems[i];
    if (problems.size() > most) text += "; and " + std::to_string(problems.size() - most) + " more";
    throw weights_error(file.path(), text, "use the weights that belong to the model's config.json");
  }

  torch::NoGradGuard const no_grad;
  for (auto& [target, source] : placements) target.set_data(as_tensor(file, *source));
  load_report report{placements.size(), {}};
  for (stored_tensor const& tensor : file.tensors())
    if (!used.contains(tensor.name)) report.unused.push_back(tensor.name);
  return report;
}

}  // namespace examples
