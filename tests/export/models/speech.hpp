/// export/models/speech.hpp: Whisper's encoder and decoder, and a wav2vec2.
///
/// Room: tests. Includes LibTorch, attention.hpp and clip.hpp (its layer).
#pragma once

#include "attention.hpp"
#include "clip.hpp"

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

namespace test_models {

/// Whisper's hyper-parameters (Radford et al. 2022).
struct whisper_config {
  std::int64_t vocab_size = 50, d_model = 24, heads = 4, layers = 2, num_mel_bins = 8, max_source_positions = 15;
};

/// A table of sines and cosines, float [length, width].
inline torch::Tensor sinusoids(std::int64_t length, std::int64_t width) {
  double const step = std::log(10000.0) / static_cast<double>(width / 2 - 1);
  torch::Tensor const angles =
      torch::arange(length).unsqueeze(1) * torch::exp(-step * torch::arange(width / 2)).unsqueeze(0);
  return torch::cat({angles.sin(), angles.cos()}, 1).to(torch::kFloat);
}

/// The encoder: two convolutions over the spectrogram, the second of which halves its length.
struct whisper_encoder : torch::nn::Module {
  explicit whisper_encoder(whisper_config const& config)
      : conv1(register_module(
            "conv1", torch::nn::Conv1d(torch::nn::Conv1dOptions(config.num_mel_bins, config.d_model, 3).padding(1)))),
        conv2(register_module(
            "conv2",
            torch::nn::Conv1d(torch::nn::Conv1dOptions(config.d_model, config.d_model, 3).stride(2).padding(1)))),
        layers(register_module("layers", torch::nn::ModuleList())),
        norm(register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.d_model})))),
        positions(register_buffer("positions", sinusoids(config.max_source_positions, config.d_model))) {
    for (std::int64_t i = 0; i < config.layers; ++i)
      layers->push_back(std::make_shared<pre_norm_layer>(config.d_model, config.heads, false));
  }

  /// float [batch, mel bins, 2 * positions] -> float [batch, positions, d_model].
  torch::Tensor forward(torch::Tensor const& features) {
    torch::Tensor x = torch::gelu(conv2(torch::gelu(conv1(features)))).permute({0, 2, 1}) + positions;
    for (std::size_t i = 0; i < layers->size(); ++i) x = layers->at<pre_norm_layer>(i).forward(x);
    return norm(x);
  }

  torch::nn::Conv1d conv1, conv2;
  torch::nn::ModuleList layers;
  torch::nn::LayerNorm norm;
  torch::Tensor positions;
};

/// A layer of the decoder.
struct whisper_decoder_layer : torch::nn::Module {
  explicit whisper_decoder_layer(whisper_config const& config)
      : norms(register_module("norms", torch::nn::ModuleList())),
        self(register_module("self", std::make_shared<attention>(config.d_model, config.heads))),
        cross(register_module("cross", std::make_shared<attention>(config.d_model, config.heads))),
        fc1(register_module("fc1", torch::nn::Linear(config.d_model, 2 * config.d_model))),
        fc2(register_module("fc2", torch::nn::Linear(2 * config.d_model, config.d_model))) {
    for (int i = 0; i < 3; ++i) norms->push_back(torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.d_model})));
  }

  torch::Tensor norm(std::size_t i, torch::Tensor const& x) {
    return norms->at<torch::nn::LayerNormImpl>(i).forward(x);
  }

  torch::Tensor forward(torch::Tensor x, torch::Tensor const& bias, key_values& cache, key_values const& memory) {
    x = x + self->look_back(norm(0, x), cache, bias);
    x = x + cross->look(norm(1, x), memory);
    return x + fc2(torch::gelu(fc1(norm(2, x))));
  }

  torch::nn::ModuleList norms;
  std::shared_ptr<attention> self, cross;
  torch::nn::Linear fc1, fc2;
};

/// The decoder with its past; its head shares the embeddings' weight.
struct whisper_decoder : torch::nn::Module {
  explicit whisper_decoder(whisper_config const& config)
      : tokens(register_module("tokens", torch::nn::Embedding(config.vocab_size, config.d_model))),
        positions(register_module("positions", torch::nn::Embedding(448, config.d_model))),
        layers(register_module("layers", torch::nn::ModuleList())),
        norm(register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.d_model})))) {
    for (std::int64_t i = 0; i < config.layers; ++i) layers->push_back(std::make_shared<whisper_decoder_layer>(config));
  }

  /// Inputs in the order of Optimum's configuration: encoder_outputs (which nothing needs any more),
  /// decoder_input_ids, and for each layer the decoder's key and value and the encoder's. Outputs: logits, and for each
  /// layer the decoder's grown key and value.
  std::vector<torch::Tensor> forward(std::vector<torch::Tensor> const& inputs) {
    std::int64_t const length = inputs[1].size(1), past = inputs[2].size(2);
    torch::Tensor x = tokens(inputs[1]) + positions(torch::arange(past, past + length));
    torch::Tensor const bias = causal_bias(length, past + length);
    std::vector<torch::Tensor> outputs(1);
    for (std::size_t i = 0; i < layers->size(); ++i) {
      key_values cache{inputs[2 + 4 * i], inputs[3 + 4 * i]};
      x = layers->at<whisper_decoder_layer>(i).forward(x, bias, cache, {inputs[4 + 4 * i], inputs[5 + 4 * i]});
      outputs.insert(outputs.end(), {cache.key, cache.value});
    }
    outputs[0] = torch::linear(norm(x), tokens->weight);
    return outputs;
  }

  torch::nn::Embedding tokens, positions;
  torch::nn::ModuleList layers;
  torch::nn::LayerNorm norm;
};

/// Like wav2vec 2.0 (Baevski et al. 2020): convolutions over samples, a grouped convolution for positions whose weight
/// is a direction and a length, layers, and a head of letters.
struct wav2vec2 : torch::nn::Module {
  wav2vec2(std::int64_t width, std::int64_t letters)
      : convs(register_module("convs", torch::nn::ModuleList())),
        group_norm(register_module("group_norm", torch::nn::GroupNorm(16, 16))),
        norm(register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({16})))),
        projection(register_module("projection", torch::nn::Linear(16, width))),
        layers(register_module("layers", torch::nn::ModuleList())),
        head(register_module("head", torch::nn::Linear(width, letters))),
        weight_v(register_parameter("weight_v", torch::randn({width, width / 4, 16}))),
        weight_g(register_parameter("weight_g", torch::rand({1, 1, 16}) + 0.5)),
        bias(register_parameter("bias", torch::zeros({width}))) {
    std::int64_t from = 1;
    for (std::int64_t const kernel : {10, 3, 3, 3, 3, 2, 2}) {
      std::int64_t const stride = kernel == 10 ? 5 : 2;
      convs->push_back(torch::nn::Conv1d(torch::nn::Conv1dOptions(from, 16, kernel).stride(stride).bias(false)));
      from = 16;
    }
    for (int i = 0; i < 2; ++i) layers->push_back(std::make_shared<pre_norm_layer>(width, 4, false));
  }

  /// float [batch, samples] -> float [batch, frames, letters].
  torch::Tensor forward(torch::Tensor const& samples) {
    torch::Tensor x = samples.unsqueeze(1);
    for (std::size_t i = 0; i < convs->size(); ++i) {
      x = convs->at<torch::nn::Conv1dImpl>(i).forward(x);
      x = torch::gelu(i == 0 ? group_norm(x) : x);
    }
    x = projection(norm(x.transpose(1, 2)));
    torch::Tensor const weight = torch::_weight_norm(weight_v, weight_g, 2);
    torch::Tensor near = torch::conv1d(x.transpose(1, 2), weight, bias, 1, 8, 1, 4);
    // An even kernel with this padding makes one frame too many.
    near = near.slice(2, 0, -1);
    x = x + torch::gelu(near).transpose(1, 2);
    for (std::size_t i = 0; i < layers->size(); ++i) x = layers->at<pre_norm_layer>(i).forward(x);
    return head(x);
  }

  torch::nn::ModuleList convs;
  torch::nn::GroupNorm group_norm;
  torch::nn::LayerNorm norm;
  torch::nn::Linear projection;
  torch::nn::ModuleList layers;
  torch::nn::Linear head;
  torch::Tensor weight_v, weight_g, bias;
};

}  // namespace test_models
