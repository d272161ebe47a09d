// A step of a session allocates nothing of ours: operator new is replaced, and what ONNX Runtime allocates within its
// own calls is told apart by a copy of its table of functions.
#include "gpt2.hpp"
#include <constexport/adapters/session.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <span>
#include <vector>

using namespace session_tests;

namespace {

thread_local bool counts = false, is_within_onnxruntime = false;
thread_local std::size_t ours = 0, theirs = 0;

void* allocate(std::size_t size) {
  if (counts) ++(is_within_onnxruntime ? theirs : ours);
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

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

int main() {
  static OrtApi table = Ort::GetApi();
  mark<&OrtApi::CreateTensorWithDataAsOrtValue>(table, table.CreateTensorWithDataAsOrtValue);
  mark<&OrtApi::BindInput>(table, table.BindInput);
  mark<&OrtApi::BindOutputToDevice>(table, table.BindOutputToDevice);
  mark<&OrtApi::RunWithBinding>(table, table.RunWithBinding);
  mark<&OrtApi::GetBoundOutputValues>(table, table.GetBoundOutputValues);
  mark<&OrtApi::GetTensorTypeAndShape>(table, table.GetTensorTypeAndShape);
  mark<&OrtApi::ReleaseValue>(table, table.ReleaseValue);
  Ort::Global<void>::api_ = &table;

  auto const bytes = decoding::gpt2_file({});
  session<Gpt2, gpt2> const model(std::as_bytes(std::span(bytes)), {.threads = 1});
  auto gpt = model.bind();
  std::vector<std::int64_t> const seen(64, 1);
  std::array<std::int64_t, 1> id{3}, position{};
  std::size_t steps = 0;
  for (std::int64_t past = 0; past < 40; ++past) {
    counts = past >= 1;
    position[0] = past;
    gpt.run(feed<"input_ids">(id, {1, 1}),
            feed<"attention_mask">(std::span(seen).first(static_cast<std::size_t>(past + 1)), {1, past + 1}),
            feed<"position_ids">(position, {1, 1}));
    auto const scores = gpt.output<"logits">().span();
    id[0] = std::ranges::max_element(scores) - scores.begin();
    gpt.rotate();
    steps += counts ? 1 : 0;
    counts = false;
  }
  std::printf("%zu steps: %zu allocations of ours, %zu of ONNX Runtime's\n", steps, ours, theirs);
  // Without theirs nothing would have been counted at all.
  return ours == 0 && theirs > 0 ? 0 : 1;
}
