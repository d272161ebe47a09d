/// models/bert.hpp: BERT's encoder in torch::nn.
///
/// Room: examples/models. May include LibTorch and support/model_config.hpp. Programs and tests depend on it.
///
/// BERT's encoder (Devlin et al. 2018, arXiv 1810.04805). Modules are named as in published weight files, so that
/// `load_weights` finds `encoder.layer.0.attention.self.query.weight` without a table of names.
#pragma once

#include "support/model_config.hpp"

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>

namespace examples {

/// BERT's hyper-parameters; the defaults are those of bert-base-uncased.
struct bert_config {
  std::int64_t vocab_size = 30522;
  std::int64_t hidden_size = 768;
  std::int64_t num_hidden_layers = 12;
  std::int64_t num_attention_heads = 12;
  std::int64_t intermediate_size = 3072;
  std::int64_t max_position_embeddings = 512;
  std::int64_t type_vocab_size = 2;
  double layer_norm_eps = 1e-12;
  double hidden_dropout_prob = 0.1;
  double attention_probs_dropout_prob = 0.1;
};

/// Reads a `config.json`. Throws `config_error` if a key is missing or asks for a variant that is not written here.
inline bert_config read_bert_config(std::filesystem::path const& path) {
  model_config const json(path);
  json.require("model_type", "bert");
  json.require("hidden_act", "gelu");
  json.require("position_embedding_type", "absolute", true);
  json.require_divisible("hidden_size", "num_attention_heads");
  bert_config config;
  config.vocab_size = json.size("vocab_size");
  config.hidden_size = json.size("hidden_size");
  config.num_hidden_layers = json.size("num_hidden_layers");
  config.num_attention_heads = json.size("num_attention_heads");
  config.intermediate_size = json.size("intermediate_size");
  config.max_position_embeddings = json.size("max_position_embeddings");
  config.type_vocab_size = json.size("type_vocab_size");
  config.layer_norm_eps = json.number("layer_norm_eps", config.layer_norm_eps);
  config.hidden_dropout_prob = json.number("hidden_dropout_prob", config.hidden_dropout_prob);
  config.attention_probs_dropout_prob =
      json.number("attention_probs_dropout_prob", config.attention_probs_dropout_prob);
  return config;
}

/// Sum of token, position and segment embeddings, normalised.
struct bert_embeddings : torch::nn::Module {
  explicit bert_embeddings(bert_config const& config)
      : word_embeddings(
            register_module("word_embeddings", torch::nn::Embedding(config.vocab_size, config.hidden_size))),
        position_embeddings(register_module("position_embeddings",
                                            torch::nn::Embedding(config.max_position_embeddings, config.hidden_size))),
        token_type_embeddings(
            register_module("token_type_embeddings", torch::nn::Embedding(config.type_vocab_size, config.hidden_size))),
        layer_norm(register_module(
            "LayerNorm",
            torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.hidden_size}).eps(config.layer_norm_eps)))),
        dropout(register_module("dropout", torch::nn::Dropout(config.hidden_dropout_prob))) {}

  /// int64 [batch, length] twice -> float [batch, length, hidden].
  torch::Tensor forward(torch::Tensor const& input_ids, torch::Tensor const& token_type_ids) {
    torch::Tensor const positions = position_embeddings->weight.slice(0, 0, input_ids.size(1));
    torch::Tensor const sum = word_embeddings(input_ids) + token_type_embeddings(token_type_ids) + positions;
    return dropout(layer_norm(sum));
  }

  torch::nn::Embedding word_embeddings, position_embeddings, token_type_embeddings;
  torch::nn::LayerNorm layer_norm;
  torch::nn::Dropout dropout;
};

/// Scaled dot-product attention of every token to every token, in several heads.
struct bert_self_attention : torch::nn::Module {
  explicit bert_self_attention(bert_config const& config)
      : heads(config.num_attention_heads),
        head_size(config.hidden_size / config.num_attention_heads),
        query(register_module("query", torch::nn::Linear(config.hidden_size, config.hidden_size))),
        key(register_module("key", torch::nn::Linear(config.hidden_size, config.hidden_size))),
        value(register_module("value", torch::nn::Linear(config.hidden_size, config.hidden_size))),
        dropout(register_module("dropout", torch::nn::Dropout(config.attention_probs_dropout_prob))) {}

  /// float [batch, length, hidden], additive mask [batch, 1, 1, length] -> float [batch, length, hidden].
  torch::Tensor forward(torch::Tensor const& x, torch::Tensor const& mask) {
    torch::Tensor scores = torch::matmul(split(query(x)), split(key(x)).transpose(-1, -2));
    scores = scores / std::sqrt(static_cast<double>(head_size)) + mask;
    torch::Tensor const context = torch::matmul(dropout(torch::softmax(scores, -1)), split(value(x)));
    return context.transpose(1, 2).contiguous().view({x.size(0), x.size(1), heads * head_size});
  }

  /// [batch, length, hidden] -> [batch, heads, length, head_size].
  [[nodiscard]] torch::Tensor split(torch::Tensor const& x) const {
    return x.view({x.size(0), x.size(1), heads, head_size}).transpose(1, 2);
  }

  std::int64_t heads, head_size;
  torch::nn::Linear query, key, value;
  torch::nn::Dropout dropout;
};

/// Projection back to the residual stream, which is then normalised (after the sum: BERT is "post-norm").
struct bert_output : torch::nn::Module {
  bert_output(std::int64_t input_size, bert_config const& config)
      : dense(register_module("dense", torch::nn::Linear(input_size, config.hidden_size))),
        layer_norm(register_module(
            "LayerNorm",
            torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.hidden_size}).eps(config.layer_norm_eps)))),
        dropout(register_module("dropout", torch::nn::Dropout(config.hidden_dropout_prob))) {}

  torch::Tensor forward(torch::Tensor const& x, torch::Tensor const& residual) {
    return layer_norm(dropout(dense(x)) + residual);
  }

  torch::nn::Linear dense;
  torch::nn::LayerNorm layer_norm;
  torch::nn::Dropout dropout;
};

/// Self-attention and its output.
struct bert_attention : torch::nn::Module {
  explicit bert_attention(bert_config const& config)
      : self(register_module("self", std::make_shared<bert_self_attention>(config))),
        output(register_module("output", std::make_shared<bert_output>(config.hidden_size, config))) {}

  torch::Tensor forward(torch::Tensor const& x, torch::Tensor const& mask) {
    return output->forward(self->forward(x, mask), x);
  }

  std::shared_ptr<bert_self_attention> self;
  std::shared_ptr<bert_output> output;
};

/// The wide half of the feed-forward network.
struct bert_intermediate : torch::nn::Module {
  explicit bert_intermediate(bert_config const& config)
      : dense(register_module("dense", torch::nn::Linear(config.hidden_size, config.intermediate_size))) {}

  torch::Tensor forward(torch::Tensor const& x) { return torch::gelu(dense(x)); }

  torch::nn::Linear dense;
};

/// One encoder layer.
struct bert_layer : torch::nn::Module {
  explicit bert_layer(bert_config const& config)
      : attention(register_module("attention", std::make_shared<bert_attention>(config))),
        intermediate(register_module("intermediate", std::make_shared<bert_intermediate>(config))),
        output(register_module("output", std::make_shared<bert_output>(config.intermediate_size, config))) {}

  torch::Tensor forward(torch::Tensor const& x, torch::Tensor const& mask) {
    torch::Tensor const attended = attention->forward(x, mask);
    return output->forward(intermediate->forward(attended), attended);
  }

  std::shared_ptr<bert_attention> attention;
  std::shared_ptr<bert_intermediate> intermediate;
  std::shared_ptr<bert_output> output;
};

/// The layers, one after the other.
struct bert_encoder : torch::nn::Module {
  explicit bert_encoder(bert_config const& config) : layers(register_module("layer", torch::nn::ModuleList())) {
    for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) layers->push_back(std::make_shared<bert_layer>(config));
  }

  torch::Tensor forward(torch::Tensor x, torch::Tensor const& mask) {
    for (auto const& layer : *layers) x = layer->as<bert_layer>()->forward(x, mask);
    return x;
  }

  torch::nn::ModuleList layers;
};

/// BERT without a head.
struct bert : torch::nn::Module {
  explicit bert(bert_config const& config)
      : embeddings(register_module("embeddings", std::make_shared<bert_embeddings>(config))),
        encoder(register_module("encoder", std::make_shared<bert_encoder>(config))) {}

  /// Token ids, mask (1: a token, 0: padding) and segment ids, int64 [batch, length] each
  /// -> last_hidden_state, float [batch, length, hidden].
  torch::Tensor forward(torch::Tensor const& input_ids, torch::Tensor const& attention_mask,
                        torch::Tensor const& token_type_ids) {
    torch::Tensor const x = embeddings->forward(input_ids, token_type_ids);
    torch::Tensor const mask = attention_mask.view({input_ids.size(0), 1, 1, input_ids.size(1)}).to(x.scalar_type());
    return encoder->forward(x, (1 - mask) * std::numeric_limits<float>::lowest());
  }

  std::shared_ptr<bert_embeddings> embeddings;
  std::shared_ptr<bert_encoder> encoder;
};

}  // namespace examples
