/// check/sparse_file.hpp: an ONNX file as memory in which the weights are holes.
///
/// Room: check. Includes onnx's field numbers, the standard library and POSIX. The bytes stand at the offsets that they
/// have in the file; what lies in a tensor's data is neither read nor backed by memory, and reads as zeros. So a file
/// of any size takes the memory of its structure, and a file that another process shortens cannot end this one, as it
/// could if it were mapped.
#pragma once

#include <constexport/onnx/field_rules.hpp>
#include <constexport/onnx/wire.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace constexport {

class sparse_file {
 public:
  /// Throws std::system_error with the path.
  explicit sparse_file(std::string const& path) {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), path);
    struct stat status {};
    int error = ::fstat(descriptor_, &status) == 0 ? 0 : errno;
    if (error == 0 && !S_ISREG(status.st_mode)) error = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    if (error == 0 && status.st_size > 0) {
      size_ = static_cast<std::size_t>(status.st_size);
      void* const memory =
          ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (memory == MAP_FAILED) {
        error = errno;
        size_ = 0;
      } else {
        memory_ = static_cast<char*>(memory);
        ::madvise(memory, size_, MADV_NOHUGEPAGE);
        read_message(0, size_, wire::detail::kind::model, 0);
      }
    }
    ::close(descriptor_);
    if (error != 0) throw std::system_error(error, std::generic_category(), path);
  }
  sparse_file(sparse_file const&) = delete;
  sparse_file& operator=(sparse_file const&) = delete;
  ~sparse_file() {
    if (memory_ != nullptr) ::munmap(memory_, size_);
  }

  std::string_view bytes() const { return {memory_, size_}; }
  /// Bytes that were read.
  std::size_t bytes_read() const { return bytes_read_; }

 private:
  static constexpr std::size_t small_window = 4096, large_window = 65536;
  static constexpr std::size_t hole = 4096;  // less data than this is not worth a hole

  // Reads [first, last) unless the last windows hold it. What follows one another is read in larger pieces.
  void need(std::size_t first, std::size_t last) {
    last = std::min(last, size_);
    if (first >= window_first_ && last <= window_last_) return;
    bool const follows = first >= window_first_ && first <= window_last_;
    window_ = follows ? std::min(window_ * 2, large_window) : small_window;
    std::size_t const from = follows ? window_last_ : first;
    std::size_t const to = std::min(size_, std::max(last, from + window_));
    for (std::size_t at = from; at < to;) {
      ssize_t const got = ::pread(descriptor_, memory_ + at, to - at, static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;  // what cannot be read is zeros, of which no message is made
      at += static_cast<std::size_t>(got);
      bytes_read_ += static_cast<std::size_t>(got);
    }
    if (!follows) window_first_ = from;
    window_last_ = to;
  }

  bool varint(std::size_t& at, std::size_t end, std::uint64_t& value) {
    value = 0;
    need(at, std::min(end, at + 10));
    for (int shift = 0; shift < 70 && at < end; shift += 7) {
      auto const byte = static_cast<unsigned char>(memory_[at++]);
      value |= shift < 64 ? std::uint64_t{byte & 0x7fu} << shift : 0;
      if (byte < 0x80) return true;
    }
    return false;
  }

  static bool is_data(wire::detail::kind in, std::uint64_t number) {
    using tensor = wire::tensor_field;
    return in == wire::detail::kind::tensor &&
           (number == tensor::raw_data || number == tensor::float_data || number == tensor::int32_data ||
            number == tensor::string_data || number == tensor::int64_data || number == tensor::double_data ||
            number == tensor::uint64_data);
  }

  // Follows the messages; errors are left to the reader, which meets the same bytes.
  void read_message(std::size_t at, std::size_t end, wire::detail::kind in, int depth) {
    while (at < end) {
      std::uint64_t tag = 0, size = 0;
      // What no field can begin with ends the reader, too: of a file of zeros nothing else is read.
      if (!varint(at, end, tag) || tag >> 3 == 0) return;
      switch (static_cast<wire::wire_type>(tag & 7)) {
        case wire::wire_type::varint:
          if (!varint(at, end, size)) return;
          continue;
        case wire::wire_type::fixed64:
          need(at, at + 8);
          at += 8;
          continue;
        case wire::wire_type::fixed32:
          need(at, at + 4);
          at += 4;
          continue;
        case wire::wire_type::length_delimited:
          break;
        default:
          return;
      }
      if (!varint(at, end, size) || size > end - at) return;
      auto const length = static_cast<std::size_t>(size);
      wire::detail::field_rule const* const rule =
          wire::detail::find_rule(in, static_cast<wire::field_number>(std::min<std::uint64_t>(tag >> 3, 0xffffffffu)));
      bool const is_message = rule != nullptr && rule->to != wire::detail::kind::none;
      if (length < hole || (!is_message && !is_data(in, tag >> 3)) || depth > 100)
        need(at, at + length);
      else if (is_message)
        read_message(at, at + length, rule->to, depth + 1);
      at += length;
    }
  }

  int descriptor_ = -1;
  char* memory_ = nullptr;
  std::size_t size_ = 0, bytes_read_ = 0;
  std::size_t window_first_ = 0, window_last_ = 0, window_ = small_window;
};

}  // namespace constexport
