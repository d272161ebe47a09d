/// export/functional.hpp: LibTorch's own functionalisation, which removes in-place operations and writes through views.
///
/// Room: export. Includes LibTorch. record.hpp runs modules under it. What is special is only what LibTorch's kernels
/// cannot do with wrapped tensors.
#pragma once

#include <constexport/export/error.hpp>

#include <ATen/FunctionalTensorWrapper.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace constexport::functional {

namespace wrappers = at::functionalization::impl;

inline bool is_wrapped(at::Tensor const& tensor) { return tensor.defined() && wrappers::isFunctionalTensor(tensor); }

inline bool is_wrapped(c10::IValue const& value) {
  if (value.isTensor()) return is_wrapped(value.toTensor());
  if (value.isList())
    for (c10::IValue const& element : value.toListRef())
      if (is_wrapped(element)) return true;
  return false;
}

/// The tensor inside a wrapper, after pending writes through its other views.
inline at::Tensor unwrap(at::Tensor const& tensor) {
  if (!is_wrapped(tensor)) return tensor;
  wrappers::sync(tensor);
  return wrappers::from_functional_tensor(tensor);
}

/// The same through lists, also lists of optional tensors.
inline c10::IValue unwrap(c10::IValue const& value) {
  if (value.isTensor()) return unwrap(value.toTensor());
  if (value.isList() && is_wrapped(value)) {
    auto const from = value.toList();
    c10::impl::GenericList result(from.elementType());
    for (c10::IValue const& element : value.toListRef()) result.push_back(unwrap(element));
    return result;
  }
  return value;
}

inline at::Tensor wrap(at::Tensor const& tensor) {
  return tensor.defined() && !is_wrapped(tensor) ? wrappers::to_functional_tensor(tensor) : tensor;
}

/// Is a module recorded on this thread?
inline bool& is_recording() {
  thread_local bool recording = false;
  return recording;
}

/// While it lives, nothing is recorded on this thread.
struct record_nothing {
  record_nothing() : before(std::exchange(is_recording(), false)) {}
  record_nothing(record_nothing const&) = delete;
  record_nothing& operator=(record_nothing const&) = delete;
  ~record_nothing() { is_recording() = before; }
  bool before;
};

/// A kernel for an operator that must not meet a wrapper: unwraps, calls below, wraps.
inline void opaque_kernel(c10::OperatorHandle const& op, c10::DispatchKeySet, torch::jit::Stack* stack) {
  bool wrapped = false;
  for (auto i = stack->size() - op.schema().arguments().size(); i < stack->size(); ++i) {
    wrapped = wrapped || is_wrapped((*stack)[i]);
    (*stack)[i] = unwrap((*stack)[i]);
  }
  {
    at::AutoDispatchSkipFunctionalize const below;
    op.callBoxed(stack);
  }
  for (auto i = stack->size() - op.schema().returns().size(); wrapped && i < stack->size(); ++i)
    if ((*stack)[i].isTensor()) (*stack)[i] = wrap((*stack)[i].toTensor());
}

/// The kernel of `_pack_padded_sequence`. How many sequences there are at each step stays a plain tensor: modules read
/// the first of these numbers, which is the size of the batch.
inline void pack_kernel(c10::OperatorHandle const& op, c10::DispatchKeySet keys, torch::jit::Stack* stack) {
  opaque_kernel(op, keys, stack);
  stack->back() = unwrap(stack->back());
}

/// Are products of matrices left out on this thread? A recording needs the calls, not the numbers, and products are
/// nearly all of a model's arithmetic; a module that looks at the numbers is refused anyway.
inline bool& skips_products() {
  thread_local bool skips = false;
  return skips;
}
struct skip_products {
  explicit skip_products(bool skip) : before(std::exchange(skips_products(), skip)) {}
  skip_products(skip_products const&) = delete;
  skip_products& operator=(skip_products const&) = delete;
  ~skip_products() { skips_products() = before; }
  bool before;
};

/// A product whose result has the right shape and type and is zero.
inline void product_kernel(c10::OperatorHandle const& op, c10::DispatchKeySet keys, torch::jit::Stack* stack) {
  std::size_t const first = stack->size() - op.schema().arguments().size();
  bool wrapped = false;
  for (std::size_t i = first; i < stack->size(); ++i) wrapped = wrapped || is_wrapped((*stack)[i]);
  if (!wrapped || !skips_products()) return opaque_kernel(op, keys, stack);
  at::AutoDispatchSkipFunctionalize const below;
  for (std::size_t i = first; i < stack->size(); ++i)
    if ((*stack)[i].isTensor()) {
      at::Tensor const& t = (*stack)[i].toTensor();
      (*stack)[i] = at::empty_strided(t.sizes(), t.strides(), t.options().device(at::kMeta));
    }
  op.callBoxed(stack);
  at::Tensor const shape = stack->back().toTensor();
  stack->back() = wrap(at::zeros(shape.sizes(), shape.options().device(at::kCPU)));
}

/// May numbers leave tensors that the module computes with? Only where the module is known not to steer by them.
inline bool& follows_numbers() {
  thread_local bool follows = false;
  return follows;
}

struct let_numbers_out {
  explicit let_numbers_out(bool out) : before(std::exchange(follows_numbers(), out)) {}
  let_numbers_out(let_numbers_out const&) = delete;
  let_numbers_out& operator=(let_numbers_out const&) = delete;
  ~let_numbers_out() { follows_numbers() = before; }
  bool before;
};

/// The kernel of `item`: while a module is recorded, no number leaves a tensor that the module computes with. Stopping
/// here and not later keeps a loop that waits for data from running for ever.
inline void item_kernel(c10::OperatorHandle const& op, c10::DispatchKeySet keys, torch::jit::Stack* stack) {
  if (is_recording() && !follows_numbers() && is_wrapped(stack->back()))
    throw not_reproducible(
        "aten::item: the module reads a number out of a tensor that it computes from its inputs (item, or a "
        "tensor used as a condition). What C++ code does with the number depends on data and cannot be "
        "exported. Keep it a tensor, for example with torch::where.");
  opaque_kernel(op, keys, stack);
}

/// `torch::tensor(...)` of numbers makes a tensor and fills its memory, which a wrapper does not have. It does so below
/// autograd; `torch::empty` goes further down, and that tells the one from the other. TorchScript's `torch.tensor` does
/// not, so its wrappers get the memory of what is inside: zero, so that it shows when something was written there.
inline void empty_kernel(c10::OperatorHandle const& op, c10::DispatchKeySet, torch::jit::Stack* stack) {
  bool const filled_by_hand = c10::impl::tls_is_dispatch_key_excluded(c10::DispatchKey::AutogradOther) &&
                              !c10::impl::tls_is_dispatch_key_excluded(c10::DispatchKey::ADInplaceOrView);
  bool const in_script = is_recording() && follows_numbers();
  {
    at::AutoDispatchSkipFunctionalize const below;
    op.callBoxed(stack);
    if (in_script && stack->back().toTensor().device().is_cpu()) stack->back().toTensor().zero_();
  }
  if (filled_by_hand) return;
  at::Tensor const inner = stack->back().toTensor();
  stack->back() = wrap(inner);
  if (in_script && inner.device().is_cpu())
    stack->back().toTensor().storage().unsafeGetStorageImpl()->set_data_ptr_noswap(
        at::DataPtr(inner.data_ptr(), inner.device()));
}

/// A kernel for a composite operator that reads data, and that has to stay whole while a module is recorded. At all
/// other times, and in training, it is what it is without this library.
inline void whole_kernel(c10::OperatorHandle const& op, c10::DispatchKeySet keys, torch::jit::Stack* stack) {
  bool wrapped = false;
  for (auto i = stack->size() - op.schema().arguments().size(); i < stack->size(); ++i)
    wrapped = wrapped || is_wrapped((*stack)[i]);
  if (!wrapped || !is_recording())
    return op.callBoxedForDispatchKey(c10::DispatchKey::CompositeImplicitAutograd, *stack);
  at::AutoDispatchBelowADInplaceOrView const below;
  record_nothing const whole;
  opaque_kernel(op, keys, stack);
}

/// Before LibTorch replaces an operator in place it runs it on tensors without memory, to check shapes. Operators that
/// compute in place for which it has no such kernel (those of its Python library do not count) go unchecked: the
/// result has its own shape anyway.
inline void unchecked_kernel(c10::OperatorHandle const& op, c10::DispatchKeySet, torch::jit::Stack* stack) {
  TORCH_CHECK_NOT_IMPLEMENTED(is_recording(), op.schema().name(), " has no kernel for tensors without memory");
  auto const& arguments = op.schema().arguments();
  std::size_t const first = stack->size() - arguments.size();
  std::vector<c10::IValue> written;
  for (std::size_t i = 0; i < arguments.size() && written.size() < op.schema().returns().size(); ++i)
    if (auto const* const alias = arguments[i].alias_info(); alias != nullptr && alias->isWrite())
      written.push_back((*stack)[first + i]);
  stack->resize(first);
  for (c10::IValue& each : written) stack->push_back(std::move(each));
}

/// Does the operator write to as many of its arguments as it returns, without a kernel for tensors without memory?
inline bool goes_unchecked(c10::OperatorHandle const& op) {
  for (c10::DispatchKey const key :
       {c10::DispatchKey::Meta, c10::DispatchKey::CompositeExplicitAutograd,
        c10::DispatchKey::CompositeExplicitAutogradNonFunctional, c10::DispatchKey::CompositeImplicitAutograd})
    if (op.hasKernelForDispatchKey(key)) return false;
  std::size_t writes = 0;
  for (auto const& each : op.schema().arguments())
    writes += each.alias_info() != nullptr && each.alias_info()->isWrite();
  return writes > 0 && writes == op.schema().returns().size();
}

/// Registers the kernels above; once in a process.
inline void install_kernels() {
  static torch::Library* const library = [] {
    static torch::Library made(torch::Library::IMPL, "aten", c10::DispatchKey::Functionalize, __FILE__, __LINE__);
    made.impl("empty.memory_format", torch::CppFunction::makeFromBoxedFunction<&empty_kernel>());
    for (char const* name : {"index.Tensor", "index_put"})
      made.impl(name, torch::CppFunction::makeFromBoxedFunction<&opaque_kernel>());
    made.impl("_pack_padded_sequence", torch::CppFunction::makeFromBoxedFunction<&pack_kernel>());
    made.impl("_local_scalar_dense", torch::CppFunction::makeFromBoxedFunction<&item_kernel>());
    for (char const* name : {"mm", "bmm", "addmm", "baddbmm"})
      made.impl(name, torch::CppFunction::makeFromBoxedFunction<&product_kernel>());
    static torch::Library composites(torch::Library::IMPL, "aten", c10::DispatchKey::AutogradCPU, __FILE__, __LINE__);
    for (char const* name : {"lstm.data", "gru.data", "rnn_tanh.data", "rnn_relu.data", "_pad_packed_sequence",
                             "one_hot", "narrow.Tensor", "_shape_as_tensor", "_reshape_from_tensor", "max_pool1d"})
      composites.impl(name, torch::CppFunction::makeFromBoxedFunction<&whole_kernel>());
    static torch::Library checks(torch::Library::IMPL, "aten", c10::DispatchKey::Meta, __FILE__, __LINE__);
    auto& dispatcher = c10::Dispatcher::singleton();
    for (c10::OperatorName const& name : dispatcher.getAllOpNames())
      if (auto const op = dispatcher.findSchema(name);
          op && name.name.compare(0, 6, "aten::") == 0 && goes_unchecked(*op))
        checks.impl((name.name.substr(6) + (name.overload_name.empty() ? "" : "." + name.overload_name)).c_str(),
                    torch::CppFunction::makeFromBoxedFunction<&unchecked_kernel>());
    return &made;
  }();
  (void)library;
}

}  // namespace constexport::functional
