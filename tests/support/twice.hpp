/// tests/support/twice.hpp: one body, run by the compiler and by the program (the latter under sanitizers).
#pragma once

#include <catch2/catch_test_macros.hpp>

namespace constexport_tests {

// Through a volatile pointer, so that the optimiser cannot reuse the compiler's answer.
template <class Function>
bool at_run_time(Function* function) {
  Function* volatile opaque = function;
  return opaque();
}

}  // namespace constexport_tests

/// The argument is a `constexpr bool()` that returns whether everything is as it should be.
#define CHECK_TWICE(...)        \
  static_assert((__VA_ARGS__)()); \
  CHECK(constexport_tests::at_run_time(+(__VA_ARGS__)))
