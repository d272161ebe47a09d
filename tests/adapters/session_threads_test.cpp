// Several threads share one session, each with bindings of its own: built with ThreadSanitizer. No Catch2, which is
// not.
#include "gpt2.hpp"
#include <constexport/adapters/session.hpp>

#include <array>
#include <cstdio>
#include <span>
#include <thread>
#include <vector>

using namespace session_tests;

namespace {

// The tokens that a greedy decoder gives after `first`.
std::vector<std::int64_t> decode(session<Gpt2, gpt2> const& model, std::int64_t first) {
  auto gpt = model.bind();
  std::vector<std::int64_t> tokens{first};
  std::vector<std::int64_t> const seen(32, 1);
  for (std::int64_t past = 0; past < 24; ++past) {
    std::array<std::int64_t, 1> const id{tokens.back()}, position{past};
    gpt.run(feed<"input_ids">(id, {1, 1}),
            feed<"attention_mask">(std::span(seen).first(static_cast<std::size_t>(past + 1)), {1, past + 1}),
            feed<"position_ids">(position, {1, 1}));
    auto const logits = gpt.output<"logits">();
    std::int64_t best = 0;
    for (std::int64_t token = 1; token < 50; ++token)
      if (logits(0, 0, token) > logits(0, 0, best)) best = token;
    tokens.push_back(best);
    gpt.rotate();
  }
  return tokens;
}

}  // namespace

int main() {
  auto const bytes = decoding::gpt2_file({});
  session<Gpt2, gpt2> const model(std::as_bytes(std::span(bytes)), {.threads = 1});
  constexpr std::size_t count = 4;
  std::vector<std::vector<std::int64_t>> alone, together(count);
  for (std::size_t i = 0; i < count; ++i) alone.push_back(decode(model, static_cast<std::int64_t>(i * 11)));
  for (int round = 0; round < 4; ++round) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i)
      threads.emplace_back([&, i] { together[i] = decode(model, static_cast<std::int64_t>(i * 11)); });
    for (std::thread& each : threads) each.join();
    if (together != alone) {
      std::puts("threads give other tokens than one thread");
      return 1;
    }
  }
  std::puts("threads give the tokens of one thread");
  return 0;
}
