/// models/vit.hpp: the Vision Transformer in torch::nn, as an encoder and as an image classifier.
///
/// Room: examples/models. May include LibTorch and support/model_config.hpp. Programs and tests depend on it.
///
/// Vision Transformer (Dosovitskiy et al. 2020, arXiv 2010.11929), as an encoder and as an image classifier. Modules
/// are named as in published weight files (`vit.encoder.layer.0.attention.attention.query.weight`).
#pragma once

#include "support/model_config.hpp"

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace examples {

/// ViT's hyper-parameters; the defaults are those of vit-base-patch16-224.
struct vit_config {
  std::int64_t hidden_size = 768;
  std::int64_t num_hidden_layers = 12;
  std::int64_t num_attention_heads = 12;
  std::int64_t intermediate_size = 3072;
  std::int64_t image_size = 224;
  std::int64_t patch_size = 16;
  std::int64_t num_channels = 3;
  double layer_norm_eps = 1e-12;
};

/// Reads a `config.json`. Throws `config_error` if a key is missing or asks for a variant that is not written here.
inline vit_config read_vit_config(std::filesystem::path const& path) {
  model_config const json(path);
  json.require("model_type", "vit");
  json.require("hidden_act", "gelu");
  json.require_divisible("hidden_size", "num_attention_heads");
  json.require_divisible("image_size", "patch_size");
  vit_config config;
  config.hidden_size = json.size("hidden_size");
  config.num_hidden_layers = json.size("num_hidden_layers");
  config.num_attention_heads = json.size("num_attention_heads");
  config.intermediate_size = json.size("intermediate_size");
  config.image_size = json.size("image_size");
  config.patch_size = json.size("patch_size");
  config.num_channels = json.size("num_channels");
  config.layer_norm_eps = json.number("layer_norm_eps", config.layer_norm_eps);
  return config;
}

/// Cuts an image into patches and projects each: one convolution whose stride is its size.
struct vit_patch_embeddings : torch::nn::Module {
  explicit vit_patch_embeddings(vit_config const& config)
      : projection(register_module(
            "projection",
            torch::nn::Conv2d(torch::nn::Conv2dOptions(config.num_channels, config.hidden_size, config.patch_size)
                                  .stride(config.patch_size)))) {}

  /// float [batch, channels, height, width] -> float [batch, patches, hidden].
  torch::Tensor forward(torch::Tensor const& pixel_values) {
    return projection(pixel_values).flatten(2).transpose(1, 2);
  }

  torch::nn::Conv2d projection;
};

/// Patches with a class token before them, plus learned positions. The positions fit one image size.
struct vit_embeddings : torch::nn::Module {
  explicit vit_embeddings(vit_config const& config)
      : cls_token(register_parameter("cls_token", torch::randn({1, 1, config.hidden_size}) * 0.02)),
        position_embeddings(register_parameter(
            "position_embeddings",
            torch::randn({1, square(config.image_size / config.patch_size) + 1, config.hidden_size}) * 0.02)),
        patch_embeddings(register_module("patch_embeddings", std::make_shared<vit_patch_embeddings>(config))) {}

  /// float [batch, channels, height, width] -> float [batch, 1 + patches, hidden].
  torch::Tensor forward(torch::Tensor const& pixel_values) {
    torch::Tensor const patches = patch_embeddings->forward(pixel_values);
    TORCH_CHECK(patches.size(1) + 1 == position_embeddings.size(1), "the image gives ", patches.size(1),
                " patches, but the model has positions for ", position_embeddings.size(1) - 1,
                ": resize the image to the model's image_size");
    torch::Tensor const class_tokens = cls_token.expand({pixel_values.size(0), -1, -1});
    return torch::cat({class_tokens, patches}, 1) + position_embeddings;
  }

  static std::int64_t square(std::int64_t n) { return n * n; }

  torch::Tensor cls_token, position_embeddings;
  std::shared_ptr<vit_patch_embeddings> patch_embeddings;
};

/// Attention of every patch to every patch, in several heads.
struct vit_self_attention : torch::nn::Module {
  explicit vit_self_attention(vit_config const& config)
      : heads(config.num_attention_heads),
        head_size(config.hidden_size / config.num_attention_heads),
        query(register_module("query", torch::nn::Linear(config.hidden_size, config.hidden_size))),
        key(register_module("key", torch::nn::Linear(config.hidden_size, config.hidden_size))),
        value(register_module("value", torch::nn::Linear(config.hidden_size, config.hidden_size))) {}

  /// float [batch, length, hidden] -> the same.
  torch::Tensor forward(torch::Tensor const& x) {
    torch::Tensor const scores = torch::matmul(split(query(x)), split(key(x)).transpose(-1, -2));
    torch::Tensor const weights = torch::softmax(scores * (1 / std::sqrt(static_cast<double>(head_size))), -1);
    return torch::matmul(weights, split(value(x))).transpose(1, 2).flatten(2);
  }

  /// [batch, length, hidden] -> [batch, heads, length, head_size].
  [[nodiscard]] torch::Tensor split(torch::Tensor const& x) const {
    return x.view({x.size(0), x.size(1), heads, head_size}).transpose(1, 2);
  }

  std::int64_t heads, head_size;
  torch::nn::Linear query, key, value;
};

/// A module that is one linear layer called `dense`: weight files name three of these.
struct vit_dense : torch::nn::Module {
  vit_dense(std::int64_t inputs, std::int64_t outputs)
      : dense(register_module("dense", torch::nn::Linear(inputs, outputs))) {}

  torch::Tensor forward(torch::Tensor const& x) { return dense(x); }

  torch::nn::Linear dense;
};

/// Self-attention and its output projection.
struct vit_attention : torch::nn::Module {
  explicit vit_attention(vit_config const& config)
      : attention(register_module("attention", std::make_shared<vit_self_attention>(config))),
        output(register_module("output", std::make_shared<vit_dense>(config.hidden_size, config.hidden_size))) {}

  torch::Tensor forward(torch::Tensor const& x) { return output->forward(attention->forward(x)); }

  std::shared_ptr<vit_self_attention> attention;
  std::shared_ptr<vit_dense> output;
};

/// One encoder layer, normalised before each half.
struct vit_layer : torch::nn::Module {
  explicit vit_layer(vit_config const& config)
      : layernorm_before(register_module("layernorm_before", norm(config))),
        attention(register_module("attention", std::make_shared<vit_attention>(config))),
        layernorm_after(register_module("layernorm_after", norm(config))),
        intermediate(
            register_module("intermediate", std::make_shared<vit_dense>(config.hidden_size, config.intermediate_size))),
        output(register_module("output", std::make_shared<vit_dense>(config.intermediate_size, config.hidden_size))) {}

  torch::Tensor forward(torch::Tensor const& x) {
    torch::Tensor const attended = x + attention->forward(layernorm_before(x));
    return attended + output->forward(torch::gelu(intermediate->forward(layernorm_after(attended))));
  }

  static torch::nn::LayerNorm norm(vit_config const& config) {
    return torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.hidden_size}).eps(config.layer_norm_eps));
  }

  torch::nn::LayerNorm layernorm_before;
  std::shared_ptr<vit_attention> attention;
  torch::nn::LayerNorm layernorm_after;
  std::shared_ptr<vit_dense> intermediate, output;
};

/// The layers, one after the other.
struct vit_encoder : torch::nn::Module {
  explicit vit_encoder(vit_config const& config) : layers(register_module("layer", torch::nn::ModuleList())) {
    for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) layers->push_back(std::make_shared<vit_layer>(config));
  }

  torch::Tensor forward(torch::Tensor x) {
    for (auto const& layer : *layers) x = layer->as<vit_layer>()->forward(x);
    return x;
  }

  torch::nn::ModuleList layers;
};

/// ViT without a head.
struct vit : torch::nn::Module {
  explicit vit(vit_config const& config)
      : embeddings(register_module("embeddings", std::make_shared<vit_embeddings>(config))),
        encoder(register_module("encoder", std::make_shared<vit_encoder>(config))),
        layernorm(register_module("layernorm", vit_layer::norm(config))) {}

  /// pixel_values, float [batch, channels, image_size, image_size]
  /// -> last_hidden_state, float [batch, 1 + patches, hidden].
  torch::Tensor forward(torch::Tensor const& pixel_values) {
    return layernorm(encoder->forward(embeddings->forward(pixel_values)));
  }

  std::shared_ptr<vit_embeddings> embeddings;
  std::shared_ptr<vit_encoder> encoder;
  torch::nn::LayerNorm layernorm;
};

/// ViT with a linear classifier on the class token.
struct vit_for_image_classification : torch::nn::Module {
  vit_for_image_classification(vit_config const& config, std::int64_t num_labels)
      : encoder(register_module("vit", std::make_shared<vit>(config))),
        classifier(register_module("classifier", torch::nn::Linear(config.hidden_size, num_labels))) {}

  /// pixel_values, float [batch, channels, image_size, image_size] -> logits, float [batch, labels].
  torch::Tensor forward(torch::Tensor const& pixel_values) {
    return classifier(encoder->forward(pixel_values).select(1, 0));
  }

  std::shared_ptr<vit> encoder;
  torch::nn::Linear classifier;
};

}  // namespace examples
