/// dummy/fill.hpp: dummy values into memory that the caller owns.
///
/// Room: dummy. Includes the other headers of dummy/ and freestanding standard headers only; no heap. static_inputs.hpp
/// makes constants with it, the adapters fill frameworks' tensors with it.
#pragma once

#include <constexport/dummy/generator.hpp>
#include <constexport/dummy/shapes.hpp>
#include <constexport/dummy/values.hpp>
#include <constexport/dummy/wide.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace constexport {
namespace detail {

// Elements [first, first + size) of one group, lane by lane; `first` is counted from the start of the tensor. Plain
// pointers and few calls: this is what the compiler interprets for a constant, and it counts the steps.
template <class T>
constexpr void fill_within_group(T* out, std::size_t size, grid<T> const& values, random_words const& source,
                                 std::uint64_t first) {
  std::uint64_t const group = first / random_words::group_size;
  auto const begin = static_cast<std::size_t>(first % random_words::group_size), end = begin + size;
  bool const wide = values.is_wide();
  for (std::size_t lane = 0; lane < random_words::lanes; ++lane) {
    bool wanted = size == random_words::group_size;
    for (std::size_t index = lane; !wanted && index < end; index += random_words::lanes) wanted = index >= begin;
    if (!wanted) continue;
    std::array<std::uint32_t, 4> const high = source.block(group, lane);
    std::array<std::uint32_t, 4> const low = wide ? source.block(group, lane, 1) : high;
    std::size_t index = lane;
    for (std::size_t word = 0; word < 4; ++word, index += random_words::lanes)
      if (index >= begin && index < end) out[index - begin] = values.at(high[word], low[word]);
  }
}

// `count` whole groups, at run time.
template <class T>
void fill_groups(T* out, std::uint64_t count, grid<T> const& values, random_words const& source, std::uint64_t group) {
  if constexpr (is_real<T> && !std::is_same_v<T, double>) {
    if (std::has_single_bit(values.count)) {
      store_reals<T> const store{32 - std::countr_zero(values.count), static_cast<std::int32_t>(values.first),
                                 values.step};
      return draw(source, group, count, 0, store, out);
    }
  }
  constexpr std::size_t groups_at_once = 8, size = groups_at_once * random_words::group_size;
  alignas(64) std::uint32_t high[size];
  alignas(64) std::uint32_t low[size];
  while (count > 0) {
    std::uint64_t const now = count < groups_at_once ? count : groups_at_once;
    auto const elements = static_cast<std::size_t>(now) * random_words::group_size;
    draw(source, group, now, 0, store_words{}, high);
    if (values.is_wide()) {
      draw(source, group, now, 1, store_words{}, low);
      for (std::size_t i = 0; i < elements; ++i) out[i] = values.at(high[i], low[i]);
    } else {
      for (std::size_t i = 0; i < elements; ++i) out[i] = values.at(high[i]);
    }
    out += elements;
    group += now;
    count -= now;
  }
}

template <class T>
constexpr void fill_uniform(std::span<T> out, grid<T> const& values, random_words const& source, std::uint64_t first) {
  while (!out.empty()) {
    auto const begin = static_cast<std::size_t>(first % random_words::group_size);
    std::size_t size = random_words::group_size - begin;
    if (!std::is_constant_evaluated() && begin == 0 && out.size() >= size) {
      std::size_t const groups = out.size() / size;
      fill_groups(out.data(), groups, values, source, first / random_words::group_size);
      size *= groups;
    } else {
      size = size < out.size() ? size : out.size();
      fill_within_group(out.data(), size, values, source, first);
    }
    out = out.subspan(size);
    first += size;
  }
}

// Small whole numbers as T.
template <class T>
constexpr T whole(std::uint64_t value) {
  if constexpr (is_short_float<T>)
    return grid<T>::from_float(static_cast<float>(value));
  else
    return static_cast<T>(value);
}

// The rules along the last dimension. A mask's row has at least one 1; its length is the row's own random word.
template <class T>
constexpr void fill_rows(std::span<T> out, dummy_tensor const& tensor, random_words const& source,
                         std::uint64_t first) {
  auto const length = static_cast<std::uint64_t>(tensor.shape.last());
  while (!out.empty()) {
    std::uint64_t const row = first / length, begin = first % length;
    auto const size = static_cast<std::size_t>(length - begin < out.size() ? length - begin : out.size());
    std::uint64_t const ones =
        tensor.kind == value_kind::mask
            ? 1 + multiply_high(static_cast<std::uint64_t>(source.word(row)) << 32 | source.word(row, 1), length)
            : 0;
    for (std::size_t i = 0; i < size; ++i)
      out[i] = whole<T>(tensor.kind == value_kind::mask ? (begin + i < ones ? 1u : 0u) : begin + i);
    out = out.subspan(size);
    first += size;
  }
}

// Whole numbers of which one, `lower`, occurs once in a row. The others are drawn from one number fewer and step over
// it; its place is the row's own random word, of a sequence of its own.
template <class T>
constexpr void fill_ended(std::span<T> out, dummy_tensor const& tensor, random_words const& source,
                          std::uint64_t first) {
  auto const length = static_cast<std::uint64_t>(tensor.shape.last());
  auto const end = static_cast<T>(tensor.lower);
  fill_uniform(out, grid<T>(0, tensor.upper - 1), source, first);
  std::uint64_t row = unbounded, place = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (std::uint64_t const here = (first + i) / length; here != row) {
      row = here;
      std::uint64_t const word = static_cast<std::uint64_t>(source.word(row, 2)) << 32 | source.word(row, 3);
      place = length > 1 ? 1 + multiply_high(word, length - 1) : 0;
    }
    if ((first + i) % length == place)
      out[i] = end;
    else if (out[i] >= end)
      ++out[i];
  }
}

template <class T>
constexpr dummy_error find_value_problem(dummy_tensor const& tensor) {
  if (!holds<T>(tensor.type)) return dummy_error::wrong_element_type;
  if (tensor.kind == value_kind::ended) {
    bool const fits = std::is_integral_v<T> && !std::is_same_v<T, bool> && tensor.lower >= 0 &&
                      tensor.lower < tensor.upper && tensor.upper > 1 && grid<T>(0, tensor.upper).count > 0;
    return fits ? dummy_error::none : dummy_error::range_not_in_dtype;
  }
  if (tensor.kind == value_kind::uniform)
    return grid<T>(tensor.lower, tensor.upper).count == 0 ? dummy_error::range_not_in_dtype : dummy_error::none;
  // Positions must be exact: 0 ... last - 1 in integers or in a significand.
  std::int64_t const largest = tensor.kind == value_kind::mask ? 1 : tensor.shape.last() - 1;
  if constexpr (is_real<T>) {
    if (largest > (std::int64_t{1} << digits_of<T>)) return dummy_error::range_not_in_dtype;
  } else if constexpr (sizeof(T) < 8) {
    if (largest > static_cast<std::int64_t>(std::numeric_limits<T>::max())) return dummy_error::range_not_in_dtype;
  }
  return dummy_error::none;
}

}  // namespace detail

/// Elements [first, first + out.size()) of a tensor, row-major, into `out`. The same bytes come out at compile time and
/// at run time, from every compiler, and whatever slices a tensor is made of. `T` is the element's type (`holds<T>`):
/// float16_element and bfloat16_element for the short floats. Nothing is written on an error.
template <class T>
constexpr dummy_status fill(std::span<T> out, dummy_tensor const& tensor, std::uint64_t first = 0) {
  if (dummy_error const error = detail::find_value_problem<T>(tensor); error != dummy_error::none)
    return {error, tensor.name};
  auto const elements = static_cast<std::uint64_t>(tensor.shape.elements());
  if (first > elements || out.size() > elements - first) return {dummy_error::out_of_bounds, tensor.name};
  random_words const source(tensor.seed, tensor.identity);
  if (tensor.kind == value_kind::uniform) {
    detail::fill_uniform(out, grid<T>(tensor.lower, tensor.upper), source, first);
  } else if (tensor.kind == value_kind::ended) {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) detail::fill_ended(out, tensor, source, first);
  } else {
    detail::fill_rows(out, tensor, source, first);
  }
  return {};
}

/// All elements of a tensor into untyped memory of `tensor.bytes()` bytes, aligned for the element type. Run time only:
/// this is for back ends whose tensors have their type as a value.
inline dummy_status fill_bytes(std::span<std::byte> out, dummy_tensor const& tensor) {
  if (out.size() != tensor.bytes()) return {dummy_error::out_of_bounds, tensor.name};
  dummy_status status{};
  bool const known = with_element_type(tensor.type, [&]<class T>() {
    status = fill(std::span<T>(reinterpret_cast<T*>(out.data()), tensor.elements()), tensor);
  });
  return known ? status : dummy_status{dummy_error::unsupported_dtype, tensor.name};
}

}  // namespace constexport
