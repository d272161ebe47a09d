/// export/error_distribution.hpp: how the differences of two tensors are spread.
///
/// Room: export. Includes LibTorch's tensors. verify.hpp fills it, reports draw it.
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace constexport {

/// Absolute differences, counted by powers of ten.
struct error_distribution {
  static constexpr int lowest = -12;            ///< the first decade holds everything below 1e-11 that is not 0
  static constexpr std::size_t decades = 15;    ///< the last one holds everything from 1e2 on
  std::uint64_t elements = 0;                   ///< all that were compared
  std::uint64_t equal = 0;                      ///< no difference at all
  std::uint64_t not_finite = 0;                 ///< an infinity or a NaN on one side only
  std::array<std::uint64_t, decades> counts{};  ///< [i]: from 1e(lowest + i) to ten times that
  double sum = 0;                               ///< of the finite differences

  double mean() const {
    std::uint64_t const finite = elements - not_finite;
    return finite > 0 ? sum / static_cast<double>(finite) : 0;
  }

  /// `difference`: absolute, of type float64.
  static error_distribution of(at::Tensor const& difference) {
    error_distribution result;
    at::Tensor const flat = difference.contiguous();
    double const* const values = flat.data_ptr<double>();
    result.elements = static_cast<std::uint64_t>(flat.numel());
    for (std::uint64_t i = 0; i < result.elements; ++i) {
      double const value = values[i];
      if (value == 0) {
        ++result.equal;
      } else if (!std::isfinite(value)) {
        ++result.not_finite;
      } else {
        result.sum += value;
        int const decade = static_cast<int>(std::floor(std::log10(value))) - lowest;
        ++result.counts[static_cast<std::size_t>(std::min(std::max(decade, 0), static_cast<int>(decades) - 1))];
      }
    }
    return result;
  }
};

}  // namespace constexport
