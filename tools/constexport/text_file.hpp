/// tools/constexport/text_file.hpp: text files, and what the command throws.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace constexport::command {

/// A wrong argument; the message says what to give instead.
struct usage_error : std::runtime_error {
  explicit usage_error(std::string const& message, std::string lines = "")
      : std::runtime_error(message), excerpt(std::move(lines)) {}
  std::string excerpt;  ///< lines that are shown beneath the message
};

/// A file that cannot be used; the message starts with its path.
struct file_error : std::runtime_error {
  file_error(std::string const& path, std::string const& problem) : std::runtime_error(path + ": " + problem) {}
};

inline std::string read_text(std::string const& path) {
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) throw file_error(path, std::strerror(errno));
  std::string text;
  char block[4096];
  errno = 0;
  for (std::size_t size = 0; (size = std::fread(block, 1, sizeof block, file)) > 0;) text.append(block, size);
  int const problem = std::ferror(file) != 0 ? errno : 0;
  std::fclose(file);
  if (problem != 0) throw file_error(path, std::strerror(problem));
  return text;
}

}  // namespace constexport::command
