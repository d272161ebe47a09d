// Any bytes as an ONNX file: refused at a place in it, or walked through to the last field. Fast enough for many
// millions of inputs an hour.
#include <constexport/onnx/reader.hpp>
#include <constexport/onnx/tensor_elements.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

namespace {

namespace wire = constexport::wire;

std::string_view file;
std::uint64_t total;

// Whatever a view shows lies in the file.
void look(std::string_view text) {
  if (text.empty()) return;
  if (text.data() < file.data() || text.data() + text.size() > file.data() + file.size()) std::abort();
  total += static_cast<unsigned char>(text.front()) + static_cast<unsigned char>(text.back());
}

void look(wire::stored_tensor const& tensor) {
  look(tensor.name);
  std::byte elements[7 * 16];
  std::size_t count = 1;
  for (std::int64_t const dim : tensor.dims()) count *= static_cast<std::size_t>(dim);
  std::size_t const bytes = constexport::bytes_of(tensor.type, count % 8);
  if (wire::read_elements(tensor, std::span(elements).first(bytes)) && bytes > 0)
    total += static_cast<std::uint64_t>(elements[bytes - 1]);
  look(tensor.raw_data);
  for (std::int64_t const dim : tensor.dims()) total += static_cast<std::uint64_t>(dim);
  for (wire::entry_view const each : tensor.external()) {
    look(each.key);
    look(each.value);
  }
}

void look(wire::value_view const& value) {
  look(value.name);
  for (wire::dim_view const dim : value.dims()) {
    look(dim.param);
    total += static_cast<std::uint64_t>(dim.value);
  }
}

void look(wire::graph_view const& graph, int depth) {
  look(graph.name);
  for (wire::value_view const each : graph.inputs()) look(each);
  for (wire::value_view const each : graph.outputs()) look(each);
  for (wire::value_view const each : graph.value_infos()) look(each);
  for (wire::stored_tensor const each : graph.initializers()) look(each);
  for (wire::node_view const node : graph.nodes()) {
    look(node.op_type);
    for (std::string_view const each : node.inputs()) look(each);
    for (std::string_view const each : node.outputs()) look(each);
    for (wire::attribute_view const attribute : node.attributes()) {
      look(attribute.name);
      look(attribute.t);
      for (std::int64_t const each : attribute.ints()) total += static_cast<std::uint64_t>(each);
      for (float const each : attribute.floats()) total += each > 0 ? 1u : 0u;
      for (std::string_view const each : attribute.strings()) look(each);
      if (!attribute.graph.empty() && depth < 40) look(wire::graph_view::of(attribute.graph), depth + 1);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  file = {reinterpret_cast<char const*>(data), size};
  wire::model_file const read = wire::read_model(file);
  if (read.status.offset > size) std::abort();
  if (wire::tensor_file_view const tensor = wire::read_tensor(file)) look(tensor.tensor);
  if (!read) return 0;
  look(read.model.producer_name);
  for (wire::opset_view const each : read.model.opsets()) look(each.domain);
  for (wire::entry_view const each : read.model.metadata()) look(each.value);
  look(read.model.graph, 0);
  return 0;
}
