/// export/record.hpp: one run of a module as a tree of LibTorch calls.
///
/// Room: export. Includes LibTorch and functional.hpp. reconcile.hpp compares several recordings and makes a graph.
/// A call of the module's, or of a composite operator, has the calls it is made of beneath it; an in-place call or a
/// write through a view has the functional calls beneath it that LibTorch replaced it by. Tensors are identified by the
/// tensors inside the wrappers, and all of them stay alive with the recording, because addresses are used again.
#pragma once

#include <constexport/export/error.hpp>
#include <constexport/export/functional.hpp>

#include <ATen/record_function.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace constexport {

/// A module's `forward` on plain tensors.
using forward_function = std::function<std::vector<at::Tensor>(std::vector<at::Tensor> const&)>;

/// One dispatcher call. Tensors among arguments and results are plain.
struct recorded_call {
  c10::FunctionSchema const* schema = nullptr;
  std::vector<c10::IValue> arguments;
  std::vector<c10::IValue> results;
  std::vector<recorded_call*> children;
  bool wrapped = false;  ///< one of its arguments depends on the module's inputs or was made by the module
  bool writes = false;   ///< one of its arguments is written
  bool on_meta = false;  ///< a shape check of LibTorch's own
  std::string where{};   ///< the module that makes it, where that is known: "encoder.layer.0"
};

/// How a module is recorded.
struct record_options {
  bool products = true;                  ///< false: the results of matrix products are zero (functional.hpp)
  bool follows_numbers = false;          ///< numbers may leave tensors, because they steer nothing
  std::function<std::string()> where{};  ///< the module that runs now, where that is known
};

/// "aten::add.Tensor".
inline std::string name_of(recorded_call const& call) {
  std::string name = call.schema->name();
  if (!call.schema->overload_name().empty()) name += "." + call.schema->overload_name();
  return name;
}

/// One run of a module.
struct recording {
  std::list<recorded_call> calls;  ///< stay where they are when the recording is moved
  std::vector<recorded_call*> top;
  std::vector<at::Tensor> inputs, outputs;
  /// Copies of tensors over memory that belongs to nobody LibTorch knows, as it was at their first use.
  std::unordered_map<void const*, at::Tensor> snapshots;
  /// Memory of constants that the module writes in place, such as the result of a layer on weights alone.
  std::unordered_set<void const*> written;
  std::string wrote_state;       ///< an operator that wrote to a weight, or empty
  bool follows_numbers = false;  ///< numbers that the module reads out of tensors do not steer it
  std::string wrote_again;       ///< an operator that changed a constant after it had been used, or empty
};

namespace detail {

template <class Visit>
void for_each_tensor_in(c10::IValue const& value, Visit&& visit) {
  if (value.isTensor()) {
    if (value.toTensor().defined()) visit(value.toTensor());
  } else if (value.isList()) {
    for (c10::IValue const& element : value.toListRef()) for_each_tensor_in(element, visit);
  }
}

/// A composite operator calls only operators; others call kernels, whose inner calls differ from run to run.
inline bool is_composite(c10::OperatorHandle const& handle) {
  return handle.hasKernelForDispatchKey(c10::DispatchKey::CompositeImplicitAutograd);
}

/// Memory of a module's parameters and buffers.
using storage_set = std::unordered_set<void const*>;

inline void const* storage_of(at::Tensor const& tensor) {
  return tensor.has_storage() ? tensor.storage().unsafeGetStorageImpl() : nullptr;
}

class recorder {
 public:
  recorder(recording& result, storage_set const& state, std::function<std::string()> const& where)
      : result_(result), state_(state), where_(where), previous_(current()) {
    current() = this;
    functional::is_recording() = true;
    handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(&recorder::start, &recorder::end)
                                             .needsInputs(true)
                                             .needsOutputs(true)
                                             .scopes({at::RecordScope::FUNCTION}));
  }
  recorder(recorder const&) = delete;
  recorder& operator=(recorder const&) = delete;

  /// What depends on this tensor gives its memory back in the end.
  void add_input(at::Tensor const& input) { derived_.insert(input.unsafeGetTensorImpl()); }
  /// Frees the data of everything that depends on inputs. What tells tensors apart, their types and sizes stay.
  void free_derived() {
    for (recorded_call& call : result_.calls)
      for (c10::IValue const& each : call.results)
        for_each_tensor_in(each, [&](at::Tensor const& t) {
          if (derived_.count(t.unsafeGetTensorImpl()) != 0 && state_.count(storage_of(t)) == 0)
            t.unsafeGetTensorImpl()->release_resources();
        });
  }

  ~recorder() {
    at::removeCallback(handle_);
    current() = previous_;
    functional::is_recording() = previous_ != nullptr;
  }

 private:
  struct frame : at::ObserverContext {
    recorded_call* call = nullptr;  // null: beneath a kernel, not recorded
  };

  static recorder*& current() {
    thread_local recorder* pointer = nullptr;
    return pointer;
  }

  static std::unique_ptr<at::ObserverContext> start(at::RecordFunction const& function) {
    auto context = std::make_unique<frame>();
    if (current() != nullptr) context->call = current()->begin(function);
    return context;
  }
  static void end(at::RecordFunction const& function, at::ObserverContext* context) {
    if (current() != nullptr) current()->finish(function, static_cast<frame*>(context)->call);
  }

  // Where a call that begins now belongs.
  struct level {
    recorded_call* parent = nullptr;
    bool hidden = false;  // beneath a kernel
  };

  recorded_call* begin(at::RecordFunction const& function) {
    level const here = open_.empty() ? level{} : open_.back();
    if (here.hidden || !functional::is_recording()) return inside_of(here);
    auto const name = function.operator_name();
    if (!name) return inside_of(here);  // a range that is no operator is as if it were not there
    auto const handle = c10::Dispatcher::singleton().findSchema(*name);
    if (!handle) return inside_of(here);
    recorded_call call;
    call.schema = &handle->schema();
    if (where_) call.where = where_();
    auto const stack = function.inputs();  // of a boxed call: the interpreter's whole stack
    std::size_t const count = std::min(stack.size(), call.schema->arguments().size());
    for (std::size_t i = stack.size() - count; i < stack.size(); ++i) {
      c10::IValue const& given = stack[i];
      bool const wrapped = functional::is_wrapped(given);
      call.wrapped = call.wrapped || wrapped;
      // Pending writes are carried out here, so that their calls stand before this one and not inside it.
      call.arguments.push_back(wrapped ? functional::unwrap(given) : given);
      for_each_tensor_in(call.arguments.back(),
                         [&](at::Tensor const& t) { call.on_meta = call.on_meta || t.is_meta(); });
      auto const* const alias = call.schema->arguments()[i - (stack.size() - count)].alias_info();
      if (alias != nullptr && alias->isWrite()) call.writes = true;
    }
    if (!call.on_meta) note_plain(call, stack.slice(stack.size() - count));
    bool const follow = (call.wrapped || is_composite(*handle)) && !call.on_meta;
    result_.calls.push_back(std::move(call));
    recorded_call* const made = &result_.calls.back();
    (here.parent != nullptr ? here.parent->children : result_.top).push_back(made);
    open_.push_back({made, !follow});
    return made;
  }

  recorded_call* inside_of(level const& here) {
    open_.push_back(here);
    return nullptr;
  }

  void finish(at::RecordFunction const& function, recorded_call* call) {
    if (call == nullptr) return open_.pop_back();
    auto const stack = function.outputs();
    std::size_t const count = std::min(stack.size(), call->schema->returns().size());
    // A composite operator that fills its result in place has done so when it ends.
    if (!call->writes && !open_.back().hidden)
      for (std::size_t i = stack.size() - count; i < stack.size(); ++i)
        if (stack[i].isTensor()) functional::unwrap(stack[i].toTensor());
    open_.pop_back();
    bool from_inputs = false;
    for (c10::IValue const& each : call->arguments)
      for_each_tensor_in(each, [&](at::Tensor const& t) {
        bool const known = derived_.count(t.unsafeGetTensorImpl()) != 0;
        from_inputs = from_inputs || known;
        if (!known) independent_.insert(t.unsafeGetTensorImpl());
      });
    for (std::size_t i = stack.size() - count; i < stack.size(); ++i) {
      call->results.push_back(inside(stack[i]));
      for_each_tensor_in(call->results.back(), [&](at::Tensor const& t) {
        call->on_meta = call->on_meta || t.is_meta();
        if (from_inputs && independent_.count(t.unsafeGetTensorImpl()) == 0) derived_.insert(t.unsafeGetTensorImpl());
      });
    }
  }

  // Writes to plain tensors are real. A weight would change; a constant that the module builds may be written until it
  // is used, so that what it holds in the end is what was used.
  void note_plain(recorded_call const& call, c10::ArrayRef<c10::IValue const> given) {
    auto const& arguments = call.schema->arguments();
    for (std::size_t i = 0; i < given.size(); ++i) {
      auto const* const alias = arguments[i].alias_info();
      bool const written = alias != nullptr && alias->isWrite(), viewed = alias != nullptr && !written;
      for_each_tensor_in(given[i], [&](at::Tensor const& t) {
        void const* const memory = storage_of(t);
        if (memory == nullptr || functional::is_wrapped(t)) return;
        if (written) result_.written.insert(memory);
        if (written && state_.count(memory) != 0) result_.wrote_state = call.schema->name();
        if (written && used_.count(memory) != 0) result_.wrote_again = call.schema->name();
        if (!written && !viewed) used_.insert(memory);
        if (state_.count(memory) == 0 && t.storage().data_ptr().get_context() == nullptr && t.numel() > 0) snapshot(t);
      });
    }
  }

  // Memory without an owner (from_blob) may be gone when the runs are compared.
  void snapshot(at::Tensor const& tensor) {
    constexpr std::int64_t small = 1 << 22;
    if (tensor.numel() > small || result_.snapshots.count(tensor.unsafeGetTensorImpl()) != 0) return;
    open_.push_back({nullptr, true});
    {
      at::AutoDispatchSkipFunctionalize const below;
      result_.snapshots.emplace(tensor.unsafeGetTensorImpl(), tensor.clone());
    }
    open_.pop_back();
  }

  // The tensor inside a wrapper as it is: pending writes belong to whoever reads it next.
  static c10::IValue inside(c10::IValue const& value) {
    if (value.isTensor())
      return functional::is_wrapped(value.toTensor()) ? functional::wrappers::from_functional_tensor(value.toTensor())
                                                      : value;
    if (value.isList() && functional::is_wrapped(value)) {
      c10::impl::GenericList result(value.toList().elementType());
      for (c10::IValue const& element : value.toListRef()) result.push_back(inside(element));
      return result;
    }
    return value;
  }

  recording& result_;
  storage_set const& state_;
  std::function<std::string()> const& where_;
  std::vector<level> open_;
  storage_set used_;
  storage_set derived_, independent_;
  recorder* previous_;
  at::CallbackHandle handle_ = 0;
};

}  // namespace detail

/// Runs `forward` on `inputs` and records it; `state` is the memory of the module's parameters and buffers. What the
/// module throws passes through.
inline recording record(forward_function const& forward, std::vector<at::Tensor> inputs,
                        detail::storage_set const& state, record_options const& options = {}) {
  functional::install_kernels();
  at::NoGradGuard const no_grad;
  recording result;
  result.inputs = std::move(inputs);
  result.follows_numbers = options.follows_numbers;
  std::vector<at::Tensor> wrapped;
  for (at::Tensor const& input : result.inputs) wrapped.push_back(functional::wrap(input));
  {
    functional::skip_products const skip(!options.products);
    functional::let_numbers_out const numbers(options.follows_numbers);
    detail::recorder listening(result, state, options.where);
    for (at::Tensor const& input : result.inputs) listening.add_input(input);
    functional::wrappers::FunctionalizationReapplyViewsGuard const views_stay_views(true);
    c10::impl::IncludeDispatchKeyGuard const wrap_what_is_made(c10::DispatchKey::Functionalize);
    for (at::Tensor const& output : forward(wrapped)) result.outputs.push_back(functional::unwrap(output));
    wrapped.clear();
    listening.free_derived();
  }
  return result;
}

}  // namespace constexport
