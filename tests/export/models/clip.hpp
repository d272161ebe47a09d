/// export/models/clip.hpp: CLIP, a tower for images and one for texts.
///
/// Room: tests. Includes LibTorch and attention.hpp.
#pragma once

#include "attention.hpp"

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace test_models {

/// A layer that is normalised before each half, as most Transformers since GPT-2 are.
struct pre_norm_layer : torch::nn::Module {
  pre_norm_layer(std::int64_t width, std::int64_t heads, bool is_quick_)
      : is_quick(is_quick_),
        norm1(register_module("norm1", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})))),
        norm2(register_module("norm2", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})))),
        attn(register_module("attn", std::make_shared<attention>(width, heads))),
        fc1(register_module("fc1", torch::nn::Linear(width, 2 * width))),
        fc2(register_module("fc2", torch::nn::Linear(2 * width, width))) {}

  torch::Tensor forward(torch::Tensor x, torch::Tensor const& bias = {}) {
    torch::Tensor const y = norm1(x);
    x = x + attn->look(y, attn->project(y), bias);
    torch::Tensor const inner = fc1(norm2(x));
    return x + fc2(is_quick ? inner * torch::sigmoid(1.702 * inner) : torch::gelu(inner));
  }

  bool is_quick;
  torch::nn::LayerNorm norm1, norm2;
  std::shared_ptr<attention> attn;
  torch::nn::Linear fc1, fc2;
};

/// CLIP (Radford et al. 2021) for square images of `image` pixels in patches of 8.
struct clip : torch::nn::Module {
  clip(std::int64_t words, std::int64_t image, std::int64_t width, std::int64_t joint)
      : patches(
            register_module("patches", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, width, 8).stride(8).bias(false)))),
        tokens(register_module("tokens", torch::nn::Embedding(words, width))),
        text_positions(register_module("text_positions", torch::nn::Embedding(77, width))),
        image_layers(register_module("image_layers", torch::nn::ModuleList())),
        text_layers(register_module("text_layers", torch::nn::ModuleList())),
        image_norm(register_module("image_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})))),
        text_norm(register_module("text_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})))),
        image_projection(register_module("image_projection", torch::nn::Linear(width, joint))),
        text_projection(register_module("text_projection", torch::nn::Linear(width, joint))),
        class_token(register_parameter("class_token", torch::randn({width}))),
        image_positions(register_parameter("image_positions", torch::randn({image / 8 * (image / 8) + 1, width}))),
        logit_scale(register_parameter("logit_scale", torch::full({}, 2.6592f))) {
    for (int i = 0; i < 2; ++i) {
      image_layers->push_back(std::make_shared<pre_norm_layer>(width, 4, true));
      text_layers->push_back(std::make_shared<pre_norm_layer>(width, 4, true));
    }
  }

  /// float [batch, 3, image, image] -> float [batch, joint].
  torch::Tensor embed_images(torch::Tensor const& pixels) {
    torch::Tensor const first = class_token.expand({pixels.size(0), 1, class_token.size(0)});
    torch::Tensor x = torch::cat({first, patches(pixels).flatten(2).transpose(1, 2)}, 1) + image_positions;
    for (std::size_t i = 0; i < image_layers->size(); ++i) x = image_layers->at<pre_norm_layer>(i).forward(x);
    return unit(image_projection(image_norm(x.select(1, 0))));
  }

  /// int64 [batch, length] twice -> float [batch, joint]: the state of the token with the highest id, which ends a
  /// text.
  torch::Tensor embed_texts(torch::Tensor const& ids, torch::Tensor const& mask) {
    std::int64_t const length = ids.size(1);
    torch::Tensor x = tokens(ids) + text_positions(torch::arange(length).unsqueeze(0));
    torch::Tensor const bias = causal_bias(length, length) + padding_bias(mask);
    for (std::size_t i = 0; i < text_layers->size(); ++i) x = text_layers->at<pre_norm_layer>(i).forward(x, bias);
    torch::Tensor const ends = ids.argmax(-1);
    return unit(text_projection(text_norm(x).index({torch::arange(ids.size(0)), ends})));
  }

  /// Scores of all pairs both ways, and the embeddings.
  std::vector<torch::Tensor> forward(torch::Tensor const& pixels, torch::Tensor const& ids, torch::Tensor const& mask) {
    torch::Tensor const images = embed_images(pixels), texts = embed_texts(ids, mask);
    torch::Tensor const per_text = torch::matmul(texts, images.t()) * logit_scale.exp();
    return {per_text.t(), per_text, texts, images};
  }

  static torch::Tensor unit(torch::Tensor const& x) { return x / x.norm(2, -1, true); }

  torch::nn::Conv2d patches;
  torch::nn::Embedding tokens, text_positions;
  torch::nn::ModuleList image_layers, text_layers;
  torch::nn::LayerNorm image_norm, text_norm;
  torch::nn::Linear image_projection, text_projection;
  torch::Tensor class_token, image_positions, logit_scale;
};

}  // namespace test_models
