/// tools/constexport/header_command.hpp: `constexport header`.
#pragma once

#include "onnx_file.hpp"
#include "output.hpp"
#include "text_file.hpp"
#include <constexport/emit/file_header.hpp>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>

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
  return put(text, given.output, {given.file});
}

}  // namespace constexport::command
