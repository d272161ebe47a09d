/// check/external_files.hpp: weights that lie beside a file.
///
/// Room: check, private to file_problems.hpp (namespace detail). Includes onnx, finding.hpp and the standard library.
/// Only names and sizes of files are looked at. Source: ONNX, docs/ExternalData.md.
#pragma once

#include <constexport/check/finding.hpp>
#include <constexport/onnx/reader.hpp>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport::detail {

class external_files {
 public:
  explicit external_files(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// What is wrong with a tensor's external data; `bytes`: what its dimensions ask for, 0 where that is not known.
  std::vector<file_finding> problems(wire::stored_tensor const& tensor, std::uint64_t bytes) {
    std::vector<file_finding> result;
    auto const say = [&](std::string_view id, std::string message, std::string_view hint) {
      result.push_back({level::error, std::string(id), {}, std::move(message), std::string(hint)});
    };
    std::string_view location;
    std::uint64_t offset = 0, length = bytes;
    bool numbers = true;
    for (wire::entry_view const each : tensor.external()) {
      if (each.key == "location") location = each.value;
      if (each.key == "offset") numbers = read(each.value, offset) && numbers;
      if (each.key == "length") numbers = read(each.value, length) && numbers;
    }
    if (!numbers) {
      say("external-range", "offset or length of its external data is no number", "the file is damaged");
      return result;
    }
    std::filesystem::path const path(location);
    std::string const shown = "\"" + std::string(location) + "\"";
    if (location.empty() || !stays(path)) {
      say("external-path", "its external data is at " + shown + ", which is not beneath the file's folder",
          "keep the data beside the file: other paths are refused by runtimes, and may be an attack");
      return result;
    }
    std::optional<std::uintmax_t> const size = size_of(path);
    if (!size) {
      say("external-missing", "its external data is missing: " + shown, "copy the data file along with the model");
      return result;
    }
    if (offset > *size || length > *size - offset)
      say("external-range",
          "its external data is bytes " + std::to_string(offset) + " to " + std::to_string(offset) + " + " +
              std::to_string(length) + " of " + shown + ", which has " + std::to_string(*size),
          "the data file is cut off, or of another model");
    else if (bytes != 0 && length != bytes)
      say("external-range",
          "its external data has " + std::to_string(length) + " bytes, and " + std::to_string(bytes) +
              " by its dimensions",
          "the file is damaged, or the data is of another model");
    return result;
  }

 private:
  static bool read(std::string_view text, std::uint64_t& into) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc{} && end == text.data() + text.size();
  }

  // Relative, and never above the folder; links that lead out are found by their target.
  bool stays(std::filesystem::path const& path) const {
    if (path.is_absolute() || path.native().find('\0') != std::string::npos) return false;
    if (path.native().find('\\') != std::string::npos) return false;  // another system's separator
    for (std::filesystem::path const& part : path)
      if (part == "..") return false;
    std::error_code error;
    std::filesystem::path const inside = std::filesystem::weakly_canonical(folder_.empty() ? "." : folder_, error);
    if (error) return true;
    std::filesystem::path const target = std::filesystem::weakly_canonical(inside / path, error);
    if (error) return true;  // it is missing then
    auto const [end, rest] = std::mismatch(inside.begin(), inside.end(), target.begin(), target.end());
    return end == inside.end();
  }

  std::optional<std::uintmax_t> size_of(std::filesystem::path const& path) {
    auto const [at, is_new] = sizes_.emplace(path.native(), std::nullopt);
    if (is_new) {
      std::error_code error;
      std::filesystem::path const whole = folder_ / path;
      std::uintmax_t const size = std::filesystem::file_size(whole, error);
      if (!error) at->second = size;
    }
    return at->second;
  }

  std::filesystem::path folder_;
  std::map<std::string, std::optional<std::uintmax_t>> sizes_;
};

}  // namespace constexport::detail
