/// adapters/dummy_inputs_error.hpp: how the adapters report dummy inputs that cannot be made.
///
/// Room: adapters. Includes dummy/shapes.hpp and the standard library. dummy/ itself returns a status instead: it works
/// without exceptions.
#pragma once

#include <constexport/dummy/shapes.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace constexport {

/// Dummy inputs that cannot be made; `status` says which tensor or axis, and why.
class dummy_inputs_error : public std::invalid_argument {
 public:
  explicit dummy_inputs_error(dummy_status const& what_is_wrong)
      : std::invalid_argument("constexport: " + text_of(what_is_wrong)), error(what_is_wrong.error) {}
  dummy_error error;

 private:
  static std::string text_of(dummy_status const& status) {
    std::string text;
    status.print([&](char c) { text += c; });
    return text;
  }
};

namespace detail {

inline std::out_of_range no_input(std::string_view name) {
  return std::out_of_range("constexport: there is no input called \"" + std::string(name) +
                           "\"; names are the contract's, layers numbered as in past_key_values.0.key");
}

}  // namespace detail
}  // namespace constexport
