/// export/state_names.hpp: the parameters and buffers of a module by the tensors that hold them.
///
/// Room: export. Includes adapters/torch.hpp. reconcile.hpp knows weights by it, and from the last one that was read
/// where in a C++ module a call is made, which LibTorch does not tell.
#pragma once

#include <constexport/adapters/torch.hpp>
#include <constexport/export/graph.hpp>

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace constexport::detail {

class state_names {
 public:
  explicit state_names(std::vector<named_tensor> const& state) {
    for (named_tensor const& each : state) known_.emplace(each.value.unsafeGetTensorImpl(), &each);
  }

  /// The parameter or buffer that a tensor is, or null.
  named_tensor const* find(at::Tensor const& tensor) const {
    auto const found = known_.find(tensor.unsafeGetTensorImpl());
    return found != known_.end() ? found->second : nullptr;
  }
  /// The value of a weight that is the same elements under another name (tied weights, views); else `no_value`.
  value_id twin(at::Tensor const& weight) const {
    for (auto const& [tensor, id] : values_)
      if (tensor.is_alias_of(weight) && tensor.data_ptr() == weight.data_ptr() && tensor.sizes() == weight.sizes() &&
          tensor.strides() == weight.strides() && tensor.scalar_type() == weight.scalar_type())
        return id;
    return no_value;
  }
  void bind(at::Tensor const& weight, value_id id) { values_.emplace_back(weight, id); }

  /// Remembers that a weight was read.
  void note(at::Tensor const& tensor) {
    if (named_tensor const* const weight = find(tensor)) near_ = weight->name;
  }
  /// The module of the last weight that was read, or its own name, or nothing.
  std::string near() const { return near_.empty() ? near_ : near_.substr(0, near_.rfind('.')); }

 private:
  std::unordered_map<void const*, named_tensor const*> known_;
  std::vector<std::pair<at::Tensor, value_id>> values_;
  std::string near_;
};

}  // namespace constexport::detail
