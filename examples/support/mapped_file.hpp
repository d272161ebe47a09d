/// support/mapped_file.hpp: a file as memory.
///
/// Room: examples/support. May include the standard library, POSIX and error.hpp. safetensors.hpp depends on it.
#pragma once

#include "support/error.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>

namespace examples {

/// A whole file in memory, read page by page when touched. The pages are private copies on write: changing them never
/// changes the file. The file must not be shortened by another process while it is mapped.
/// Throws `file_error` if the file cannot be opened or mapped.
class mapped_file {
 public:
  explicit mapped_file(std::filesystem::path const& path) {
    int const descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) fail(path, "cannot be opened", errno);
    struct stat status {};
    bool const known = ::fstat(descriptor, &status) == 0;
    int error = known ? 0 : errno;
    if (known && !S_ISREG(status.st_mode)) error = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    // mmap refuses a length of zero; an empty file is an empty span.
    if (error == 0 && status.st_size > 0) {
      auto const size = static_cast<std::size_t>(status.st_size);
      void* const address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0);
      if (address == MAP_FAILED) {
        error = errno;
      } else {
        bytes_ = {static_cast<std::byte*>(address), size};
      }
    }
    ::close(descriptor);
    if (error != 0) fail(path, "cannot be mapped into memory", error);
  }

  mapped_file(mapped_file const&) = delete;
  mapped_file& operator=(mapped_file const&) = delete;
  ~mapped_file() {
    if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
  }

  /// The file's content.
  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }

 private:
  [[noreturn]] static void fail(std::filesystem::path const& path, std::string const& problem, int error) {
    throw file_error(path.string(), problem + ": " + std::generic_category().message(error),
                     "check the path and its permissions");
  }

  std::span<std::byte> bytes_;
};

}  // namespace examples
