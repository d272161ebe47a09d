/// Times the functions of reads.cpp; prints nanoseconds a call as JSON, several times each.
#include "reads.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>

namespace {

template <class Read>
double nanoseconds(Read read, int calls) {
  auto const begin = std::chrono::steady_clock::now();
  std::uintptr_t seen = 0;
  for (int i = 0; i < calls; ++i) seen += read();
  // The sum is used, and no more is asked of it.
  asm volatile("" : : "r"(seen));
  auto const end = std::chrono::steady_clock::now();
  return std::chrono::duration<double, std::nano>(end - begin).count() / calls;
}

template <class Read>
void report(char const* name, Read read, int calls, char const* after) {
  std::printf("\"%s\": [", name);
  for (int i = 0; i < 7; ++i) std::printf("%s%.4f", i == 0 ? "" : ", ", nanoseconds(read, calls));
  std::printf("]%s", after);
}

}  // namespace

int main() {
  constexpr int many = 20'000'000;
  // Both lists, as the peer's inputs and outputs.
  auto const bert = [] {
    auto const inputs = read_bert_inputs();
    auto const outputs = read_bert_outputs();
    return reinterpret_cast<std::uintptr_t>(inputs.data()) + inputs.size() +
           reinterpret_cast<std::uintptr_t>(outputs.data()) + outputs.size();
  };
  auto const gpt2 = [] {
    auto const inputs = read_gpt2_inputs();
    auto const outputs = read_gpt2_outputs();
    return reinterpret_cast<std::uintptr_t>(inputs.data()) + inputs.size() +
           reinterpret_cast<std::uintptr_t>(outputs.data()) + outputs.size();
  };
  std::printf("{");
  report("bert", bert, many, ", ");
  report("gpt2", gpt2, many, ", ");
  report(
      "walk", [] { return walk_gpt2(); }, many / 200, ", ");
  std::printf("\"walk_sum\": %zu}\n", walk_gpt2());
}
