/// adapters/session_eigen.hpp: Eigen's matrices, tensors and maps in and out of a session, without a copy.
///
/// Room: adapters. Includes eigen.hpp, session_sizes.hpp, session_feed.hpp and the standard library; nothing of ONNX
/// Runtime.
#pragma once

#include <constexport/adapters/eigen.hpp>
#include <constexport/adapters/session_feed.hpp>
#include <constexport/adapters/session_sizes.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace constexport {
namespace detail {

template <>
inline constexpr dtype foreign_dtype<Eigen::half> = dtype::float16;
template <>
inline constexpr dtype foreign_dtype<Eigen::bfloat16> = dtype::bfloat16;

template <class T>
concept eigen_in_memory = requires(T const& value) {
  typename T::Scalar;
  value.data();
} && (eigen_dense<T> || requires { T::NumDimensions; });

template <class T>
struct scalar_in_eigen {
  using type = T;
};
template <>
struct scalar_in_eigen<float16_element> {
  using type = Eigen::half;
};
template <>
struct scalar_in_eigen<bfloat16_element> {
  using type = Eigen::bfloat16;
};

}  // namespace detail

/// `feed<"pixel_values">(image)`: a row-major matrix, array, vector or tensor, or a map of one, with its own shape.
/// Throws session_error if there are gaps between its rows.
template <fixed_string Name, detail::eigen_in_memory Value>
auto feed(Value const& value) {
  static_assert(
      detail::is_row_major<Value>(),
      "constexport: the Eigen object is not row-major and contiguous, as ONNX tensors are; use Eigen::RowMajor");
  fed_input<Name, std::remove_const_t<typename Value::Scalar>, detail::rank_of<Value>()> result;
  if constexpr (detail::eigen_dense<Value>) {
    if (value.innerSize() != value.outerStride() && value.outerSize() > 1)
      throw session_error("constexport: input " + std::string(Name.view()) +
                          " is fed an Eigen object with gaps between its rows; copy it into a matrix");
  }
  auto const shape = detail::shape_of(value);
  for (std::size_t dim = 0; dim < result.shape.size(); ++dim) result.shape[dim] = shape.sizes[dim];
  result.data = value.data();
  result.count = static_cast<std::size_t>(value.size());
  return result;
}

/// An output as a map: `eigen_map(gpt.output<"logits">())` is a vector, a row-major matrix, or a row-major
/// Eigen::Tensor for any other number of dimensions.
template <class T, std::size_t Rank>
auto eigen_map(shaped_span<T, Rank> const& value) {
  using scalar = typename detail::scalar_in_eigen<std::remove_const_t<T>>::type;
  auto const* const data = reinterpret_cast<scalar const*>(value.data);
  if constexpr (Rank == 1) {
    return Eigen::Map<typename detail::eigen_plain<scalar, 1>::type const>(data, value.extents[0]);
  } else if constexpr (Rank == 2) {
    return Eigen::Map<typename detail::eigen_plain<scalar, 2>::type const>(data, value.extents[0], value.extents[1]);
  } else {
    Eigen::array<Eigen::Index, Rank> dimensions;
    for (std::size_t i = 0; i < Rank; ++i) dimensions[i] = value.extents[i];
    return Eigen::TensorMap<Eigen::Tensor<scalar const, static_cast<int>(Rank), Eigen::RowMajor>>(data, dimensions);
  }
}

}  // namespace constexport
