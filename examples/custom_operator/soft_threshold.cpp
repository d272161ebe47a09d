// An operator of one's own for LibTorch, and how it becomes ONNX. In a program its lowering is registered while the
// program starts; as a shared object the command takes it: constexport export ... --lowerings libsoft_threshold.so
#include <constexport/export/lowering_library.hpp>

#include <torch/library.h>
#include <torch/types.h>

namespace {

/// x moved towards 0 by `threshold`, 0 where it would pass.
at::Tensor soft_threshold(at::Tensor const& x, double threshold) { return x.sign() * torch::relu(x.abs() - threshold); }

using namespace constexport;

/// A node of an own domain, and what it means in ONNX's own operators, so that every runtime can run the file. A
/// runtime with a kernel of its own for `my_operators` `SoftThreshold` would take that instead.
value_list lower_soft_threshold(call& c, builder& b) {
  b.g.define({"my_operators",
              "SoftThreshold",
              {"x", "threshold"},
              {"y"},
              {{"Abs", {"x"}, {"size"}},
               {"Sub", {"size", "threshold"}, {"beyond"}},
               {"Relu", {"beyond"}, {"kept"}},
               {"Sign", {"x"}, {"sign"}},
               {"Mul", {"sign", "kept"}, {"y"}}}});
  value_id const x = c.tensor("x");
  return b.g.node("SoftThreshold", {x, b.scalar(c.scalar("threshold"), b.type(x))}, {}, {{b.type(x), b.dims(x)}},
                  "my_operators");
}

}  // namespace

TORCH_LIBRARY(my_operators, library) { library.def("soft_threshold(Tensor x, float threshold) -> Tensor"); }
TORCH_LIBRARY_IMPL(my_operators, CPU, library) { library.impl("soft_threshold", soft_threshold); }

static register_lowering const registered{"my_operators::soft_threshold", lower_soft_threshold};
