/// onnx/contract_words.hpp: the words of a contract's text.
///
/// Room: onnx. Includes core and freestanding standard headers; no heap, no exceptions. contract_text.hpp writes them,
/// contract_reader.hpp reads them, and whoever reports an unknown one looks for the nearest here.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/onnx/dim_names.hpp>
#include <constexport/onnx/part.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

/// The metadata key of a contract's text in an ONNX file. A change of its meaning changes the number.
inline constexpr std::string_view contract_key = "constexport.contract.v1";

/// The members of the object that a contract is, of its tensors, their values, its axes and its parameters.
inline constexpr std::string_view contract_members[] = {
    "class", "library", "model_type", "task",    "behavior", "part", "variant",   "use_past", "use_past_in_inputs",
    "opset", "atol",    "inputs",     "outputs", "dummies",  "axes", "parameters"};
inline constexpr std::string_view tensor_members[] = {"name", "dtype",  "dims",  "dummy_dims", "values",
                                                      "when", "repeat", "group", "role",       "past"};
inline constexpr std::string_view values_members[] = {"kind", "min", "max", "end"};
inline constexpr std::string_view axis_members[] = {"default", "min", "max", "multiple", "value", "follows", "free"};
inline constexpr std::string_view parameter_members[] = {"field", "min", "value"};

namespace detail {

inline constexpr std::string_view value_kind_names[] = {"uniform", "mask", "positions", "ended"};
inline constexpr std::string_view role_names[] = {"plain", "past", "present"};

/// Before the name of a parameter that an axis has too.
inline constexpr std::string_view parameter_prefix = "parameter.";

// The ends of the ranges that need not be said.
inline constexpr std::array zero_program{instruction{operation::constant, 0}};
inline constexpr std::array one_program{instruction{operation::constant, 1}};
inline constexpr std::array two_program{instruction{operation::constant, 2}};
inline constexpr std::array unbounded_program{instruction{operation::constant, unbounded}};

/// The range of a kind of values of which only the kind is said.
constexpr value_rule usual_values(value_kind kind, dtype type) {
  program upper = is_floating(type) ? program{one_program} : program{two_program};
  if (kind == value_kind::mask) upper = two_program;
  if (kind == value_kind::positions) upper = unbounded_program;
  return {kind, zero_program, upper};
}

constexpr bool same_steps(program a, program b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) return false;
  return true;
}

/// Is the text `word`, `word[3]`? Such names stand in expressions as they are, others between backquotes.
constexpr bool is_plain_name(std::string_view name) {
  std::size_t const bracket = name.find('[');
  if (bracket == std::string_view::npos) return is_identifier(name);
  if (name.size() < bracket + 3 || name.back() != ']') return false;
  for (char const c : part(name, bracket + 1, name.size() - bracket - 2))
    if (c < '0' || c > '9') return false;
  return is_identifier(part(name, 0, bracket));
}

/// The name of the axis that dimension `index` of the input `tensor` asks for ("?"): `x_dim0`.
template <class Put>
constexpr void print_asked_name(std::string_view tensor, std::size_t index, Put&& put) {
  if (tensor.empty() || !is_identifier_character(tensor[0], true)) put('_');
  for (char const c : tensor) put(is_identifier_character(c, false) ? c : '_');
  for (char const c : std::string_view{"_dim"}) put(c);
  constexport::print(
      std::array{instruction{operation::constant, static_cast<std::int64_t>(index)}},
      [](std::size_t) { return std::string_view{}; }, put);
}

constexpr bool is_asked_name(std::string_view name, std::string_view tensor, std::size_t index) {
  std::size_t at = 0;
  bool same = true;
  print_asked_name(tensor, index, [&](char c) {
    same = same && at < name.size() && name[at] == c;
    ++at;
  });
  return same && at == name.size();
}

}  // namespace detail
}  // namespace constexport
