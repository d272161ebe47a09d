/// tools/constexport/output.hpp: the standard output: is it a terminal, and has all of it been written?
#pragma once

#include "columns.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace constexport::command {

inline constexpr int file_exit_code = 1;
inline constexpr int usage_exit_code = 2;

inline palette colours_of_output() {
  char const* const no_color = std::getenv("NO_COLOR");
  char const* const terminal = std::getenv("TERM");
  bool const plain =
      (no_color != nullptr && *no_color != '\0') || (terminal != nullptr && std::string_view(terminal) == "dumb");
  return {isatty(STDOUT_FILENO) != 0 && !plain};
}

inline std::size_t width_of_output() {
  winsize size{};
  return isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// All or an error: a full disk or a closed pipe is no success.
inline int put(std::string const& text) {
  bool const ok = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!ok) std::perror("constexport: the output cannot be written");
  return ok ? 0 : file_exit_code;
}

}  // namespace constexport::command
