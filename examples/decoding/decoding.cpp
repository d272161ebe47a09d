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
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

using namespace constexport;

namespace {

// Narrow, so that a step takes some 80 microseconds and what a loop adds to it shows; in a real model it is lost.
using Gpt2 = GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>;
constexpr Gpt2 gpt2{num_layers = 6, num_attention_heads = 2, hidden_size = 16, vocab_size = 50};
constexpr decoding::gpt2_sizes model_sizes{.layers = 6, .heads = 2, .hidden = 16, .vocabulary = 50, .positions = 1024};

constexpr std::array<std::int64_t, 4> prompt{11, 22, 7, 40};

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
  typed_loop(std::filesystem::path const& file, std::size_t most)
      : model_(file, {.threads = 1}), inputs_(most), gpt_(model_.bind()) {}

  void begin() {
    gpt_.reset();
    past_ = 0;
  }
  std::int64_t step() {
    if (past_ > 0) gpt_.rotate();
    std::span<std::int64_t const> ids = prompt;
    if (past_ > 0) ids = {&next_, 1};
    std::int64_t const length = std::ssize(ids), total = static_cast<std::int64_t>(past_) + length;
    gpt_.run(feed<"input_ids">(ids, {1, length}),
             feed<"attention_mask">(std::span(inputs_.seen).first(static_cast<std::size_t>(total)), {1, total}),
             feed<"position_ids">(std::span(inputs_.places).subspan(past_, ids.size()), {1, length}));
    auto const logits = gpt_.output<"logits">();
    past_ += ids.size();
    return next_ = best_of(logits.span().last(static_cast<std::size_t>(logits.extents[2])));
  }

 private:
  session<Gpt2, gpt2> model_;
  step_inputs inputs_;
  bindings<Gpt2, gpt2> gpt_;
  std::size_t past_ = 0;
  std::int64_t next_ = 0;
};

class loop_by_hand {
 public:
  loop_by_hand(std::filesystem::path const& file, std::size_t most) : inputs_(most) {
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(1);
    options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
    session_ = Ort::Session(env_, file.c_str(), options);
    for (std::int64_t layer = 0; layer < model_sizes.layers; ++layer)
      for (char const* const part : {".key", ".value"}) {
        past_names_.push_back("past_key_values." + std::to_string(layer) + part);
        present_names_.push_back("present." + std::to_string(layer) + part);
      }
  }

  void begin() {
    binding_ = Ort::IoBinding(session_);
    std::array<std::int64_t, 4> const empty{1, model_sizes.heads, 0, model_sizes.hidden / model_sizes.heads};
    for (std::string const& name : past_names_)
      binding_.BindInput(name.c_str(), Ort::Value::CreateTensor(memory_, &nothing_, 0, empty.data(), empty.size()));
    past_ = 0;
  }
  std::int64_t step() {
    std::span<std::int64_t> ids = first_;
    if (past_ > 0) ids = {&next_, 1};
    bind("input_ids", ids);
    bind("attention_mask", std::span(inputs_.seen).first(past_ + ids.size()));
    bind("position_ids", std::span(inputs_.places).subspan(past_, ids.size()));
    binding_.BindOutput("logits", memory_);
    for (std::string const& name : present_names_) binding_.BindOutput(name.c_str(), memory_);
    session_.Run(options_, binding_);
    std::vector<Ort::Value> const outputs = binding_.GetOutputValues();
    for (std::size_t i = 0; i < past_names_.size(); ++i) binding_.BindInput(past_names_[i].c_str(), outputs[i + 1]);
    auto const vocabulary = static_cast<std::size_t>(model_sizes.vocabulary);
    float const* const logits = outputs[0].GetTensorData<float>();
    past_ += ids.size();
    return next_ = best_of({logits + (ids.size() - 1) * vocabulary, vocabulary});
  }

 private:
  void bind(char const* name, std::span<std::int64_t> values) {
    std::array<std::int64_t, 2> const shape{1, std::ssize(values)};
    binding_.BindInput(name,
                       Ort::Value::CreateTensor(memory_, values.data(), values.size(), shape.data(), shape.size()));
  }

  Ort::Env env_{ORT_LOGGING_LEVEL_FATAL, "by hand"};
  Ort::Session session_{nullptr};
  Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  Ort::RunOptions options_;
  Ort::IoBinding binding_{nullptr};
  step_inputs inputs_;
  std::vector<std::string> past_names_, present_names_;
  std::array<std::int64_t, prompt.size()> first_ = prompt;
  float nothing_ = 0;
  std::size_t past_ = 0;
  std::int64_t next_ = 0;
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

  typed_loop typed(file, prompt.size() + count);
  loop_by_hand by_hand(file, prompt.size() + count);
  std::vector<double> typed_times, times_by_hand, ratios;
  auto const timed = [](auto& loop, std::vector<double>& times) {
    auto const start = std::chrono::steady_clock::now();
    std::int64_t const token = loop.step();
    times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    return token;
  };
  for (std::size_t round = 0; round < rounds; ++round) {
    typed.begin();
    by_hand.begin();
    for (std::size_t i = 0; i < count; ++i) {
      // Step by step in turns: other programs disturb both alike, and neither always comes first.
      bool const typed_first = (round + i) % 2 == 0;
      std::int64_t const first = typed_first ? timed(typed, typed_times) : timed(by_hand, times_by_hand);
      std::int64_t const second = typed_first ? timed(by_hand, times_by_hand) : timed(typed, typed_times);
      if (first != second) {
        std::puts("the two loops give different tokens");
        return 1;
      }
      ratios.push_back(typed_times.back() / times_by_hand.back());
    }
  }
  std::printf("%zu rounds of %zu tokens, step by step in turns: typed session %.1f tokens/s, by hand %.1f tokens/s\n",
              rounds, count, 1 / median(typed_times), 1 / median(times_by_hand));
  std::printf("a token of the typed session takes %+.2f %% of time (median of all pairs)\n",
              100 * (median(ratios) - 1));
  return 0;
}
