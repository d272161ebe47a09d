/// tools/constexport/output.hpp: what the command writes: to the standard output, to files, and messages.
#pragma once

#include "columns.hpp"
#include "text_file.hpp"
#include <constexport/export/pending_file.hpp>

#include <CLI/CLI.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

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

/// No option means anything by an empty text, and a script's unset variable must not stand for "not given".
inline void refuse_empty(CLI::App& app) {
  CLI::Validator const is_given(
      [](std::string& text) {
        return text.empty() ? std::string("is empty; leave the option out, or give it a value") : std::string();
      },
      "");
  for (CLI::App* const command : app.get_subcommands([](CLI::App*) { return true; }))
    for (CLI::Option* const option : command->get_options())
      if (option->get_expected_min() > 0 && !option->get_positional()) option->check(is_given);
}

/// A message on the standard error.
inline void say(std::string_view message) {
  std::fprintf(stderr, "constexport: %s\n", constexport::detail::readable(message).c_str());
}
/// Those of the library may have several lines.
inline void say(std::exception const& error) {
  std::string const text = constexport::detail::readable_lines(error.what());
  std::fprintf(stderr, "constexport: %s\n", text.c_str());
}
inline void say(file_error const& error) { say(std::string_view(error.what())); }
inline void say(usage_error const& error) {
  say(std::string_view(error.what()));
  std::fputs(error.excerpt.c_str(), stderr);
}

/// Throws usage_error if writing to `path` would replace one of the files that the command reads.
inline void keep_from(std::string const& path, std::vector<std::string> const& files) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return;
  for (std::string const& each : files)
    if (!each.empty() && std::filesystem::equivalent(path, each, error))
      throw usage_error("-o " + path + ": this is " + each + ", which is read; choose another name");
}

/// Writes a text file, or to the standard output where `path` is empty. A file that is as it was keeps its time, so
/// that nothing is compiled again. An exit code; throws write_error.
inline int put(std::string const& text, std::string const& path, std::vector<std::string> const& files_read) {
  if (path.empty()) return put(text);
  keep_from(path, files_read);
  constexport::detail::output_place const place = constexport::detail::place_of(path);
  try {
    if (place.exists && !place.is_stream && read_text(path) == text) return 0;
  } catch (file_error const&) {
    // It cannot be read; it may be replaced all the same.
  }
  constexport::detail::pending_file file(place);
  file.write(text.data(), text.size());
  file.commit();
  return 0;
}

}  // namespace constexport::command
