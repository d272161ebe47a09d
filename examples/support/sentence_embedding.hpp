/// support/sentence_embedding.hpp: from a model's token vectors to one vector a sentence, and how alike two are.
///
/// Room: examples/support. May include the standard library only. Programs that compare sentences depend on it.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace examples {

/// The mean of a sentence's token vectors, padding left out, scaled to length 1 (Reimers and Gurevych 2019,
/// arXiv 1908.10084). `hidden` is [batch, length, width] and `mask` [batch, length], both row-major; the result is
/// [batch][width]. A sentence without a token has the zero vector.
inline std::vector<std::vector<float>> sentence_embeddings(std::span<float const> hidden,
                                                           std::span<std::int64_t const> mask, std::size_t batch,
                                                           std::size_t width) {
  std::size_t const length = batch == 0 ? 0 : mask.size() / batch;
  std::vector<std::vector<float>> result(batch, std::vector<float>(width));
  for (std::size_t row = 0; row < batch; ++row) {
    std::vector<float>& sum = result[row];
    for (std::size_t token = 0; token < length; ++token) {
      if (mask[row * length + token] == 0) continue;
      std::span<float const> const values = hidden.subspan((row * length + token) * width, width);
      for (std::size_t i = 0; i < width; ++i) sum[i] += values[i];
    }
    // The length of the mean and that of the sum differ by a factor that the scaling takes out again.
    float square = 0;
    for (float const value : sum) square += value * value;
    if (square > 0)
      for (float& value : sum) value /= std::sqrt(square);
  }
  return result;
}

/// Cosine of the angle between two vectors of length 1: 1 for the same direction, 0 for unrelated ones.
inline float cosine_similarity(std::span<float const> a, std::span<float const> b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace examples
