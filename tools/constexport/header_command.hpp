/// tools/constexport/header_command.hpp: `constexport header`.
#pragma once

#include "onnx_file.hpp"
#include "output.hpp"
#include "text_file.hpp"
#include <constexport/emit/file_header.hpp>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

namespace constexport::command {

struct header_arguments {
  std::string file, output, name_space;
};

inline void add_header(CLI::App& to, header_arguments& given) {
  to.add_option("file", given.file, "The ONNX file; its weights are not read")->required()->type_name("FILE.onnx");
  to.add_option("-o,--output", given.output, "The header to write (default: the standard output)")
      ->type_name("FILE.hpp");
  to.add_option("--namespace", given.name_space, "Its namespace (default: the header's name, or model_io)")
      ->type_name("NAME");
  to.footer(
      "Then: static_assert(constexport::matches<BertOnnxConfig<>>(model_io::contract));\n"
      "Exit codes: 0 written, 1 the header cannot be written, 2 the file cannot be read or described.");
}

namespace detail {

// A header that is as it was keeps its time, so that nothing is compiled again; a new one is complete or not there.
inline void write_if_changed(std::string const& path, std::string const& text) {
  try {
    if (read_text(path) == text) return;
  } catch (file_error const&) {
    // There is none yet.
  }
  std::string const part = path + ".part" + std::to_string(::getpid());
  std::FILE* const file = std::fopen(part.c_str(), "wb");
  int error = file == nullptr ? errno : 0;
  if (file != nullptr) {
    bool const ok = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    if (!ok) error = errno;
    if (std::fclose(file) != 0 && error == 0) error = errno;
  }
  if (error == 0) {
    std::error_code failed;
    std::filesystem::rename(part, path, failed);
    error = failed.value();
  }
  if (error == 0) return;
  std::remove(part.c_str());
  throw file_error(path, std::strerror(error));
}

}  // namespace detail

inline int run_header(header_arguments const& given) {
  onnx_file const file(given.file);
  std::string text;
  try {
    std::string const name_space = !given.name_space.empty() ? given.name_space
                                   : given.output.empty()    ? "model_io"
                                                             : name_of_header(given.output);
    text = file_header(file.model(), name_space, std::filesystem::path(given.file).filename().string());
  } catch (emit_error const& error) {
    throw usage_error(given.file + ": " + error.what());
  }
  if (given.output.empty()) return put(text);
  detail::write_if_changed(given.output, text);
  return 0;
}

}  // namespace constexport::command
