// tests/support/allocations.hpp: counts allocations, those within ONNX Runtime's calls apart from all others. Operator
// new is replaced, so one file of a program may include it.
#pragma once

#include <onnxruntime_cxx_api.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace constexport_tests {

struct allocations {
  std::size_t ours = 0, onnxruntime = 0;
};

namespace detail {

inline thread_local bool counts = false, is_within_onnxruntime = false;
inline thread_local allocations counted;

inline void* allocate(std::size_t size) {
  if (counts) ++(is_within_onnxruntime ? counted.onnxruntime : counted.ours);
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

// Calls the same function of the real table.
template <auto Member, class Result, class... Argument>
struct marked {
  inline static Result (*real)(Argument...) = nullptr;
  static Result call(Argument... argument) noexcept {
    struct within {
      within() { is_within_onnxruntime = true; }
      ~within() { is_within_onnxruntime = false; }
    } const here;
    return real(argument...);
  }
};

template <auto Member, class Result, class... Argument>
void mark(OrtApi& table, Result (*function)(Argument...)) {
  marked<Member, Result, Argument...>::real = function;
  table.*Member = &marked<Member, Result, Argument...>::call;
}

}  // namespace detail

/// From here on ONNX Runtime's calls of a step go through a table that marks them.
inline void mark_onnxruntime_calls() {
  static OrtApi table = Ort::GetApi();
  detail::mark<&OrtApi::CreateTensorWithDataAsOrtValue>(table, table.CreateTensorWithDataAsOrtValue);
  detail::mark<&OrtApi::BindInput>(table, table.BindInput);
  detail::mark<&OrtApi::BindOutputToDevice>(table, table.BindOutputToDevice);
  detail::mark<&OrtApi::RunWithBinding>(table, table.RunWithBinding);
  detail::mark<&OrtApi::GetBoundOutputValues>(table, table.GetBoundOutputValues);
  detail::mark<&OrtApi::GetTensorTypeAndShape>(table, table.GetTensorTypeAndShape);
  detail::mark<&OrtApi::ReleaseValue>(table, table.ReleaseValue);
  Ort::Global<void>::api_ = &table;
}

/// What this thread allocates in `action`.
allocations allocations_of(auto&& action) {
  detail::counted = {};
  detail::counts = true;
  action();
  detail::counts = false;
  return detail::counted;
}

}  // namespace constexport_tests

// Never inlined: where g++ sees malloc behind one of them it misses free behind the other.
[[gnu::noinline]] void* operator new(std::size_t size) { return constexport_tests::detail::allocate(size); }
[[gnu::noinline]] void* operator new[](std::size_t size) { return constexport_tests::detail::allocate(size); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
