/// export/models/t5.hpp: T5's encoder, and its decoder with a past.
///
/// Room: tests. Includes LibTorch and attention.hpp.
#pragma once

#include "attention.hpp"

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

namespace test_models {

/// T5's hyper-parameters (Raffel et al. 2019).
struct t5_config {
  std::int64_t vocab_size = 40, d_model = 24, d_kv = 6, d_ff = 48, num_layers = 2, num_heads = 4;
  std::int64_t buckets = 32, max_distance = 128;
};

/// Root mean square normalisation: no mean, no bias.
struct t5_norm : torch::nn::Module {
  explicit t5_norm(std::int64_t width) : weight(register_parameter("weight", torch::ones({width}))) {}
  torch::Tensor forward(torch::Tensor const& x) {
    return weight * (x * torch::rsqrt(x.to(torch::kFloat).pow(2).mean(-1, true) + 1e-6));
  }
  torch::Tensor weight;
};

/// A bias on scores that depends on the distance between two tokens: near ones each have a bucket, far ones share.
struct t5_position_bias : torch::nn::Module {
  t5_position_bias(t5_config const& config, bool is_bidirectional_)
      : buckets(config.buckets),
        max_distance(config.max_distance),
        is_bidirectional(is_bidirectional_),
        values(register_module("values", torch::nn::Embedding(config.buckets, config.num_heads))) {}

  /// [1, heads, length, total], of queries at the end of `total` tokens.
  torch::Tensor forward(std::int64_t length, std::int64_t total) {
    torch::Tensor const queries = torch::arange(total - length, total).unsqueeze(1);
    torch::Tensor distance = torch::arange(total).unsqueeze(0) - queries, bucket = torch::zeros_like(distance);
    std::int64_t count = buckets;
    if (is_bidirectional) {
      count /= 2;
      bucket = (distance > 0).to(torch::kLong) * count;
      distance = distance.abs();
    } else {
      distance = -distance.clamp_max(0);
    }
    std::int64_t const exact = count / 2;
    double const steps =
        static_cast<double>(count - exact) / std::log(static_cast<double>(max_distance) / static_cast<double>(exact));
    torch::Tensor far = exact + ((distance.to(torch::kFloat) / exact).clamp_min(1).log() * steps).to(torch::kLong);
    far = torch::min(far, torch::full_like(far, count - 1));
    bucket = bucket + torch::where(distance < exact, distance, far);
    return values(bucket).permute({2, 0, 1}).unsqueeze(0);
  }

  std::int64_t buckets, max_distance;
  bool is_bidirectional;
  torch::nn::Embedding values;
};

/// One layer of the encoder, or with `is_decoder` of the decoder.
struct t5_block : torch::nn::Module {
  t5_block(t5_config const& config, bool is_decoder)
      : norm1(register_module("norm1", std::make_shared<t5_norm>(config.d_model))),
        norm3(register_module("norm3", std::make_shared<t5_norm>(config.d_model))),
        self(register_module("self", make_attention(config))),
        wi(register_module("wi", no_bias(config.d_model, config.d_ff))),
        wo(register_module("wo", no_bias(config.d_ff, config.d_model))) {
    if (!is_decoder) return;
    norm2 = register_module("norm2", std::make_shared<t5_norm>(config.d_model));
    cross = register_module("cross", make_attention(config));
  }

  torch::Tensor forward(torch::Tensor x, torch::Tensor const& bias, key_values& cache, key_values const& memory,
                        torch::Tensor const& memory_bias) {
    x = x + self->look_back(norm1->forward(x), cache, bias);
    if (cross) x = x + cross->look(norm2->forward(x), memory, memory_bias);
    return x + wo(torch::relu(wi(norm3->forward(x))));
  }

  static std::shared_ptr<attention> make_attention(t5_config const& config) {
    return std::make_shared<attention>(config.d_model, config.num_heads, config.d_kv, false, 1.0);
  }
  static torch::nn::Linear no_bias(std::int64_t from, std::int64_t to) {
    return torch::nn::Linear(torch::nn::LinearOptions(from, to).bias(false));
  }

  std::shared_ptr<t5_norm> norm1, norm2, norm3;
  std::shared_ptr<attention> self, cross;
  torch::nn::Linear wi, wo;
};

/// Layers behind embeddings.
struct t5_stack : torch::nn::Module {
  t5_stack(t5_config const& config, bool is_decoder)
      : embedding(register_module("embedding", torch::nn::Embedding(config.vocab_size, config.d_model))),
        positions(register_module("positions", std::make_shared<t5_position_bias>(config, !is_decoder))),
        block(register_module("block", torch::nn::ModuleList())),
        norm(register_module("norm", std::make_shared<t5_norm>(config.d_model))) {
    for (std::int64_t i = 0; i < config.num_layers; ++i)
      block->push_back(std::make_shared<t5_block>(config, is_decoder));
  }

  torch::nn::Embedding embedding;
  std::shared_ptr<t5_position_bias> positions;
  torch::nn::ModuleList block;
  std::shared_ptr<t5_norm> norm;
};

/// The encoder.
struct t5_encoder : t5_stack {
  explicit t5_encoder(t5_config const& config) : t5_stack(config, false) {}

  /// int64 [batch, length] twice -> float [batch, length, d_model].
  torch::Tensor forward(torch::Tensor const& input_ids, torch::Tensor const& attention_mask) {
    torch::Tensor x = embedding(input_ids);
    torch::Tensor const bias = positions->forward(x.size(1), x.size(1)) + padding_bias(attention_mask);
    for (std::size_t i = 0; i < block->size(); ++i) {
      key_values none;
      x = block->at<t5_block>(i).forward(x, bias, none, {}, {});
    }
    return norm->forward(x);
  }
};

/// The decoder with its past: one step of a generation.
struct t5_decoder : t5_stack {
  explicit t5_decoder(t5_config const& config)
      : t5_stack(config, true), head(register_module("head", t5_block::no_bias(config.d_model, config.vocab_size))) {}

  /// Inputs in the order of Optimum's configuration: encoder_outputs (which nothing needs any more), attention_mask,
  /// decoder_input_ids, and for each layer the decoder's key and value and the encoder's. Outputs: logits, and for each
  /// layer the decoder's grown key and value.
  std::vector<torch::Tensor> forward(std::vector<torch::Tensor> const& inputs) {
    torch::Tensor x = embedding(inputs[2]);
    torch::Tensor const memory_bias = padding_bias(inputs[1]);
    std::int64_t const length = x.size(1), total = inputs[3].size(2) + length;
    torch::Tensor const bias = positions->forward(length, total) + causal_bias(length, total);
    std::vector<torch::Tensor> outputs(1);
    for (std::size_t i = 0; i < block->size(); ++i) {
      key_values cache{inputs[3 + 4 * i], inputs[4 + 4 * i]};
      x = block->at<t5_block>(i).forward(x, bias, cache, {inputs[5 + 4 * i], inputs[6 + 4 * i]}, memory_bias);
      outputs.insert(outputs.end(), {cache.key, cache.value});
    }
    outputs[0] = head(norm->forward(x));
    return outputs;
  }

  torch::nn::Linear head;
};

}  // namespace test_models
