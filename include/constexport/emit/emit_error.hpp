/// emit/emit_error.hpp: what a file for another tool cannot say.
///
/// Room: emit. Includes the standard library only.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace constexport {

/// The message names the tensor or axis, and what to do.
struct emit_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

namespace detail {

/// Some notations give a name no quotes: none of the characters `taken` may be in it. `problem`: where, and what.
inline void require_plain(std::string_view name, char const* problem, std::string_view taken) {
  if (name.empty() || name.find_first_of(taken) != std::string_view::npos)
    throw emit_error("\"" + std::string(name) + "\" cannot be named in " + problem + "; rename it");
}

}  // namespace detail

}  // namespace constexport
