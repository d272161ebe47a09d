/// export/torchscript.hpp: a TorchScript file as something that can be exported.
///
/// Room: export. Includes LibTorch's TorchScript. export.hpp takes what is made here like any module:
///   `torchscript_module module("model.pt"); export_onnx(module.exportable_for(names), bound, "model.onnx");`
/// The program is looked at before it runs: control flow that data steer cannot be recorded, whatever the runs show.
#pragma once

#include <constexport/export/error.hpp>
#include <constexport/export/module_state.hpp>
#include <constexport/export/script_flow.hpp>

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/runtime/interpreter.h>
#include <torch/csrc/jit/runtime/profiling_graph_executor_impl.h>
#include <torch/script.h>
#include <torch/version.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace constexport {

namespace detail {

/// TorchScript as it is written, not as its optimiser would rewrite it after some runs.
class plain_interpreter {
 public:
  plain_interpreter()
      : profiling_(torch::jit::getProfilingMode().exchange(false)),
        executor_(torch::jit::getExecutorMode().exchange(false)),
        optimise_(false) {}
  plain_interpreter(plain_interpreter const&) = delete;
  plain_interpreter& operator=(plain_interpreter const&) = delete;
  ~plain_interpreter() {
    torch::jit::getProfilingMode() = profiling_;
    torch::jit::getExecutorMode() = executor_;
  }

 private:
  bool profiling_, executor_;
  torch::jit::GraphOptimizerEnabledGuard optimise_;
};

/// "encoder.layer.0" where the interpreter stands now.
inline std::string current_script_module() {
  std::vector<std::string> const levels = torch::jit::currentModuleHierarchy();
  return levels.empty() ? std::string() : levels.back();
}

/// All tensors of a result, through tuples, lists and dictionaries, in order. None counts for nothing.
inline void collect_outputs(c10::IValue const& value, std::vector<at::Tensor>& into) {
  if (value.isTensor()) {
    into.push_back(value.toTensor());
  } else if (value.isTuple()) {
    for (c10::IValue const& each : value.toTupleRef().elements()) collect_outputs(each, into);
  } else if (value.isList()) {
    for (c10::IValue const& each : value.toListRef()) collect_outputs(each, into);
  } else if (value.isGenericDict()) {
    for (auto const& each : value.toGenericDict()) collect_outputs(each.value(), into);
  } else if (!value.isNone()) {
    throw contract_mismatch("Output " + std::to_string(into.size()) + " of the module is no tensor, but " +
                            value.tagKind() +
                            ". An ONNX graph returns tensors only: return one, for example with "
                            "torch.tensor or torch.full.");
  }
}

}  // namespace detail

/// A module that was saved by `torch.jit.save`.
class torchscript_module {
 public:
  /// Loads a file. Throws module_error if it is none or uses what this LibTorch does not know.
  explicit torchscript_module(std::filesystem::path const& path) : name_(path.string()) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
      throw module_error("\"" + name_ + "\" is no file. Save a module there with torch.jit.save(module, path).");
    try {
      module_ = torch::jit::load(name_, c10::Device(c10::kCPU));
    } catch (std::exception const& why) {
      throw module_error("\"" + name_ +
                         "\" cannot be loaded as TorchScript (LibTorch " TORCH_VERSION
                         "). Save a scripted or traced module with torch.jit.save(module, path); a state_dict or a "
                         "pickled module is none. LibTorch says: " +
                         first_lines(detail::message_of(why)));
    }
    prepare();
  }
  /// A module that is there already.
  explicit torchscript_module(torch::jit::Module module) : name_("the module"), module_(std::move(module)) {
    prepare();
  }

  /// The names of what `forward` takes.
  std::vector<std::string> arguments() const {
    std::vector<std::string> result;
    auto const& all = schema().arguments();
    for (std::size_t i = 1; i < all.size(); ++i) result.push_back(all[i].name());
    return result;
  }

  /// As something to export with inputs of these names: matched by name if all are arguments of `forward`, else by
  /// position. Throws contract_mismatch if they do not fit, not_reproducible if data steer the module.
  exportable exportable_for(std::vector<std::string> const& inputs) const {
    std::vector<std::size_t> const places = match(inputs);
    refuse_steering_data(*graph_);
    exportable result;
    result.state = state_;
    result.follows_numbers = true;
    result.where = [] { return detail::current_script_module(); };
    result.forward = [module = module_, places](std::vector<at::Tensor> const& given) mutable {
      detail::plain_interpreter const plain;
      auto const& all = module.get_method("forward").function().getSchema().arguments();
      std::vector<c10::IValue> arguments;
      for (std::size_t i = 1; i < all.size(); ++i) {
        std::vector<at::Tensor> own;
        for (std::size_t k = 0; k < places.size(); ++k)
          if (places[k] == i) own.push_back(given[k]);
        arguments.push_back(own.empty() && all[i].default_value() ? *all[i].default_value()
                                                                  : packed(all[i].type(), own));
      }
      std::vector<at::Tensor> results;
      detail::collect_outputs(module.forward(std::move(arguments)), results);
      return results;
    };
    return result;
  }

 private:
  static std::string first_lines(std::string text) {
    std::size_t end = 0;
    for (int line = 0; line < 4 && end != std::string::npos; ++line) end = text.find('\n', end + 1);
    text.resize(std::min({text.size(), end, std::size_t{600}}));
    for (char& c : text)  // a damaged file's own bytes
      if (c != '\n' && (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e)) c = '?';
    return text;
  }

  void prepare() {
    if (!module_.find_method("forward"))
      throw module_error(name_ + " has no method \"forward\". Export a module that has one.");
    for (auto const& each : module_.named_parameters()) state_.push_back({each.name, each.value});
    for (auto const& each : module_.named_buffers()) state_.push_back({each.name, each.value});
    for (named_tensor const& each : state_)
      if (each.value.defined() && !each.value.device().is_cpu())
        throw module_error("\"" + each.name + "\" of the module is not in main memory: save it after module.cpu().");
    graph_ = torch::jit::toGraphFunction(module_.get_method("forward").function()).graph()->copy();
    torch::jit::Inline(*graph_);
  }

  c10::FunctionSchema const& schema() const { return module_.get_method("forward").function().getSchema(); }

  // How many tensors an argument of a type takes; 0: as many as there are.
  static std::size_t tensors_of(c10::TypePtr const& type) {
    if (auto const tuple = type->cast<c10::TupleType>()) {
      std::size_t count = 0;
      for (auto const& each : tuple->elements()) count += tensors_of(each);
      return count;
    }
    return type->kind() == c10::TypeKind::ListType ? 0 : 1;
  }

  // The argument that each input belongs to.
  std::vector<std::size_t> match(std::vector<std::string> const& inputs) const {
    auto const& all = schema().arguments();
    std::vector<std::size_t> places;
    for (std::string const& name : inputs)
      for (std::size_t i = 1; i < all.size(); ++i)
        if (all[i].name() == name && all[i].type()->isSubtypeOf(*c10::OptionalType::ofTensor())) places.push_back(i);
    if (places.size() == inputs.size()) {
      for (std::size_t i = 1; i < all.size(); ++i)
        if (std::find(places.begin(), places.end(), i) == places.end() && !all[i].default_value() &&
            all[i].type()->kind() != c10::TypeKind::OptionalType)
          mismatch(inputs, "no input is called \"" + all[i].name() + "\", which has no default");
      return places;
    }
    places.clear();
    for (std::size_t i = 1; i < all.size() && places.size() < inputs.size(); ++i) {
      std::size_t count = tensors_of(all[i].type());
      if (count == 0) count = inputs.size() - places.size();
      places.insert(places.end(), count, i);
    }
    std::size_t const last = places.empty() ? 0 : places.back();
    if (places.size() != inputs.size()) mismatch(inputs, "the numbers differ");
    for (std::size_t i = last + 1; i < all.size(); ++i)
      if (!all[i].default_value() && all[i].type()->kind() != c10::TypeKind::OptionalType)
        mismatch(inputs, "nothing is left for \"" + all[i].name() + "\"");
    return places;
  }
  [[noreturn]] void mismatch(std::vector<std::string> const& inputs, std::string const& why) const {
    auto const listed = [](std::vector<std::string> const& names) {
      std::string text;
      for (std::string const& each : names) text += (text.empty() ? "" : ", ") + each;
      return text.empty() ? std::string("nothing") : text;
    };
    throw contract_mismatch("The module's forward takes (" + listed(arguments()) +
                            "), but the contract has the inputs (" + listed(inputs) + "): " + why +
                            ". Inputs are matched by name if all names are arguments, else by position.");
  }

  // Tensors as a value of an argument's type.
  static c10::IValue packed(c10::TypePtr const& type, std::vector<at::Tensor> const& tensors) {
    std::size_t next = 0;
    return packed(type, tensors, next);
  }
  static c10::IValue packed(c10::TypePtr const& type, std::vector<at::Tensor> const& tensors, std::size_t& next) {
    if (auto const tuple = type->cast<c10::TupleType>()) {
      std::vector<c10::IValue> elements;
      for (auto const& each : tuple->elements()) elements.push_back(packed(each, tensors, next));
      return c10::ivalue::Tuple::create(std::move(elements));
    }
    if (auto const list = type->cast<c10::ListType>()) {
      c10::impl::GenericList elements(list->getElementType());
      while (next < tensors.size()) elements.push_back(packed(list->getElementType(), tensors, next));
      return elements;
    }
    return next < tensors.size() ? c10::IValue(tensors[next++]) : c10::IValue();
  }

  std::string name_;
  torch::jit::Module module_;
  std::vector<named_tensor> state_;
  std::shared_ptr<torch::jit::Graph> graph_;
};

}  // namespace constexport
