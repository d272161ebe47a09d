/// export/script_flow.hpp: does data steer a TorchScript program?
///
/// Room: export. Includes LibTorch's TorchScript graph. torchscript.hpp asks before anything runs: a run shows one path
/// of a branch only, so that runs which agree prove nothing. Sizes may steer: the recordings at several sizes tell.
#pragma once

#include <constexport/export/error.hpp>

#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/inliner.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace constexport {

namespace detail {

/// Which values of an inlined graph depend on the elements of the graph's inputs.
class data_flow {
 public:
  explicit data_flow(torch::jit::Graph const& graph) {
    // Inputs after `self`.
    for (std::size_t i = 0; i < graph.inputs().size(); ++i)
      if (i > 0 || graph.inputs()[i]->type()->kind() != c10::TypeKind::ClassType) depends_[graph.inputs()[i]] = true;
    // Loops carry values back: until nothing changes.
    do changed_ = false;
    while (walk(*graph.block()), changed_);
  }

  bool operator()(torch::jit::Value const* value) const {
    auto const found = depends_.find(value);
    return found != depends_.end() && found->second;
  }

 private:
  void mark(torch::jit::Value const* value) {
    bool& known = depends_[value];
    changed_ = changed_ || !known;
    known = true;
  }

  // What tells of a tensor without its elements.
  static bool asks_for_shape(std::string_view kind) {
    for (std::string_view const known : {"aten::size",
                                         "aten::dim",
                                         "aten::numel",
                                         "aten::len",
                                         "aten::is_floating_point",
                                         "aten::is_complex",
                                         "aten::stride",
                                         "aten::is_contiguous",
                                         "prim::dtype",
                                         "prim::device",
                                         "prim::layout",
                                         "prim::is_cuda",
                                         "prim::requires_grad",
                                         "aten::__is__",
                                         "aten::__isnot__",
                                         "aten::is_same_size",
                                         "prim::unchecked_cast",
                                         "aten::ndim",
                                         "prim::ndim",
                                         "prim::shape",
                                         "aten::shape",
                                         "prim::is_nested",
                                         "prim::is_sparse",
                                         "prim::is_quantized",
                                         "aten::_shape_as_tensor",
                                         "prim::isinstance"})
      if (kind == known) return true;
    return false;
  }

  void walk(torch::jit::Block const& block) {
    for (torch::jit::Node const* const node : block.nodes()) {
      std::string_view const kind = node->kind().toQualString();
      bool from_data = false;
      // Of an optional tensor, whether it is there; of a tensor, its shape: no data.
      if (!asks_for_shape(kind) || kind == "prim::unchecked_cast")
        for (torch::jit::Value const* const input : node->inputs()) from_data = from_data || (*this)(input);
      for (torch::jit::Block const* const inner : node->blocks()) {
        if (kind == "prim::Loop") {
          // Inputs: trip count, condition, carried ...; of the body: counter, carried ...; returned: condition,
          // carried ...
          for (std::size_t i = 2; i < node->inputs().size(); ++i)
            if ((*this)(node->inputs()[i])) mark(inner->inputs()[i - 1]);
          for (std::size_t i = 1; i < inner->outputs().size(); ++i)
            if ((*this)(inner->outputs()[i])) mark(inner->inputs()[i]);
        }
        walk(*inner);
        std::size_t const first = kind == "prim::Loop" ? 1 : 0;
        for (std::size_t i = first; i < inner->outputs().size(); ++i)
          if ((*this)(inner->outputs()[i])) mark(node->outputs()[i - first]);
      }
      if (from_data && node->blocks().empty())
        for (torch::jit::Value const* const output : node->outputs()) mark(output);
    }
  }

  std::unordered_map<torch::jit::Value const*, bool> depends_;
  bool changed_ = false;
};

/// Does a block do nothing but raise an error?
inline bool only_raises(torch::jit::Block const& block) {
  bool raises = false;
  for (torch::jit::Node const* const node : block.nodes()) {
    raises = raises || node->kind() == c10::prim::RaiseException;
    for (torch::jit::Block const* const inner : node->blocks()) raises = raises || only_raises(*inner);
  }
  return raises;
}

inline std::string source_of(torch::jit::Node const& node) {
  if (auto const place = node.sourceRange().file_line_col()) {
    auto const& [file, line, column] = *place;
    return " (" + file.substr(file.rfind('/') + 1) + ", line " + std::to_string(line) + ")";
  }
  return {};
}

inline std::string steering_operator(torch::jit::Value const& condition) {
  return condition.node()->kind().toQualString() + source_of(*condition.node());
}

inline void refuse_steering_data_in(torch::jit::Block const& block, data_flow const& from_data) {
  for (torch::jit::Node const* const node : block.nodes()) {
    bool const branches = node->kind() == c10::prim::If, loops = node->kind() == c10::prim::Loop;
    bool steered = branches && from_data(node->inputs()[0]) && !only_raises(*node->blocks()[0]) &&
                   !only_raises(*node->blocks()[1]);
    torch::jit::Value const* by = branches ? node->inputs()[0] : nullptr;
    if (loops) {
      for (torch::jit::Value const* const each :
           {node->inputs()[0], node->inputs()[1], node->blocks()[0]->outputs()[0]})
        if (from_data(each)) {
          steered = true;
          by = each;
        }
      auto const trips = torch::jit::toIValue(node->inputs()[0]);
      auto const again = torch::jit::toIValue(node->blocks()[0]->outputs()[0]);
      auto const begins = torch::jit::toIValue(node->inputs()[1]);
      if (trips && trips->isInt() && trips->toInt() > (std::int64_t{1} << 40) && again && again->isBool() &&
          again->toBool() && !(begins && begins->isBool() && !begins->toBool()))
        throw not_reproducible("prim::Loop" + source_of(*node) +
                               ": the loop never ends. Let it end after a number of rounds that sizes decide.");
    }
    if (steered)
      throw not_reproducible(
          std::string(branches ? "prim::If" : "prim::Loop") + source_of(*node) + ": data steer the module's " +
          (branches ? "branch" : "loop") + " (by " + steering_operator(*by) +
          "), so that a run shows only one of its paths. Write it with tensor operations, for example torch.where.");
    for (torch::jit::Block const* const inner : node->blocks()) refuse_steering_data_in(*inner, from_data);
  }
}

}  // namespace detail

/// Throws not_reproducible, naming the operator, if elements of the inputs decide which path an inlined graph takes. A
/// branch that only raises an error is none.
inline void refuse_steering_data(torch::jit::Graph const& graph) {
  detail::refuse_steering_data_in(*graph.block(), detail::data_flow(graph));
}

}  // namespace constexport
