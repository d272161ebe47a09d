/// export/write.hpp: the graph as an ONNX file.
///
/// Room: export. Includes core, onnx/ and LibTorch's tensors. Weights go from tensor memory to the file without a
/// second copy. The file is written under a temporary name and renamed when it is whole: whatever goes wrong, an
/// existing file stays as it was.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/export/error.hpp>
#include <constexport/export/optimise.hpp>
#include <constexport/onnx/contract_text.hpp>
#include <constexport/onnx/messages.hpp>
#include <constexport/onnx/metadata.hpp>
#include <constexport/onnx/versions.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport {

/// The metadata key of the names, separated by spaces, of weights that the file holds transposed: their last two
/// dimensions are the other way round in the module's `state_dict`.
inline constexpr std::string_view transposed_key = "constexport.transposed.v1";

namespace detail {

/// A file that appears under its name only when it is complete.
class pending_file {
 public:
  explicit pending_file(std::filesystem::path const& path)
      : path_(path), temporary_(path.string() + ".partial-" + std::to_string(::getpid())) {
    descriptor_ = ::open(temporary_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail("cannot be created");
    buffer_.reserve(capacity);
  }
  pending_file(pending_file const&) = delete;
  pending_file& operator=(pending_file const&) = delete;
  ~pending_file() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(temporary_.c_str());
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
  void commit() {
    flush();
    if (::fsync(descriptor_) != 0 && errno != EINVAL) fail("cannot be written");
    int const closed = ::close(std::exchange(descriptor_, -1));
    std::error_code error;
    if (closed == 0) std::filesystem::rename(temporary_, path_, error);
    if (closed != 0 || error) {
      std::string const why = error ? error.message() : std::strerror(errno);
      ::unlink(temporary_.c_str());
      throw write_error("\"" + path_.string() + "\" cannot be written: " + why +
                        ". Choose a folder that exists and may be written; nothing was changed.");
    }
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
      if (count <= 0) fail("cannot be written");
      data += count;
      size -= static_cast<std::size_t>(count);
      written_ += static_cast<std::uint64_t>(count);
    }
  }
  [[noreturn]] void fail(char const* what) {
    std::string const why = std::strerror(errno);
    if (descriptor_ >= 0) {
      ::close(std::exchange(descriptor_, -1));
      ::unlink(temporary_.c_str());
    }
    throw write_error(
        "\"" + path_.string() + "\" " + what + ": " + why +
        ". Choose a folder that exists and may be written, with enough space; an existing file there was not "
        "changed.");
  }

  std::filesystem::path path_;
  std::string temporary_;
  int descriptor_ = -1;
  std::vector<char> buffer_;
  std::uint64_t written_ = 0;
};

/// The bytes of a tensor, row by row; one that is not contiguous is copied in pieces of at most a few MiB.
template <class Sink>
void write_elements(Sink& sink, at::Tensor const& tensor) {
  if (tensor.numel() == 0) return;
  if (tensor.is_contiguous()) {
    sink.write(static_cast<char const*>(tensor.data_ptr()), tensor.nbytes());
    return;
  }
  std::int64_t const rows = tensor.size(0);
  std::int64_t const row_bytes = std::max<std::int64_t>(1, static_cast<std::int64_t>(tensor.nbytes()) / rows);
  std::int64_t const step = std::max<std::int64_t>(1, (std::int64_t{4} << 20) / row_bytes);
  for (std::int64_t row = 0; row < rows; row += step) {
    at::Tensor const piece = tensor.narrow(0, row, std::min(step, rows - row)).contiguous();
    sink.write(static_cast<char const*>(piece.data_ptr()), piece.nbytes());
  }
}

/// Gives every value and node of the graph a name: weights theirs in the module, inputs and outputs the contract's.
inline void name_graph(graph& g, std::vector<std::string> const& outputs) {
  std::set<std::string> used;
  for (value_id const id : g.inputs) used.insert(g[id].name);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    g[g.outputs[i]].name = outputs[i];
    used.insert(outputs[i]);
  }
  auto const unique = [&](std::string const& wanted) {
    std::string name = wanted;
    for (int i = 1; !used.insert(name).second; ++i) name = wanted + "_" + std::to_string(i);
    return name;
  };
  value_list const constants = constants_of(g);
  for (value_id const id : constants)
    if (!g[id].name.empty()) g[id].name = unique(g[id].name);
  std::size_t unnamed = 0;
  for (value_id const id : constants)
    if (g[id].name.empty()) g[id].name = unique("constant_" + std::to_string(unnamed++));
  for (std::size_t i = 0; i < g.nodes.size(); ++i) {
    graph_node& node = g.nodes[i];
    std::string scope;
    for (value_id const input : node.inputs)
      if (scope.empty() && input != no_value && g[input].is_weight && g[input].name.find('.') != std::string::npos)
        scope = g[input].name.substr(0, g[input].name.rfind('.')) + "/";
    node.name = scope + node.op + "_" + std::to_string(i);
    for (std::size_t k = 0; k < node.outputs.size(); ++k)
      if (node.outputs[k] != no_value && g[node.outputs[k]].name.empty())
        g[node.outputs[k]].name = unique(node.name + (k == 0 ? "" : "." + std::to_string(k)));
  }
}

class graph_writer {
 public:
  graph_writer(graph const& g, bound_contract const& bound, dim_naming naming)
      : g_(g), bound_(bound), naming_(naming) {}

  template <wire::Sink S>
  void operator()(S& sink) {
    std::vector<wire::opset_id> opsets{{{}, g_.opset}};
    for (auto const& [domain, version] : g_.domains) opsets.push_back({domain, version});
    if (contract_.empty()) print_contract(bound_, [&](char c) { contract_ += c; });
    if (transposed_.empty())
      for (value_id const id : constants_of(g_))
        if (g_[id].note == transposed_note) transposed_ += (transposed_.empty() ? "" : " ") + g_[id].name;
    std::vector<wire::metadata_entry> metadata{{contract_key, contract_}};
    if (!transposed_.empty()) metadata.push_back({transposed_key, transposed_});
    wire::model(sink,
                {.ir_version = ir_version_of(g_.opset),
                 .producer_name = producer_name,
                 .producer_version = producer_version,
                 .opsets = opsets,
                 .metadata = metadata},
                [&](auto& body) { write_graph(body); });
  }

 private:
  template <wire::Sink S>
  void write_graph(S& sink) {
    for (graph_node const& node : g_.nodes) write_node(sink, node);
    std::string_view const model_type = bound_.table->identity.model_type;
    wire::graph_name(sink, model_type.empty() ? "graph" : model_type);
    for (value_id const id : constants_of(g_)) write_constant(sink, g_[id]);
    std::size_t index = 0;
    for_each_tensor(bound_.table->inputs, bound_.sizes(), [&](tensor_row const& row, std::int64_t) {
      wire::input(sink, g_[g_.inputs[index++]].name, row.type, declared_shape(row, bound_, naming_).dims());
    });
    index = 0;
    for_each_tensor(bound_.table->outputs, bound_.sizes(), [&](tensor_row const& row, std::int64_t) {
      wire::output(sink, g_[g_.outputs[index++]].name, row.type, declared_shape(row, bound_, naming_).dims());
    });
    for (graph_node const& node : g_.nodes)
      for (value_id const id : node.outputs)
        if (id != no_value && std::find(g_.outputs.begin(), g_.outputs.end(), id) == g_.outputs.end())
          wire::value_info(sink, g_[id].name, g_[id].type, shape(g_[id].dims));
  }

  template <wire::Sink S>
  void write_constant(S& sink, graph_value const& value) {
    wire::initializer(sink, {value.name, value.type, {value.data.sizes().data(), value.data.sizes().size()}},
                      value.data.nbytes(), [&](auto& to) { write_elements(to, value.data); });
  }

  template <wire::Sink S>
  void write_node(S& sink, graph_node const& node) {
    auto const names = [&](value_list const& ids) {
      std::vector<std::string_view> result;
      for (value_id const id : ids) result.push_back(id == no_value ? std::string_view{} : g_[id].name);
      return result;
    };
    wire::node(sink, {node.op, node.name, node.domain}, names(node.inputs), names(node.outputs), [&](auto& at) {
      for (attribute const& each : node.attributes)
        std::visit([&](auto const& value) { write_attribute(at, each.name, value); }, each.value);
    });
  }
  static void write_attribute(auto& at, std::string const& name, std::int64_t value) {
    wire::attribute_int(at, name, value);
  }
  static void write_attribute(auto& at, std::string const& name, double value) {
    wire::attribute_float(at, name, static_cast<float>(value));
  }
  static void write_attribute(auto& at, std::string const& name, std::string const& value) {
    wire::attribute_string(at, name, value);
  }
  static void write_attribute(auto& at, std::string const& name, std::vector<std::int64_t> const& value) {
    wire::attribute_ints(at, name, value);
  }
  static void write_attribute(auto& at, std::string const& name, std::vector<double> const& value) {
    wire::attribute_floats(at, name, std::vector<float>(value.begin(), value.end()));
  }
  static void write_attribute(auto& at, std::string const& name, at::Tensor const& value) {
    at::Tensor const flat = value.contiguous();
    wire::attribute_tensor(at, name, {{}, to_dtype(flat.scalar_type()), {flat.sizes().data(), flat.sizes().size()}},
                           std::string_view(static_cast<char const*>(flat.data_ptr()), flat.nbytes()));
  }

  std::vector<wire::shape_dim> shape(dim_list const& sizes) {
    std::vector<wire::shape_dim> result;
    for (dim const size : sizes)
      if (g_.dims.is_number(size))
        result.push_back({g_.dims.value(size), {}});
      else
        result.push_back({-1, dim_name(size)});
    return result;
  }
  std::string const& dim_name(dim size) {
    auto const [at, made] = dim_names_.try_emplace(size.id);
    if (made) {
      std::vector<instruction> const code = g_.dims.code(size);
      auto const put = [&, name = &at->second](char c) { *name += c; };
      print_dim_param({program{code}, {}}, bound_, naming_, put);
    }
    return at->second;
  }

  graph const& g_;
  bound_contract const& bound_;
  dim_naming naming_;
  std::string contract_, transposed_;
  std::map<std::uint32_t, std::string> dim_names_;
};

}  // namespace detail

/// Writes the graph to `path`; returns the size of the file. Inputs and outputs stand in it as the contract declares
/// them. Throws `write_error`.
inline std::uint64_t write_graph(graph& g, bound_contract const& bound, std::vector<std::string> const& outputs,
                                 std::filesystem::path const& path, dim_naming naming = dim_naming::identifiers) {
  detail::name_graph(g, outputs);
  detail::graph_writer writer(g, bound, naming);
  std::uint64_t const size = wire::size_of([&](auto& sink) { writer(sink); });
  if (size > wire::max_message_size)
    throw write_error(
        "The model has " + std::to_string(size >> 20) +
        " MiB, but an ONNX file can have 2048 at most. Convert the module to half precision, or split it.");
  detail::pending_file file(path);
  writer(file);
  file.commit();
  return file.size();
}

}  // namespace constexport
