// A step of a session allocates nothing of ours; what ONNX Runtime allocates within its own calls is told apart.
#include "../support/allocations.hpp"
#include "gpt2.hpp"
#include <constexport/adapters/session.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <vector>

using namespace session_tests;

int main() {
  constexport_tests::mark_onnxruntime_calls();
  auto const bytes = decoding::gpt2_file({});
  session<Gpt2, gpt2> const model(std::as_bytes(std::span(bytes)), {.threads = 1});
  auto gpt = model.bind();
  std::vector<std::int64_t> const seen(64, 1);
  std::array<std::int64_t, 1> id{3}, position{};
  auto const step = [&] {
    std::int64_t const past = position[0];
    gpt.run(feed<"input_ids">(id, {1, 1}),
            feed<"attention_mask">(std::span(seen).first(static_cast<std::size_t>(past + 1)), {1, past + 1}),
            feed<"position_ids">(position, {1, 1}));
    auto const scores = gpt.output<"logits">().span();
    id[0] = std::ranges::max_element(scores) - scores.begin();
    gpt.rotate();
    ++position[0];
  };
  step();
  std::size_t ours = 0, theirs = 0, steps = 0;
  for (; steps < 39; ++steps) {
    auto const counted = constexport_tests::allocations_of(step);
    ours += counted.ours;
    theirs += counted.onnxruntime;
  }
  std::printf("%zu steps: %zu allocations of ours, %zu of ONNX Runtime's\n", steps, ours, theirs);
  // Without theirs nothing would have been counted at all.
  return ours == 0 && theirs > 0 ? 0 : 1;
}
