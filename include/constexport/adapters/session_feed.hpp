/// adapters/session_feed.hpp: the values of a run by name, and what the compiler checks of them.
///
/// Room: adapters. Includes session_table.hpp, dummy's element types and the standard library. docs/errors.md explains
/// the messages; session.hpp asks for the checks.
#pragma once

#include <constexport/adapters/session_table.hpp>
#include <constexport/core/fixed_string.hpp>
#include <constexport/dummy/values.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>

namespace constexport {

/// Elements in memory that someone else owns, row-major, with their shape.
template <class T, std::size_t Rank>
struct shaped_span {
  T* data = nullptr;
  std::array<std::int64_t, Rank> extents{};

  constexpr std::size_t size() const {
    std::int64_t elements = 1;
    for (std::int64_t const each : extents) elements *= each;
    return static_cast<std::size_t>(elements);
  }
  constexpr std::span<T> span() const { return {data, size()}; }
  /// One element: `logits(0, last, token)`.
  template <std::integral... Index>
  constexpr T& operator()(Index... index) const
    requires(sizeof...(Index) == Rank)
  {
    std::size_t at = 0, dim = 0;
    ((at = at * static_cast<std::size_t>(extents[dim++]) + static_cast<std::size_t>(index)), ...);
    return data[at];
  }
};

/// The value of one input for one run. `count` elements are there; whether the shape has as many is checked by the run.
template <fixed_string Name, class T, std::size_t Rank>
struct fed_input {
  static constexpr auto name = Name;
  T const* data = nullptr;
  std::size_t count = 0;
  std::array<std::int64_t, Rank> shape{};
};

/// `feed<"input_ids">(ids, {1, 5})`: contiguous elements and a shape. Read only while the run runs; never copied.
template <fixed_string Name, std::ranges::contiguous_range Data, std::size_t Rank>
constexpr auto feed(Data const& data, std::int64_t const (&shape)[Rank]) {
  fed_input<Name, std::ranges::range_value_t<Data>, Rank> result{std::ranges::data(data), std::ranges::size(data), {}};
  for (std::size_t i = 0; i < Rank; ++i) result.shape[i] = shape[i];
  return result;
}
/// The same with the shape in an array.
template <fixed_string Name, std::ranges::contiguous_range Data, std::size_t Rank>
constexpr auto feed(Data const& data, std::array<std::int64_t, Rank> const& shape) {
  return fed_input<Name, std::ranges::range_value_t<Data>, Rank>{std::ranges::data(data), std::ranges::size(data),
                                                                 shape};
}
/// All elements along one dimension.
template <fixed_string Name, std::ranges::contiguous_range Data>
constexpr auto feed(Data const& data) {
  return fed_input<Name, std::ranges::range_value_t<Data>, 1>{
      std::ranges::data(data), std::ranges::size(data), {static_cast<std::int64_t>(std::ranges::size(data))}};
}
/// A scalar.
template <fixed_string Name, class T>
  requires std::is_arithmetic_v<T>
constexpr auto feed(T const& value) {
  return fed_input<Name, T, 0>{&value, 1, {}};
}
/// An output of another session.
template <fixed_string Name, class T, std::size_t Rank>
constexpr auto feed(shaped_span<T, Rank> const& value) {
  return fed_input<Name, std::remove_const_t<T>, Rank>{value.data, value.size(), value.extents};
}

namespace detail {

// The dtype whose elements a type of another library is (Eigen::half: session_eigen.hpp).
template <class T>
inline constexpr dtype foreign_dtype = dtype::undefined;

enum class feed_problem : std::uint8_t { none, no_such_input, fed_twice, other_dtype, other_rank, lacking };

// What the compiler knows of a fed_input.
struct fed_type {
  std::string_view name;
  std::size_t rank = 0;
  bool (*holds)(dtype) = nullptr;
};
template <class T>
constexpr bool is_element(dtype type) {
  if constexpr (foreign_dtype<T> != dtype::undefined)
    return foreign_dtype<T> == type;
  else
    return constexport::holds<T>(type);
}
template <fixed_string Name, class T, std::size_t Rank>
constexpr fed_type type_of(fed_input<Name, T, Rank> const*) {
  return {Name.view(), Rank, &is_element<T>};
}

template <class T>
concept fed_value_type = requires(T const& fed) { type_of(&fed); };

struct feed_finding {
  feed_problem kind = feed_problem::none;
  std::string_view where{};
};

constexpr feed_finding find_feed_problem(session_list const& inputs, std::span<fed_type const> fed) {
  for (std::size_t i = 0; i < fed.size(); ++i) {
    std::size_t const index = inputs.find(fed[i].name);
    if (index == inputs.tensors.size()) return {feed_problem::no_such_input, fed[i].name};
    for (std::size_t j = 0; j < i; ++j)
      if (fed[j].name == fed[i].name) return {feed_problem::fed_twice, fed[i].name};
    if (!fed[i].holds(inputs.tensors[index].type)) return {feed_problem::other_dtype, fed[i].name};
    if (fed[i].rank != inputs.row(index).dims.size()) return {feed_problem::other_rank, fed[i].name};
  }
  for (std::size_t index = 0; index < inputs.tensors.size(); ++index) {
    if (inputs.tensors[index].role == tensor_role::past) continue;  // may come from a run before
    bool found = false;
    for (fed_type const& each : fed) found = found || each.name == std::string_view{inputs.name(index)};
    if (!found) return {feed_problem::lacking, inputs.name(index)};
  }
  return {};
}

// The arguments show the facts in a diagnostic.
template <fixed_string Name>
inline constexpr bool is_an_input = false;
template <fixed_string Name>
inline constexpr bool is_an_output = false;
template <fixed_string Name>
inline constexpr bool is_fed_once = false;
template <fixed_string Name>
inline constexpr bool is_fed = false;
template <fixed_string Name>
inline constexpr bool has_this_dtype = false;
template <fixed_string Name>
inline constexpr bool has_this_rank = false;

template <fixed_string Name>
inline constexpr bool has_numbers = false;

template <feed_problem kind, fixed_string Where>
consteval bool report_feed() {
  if constexpr (kind == feed_problem::no_such_input)
    static_assert(is_an_input<Where>,
                  "constexport: the configuration has no input of this name; layers are numbered as in "
                  "past_key_values.0.key");
  if constexpr (kind == feed_problem::fed_twice)
    static_assert(is_fed_once<Where>, "constexport: an input is fed twice in one run; keep one of them");
  if constexpr (kind == feed_problem::other_dtype)
    static_assert(has_this_dtype<Where>,
                  "constexport: the elements fed are not of the input's dtype; int64 is std::int64_t, float16 is "
                  "float16_element or Eigen::half");
  if constexpr (kind == feed_problem::other_rank)
    static_assert(has_this_rank<Where>,
                  "constexport: the shape fed has another number of dimensions than the input; give one size per "
                  "dimension of the contract");
  if constexpr (kind == feed_problem::lacking)
    static_assert(is_fed<Where>, "constexport: a run lacks an input; feed every input that is no past key/value");
  return kind == feed_problem::none;
}

template <auto Table, class... Fed>
struct feeds {
  static constexpr std::array<fed_type, sizeof...(Fed)> types{type_of(static_cast<Fed const*>(nullptr))...};
  static constexpr feed_finding found = find_feed_problem(Table->inputs, types);
  static constexpr auto where = [] {
    char text[found.where.size() + 1]{};
    for (std::size_t i = 0; i < found.where.size(); ++i) text[i] = found.where[i];
    return fixed_string(text);
  }();
  static consteval bool are_right() { return report_feed<found.kind, where>(); }
};

}  // namespace detail
}  // namespace constexport
