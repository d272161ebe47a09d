/// tools/constexport/onnx_file.hpp: ONNX files, without their weights.
#pragma once

#include "text_file.hpp"
#include <constexport/check/sparse_file.hpp>
#include <constexport/onnx/reader.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace constexport::command {

/// A file that has been read.
class onnx_file {
 public:
  /// Throws usage_error, which says what is wrong and at which byte.
  explicit onnx_file(std::string const& path) : path_(path), file_(open(path)), read_(wire::read_model(file_.bytes())) {
    if (!read_)
      throw usage_error(path + ": " + std::string(text_of(read_.status.error)) + " (at byte " +
                        std::to_string(read_.status.offset) + " of " + std::to_string(file_.bytes().size()) + ")");
  }
  /// The whole file, with zeros for weights.
  std::string_view bytes() const { return file_.bytes(); }
  wire::model_view const& model() const { return read_.model; }
  std::filesystem::path folder() const { return std::filesystem::path(path_).parent_path(); }

 private:
  static sparse_file open(std::string const& path) {
    try {
      return sparse_file(path);
    } catch (std::system_error const& error) {
      throw usage_error(path + ": " + error.code().message());
    }
  }

  std::string path_;
  sparse_file file_;
  wire::model_file read_;
};

}  // namespace constexport::command
