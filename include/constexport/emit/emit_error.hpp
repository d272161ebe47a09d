/// emit/emit_error.hpp: what a file for another tool cannot say.
///
/// Room: emit. Includes the standard library only.
#pragma once

#include <stdexcept>

namespace constexport {

/// The message names the tensor or axis, and what to do.
struct emit_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace constexport
