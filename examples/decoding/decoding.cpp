// Decodes with a typed session and with a loop by hand (loops.hpp), in turns, and prints the rates of both.
//   decoding [TOKENS [ROUNDS [narrow|gpt2]]]
// Random weights. narrow: steps of 80 microseconds, in which what a loop adds shows; gpt2: GPT-2's own shape, which
// takes 500 MB of disk and 2 GB of memory.
#include "loops.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

namespace {

template <auto Values>
void compare(std::size_t tokens, std::size_t rounds) {
  decoding::two_loops<Values> loops;
  auto const times = loops.in_turns(tokens, rounds);
  std::printf("%zu rounds of %zu tokens, step by step in turns: typed session %.1f tokens/s, by hand %.1f tokens/s\n",
              rounds, tokens, 1 / decoding::median(times.typed), 1 / decoding::median(times.by_hand));
  std::printf("a token of the typed session takes %+.2f %% of time (median of all pairs)\n",
              100 * (decoding::median(times.ratios) - 1));
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t const tokens = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 64;
  std::size_t const rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 7;
  std::string_view const shape = argc > 3 ? argv[3] : "narrow";
  if (tokens < 1 || rounds < 1 || decoding::prompt.size() + tokens > decoding::most_tokens ||
      (shape != "narrow" && shape != "gpt2")) {
    std::fputs("usage: decoding [TOKENS (1 to 1020) [ROUNDS [narrow|gpt2]]]\n", stderr);
    return 2;
  }
  try {
    shape == "gpt2" ? compare<decoding::gpt2>(tokens, rounds) : compare<decoding::narrow>(tokens, rounds);
  } catch (std::exception const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
