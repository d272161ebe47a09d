// A greedy decoding loop, twice: through a typed session, and written by hand on ONNX Runtime's API; and both in turns.
#pragma once

#include "gpt2_file.hpp"
#include <constexport/adapters/session.hpp>
#include <constexport/models/gpt2.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace decoding {

using namespace constexport;

using Gpt2 = GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>;
/// GPT-2's own shape: 12 layers, 500 MB.
inline constexpr Gpt2 gpt2{num_layers = 12, num_attention_heads = 12, hidden_size = 768, vocab_size = 50257};
/// So narrow that a step takes some 80 microseconds, and what a loop adds to it shows.
inline constexpr Gpt2 narrow{num_layers = 6, num_attention_heads = 2, hidden_size = 16, vocab_size = 50};

inline constexpr std::size_t most_tokens = 1024;
inline constexpr std::array<std::int64_t, 4> prompt{11, 22, 7, 40};

constexpr gpt2_sizes sizes_of(bound_contract const& bound) {
  auto const size = [&](std::string_view name) { return bound.values[find_symbol(bound.table->symbols, name, false)]; };
  return {size("num_hidden_layers"), size("num_attention_heads"), size("hidden_size"), size("vocab_size"), most_tokens};
}

inline std::int64_t best_of(std::span<float const> scores) { return std::ranges::max_element(scores) - scores.begin(); }

/// The masks and places of every step; both loops take their parts of them.
struct step_inputs {
  std::vector<std::int64_t> seen = std::vector<std::int64_t>(most_tokens, 1), places{seen};
  step_inputs() {
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int64_t>(i);
  }
};

template <class Config, Config Values>
class typed_loop {
 public:
  explicit typed_loop(std::filesystem::path const& file) : model_(file, {.threads = 1}), gpt_(model_.bind()) {}

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
    auto const logits = gpt_.template output<"logits">();
    past_ += ids.size();
    return next_ = best_of(logits.span().last(static_cast<std::size_t>(logits.extents[2])));
  }

 private:
  session<Config, Values> model_;
  step_inputs inputs_;
  bindings<Config, Values> gpt_;
  std::size_t past_ = 0;
  std::int64_t next_ = 0;
};

class loop_by_hand {
 public:
  loop_by_hand(std::filesystem::path const& file, gpt2_sizes const& sizes) : sizes_(sizes) {
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(1);
    options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
    session_ = Ort::Session(env_, file.c_str(), options);
    for (std::int64_t layer = 0; layer < sizes_.layers; ++layer)
      for (char const* const part : {".key", ".value"}) {
        past_names_.push_back("past_key_values." + std::to_string(layer) + part);
        present_names_.push_back("present." + std::to_string(layer) + part);
      }
  }

  void begin() {
    binding_ = Ort::IoBinding(session_);
    std::array<std::int64_t, 4> const empty{1, sizes_.heads, 0, sizes_.hidden / sizes_.heads};
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
    auto const vocabulary = static_cast<std::size_t>(sizes_.vocabulary);
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

  gpt2_sizes sizes_;
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

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Both loops on one file with random weights, which is removed again. Each has weights of its own, and of hundreds of
/// megabytes those that were loaded first can lie worse in memory by several percent: who measures changes the order.
template <auto Values>
class two_loops {
  static constexpr gpt2_sizes sizes = sizes_of(bound<Values>);

 public:
  explicit two_loops(bool typed_first = true) {
    {
      std::ofstream sink(file, std::ios::binary);
      gpt2_graph(sizes).write(sink);
    }
    if (typed_first) typed_.emplace(file);
    by_hand_.emplace(file, sizes);
    if (!typed_first) typed_.emplace(file);
    std::filesystem::remove(file);
  }

  auto& typed() { return *typed_; }
  auto& by_hand() { return *by_hand_; }

  /// Seconds of each step, and of the typed loop's over that of the same step by hand.
  struct step_times {
    std::vector<double> typed, by_hand, ratios;
  };
  /// Throws std::runtime_error if the loops give different tokens.
  step_times in_turns(std::size_t tokens, std::size_t rounds) {
    step_times times;
    auto const timed = [](auto& loop, std::vector<double>& into) {
      auto const start = std::chrono::steady_clock::now();
      std::int64_t const token = loop.step();
      into.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      return token;
    };
    for (std::size_t round = 0; round < rounds; ++round) {
      typed_->begin();
      by_hand_->begin();
      for (std::size_t i = 0; i < tokens; ++i) {
        // Step by step in turns: other programs disturb both alike, and neither always comes first.
        bool const typed_first = (round + i) % 2 == 0;
        std::int64_t const first = typed_first ? timed(*typed_, times.typed) : timed(*by_hand_, times.by_hand);
        std::int64_t const second = typed_first ? timed(*by_hand_, times.by_hand) : timed(*typed_, times.typed);
        if (first != second) throw std::runtime_error("the two loops give different tokens");
        times.ratios.push_back(times.typed.back() / times.by_hand.back());
      }
    }
    return times;
  }

 private:
  static constexpr char const* file = "decoding.onnx";
  std::optional<typed_loop<std::remove_const_t<decltype(Values)>, Values>> typed_;
  std::optional<loop_by_hand> by_hand_;
};

}  // namespace decoding
