/// export/models/sequences.hpp: recurrent taggers and LibTorch's own Transformer.
///
/// Room: tests. Includes LibTorch only.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <tuple>

namespace test_models {

/// Tags each token with what two stacked bidirectional LSTMs make of it.
struct lstm_tagger : torch::nn::Module {
  lstm_tagger(std::int64_t words, std::int64_t width, std::int64_t tags)
      : embedding(register_module("embedding", torch::nn::Embedding(words, width))),
        lstm(register_module("lstm", torch::nn::LSTM(torch::nn::LSTMOptions(width, width)
                                                         .num_layers(2)
                                                         .bidirectional(true)
                                                         .batch_first(true)
                                                         .dropout(0.1)))),
        head(register_module("head", torch::nn::Linear(2 * width, tags))) {}

  /// int64 [batch, length] -> float [batch, length, tags], and the last hidden state of either direction.
  std::tuple<torch::Tensor, torch::Tensor> forward(torch::Tensor const& words) {
    auto const [states, last] = lstm(embedding(words));
    torch::Tensor const hidden = std::get<0>(last);
    return {torch::log_softmax(head(states), 2), torch::cat({hidden[-2], hidden[-1]}, 1)};
  }

  torch::nn::Embedding embedding;
  torch::nn::LSTM lstm;
  torch::nn::Linear head;
};

/// The same with one GRU.
struct gru_tagger : torch::nn::Module {
  gru_tagger(std::int64_t words, std::int64_t width, std::int64_t tags)
      : embedding(register_module("embedding", torch::nn::Embedding(words, width))),
        gru(register_module("gru", torch::nn::GRU(torch::nn::GRUOptions(width, width).batch_first(true)))),
        head(register_module("head", torch::nn::Linear(width, tags))) {}

  /// int64 [batch, length] -> float [batch, length, tags].
  torch::Tensor forward(torch::Tensor const& words) { return head(std::get<0>(gru(embedding(words)))); }

  torch::nn::Embedding embedding;
  torch::nn::GRU gru;
  torch::nn::Linear head;
};

/// torch::nn::Transformer between embeddings and a head.
struct translator : torch::nn::Module {
  translator(std::int64_t words, std::int64_t width)
      : embedding(register_module("embedding", torch::nn::Embedding(words, width))),
        transformer(register_module(
            "transformer",
            torch::nn::Transformer(
                torch::nn::TransformerOptions(width, 4, 2, 2).dim_feedforward(2 * width).activation(torch::kGELU)))),
        head(register_module("head", torch::nn::Linear(width, words))) {}

  /// int64 [batch, source length], int64 [batch, target length] -> float [batch, target length, words].
  torch::Tensor forward(torch::Tensor const& source, torch::Tensor const& target) {
    std::int64_t const length = target.size(1);
    torch::Tensor const future = torch::full({length, length}, -1e9).triu(1);
    torch::Tensor const states =
        transformer(embedding(source).transpose(0, 1), embedding(target).transpose(0, 1), torch::Tensor(), future);
    return head(states.transpose(0, 1));
  }

  torch::nn::Embedding embedding;
  torch::nn::Transformer transformer;
  torch::nn::Linear head;
};

}  // namespace test_models
