// The loops of examples/decoding in turns: seconds of each step, and what a step allocates outside ONNX Runtime.
//   decoding_bench narrow|gpt2 typed|by_hand TOKENS ROUNDS     the loop that is loaded first
#include "../../examples/decoding/loops.hpp"
#include "../../tests/support/allocations.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

namespace {

template <auto Values>
void measure(bool typed_first, std::size_t tokens, std::size_t rounds) {
  decoding::two_loops<Values> loops(typed_first);
  loops.in_turns(tokens, 1);
  auto const times = loops.in_turns(tokens, rounds);
  // After the clocks, which the marks would slow down.
  constexport_tests::mark_onnxruntime_calls();
  auto const allocations = [](auto& loop) { return constexport_tests::allocations_of([&] { loop.step(); }).ours; };
  std::printf(R"({"typed": %.9g, "by_hand": %.9g, "ratio": %.9g, "allocations": {"typed": %zu, "by_hand": %zu}})"
              "\n",
              decoding::median(times.typed), decoding::median(times.by_hand), decoding::median(times.ratios),
              allocations(loops.typed()), allocations(loops.by_hand()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  bool const typed_first = argv[2] == std::string_view("typed");
  std::size_t const tokens = std::strtoul(argv[3], nullptr, 10), rounds = std::strtoul(argv[4], nullptr, 10);
  try {
    argv[1] == std::string_view("gpt2") ? measure<decoding::gpt2>(typed_first, tokens, rounds)
                                        : measure<decoding::narrow>(typed_first, tokens, rounds);
  } catch (std::exception const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
