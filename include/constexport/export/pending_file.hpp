/// export/pending_file.hpp: files that appear under their names only when they are complete.
///
/// Room: export. Standard library and POSIX only. write.hpp writes models and their external data with it: whatever
/// goes wrong, existing files stay as they were.
#pragma once

#include <constexport/export/error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace constexport::detail {

inline write_error cannot_write(std::filesystem::path const& path, std::string const& why) {
  return write_error(
      "\"" + path.string() + "\" cannot be written: " + why +
      ". Choose a folder that exists and may be written, with enough space; what was there is as it was.");
}

/// A file under a temporary name beside its own.
class pending_file {
 public:
  explicit pending_file(std::filesystem::path path)
      : path_(std::move(path)), temporary_(path_.string() + ".partial-" + std::to_string(::getpid())) {
    descriptor_ = ::open(temporary_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail();
    exists_ = true;
    buffer_.reserve(capacity);
  }
  pending_file(pending_file const&) = delete;
  pending_file& operator=(pending_file const&) = delete;
  ~pending_file() { remove(); }

  void put(char byte) {
    if (buffer_.size() == capacity) flush();
    buffer_.push_back(byte);
  }
  void write(char const* data, std::size_t size) {
    if (size < capacity - buffer_.size()) {
      buffer_.insert(buffer_.end(), data, data + size);
      return;
    }
    flush();
    if (size < capacity)
      buffer_.assign(data, data + size);
    else
      out(data, size);
  }
  /// Everything is on the disk after this, still under the temporary name.
  void finish() {
    if (descriptor_ < 0) return;
    flush();
    if (::fsync(descriptor_) != 0 && errno != EINVAL) fail();
    if (::close(std::exchange(descriptor_, -1)) != 0) fail();
  }
  /// Gives the file its name; what had it is replaced.
  void commit() {
    finish();
    std::error_code error;
    std::filesystem::rename(temporary_, path_, error);
    if (!error) {
      exists_ = false;
      return;
    }
    remove();
    throw cannot_write(path_, error.message());
  }
  std::uint64_t size() const { return written_; }
  std::filesystem::path const& path() const { return path_; }

 private:
  static constexpr std::size_t capacity = std::size_t{1} << 18;

  void flush() {
    out(buffer_.data(), buffer_.size());
    buffer_.clear();
  }
  void out(char const* data, std::size_t size) {
    while (size > 0) {
      ssize_t const count = ::write(descriptor_, data, std::min(size, std::size_t{1} << 30));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail();
      data += count;
      size -= static_cast<std::size_t>(count);
      written_ += static_cast<std::uint64_t>(count);
    }
  }
  void remove() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    if (std::exchange(exists_, false)) ::unlink(temporary_.c_str());
  }
  [[noreturn]] void fail() {
    std::string const why = std::strerror(errno);
    remove();
    throw cannot_write(path_, why);
  }

  std::filesystem::path path_;
  std::string temporary_;
  int descriptor_ = -1;
  bool exists_ = false;
  std::vector<char> buffer_;
  std::uint64_t written_ = 0;
};

/// A file that is moved aside, and comes back unless what takes its place is accepted.
class displaced_file {
 public:
  explicit displaced_file(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code error;
    std::filesystem::file_status const status = std::filesystem::symlink_status(path_, error);
    is_folder_ = std::filesystem::is_directory(status);
    if (is_folder_ || !std::filesystem::exists(status)) return;
    std::filesystem::path const aside = path_.string() + ".previous-" + std::to_string(::getpid());
    std::filesystem::rename(path_, aside, error);
    if (error) throw cannot_write(path_, error.message());
    aside_ = aside;
  }
  displaced_file(displaced_file const&) = delete;
  displaced_file& operator=(displaced_file const&) = delete;
  ~displaced_file() {
    std::error_code ignored;
    if (accepted_ && !aside_.empty())
      std::filesystem::remove(aside_, ignored);
    else if (!accepted_ && !aside_.empty())
      std::filesystem::rename(aside_, path_, ignored);
    else if (!accepted_ && !is_folder_)
      std::filesystem::remove(path_, ignored);
  }
  void accept() { accepted_ = true; }

 private:
  std::filesystem::path path_, aside_;
  bool is_folder_ = false, accepted_ = false;
};

/// Gives a model and the file that it refers to their names. An error leaves an existing pair as it was. The old model
/// goes first and the new one comes last: should the machine stop in between, no model stands beside weights that are
/// not its own.
inline void commit_pair(pending_file& model, pending_file& data) {
  model.finish();
  data.finish();
  displaced_file old_model(model.path()), old_data(data.path());
  data.commit();
  model.commit();
  old_model.accept();
  old_data.accept();
}

}  // namespace constexport::detail
