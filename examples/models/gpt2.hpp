/// models/gpt2.hpp: GPT-2 in torch::nn, with a key/value cache.
///
/// Room: examples/models. May include LibTorch and support/model_config.hpp. Programs and tests depend on it.
///
/// GPT-2 (Radford et al. 2019) with a language-model head and a key/value cache. Modules are named as in published
/// weight files (`transformer.h.0.attn.c_attn.weight`); the head shares the token embeddings' weight.
#pragma once

#include "support/model_config.hpp"

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <vector>

namespace examples {

/// GPT-2's hyper-parameters, under the names that its config.json uses; the defaults are those of the smallest one.
struct gpt2_config {
  std::int64_t vocab_size = 50257;
  std::int64_t n_positions = 1024;
  std::int64_t n_embd = 768;
  std::int64_t n_layer = 12;
  std::int64_t n_head = 12;
  double layer_norm_epsilon = 1e-5;
};

/// Reads a `config.json`. Throws `config_error` if a key is missing or asks for a variant that is not written here.
inline gpt2_config read_gpt2_config(std::filesystem::path const& path) {
  model_config const json(path);
  json.require("model_type", "gpt2");
  json.require("activation_function", "gelu_new", true);
  json.require_divisible("n_embd", "n_head");
  gpt2_config config;
  config.vocab_size = json.size("vocab_size");
  config.n_positions = json.size("n_positions");
  config.n_embd = json.size("n_embd");
  config.n_layer = json.size("n_layer");
  config.n_head = json.size("n_head");
  config.layer_norm_epsilon = json.number("layer_norm_epsilon", config.layer_norm_epsilon);
  return config;
}

/// A linear layer whose weight is stored [inputs, outputs], the transpose of `torch::nn::Linear`'s.
struct gpt2_projection : torch::nn::Module {
  gpt2_projection(std::int64_t inputs, std::int64_t outputs)
      : weight(register_parameter("weight", torch::randn({inputs, outputs}) * 0.02)),
        bias(register_parameter("bias", torch::zeros({outputs}))) {}

  /// float [batch, length, inputs] -> float [batch, length, outputs].
  torch::Tensor forward(torch::Tensor const& x) {
    torch::Tensor const rows = torch::addmm(bias, x.reshape({-1, weight.size(0)}), weight);
    return rows.view({x.size(0), x.size(1), weight.size(1)});
  }

  torch::Tensor weight, bias;
};

/// Keys and values of one layer, float [batch, heads, length, head_size] each.
struct gpt2_cache {
  torch::Tensor key, value;
};

/// Causal self-attention over past and present tokens.
struct gpt2_attention : torch::nn::Module {
  explicit gpt2_attention(gpt2_config const& config)
      : heads(config.n_head),
        head_size(config.n_embd / config.n_head),
        c_attn(register_module("c_attn", std::make_shared<gpt2_projection>(config.n_embd, 3 * config.n_embd))),
        c_proj(register_module("c_proj", std::make_shared<gpt2_projection>(config.n_embd, config.n_embd))) {}

  /// `x` [batch, length, n_embd]; `blocked` bool, broadcast to [batch, heads, length, past + length], true where
  /// a token must not look. Extends `cache` by the present tokens.
  torch::Tensor forward(torch::Tensor const& x, torch::Tensor const& blocked, gpt2_cache& cache) {
    std::vector<torch::Tensor> const projected = c_attn->forward(x).split(heads * head_size, 2);
    torch::Tensor const query = split_heads(projected[0]);
    torch::Tensor const key = split_heads(projected[1]);
    torch::Tensor const value = split_heads(projected[2]);
    cache.key = cache.key.defined() ? torch::cat({cache.key, key}, 2) : key;
    cache.value = cache.value.defined() ? torch::cat({cache.value, value}, 2) : value;

    torch::Tensor scores = torch::matmul(query, cache.key.transpose(-1, -2));
    scores = scores / std::sqrt(static_cast<double>(head_size));
    scores = scores.masked_fill(blocked, std::numeric_limits<float>::lowest());
    torch::Tensor const context = torch::matmul(torch::softmax(scores, -1), cache.value);
    return c_proj->forward(context.permute({0, 2, 1, 3}).reshape({x.size(0), x.size(1), heads * head_size}));
  }

  /// [batch, length, n_embd] -> [batch, heads, length, head_size].
  [[nodiscard]] torch::Tensor split_heads(torch::Tensor const& x) const {
    return x.view({x.size(0), x.size(1), heads, head_size}).permute({0, 2, 1, 3});
  }

  std::int64_t heads, head_size;
  std::shared_ptr<gpt2_projection> c_attn, c_proj;
};

/// The feed-forward network.
struct gpt2_mlp : torch::nn::Module {
  explicit gpt2_mlp(gpt2_config const& config)
      : c_fc(register_module("c_fc", std::make_shared<gpt2_projection>(config.n_embd, 4 * config.n_embd))),
        c_proj(register_module("c_proj", std::make_shared<gpt2_projection>(4 * config.n_embd, config.n_embd))) {}

  torch::Tensor forward(torch::Tensor const& x) { return c_proj->forward(torch::gelu(c_fc->forward(x), "tanh")); }

  std::shared_ptr<gpt2_projection> c_fc, c_proj;
};

/// One layer, normalised before each half.
struct gpt2_block : torch::nn::Module {
  explicit gpt2_block(gpt2_config const& config)
      : ln_1(register_module("ln_1", norm(config))),
        attn(register_module("attn", std::make_shared<gpt2_attention>(config))),
        ln_2(register_module("ln_2", norm(config))),
        mlp(register_module("mlp", std::make_shared<gpt2_mlp>(config))) {}

  torch::Tensor forward(torch::Tensor const& x, torch::Tensor const& blocked, gpt2_cache& cache) {
    torch::Tensor const attended = x + attn->forward(ln_1(x), blocked, cache);
    return attended + mlp->forward(ln_2(attended));
  }

  static torch::nn::LayerNorm norm(gpt2_config const& config) {
    return torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.n_embd}).eps(config.layer_norm_epsilon));
  }

  torch::nn::LayerNorm ln_1;
  std::shared_ptr<gpt2_attention> attn;
  torch::nn::LayerNorm ln_2;
  std::shared_ptr<gpt2_mlp> mlp;
};

/// Embeddings, layers and the last normalisation.
struct gpt2_transformer : torch::nn::Module {
  explicit gpt2_transformer(gpt2_config const& config)
      : wte(register_module("wte", torch::nn::Embedding(config.vocab_size, config.n_embd))),
        wpe(register_module("wpe", torch::nn::Embedding(config.n_positions, config.n_embd))),
        h(register_module("h", torch::nn::ModuleList())),
        ln_f(register_module("ln_f", gpt2_block::norm(config))) {
    for (std::int64_t i = 0; i < config.n_layer; ++i) h->push_back(std::make_shared<gpt2_block>(config));
  }

  torch::Tensor forward(torch::Tensor const& input_ids, torch::Tensor const& attention_mask,
                        torch::Tensor const& position_ids, std::vector<gpt2_cache>& caches) {
    std::int64_t const length = input_ids.size(1), total = attention_mask.size(1);
    torch::Tensor const keys = torch::arange(total), queries = torch::arange(total - length, total);
    torch::Tensor const future = keys.unsqueeze(0) > queries.unsqueeze(1);
    torch::Tensor const padding = attention_mask.view({input_ids.size(0), 1, 1, total}) == 0;
    torch::Tensor const blocked = future.logical_or(padding);

    torch::Tensor x = wte(input_ids) + wpe(position_ids);
    for (std::size_t i = 0; i < h->size(); ++i) x = h->at<gpt2_block>(i).forward(x, blocked, caches[i]);
    return ln_f(x);
  }

  torch::nn::Embedding wte, wpe;
  torch::nn::ModuleList h;
  torch::nn::LayerNorm ln_f;
};

/// GPT-2 that predicts the next token.
struct gpt2 : torch::nn::Module {
  explicit gpt2(gpt2_config const& config)
      : transformer(register_module("transformer", std::make_shared<gpt2_transformer>(config))) {}

  /// Inputs, in this order:
  ///   input_ids       int64 [batch, length]
  ///   attention_mask  int64 [batch, past + length], 1: a token, 0: padding
  ///   past_key_values.0.key, past_key_values.0.value, past_key_values.1.key, ...
  ///                   float [batch, heads, past, head_size]; left out altogether when there is no past
  ///   position_ids    int64 [batch, length]
  /// Outputs:
  ///   logits          float [batch, length, vocabulary]
  ///   present.0.key, present.0.value, present.1.key, ...
  ///                   float [batch, heads, past + length, head_size]
  /// Values at padding tokens before a text's first token mean nothing.
  std::vector<torch::Tensor> forward(std::vector<torch::Tensor> const& inputs) {
    std::size_t const layers = transformer->h->size();
    bool const with_past = inputs.size() == 3 + 2 * layers;
    TORCH_CHECK(with_past || inputs.size() == 3, "gpt2::forward takes 3 tensors, or ", 3 + 2 * layers,
                " with the past, but got ", inputs.size());
    std::vector<gpt2_cache> caches(layers);
    if (with_past)
      for (std::size_t i = 0; i < layers; ++i) caches[i] = {inputs[2 + 2 * i], inputs[3 + 2 * i]};

    torch::Tensor const hidden = transformer->forward(inputs[0], inputs[1], inputs.back(), caches);
    std::vector<torch::Tensor> outputs{torch::matmul(hidden, transformer->wte->weight.t())};
    for (gpt2_cache const& cache : caches) outputs.insert(outputs.end(), {cache.key, cache.value});
    return outputs;
  }

  std::shared_ptr<gpt2_transformer> transformer;
};

}  // namespace examples
