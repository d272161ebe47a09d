/// test_data.hpp: stored and temporary files.
///
/// Room: tests/examples. May include the standard library only. The tests beside it depend on it.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace examples::testing {

/// A stored file of tests/data/examples (written by make_reference.py).
inline std::filesystem::path data(std::string_view name) { return std::filesystem::path(EXAMPLES_TEST_DATA) / name; }

/// The whole content of a file.
inline std::vector<std::byte> read_bytes(std::filesystem::path const& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string const text{std::istreambuf_iterator<char>(stream), {}};
  auto const bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// A file that is gone at the end of the scope.
class temporary_file {
 public:
  explicit temporary_file(std::span<std::byte const> content) {
    static std::atomic<int> count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("constexport_" + std::to_string(::getpid()) + "_" + std::to_string(++count));
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<char const*>(content.data()), static_cast<std::streamsize>(content.size()));
  }
  explicit temporary_file(std::string_view content) : temporary_file(std::as_bytes(std::span(content))) {}
  temporary_file(temporary_file const&) = delete;
  temporary_file& operator=(temporary_file const&) = delete;
  ~temporary_file() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  [[nodiscard]] std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The bytes of a safetensors file with this header and so many data bytes.
inline std::vector<std::byte> safetensors_bytes(std::string_view header, std::size_t data_size) {
  std::string text;
  for (std::size_t i = 0, length = header.size(); i < 8; ++i, length >>= 8)
    text.push_back(static_cast<char>(length & 0xFF));
  text += header;
  text.resize(text.size() + data_size, '\x2A');
  auto const bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace examples::testing
