/// adapters/eigen.hpp: dummy inputs as Eigen matrices and tensors.
///
/// Room: adapters. Includes dummy/, the standard library and Eigen (Core, and unsupported/Eigen/CXX11/Tensor for three
/// and more dimensions). Rank and scalar are part of Eigen's types, so a tensor that does not fit is an error of the
/// compiler.
#pragma once

#include <constexport/adapters/dummy_inputs_error.hpp>
#include <constexport/core/fixed_string.hpp>
#include <constexport/dummy/fill.hpp>

#include <Eigen/Core>
#include <unsupported/Eigen/CXX11/Tensor>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace constexport {
namespace detail {

template <class Scalar>
constexpr bool is_eigen_scalar(dtype type) {
  if constexpr (std::is_same_v<Scalar, Eigen::half>)
    return type == dtype::float16;
  else if constexpr (std::is_same_v<Scalar, Eigen::bfloat16>)
    return type == dtype::bfloat16;
  else
    return holds<Scalar>(type);
}

template <dtype Type>
struct eigen_scalar {
  using type = element_of<Type>;
};
template <>
struct eigen_scalar<dtype::float16> {
  using type = Eigen::half;
};
template <>
struct eigen_scalar<dtype::bfloat16> {
  using type = Eigen::bfloat16;
};

template <class Scalar, std::size_t Rank>
struct eigen_plain {
  using type = Eigen::Tensor<Scalar, static_cast<int>(Rank), Eigen::RowMajor>;
};
template <class Scalar>
struct eigen_plain<Scalar, 1> {
  using type = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
};
template <class Scalar>
struct eigen_plain<Scalar, 2> {
  using type = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
};

template <class T>
concept eigen_dense = std::is_base_of_v<Eigen::DenseBase<T>, T>;

// The last index is the fastest, without gaps between its elements. Whether there are gaps between rows is known when
// the program runs.
template <class T>
constexpr bool is_row_major() {
  if constexpr (eigen_dense<T>)
    return (T::IsRowMajor || T::IsVectorAtCompileTime) && static_cast<int>(T::InnerStrideAtCompileTime) == 1;
  else
    return static_cast<int>(T::Layout) == static_cast<int>(Eigen::RowMajor);
}

template <class T>
constexpr std::size_t rank_of() {
  if constexpr (eigen_dense<T>)
    return T::IsVectorAtCompileTime ? 1 : 2;
  else
    return static_cast<std::size_t>(T::NumDimensions);
}

// Tensors count their dimensions without a sign, maps of them with one.
struct any_index {
  std::size_t value;
  template <std::integral Index>
  constexpr operator Index() const {
    return static_cast<Index>(value);
  }
};

template <class T>
dummy_shape shape_of(T const& value) {
  dummy_shape shape;
  shape.rank = rank_of<T>();
  if constexpr (eigen_dense<T>) {
    shape.sizes[0] = shape.rank == 1 ? value.size() : value.rows();
    shape.sizes[1] = shape.rank == 1 ? 0 : value.cols();
  } else {
    for (std::size_t i = 0; i < shape.rank; ++i) shape.sizes[i] = value.dimension(any_index{i});
  }
  return shape;
}

// The row of the input called `name`, where the number of a layer stands for the row's `*`.
constexpr std::size_t find_input(std::span<tensor_row const> rows, std::string_view name) {
  auto const matches = [name](std::string_view pattern) {
    std::size_t at = 0;
    for (char const c : pattern) {
      if (c != '*') {
        if (at == name.size() || name[at++] != c) return false;
        continue;
      }
      std::size_t const start = at;
      while (at < name.size() && name[at] >= '0' && name[at] <= '9') ++at;
      if (at == start) return false;
    }
    return at == name.size();
  };
  std::size_t index = 0;
  while (index < rows.size() && !matches(rows[index].name)) ++index;
  return index;
}

template <class Config, fixed_string Name>
struct eigen_input {
  static constexpr std::span<tensor_row const> rows = Config::contract().inputs;
  static constexpr std::size_t index = find_input(rows, Name.view());
  static constexpr bool found = index < rows.size();
  static constexpr dtype type = found ? rows[found ? index : 0].type : dtype::float32;
  static constexpr std::size_t rank = found ? rows[found ? index : 0].dummy_dims.size() : 0;
};

inline dummy_tensor find_dummy(bound_contract const& bound, std::span<setting const> sizes, std::uint64_t seed,
                               std::string_view name) {
  dummy_tensor result;
  bool found = false;
  dummy_status const status =
      for_each_dummy_tensor(bound, sizes, seed, shape_source::dummy, [&](dummy_tensor const& each) {
        if (!(each.name == name)) return;
        result = each;
        found = true;
      });
  if (!status.ok()) throw dummy_inputs_error(status);
  if (!found) throw no_input(name);
  return result;
}

template <class T>
void fill_eigen(T& target, dummy_tensor const& dummy) {
  bool gaps = false;
  if constexpr (eigen_dense<T>) gaps = target.innerSize() != target.outerStride() && target.outerSize() > 1;
  if (gaps || shape_of(target) != dummy.shape) throw dummy_inputs_error({dummy_error::wrong_shape, dummy.name});
  dummy_status const status = fill_bytes({reinterpret_cast<std::byte*>(target.data()), dummy.bytes()}, dummy);
  if (!status.ok()) throw dummy_inputs_error(status);
}

}  // namespace detail

/// One dummy input as an Eigen object of the right type: `make_eigen<"input_ids">(bert, batch_size = 4)`. A vector for
/// one dimension, a row-major matrix for two, a row-major Eigen::Tensor for any other number. Throws
/// dummy_inputs_error.
template <fixed_string Name, class Config, class... Symbol>
auto make_eigen(Config const& config, binding<Symbol>... sizes) {
  using input = detail::eigen_input<Config, Name>;
  static_assert(input::found,
                "constexport: the configuration has no input of this name; layers are numbered as in "
                "past_key_values.0.key");
  std::array<setting, sizeof...(Symbol)> const given{setting(sizes)...};
  dummy_tensor const dummy = detail::find_dummy(config.bind(), given, 0, Name.view());
  using scalar = typename detail::eigen_scalar<input::type>::type;
  typename detail::eigen_plain<scalar, input::rank>::type result;
  if constexpr (input::rank == 1) {
    result.resize(dummy.shape.sizes[0]);
  } else if constexpr (input::rank == 2) {
    result.resize(dummy.shape.sizes[0], dummy.shape.sizes[1]);
  } else {
    Eigen::array<Eigen::Index, input::rank> dimensions;
    for (std::size_t i = 0; i < input::rank; ++i) dimensions[i] = dummy.shape.sizes[i];
    result.resize(dimensions);
  }
  detail::fill_eigen(result, dummy);
  return result;
}

/// One dummy input into an Eigen object that exists: a row-major matrix, array, vector or tensor, or a map of one,
/// without a copy. It must have the tensor's shape, without gaps between its rows. Throws dummy_inputs_error.
template <fixed_string Name, class Target, class Config, class... Symbol>
void fill_eigen(Target&& target, Config const& config, binding<Symbol>... sizes) {
  using input = detail::eigen_input<Config, Name>;
  using type = std::remove_cvref_t<Target>;
  static_assert(input::found,
                "constexport: the configuration has no input of this name; layers are numbered as in "
                "past_key_values.0.key");
  static_assert(!input::found || detail::is_eigen_scalar<typename type::Scalar>(input::type),
                "constexport: the Eigen object's scalar is not the tensor's dtype; int64 is std::int64_t, float16 is "
                "Eigen::half");
  static_assert(!input::found || detail::rank_of<type>() == input::rank,
                "constexport: the Eigen object has another number of dimensions than the tensor; use Eigen::Tensor for "
                "three and more");
  static_assert(
      detail::is_row_major<type>(),
      "constexport: the Eigen object is not row-major and contiguous, as ONNX tensors are; use Eigen::RowMajor");
  std::array<setting, sizeof...(Symbol)> const given{setting(sizes)...};
  detail::fill_eigen(target, detail::find_dummy(config.bind(), given, 0, Name.view()));
}

/// A dummy input that owns its memory and is seen through Eigen's maps.
class eigen_input {
 public:
  explicit eigen_input(dummy_tensor const& dummy)
      : type_(dummy.type), shape_(dummy.shape), bytes_(dummy.bytes()), memory_(allocate(dummy.bytes())) {
    dummy.name.print([&](char c) { name_ += c; });
    dummy_status const status = fill_bytes({memory_.get(), bytes_}, dummy);
    if (!status.ok()) throw dummy_inputs_error(status);
  }

  std::string const& name() const { return name_; }
  dtype type() const { return type_; }
  std::span<std::int64_t const> shape() const { return shape_.span(); }
  std::span<std::byte const> bytes() const { return {memory_.get(), bytes_}; }

  /// A view of a tensor with two dimensions. Throws std::invalid_argument if rank or scalar are others.
  template <class Scalar>
  Eigen::Map<typename detail::eigen_plain<Scalar, 2>::type const> matrix() const {
    check<Scalar>(2);
    return {reinterpret_cast<Scalar const*>(memory_.get()), shape_.sizes[0], shape_.sizes[1]};
  }
  /// A view of a tensor with one dimension.
  template <class Scalar>
  Eigen::Map<typename detail::eigen_plain<Scalar, 1>::type const> vector() const {
    check<Scalar>(1);
    return {reinterpret_cast<Scalar const*>(memory_.get()), shape_.sizes[0]};
  }
  /// A view of a tensor with `Rank` dimensions.
  template <class Scalar, std::size_t Rank>
  Eigen::TensorMap<Eigen::Tensor<Scalar const, static_cast<int>(Rank), Eigen::RowMajor>> tensor() const {
    check<Scalar>(Rank);
    Eigen::array<Eigen::Index, Rank> dimensions;
    for (std::size_t i = 0; i < Rank; ++i) dimensions[i] = shape_.sizes[i];
    return {reinterpret_cast<Scalar const*>(memory_.get()), dimensions};
  }

 private:
  static constexpr std::align_val_t alignment{64};
  struct release {
    void operator()(std::byte* memory) const { ::operator delete[](memory, alignment); }
  };
  static std::unique_ptr<std::byte[], release> allocate(std::size_t bytes) {
    return std::unique_ptr<std::byte[], release>(static_cast<std::byte*>(::operator new[](bytes, alignment)));
  }
  template <class Scalar>
  void check(std::size_t rank) const {
    if (!detail::is_eigen_scalar<Scalar>(type_) || rank != shape_.rank)
      throw std::invalid_argument("constexport: input \"" + name_ + "\" has dtype " + std::string(name_of(type_)) +
                                  " and " + std::to_string(shape_.rank) + " dimensions; ask for these");
  }

  std::string name_;
  dtype type_;
  dummy_shape shape_;
  std::size_t bytes_;
  std::unique_ptr<std::byte[], release> memory_;
};

/// Dummy inputs by position and by name.
class eigen_inputs : public std::vector<eigen_input> {
 public:
  using std::vector<eigen_input>::vector;
  using std::vector<eigen_input>::at;
  /// The input called `name`; std::out_of_range names it if there is none.
  eigen_input const& at(std::string_view name) const {
    for (eigen_input const& each : *this)
      if (each.name() == name) return each;
    throw detail::no_input(name);
  }
};

/// Back end: `bert.generate_dummy_inputs<eigen>(batch_size = 4)` gives `eigen_inputs`, in Optimum's order.
struct eigen_backend {
  static eigen_inputs generate(bound_contract const& bound, std::span<setting const> sizes, std::uint64_t seed = 0) {
    eigen_inputs result;
    dummy_status const status = for_each_dummy_tensor(bound, sizes, seed, shape_source::dummy,
                                                      [&](dummy_tensor const& each) { result.emplace_back(each); });
    if (!status.ok()) throw dummy_inputs_error(status);
    return result;
  }
};
inline constexpr eigen_backend eigen{};

}  // namespace constexport
