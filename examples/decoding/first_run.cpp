// What docs/running.md shows: one run, and the next token.
#include "gpt2_file.hpp"
#include <constexport/adapters/session.hpp>
#include <constexport/models/gpt2.hpp>

#include <array>
#include <cstdio>
#include <fstream>

using namespace constexport;

using Gpt2 = GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>;
constexpr Gpt2 gpt2{num_layers = 2, num_attention_heads = 2, hidden_size = 16, vocab_size = 50};

int main() {
  std::ofstream("gpt2.onnx", std::ios::binary) << decoding::gpt2_file({});
  std::array<std::int64_t, 5> const ids{7, 3, 49, 0, 12};
  std::array<std::int64_t, 6> const places{0, 1, 2, 3, 4, 5}, seen{1, 1, 1, 1, 1, 1};
  std::int64_t const token = 25;

  session<Gpt2, gpt2> const model("gpt2.onnx");  // session<Gpt2>: with the configuration's defaults
  auto gpt = model.bind();
  gpt.run(feed<"input_ids">(ids, {1, 5}), feed<"attention_mask">(std::span(seen).first(5), {1, 5}),
          feed<"position_ids">(std::span(places).first(5), {1, 5}));
  auto logits = gpt.output<"logits">();  // shaped_span<float const, 3>: .data, .extents, .span()
  float const score = logits(0, 4, token);

  gpt.rotate();  // what was present is past now
  gpt.run(feed<"input_ids">(std::span(&token, 1), {1, 1}), feed<"attention_mask">(seen, {1, 6}),
          feed<"position_ids">(std::span(places).last(1), {1, 1}));

  std::printf("token %d has %.3f\n", static_cast<int>(token), static_cast<double>(score));
  return gpt.output<"present.1.key">().extents == std::array<std::int64_t, 4>{1, 2, 6, 8} ? 0 : 1;
}
