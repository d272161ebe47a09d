/// export/models/attention.hpp: the attention that the test models share, with masks and a key/value cache.
///
/// Room: tests. Includes LibTorch only.
#pragma once

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>

namespace test_models {

/// Keys and values, float [batch, heads, length, head_size] each; undefined where there are none yet.
struct key_values {
  torch::Tensor key, value;
};

/// Multi-head attention (Vaswani et al. 2017) whose heads may be of another size than width / heads.
struct attention : torch::nn::Module {
  attention(std::int64_t width, std::int64_t heads_, std::int64_t head_size_, bool has_bias, double scale_)
      : heads(heads_), head_size(head_size_), scale(scale_) {
    auto const linear = [&](std::int64_t from, std::int64_t to) {
      return torch::nn::Linear(torch::nn::LinearOptions(from, to).bias(has_bias));
    };
    q_proj = register_module("q_proj", linear(width, heads * head_size));
    k_proj = register_module("k_proj", linear(width, heads * head_size));
    v_proj = register_module("v_proj", linear(width, heads * head_size));
    out_proj = register_module("out_proj", linear(heads * head_size, width));
  }
  attention(std::int64_t width, std::int64_t heads_)
      : attention(width, heads_, width / heads_, true, 1 / std::sqrt(static_cast<double>(width / heads_))) {}

  /// [batch, length, width] -> [batch, heads, length, head_size].
  [[nodiscard]] torch::Tensor split(torch::Tensor const& x) const {
    return x.view({x.size(0), x.size(1), heads, head_size}).transpose(1, 2);
  }

  /// Keys and values of `x`.
  key_values project(torch::Tensor const& x) { return {split(k_proj(x)), split(v_proj(x))}; }

  /// `x` float [batch, length, width] looks at `memory`; `bias` is added to the scores and broadcast to
  /// [batch, heads, length, length of memory].
  torch::Tensor look(torch::Tensor const& x, key_values const& memory, torch::Tensor const& bias = {}) {
    torch::Tensor scores = torch::matmul(split(q_proj(x)) * scale, memory.key.transpose(-1, -2));
    if (bias.defined()) scores = scores + bias;
    torch::Tensor const seen = torch::matmul(torch::softmax(scores, -1), memory.value);
    return out_proj(seen.transpose(1, 2).reshape({x.size(0), x.size(1), heads * head_size}));
  }

  /// `x` looks at the past and at itself; `cache` grows by `x`.
  torch::Tensor look_back(torch::Tensor const& x, key_values& cache, torch::Tensor const& bias = {}) {
    key_values const present = project(x);
    cache.key = cache.key.defined() ? torch::cat({cache.key, present.key}, 2) : present.key;
    cache.value = cache.value.defined() ? torch::cat({cache.value, present.value}, 2) : present.value;
    return look(x, cache, bias);
  }

  std::int64_t heads, head_size;
  double scale;
  torch::nn::Linear q_proj{nullptr}, k_proj{nullptr}, v_proj{nullptr}, out_proj{nullptr};
};

/// 0 where `allowed`, the lowest float elsewhere.
inline torch::Tensor bias_of(torch::Tensor const& allowed) {
  return (1 - allowed.to(torch::kFloat)) * std::numeric_limits<float>::lowest();
}

/// From a mask int64 [batch, length] of tokens: [batch, 1, 1, length].
inline torch::Tensor padding_bias(torch::Tensor const& mask) { return bias_of(mask.unsqueeze(1).unsqueeze(2)); }

/// Queries at the end of `total` tokens see what is before them: [1, 1, length, total].
inline torch::Tensor causal_bias(std::int64_t length, std::int64_t total) {
  return bias_of(torch::ones({length, total}).tril(total - length)).unsqueeze(0).unsqueeze(0);
}

}  // namespace test_models
