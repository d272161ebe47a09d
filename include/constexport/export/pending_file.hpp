/// export/pending_file.hpp: files that appear under their names only when they are complete.
///
/// Room: export. Standard library and POSIX only, so that all commands write through it, also those without LibTorch.
/// Whatever goes wrong, existing files stay as they were; a link stays, and what it points to is replaced; what is no
/// regular file (a device, a pipe) is written through and never replaced.
#pragma once

#include <constexport/export/error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <deque>
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

/// The place that a path leads to, and what is there.
struct output_place {
  std::filesystem::path given;   ///< as the user wrote it: messages name this
  std::filesystem::path target;  ///< behind all links
  bool is_stream = false;        ///< it is there and is no regular file
  int descriptor = -1;           ///< of this process, which the path stands for: `/dev/stdout`
  bool exists = false;
  ::mode_t mode = 0666;  ///< permissions of what is there

  [[noreturn]] void fail(std::string const& why) const { throw cannot_write(given, why); }
};

/// Throws write_error for a folder, and where nothing can be.
inline output_place place_of(std::filesystem::path given) {
  output_place result{given, std::move(given)};
  struct ::stat seen {};
  if (::stat(result.given.c_str(), &seen) == 0) {
    result.exists = true;
    result.mode = seen.st_mode & 07777;
    if (S_ISDIR(seen.st_mode)) result.fail("it is a folder");
    result.is_stream = !S_ISREG(seen.st_mode);
  } else if (errno != ENOENT) {
    result.fail(std::strerror(errno));
  }
  std::error_code error;
  std::string const own = "/proc/" + std::to_string(::getpid()) + "/fd";
  while (std::filesystem::is_symlink(result.target, error)) {
    std::filesystem::path const folder = result.target.parent_path();
    if (std::filesystem::canonical(folder.empty() ? "." : folder, error) == own) {
      // Its text may name a file, but what is written belongs where the descriptor is.
      std::string const number = result.target.filename().string();
      std::from_chars(number.data(), number.data() + number.size(), result.descriptor);
      result.is_stream = true;
      break;
    }
    result.target = folder / std::filesystem::read_symlink(result.target, error);
  }
  return result;
}

/// A name beside a file that nothing has. It is short: the file's own may be as long as names can be.
inline std::filesystem::path unused_name(std::filesystem::path const& beside) {
  static std::atomic<unsigned> count{0};
  for (;;) {
    std::filesystem::path result = beside.parent_path() / (".constexport-" + std::to_string(::getpid()) + "-" +
                                                           std::to_string(count.fetch_add(1)));
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::symlink_status(result, error))) return result;
  }
}

/// A file under a temporary name beside its own, which goes away unless it is committed.
class staged_file {
 public:
  explicit staged_file(output_place place)
      : place_(std::move(place)), temporary_(place_.is_stream ? "" : unused_name(place_.target)) {}
  staged_file(staged_file const&) = delete;
  staged_file& operator=(staged_file const&) = delete;
  ~staged_file() { remove(); }

  output_place const& place() const { return place_; }
  /// Makes it one more name of a file. Where that cannot be, the reason stands in `errno`.
  bool link(std::filesystem::path const& source) { return ::link(source.c_str(), temporary_.c_str()) == 0; }
  void copy(std::filesystem::path const& source) {
    std::error_code error;
    std::filesystem::copy_file(source, temporary_, error);
    if (error) place_.fail(error.message());
  }
  /// Gives the file its name; what had it is replaced, and leaves its permissions.
  void commit() {
    if (place_.exists && ::chmod(temporary_.c_str(), place_.mode) != 0) place_.fail(std::strerror(errno));
    std::error_code error;
    std::filesystem::rename(temporary_, place_.target, error);
    if (error) place_.fail(error.message());
    remove();  // two names of one file are both left by a renaming
  }

 protected:
  void remove() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }
  std::filesystem::path const& temporary() const { return temporary_; }

 private:
  output_place place_;
  std::filesystem::path temporary_;
};

/// A file as it is written.
class pending_file : public staged_file {
 public:
  explicit pending_file(std::filesystem::path path) : pending_file(place_of(std::move(path))) {}
  explicit pending_file(output_place where) : staged_file(std::move(where)) {
    output_place const& at = place();
    descriptor_ = at.descriptor >= 0 ? ::fcntl(at.descriptor, F_DUPFD_CLOEXEC, 0)
                  : at.is_stream     ? ::open(at.target.c_str(), O_WRONLY | O_CLOEXEC)
                                     : ::open(temporary().c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, at.mode);
    if (descriptor_ < 0) fail();
    buffer_.reserve(capacity);
  }
  ~pending_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

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
    if (!place().is_stream && ::fsync(descriptor_) != 0 && errno != EINVAL) fail();
    if (::close(std::exchange(descriptor_, -1)) != 0) fail();
  }
  void commit() {
    finish();
    if (!place().is_stream) staged_file::commit();
  }
  std::uint64_t size() const { return written_; }

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
  [[noreturn]] void fail() const { place().fail(std::strerror(errno)); }

  int descriptor_ = -1;
  std::vector<char> buffer_;
  std::uint64_t written_ = 0;
};

/// A file that is moved aside, and comes back unless what takes its place is accepted.
class displaced_file {
 public:
  explicit displaced_file(output_place const& place) : path_(place.target) {
    if (!place.exists) return;
    std::filesystem::path const aside = unused_name(path_);
    std::error_code error;
    std::filesystem::rename(path_, aside, error);
    if (error) place.fail(error.message());
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
    else if (!accepted_)
      std::filesystem::remove(path_, ignored);
  }
  void accept() { accepted_ = true; }

 private:
  std::filesystem::path path_, aside_;
  bool accepted_ = false;
};

/// Gives a model (first) and the files that it refers to their names. An error leaves what was there as it was. The old
/// model goes first and the new one comes last: should the machine stop in between, no model stands beside weights that
/// are not its own.
inline void commit_together(std::vector<staged_file*> const& files) {
  if (files.size() == 1) return files.front()->commit();
  std::deque<displaced_file> old;
  for (staged_file const* const each : files) old.emplace_back(each->place());
  for (std::size_t i = files.size(); i-- > 0;) files[i]->commit();
  for (displaced_file& each : old) each.accept();
}

}  // namespace constexport::detail
