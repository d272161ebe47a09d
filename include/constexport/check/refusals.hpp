/// check/refusals.hpp: what several clients refuse, in one set of words.
///
/// Room: check. Includes core, onnx, compare.hpp and the standard library. emit/ and the command throw these texts.
#pragma once

#include <constexport/check/compare.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/onnx/value_view.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace constexport::refusals {

/// A name that is none of the axes that vary, `there`.
inline std::string no_axis(std::string const& name, std::vector<std::string> const& there) {
  std::string all;
  for (std::string const& each : there) all += (all.empty() ? "" : ", ") + each;
  return "no axis \"" + name + "\" varies here; there is: " + (all.empty() ? "none" : all);
}

inline std::string no_axis(std::string const& name, bound_contract const& bound) {
  std::vector<std::string> there;
  for (std::size_t i = 0; i < bound.table->symbols.size(); ++i)
    if (bound.table->symbols[i].is_axis && bound.values[i] == unknown) there.emplace_back(bound.table->symbols[i].name);
  return no_axis(name, there);
}

/// A size that is none of an axis; `legal` has its name and range.
inline std::string size_of_axis(interface_axis const& legal, std::int64_t size) {
  return "\"" + legal.name + "\" cannot be " + std::to_string(size) + ": its sizes are " + detail::range_text(legal);
}

inline std::string size_of_axis(symbol_row const& axis, std::int64_t size) {
  return size_of_axis({std::string(axis.name), true, axis.minimum, axis.maximum, axis.multiple}, size);
}

/// The end of a message that names an axis and a size that it cannot have.
inline std::string must_be(std::int64_t minimum, std::int64_t maximum, std::int64_t multiple) {
  std::string text = ", but it must be at least " + std::to_string(minimum);
  if (maximum != unbounded) text += ", at most " + std::to_string(maximum);
  if (multiple != 1) text += ", a multiple of " + std::to_string(multiple);
  return text;
}

/// An input or output that is no dense tensor.
inline std::string no_tensor(std::string_view name, wire::value_type what) {
  return "\"" + std::string(name) + "\" (" + std::string(wire::kind_name(what)) +
         ") cannot be described: a contract holds dense tensors; give the value as tensors";
}

}  // namespace constexport::refusals
