/// tools/constexport/pin_command.hpp: `constexport pin`.
#pragma once

#include "axes.hpp"
#include "onnx_file.hpp"
#include "output.hpp"
#include <constexport/check/external_files.hpp>
#include <constexport/emit/pin.hpp>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace constexport::command {

struct pin_arguments {
  std::string file, output, external = "copy";
  std::vector<std::string> axes{};
};

inline void add_pin(CLI::App& to, pin_arguments& given) {
  to.add_option("file", given.file, "The ONNX file")->required()->type_name("IN.onnx");
  to.add_option("axes", given.axes, "Axes and their only sizes")->required()->type_name("NAME=SIZE...");
  to.add_option("-o,--output", given.output, "The file to write")->required()->type_name("OUT.onnx");
  to.add_option(
        "--external-data", given.external,
        "Weights beside the file, where OUT is in another folder: copy (the default), or link: the same data on "
        "the disk")
      ->check(CLI::IsMember({"copy", "link"}))
      ->type_name("HOW");
  to.footer(
      "Example: constexport pin model.onnx -o model_b1.onnx batch_size=1 sequence_length=128\n"
      "Exit codes: 0 written, 1 the file cannot be written, 2 wrong arguments, or the file cannot be read.");
}

namespace detail {

class descriptor {
 public:
  descriptor(std::string const& path, int flags) : value_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (value_ < 0) throw file_error(path, std::strerror(errno));
  }
  descriptor(descriptor const&) = delete;
  descriptor& operator=(descriptor const&) = delete;
  ~descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  bool close() { return ::close(std::exchange(value_, -1)) == 0; }

 private:
  int value_;
};

inline void write_all(int to, char const* data, std::size_t size, std::string const& path) {
  while (size > 0) {
    ssize_t const done = ::write(to, data, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) throw file_error(path, std::strerror(done < 0 ? errno : EIO));
    data += done;
    size -= static_cast<std::size_t>(done);
  }
}

inline void copy_part(int from, std::uint64_t offset, std::uint64_t size, int to, std::string const& source,
                      std::string const& path) {
  std::vector<char> block(1 << 20);
  while (size > 0) {
    std::size_t const wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, block.size()));
    ssize_t const got = ::pread(from, block.data(), wanted, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      throw file_error(source, got < 0 ? std::strerror(errno)
                                       : "became shorter while it was read; run pin again when nothing writes it");
    write_all(to, block.data(), static_cast<std::size_t>(got), path);
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::uint64_t>(got);
  }
}

// Tensors of a graph, of its sub-graphs and of attributes.
template <class Visit>
void for_each_stored_tensor(wire::graph_view const& graph, Visit const& visit, int depth = 0) {
  for (wire::stored_tensor const each : graph.initializers()) visit(each);
  for (wire::node_view const node : graph.nodes())
    for (wire::attribute_view const each : node.attributes()) {
      if (!each.t.bytes.empty()) visit(each.t);
      if (!each.graph.empty() && depth < 100)
        for_each_stored_tensor(wire::graph_view::of(each.graph), visit, depth + 1);
    }
}

inline bool have_same_bytes(std::filesystem::path const& one, std::filesystem::path const& other) {
  std::error_code error;
  if (std::filesystem::equivalent(one, other, error)) return true;
  if (std::filesystem::file_size(one, error) != std::filesystem::file_size(other, error) || error) return false;
  descriptor const a(one.string(), O_RDONLY), b(other.string(), O_RDONLY);
  std::vector<char> left(1 << 20), right(1 << 20);
  for (off_t at = 0;;) {
    ssize_t const got = ::pread(a.get(), left.data(), left.size(), at);
    if (got < 0) throw file_error(one.string(), std::strerror(errno));
    if (got == 0) return true;
    if (::pread(b.get(), right.data(), static_cast<std::size_t>(got), at) != got ||
        std::memcmp(left.data(), right.data(), static_cast<std::size_t>(got)) != 0)
      return false;
    at += got;
  }
}

// Data that lies beside a file must lie beside its copy. Data of another model that is there already is left alone.
inline void place_external(wire::model_view const& model, std::filesystem::path const& from,
                           std::filesystem::path const& to, bool link) {
  std::error_code error;
  if (std::filesystem::equivalent(from.empty() ? "." : from, to.empty() ? "." : to, error)) return;
  std::set<std::string> done;
  constexport::detail::external_files files(from);
  for_each_stored_tensor(model.graph, [&](wire::stored_tensor const& each) {
    if (each.location != wire::data_location::external) return;
    for (file_finding const& problem : files.problems(each, 0))
      throw usage_error("\"" + std::string(each.name) + "\": " + problem.message);
    for (wire::entry_view const entry : each.external()) {
      if (entry.key != "location" || !done.emplace(entry.value).second) continue;
      std::filesystem::path const source = from / entry.value, target = to / entry.value;
      if (std::filesystem::exists(target, error)) {
        if (have_same_bytes(source, target)) continue;
        throw file_error(target.string(), "is there already, and is the data of another model; choose another folder");
      }
      std::filesystem::create_directories(target.parent_path(), error);
      std::string const part = target.string() + ".part" + std::to_string(::getpid());
      if (link)
        std::filesystem::create_hard_link(source, part, error);
      else
        std::filesystem::copy_file(source, part, std::filesystem::copy_options::overwrite_existing, error);
      if (!error) std::filesystem::rename(part, target, error);
      if (!error) continue;
      ::unlink(part.c_str());
      throw file_error(target.string(), error.message() + (link ? "; --external-data copy needs no link" : ""));
    }
  });
}

}  // namespace detail

inline int run_pin(pin_arguments const& given) {
  std::vector<pinned_axis> axes;
  for (std::string const& text : given.axes) {
    axis_size const each = parse_axis(text, "axis");
    for (pinned_axis const& other : axes)
      if (other.name == each.name) throw usage_error("axis \"" + each.name + "\" is given twice; keep one of them");
    axes.push_back({each.name, each.size});
  }
  onnx_file const file(given.file);
  std::vector<file_piece> pieces;
  try {
    pieces = pin(file.bytes(), file.model(), axes);
  } catch (emit_error const& error) {
    throw usage_error(given.file + ": " + error.what());
  }
  std::filesystem::path const output(given.output);
  detail::place_external(file.model(), file.folder(), output.parent_path(), given.external == "link");
  // Complete under its name, or not at all: the name may be the old file's, too.
  std::string const part = given.output + ".part" + std::to_string(::getpid());
  try {
    detail::descriptor const from(given.file, O_RDONLY);
    detail::descriptor to(part, O_WRONLY | O_CREAT | O_TRUNC);
    for (file_piece const& each : pieces) {
      detail::write_all(to.get(), each.bytes.data(), each.bytes.size(), given.output);
      detail::copy_part(from.get(), each.offset, each.size, to.get(), given.file, given.output);
    }
    if (!to.close()) throw file_error(given.output, std::strerror(errno));
    std::error_code error;
    std::filesystem::rename(part, output, error);
    if (error) throw file_error(given.output, error.message());
  } catch (file_error const&) {
    ::unlink(part.c_str());
    throw;
  }
  return 0;
}

}  // namespace constexport::command
