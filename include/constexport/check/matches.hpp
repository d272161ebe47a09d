/// check/matches.hpp: does a file match a configuration? Asked by the compiler.
///
/// Room: check. Includes core, config and mismatch.hpp. docs/errors.md explains the messages.
///   `#include "model_io.hpp"  // constexport header model.onnx -o model_io.hpp`
///   `static_assert(constexport::matches<BertOnnxConfig<>>(model_io::contract));`
#pragma once

#include <constexport/check/mismatch.hpp>
#include <constexport/config/messages.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

namespace constexport {
namespace detail {

// The arguments show the facts in a diagnostic.
template <fixed_string Where>
struct at_tensor {};
template <fixed_string Text>
struct expected {};
template <fixed_string Text>
struct in_the_file {};
template <class... Facts>
inline constexpr bool is_the_same = false;

// At its exact length, which compilers print as text.
template <mismatch Found, auto Member>
consteval auto exact_member() {
  constexpr std::size_t size = std::string_view{Found.*Member}.size();
  char text[size + 1]{};
  for (std::size_t i = 0; i < size; ++i) text[i] = (Found.*Member)[i];
  return fixed_string(text);
}

template <class, mismatch Found>
consteval bool report_mismatch() {
  constexpr mismatch_kind kind = Found.kind;
  using Where = at_tensor<exact_member<Found, &mismatch::where>()>;
  using Expected = expected<exact_member<Found, &mismatch::expected>()>;
  using InFile = in_the_file<exact_member<Found, &mismatch::found>()>;
  if constexpr (kind == mismatch_kind::input_missing)
    static_assert(is_the_same<Where>,
                  "constexport: the file lacks an input; export it again, or change the configuration");
  if constexpr (kind == mismatch_kind::input_unexpected)
    static_assert(is_the_same<Where>,
                  "constexport: the file has an input that the configuration has not; export it again, or change the "
                  "configuration");
  if constexpr (kind == mismatch_kind::output_missing)
    static_assert(is_the_same<Where>,
                  "constexport: the file lacks an output; export it again, or change the configuration");
  if constexpr (kind == mismatch_kind::name)
    static_assert(is_the_same<Expected, InFile>,
                  "constexport: the file has another tensor at this place; names and their order must be the same");
  if constexpr (kind == mismatch_kind::dtype)
    static_assert(is_the_same<Where, Expected, InFile>,
                  "constexport: a tensor has another dtype in the file; use int_dtype<> or float_dtype<>, or export it "
                  "again");
  if constexpr (kind == mismatch_kind::rank)
    static_assert(
        is_the_same<Where, Expected, InFile>,
        "constexport: a tensor has another number of dimensions in the file; is it the file of another task?");
  if constexpr (kind == mismatch_kind::size)
    static_assert(
        is_the_same<Where, Expected, InFile>,
        "constexport: a dimension has another size in the file; give the configuration the model's parameters");
  if constexpr (kind == mismatch_kind::fixed_axis)
    static_assert(is_the_same<Where, Expected, InFile>,
                  "constexport: a dimension that varies is fixed in the file; fix the axis in the configuration, or "
                  "export it dynamic");
  if constexpr (kind == mismatch_kind::other_axis)
    static_assert(is_the_same<Where, Expected, InFile>,
                  "constexport: a dimension is another axis in the file, where this name stands for another size");
  static_assert(kind != mismatch_kind::too_large,
                "constexport: the file has more names of dimensions than can be compared; name equal sizes alike");
  return true;  // what is wrong has been said
}

// What two interfaces need at most.
constexpr mismatch_limits limits_for(contract const& table, auto const& file) {
  std::size_t dims = 0, places = 0;
  for (std::span<tensor_row const> const rows : {table.inputs, table.outputs})
    for (tensor_row const& row : rows) dims += row.dims.size();
  for (auto const& each : file.inputs) places += each.dims.size();
  for (auto const& each : file.outputs) places += each.dims.size();
  // Expressions have names within them.
  return {table.inputs.size() + table.outputs.size(), dims, places + mismatch_limits{}.names, places};
}

template <class Config, auto Bound, class File>
consteval bool matches_bound() {
  constexpr mismatch_limits limits = limits_for(*Bound.bind().table, File::value);
  return report_mismatch<Config, find_mismatch<limits>(Bound.bind(), File::value)>();
}

}  // namespace detail

/// Does the file that a generated header describes match `Config` with its defaults? The first difference is the
/// message.
template <class Config, DescribesFile File>
consteval bool matches(File const&) {
  return detail::matches_bound<Config, Config{}, File>();
}

/// The same of a configuration with parameters of its own: `matches<bert>(model_io::contract)`.
template <auto const& Config, DescribesFile File>
consteval bool matches(File const&) {
  return detail::matches_bound<std::remove_cvref_t<decltype(Config)>, Config, File>();
}

}  // namespace constexport
