// A greedy decoding loop, twice: through a typed session, and written by hand on ONNX Runtime's API. Both run in turns
// on one file (GPT-2's graph, random weights), must give the same tokens, and their rates are printed side by side.
//   decoding [TOKENS [ROUNDS]]
#include "gpt2_file.hpp"
#include <constexport/adapters/session.hpp>
#include <constexport/models/gpt2.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

using namespace constexport;

namespace {

using Gpt2 = GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>;
constexpr Gpt2 gpt2{num_layers = 6, num_attention_heads = 6, hidden_size = 384, vocab_size = 8000};
constexpr decoding::gpt2_sizes model_sizes{
    .layers = 6, .heads = 6, .hidden = 384, .vocabulary = 8000, .positions = 1024};

using tokens = std::vector<std::int64_t>;
constexpr std::array<std::int64_t, 4> prompt{11, 220, 7, 4000};

std::int64_t best_of(std::span<float const> scores) { return std::ranges::max_element(scores) - scores.begin(); }

// The masks and places of every step; both loops take their parts of them.
struct step_inputs {
  std::vector<std::int64_t> seen, places;
  explicit step_inputs(std::size_t count) : seen(count, 1), places(count) {
    for (std::size_t i = 0; i < count; ++i) places[i] = static_cast<std::int64_t>(i);
  }
};

class typed_loop {
 public:
  explicit typed_loop(std::filesystem::path const& file) : model_(file, {.threads = 1}) {}

  tokens run(std::size_t count) {
    tokens result;
    step_inputs const inputs(prompt.size() + count);
    auto gpt = model_.bind();
    std::span<std::int64_t const> ids = prompt;
    std::int64_t next = 0;
    for (std::size_t past = 0; result.size() < count; past += ids.size(), ids = {&next, 1}) {
      if (past > 0) gpt.rotate();
      std::int64_t const length = std::ssize(ids), total = static_cast<std::int64_t>(past) + length;
      gpt.run(feed<"input_ids">(ids, {1, length}),
              feed<"attention_mask">(std::span(inputs.seen).first(static_cast<std::size_t>(total)), {1, total}),
              feed<"position_ids">(std::span(inputs.places).subspan(past, ids.size()), {1, length}));
      auto const logits = gpt.output<"logits">();
      next = best_of(logits.span().last(static_cast<std::size_t>(logits.extents[2])));
      result.push_back(next);
    }
    return result;
  }

 private:
  session<Gpt2, gpt2> model_;
};

class loop_by_hand {
 public:
  explicit loop_by_hand(std::filesystem::path const& file) {
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(1);
    options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
    session_ = Ort::Session(env_, file.c_str(), options);
    for (std::int64_t layer = 0; layer < model_sizes.layers; ++layer)
      for (char const* const part : {".key", ".value"}) {
        past_.push_back("past_key_values." + std::to_string(layer) + part);
        present_.push_back("present." + std::to_string(layer) + part);
      }
  }

  tokens run(std::size_t count) {
    tokens result;
    step_inputs inputs(prompt.size() + count);
    Ort::IoBinding binding(session_);
    float nothing = 0;
    std::array<std::int64_t, 4> const empty{1, model_sizes.heads, 0, model_sizes.hidden / model_sizes.heads};
    for (std::string const& name : past_)
      binding.BindInput(name.c_str(), Ort::Value::CreateTensor(memory_, &nothing, 0, empty.data(), empty.size()));
    std::array<std::int64_t, prompt.size()> first = prompt;
    std::int64_t next = 0;
    std::span<std::int64_t> ids = first;
    for (std::size_t past = 0; result.size() < count; past += ids.size(), ids = {&next, 1}) {
      bind(binding, "input_ids", ids);
      bind(binding, "attention_mask", std::span(inputs.seen).first(past + ids.size()));
      bind(binding, "position_ids", std::span(inputs.places).subspan(past, ids.size()));
      binding.BindOutput("logits", memory_);
      for (std::string const& name : present_) binding.BindOutput(name.c_str(), memory_);
      session_.Run(options_, binding);
      std::vector<Ort::Value> const outputs = binding.GetOutputValues();
      auto const vocabulary = static_cast<std::size_t>(model_sizes.vocabulary);
      float const* const logits = outputs[0].GetTensorData<float>();
      next = best_of({logits + (ids.size() - 1) * vocabulary, vocabulary});
      result.push_back(next);
      for (std::size_t i = 0; i < past_.size(); ++i) binding.BindInput(past_[i].c_str(), outputs[i + 1]);
    }
    return result;
  }

 private:
  void bind(Ort::IoBinding& binding, char const* name, std::span<std::int64_t> values) {
    std::array<std::int64_t, 2> const shape{1, std::ssize(values)};
    binding.BindInput(name,
                      Ort::Value::CreateTensor(memory_, values.data(), values.size(), shape.data(), shape.size()));
  }

  Ort::Env env_{ORT_LOGGING_LEVEL_FATAL, "by hand"};
  Ort::Session session_{nullptr};
  Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  Ort::RunOptions options_;
  std::vector<std::string> past_, present_;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t const count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 64;
  std::size_t const rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 7;
  if (count < 1 || rounds < 1 || prompt.size() + count > static_cast<std::size_t>(model_sizes.positions)) {
    std::fputs("usage: decoding [TOKENS (1 to 1020) [ROUNDS]]\n", stderr);
    return 2;
  }
  auto const file = std::filesystem::path("decoding.onnx");
  std::ofstream(file, std::ios::binary) << decoding::gpt2_file(model_sizes);

  typed_loop typed(file);
  loop_by_hand by_hand(file);
  tokens const expected = by_hand.run(count);
  if (typed.run(count) != expected) {
    std::puts("the two loops give different tokens");
    return 1;
  }
  // The clock says what a user waits for; the processor's time, which other programs disturb less, what a loop costs.
  auto const measure = [&](auto& loop, std::vector<double>& rates) {
    auto const start = std::chrono::steady_clock::now();
    std::clock_t const used = std::clock();
    loop.run(count);
    double const cost = static_cast<double>(std::clock() - used);
    std::chrono::duration<double> const waited = std::chrono::steady_clock::now() - start;
    rates.push_back(static_cast<double>(count) / waited.count());
    return cost;
  };
  std::vector<double> typed_rates, rates_by_hand, ratios;
  for (std::size_t round = 0; round < rounds; ++round) {
    // In turns, so that neither always comes first.
    double const first = round % 2 == 0 ? measure(typed, typed_rates) : measure(by_hand, rates_by_hand);
    double const second = round % 2 == 0 ? measure(by_hand, rates_by_hand) : measure(typed, typed_rates);
    ratios.push_back(round % 2 == 0 ? first / second : second / first);
  }
  std::printf("%zu tokens, %zu rounds in turns, medians: typed session %.1f tokens/s, by hand %.1f tokens/s\n", count,
              rounds, median(typed_rates), median(rates_by_hand));
  std::printf("a token of the typed session costs %+.2f %% of processor time (median of the rounds)\n",
              100 * (median(ratios) - 1));
  return 0;
}
