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

#include <cerrno>
#include <cstring>
#include <deque>
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
  explicit descriptor(std::string const& path) : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (value_ < 0) throw file_error(path, std::strerror(errno));
  }
  descriptor(descriptor const&) = delete;
  descriptor& operator=(descriptor const&) = delete;
  ~descriptor() { ::close(value_); }
  int get() const { return value_; }

 private:
  int value_;
};

inline void copy_part(int from, std::uint64_t offset, std::uint64_t size, constexport::detail::pending_file& to,
                      std::string const& source) {
  std::vector<char> block(1 << 20);
  while (size > 0) {
    std::size_t const wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, block.size()));
    ssize_t const got = ::pread(from, block.data(), wanted, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      throw file_error(source, got < 0 ? std::strerror(errno)
                                       : "became shorter while it was read; run pin again when nothing writes it");
    to.write(block.data(), static_cast<std::size_t>(got));
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
  descriptor const a(one.string()), b(other.string());
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

inline bool is_same_place(std::filesystem::path const& one, std::filesystem::path const& other) {
  std::error_code error;
  if (std::filesystem::equivalent(one, other, error)) return true;
  std::filesystem::path const left = std::filesystem::weakly_canonical(one, error);
  if (error) return false;
  std::filesystem::path const right = std::filesystem::weakly_canonical(other, error);
  return !error && left == right;
}

// Data that lies beside a file must lie beside its copy, too: what is to be placed there together with it. Data of
// another model that is there already is left alone.
inline std::deque<constexport::detail::staged_file> stage_external(wire::model_view const& model,
                                                                   std::filesystem::path const& from,
                                                                   constexport::detail::output_place const& output,
                                                                   bool link) {
  std::deque<constexport::detail::staged_file> result;
  std::filesystem::path const to = output.given.parent_path();
  std::set<std::string> done;
  constexport::detail::external_files files(from);
  for_each_stored_tensor(model.graph, [&](wire::stored_tensor const& each) {
    if (each.location != wire::data_location::external) return;
    for (file_finding const& problem : files.problems(each, 0))
      throw usage_error("\"" + std::string(each.name) + "\": " + problem.message + "; " + problem.hint);
    if (output.is_stream)
      throw usage_error("-o " + output.given.string() + ": \"" + std::string(each.name) +
                        "\" lies beside the model, and this is no regular file that it could lie beside");
    for (wire::entry_view const entry : each.external()) {
      if (entry.key != "location" || !done.emplace(entry.value).second) continue;
      std::filesystem::path const source = from / entry.value, target = to / entry.value;
      if (is_same_place(output.given, source) || is_same_place(output.given, target))
        throw usage_error("-o " + output.given.string() + ": this is the external data of \"" + std::string(each.name) +
                          "\", which the new file reads; choose another name");
      std::error_code error;
      if (is_same_place(source, target)) continue;
      if (std::filesystem::exists(target, error)) {
        if (have_same_bytes(source, target)) continue;
        throw file_error(target.string(), "is there already, and is the data of another model; choose another folder");
      }
      std::filesystem::create_directories(target.parent_path(), error);
      constexport::detail::staged_file& made = result.emplace_back(constexport::detail::place_of(target));
      if (!link)
        made.copy(source);
      else if (!made.link(source))
        throw file_error(target.string(), std::strerror(errno) + std::string("; --external-data copy needs no link"));
    }
  });
  return result;
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
  constexport::detail::output_place const output = constexport::detail::place_of(given.output);
  std::deque<constexport::detail::staged_file> data =
      detail::stage_external(file.model(), file.folder(), output, given.external == "link");
  constexport::detail::pending_file to(output);
  detail::descriptor const from(given.file);
  for (file_piece const& each : pieces) {
    to.write(each.bytes.data(), each.bytes.size());
    detail::copy_part(from.get(), each.offset, each.size, to, given.file);
  }
  to.finish();
  if (output.is_stream) return 0;
  std::vector<constexport::detail::staged_file*> all{&to};
  for (constexport::detail::staged_file& each : data) all.push_back(&each);
  constexport::detail::commit_together(all);
  return 0;
}

}  // namespace constexport::command
