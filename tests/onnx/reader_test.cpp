/// The reader on bytes that the official `onnx` package made, on files that are cut off, and on files that are damaged.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "../data/onnx/golden.hpp"
#include "../support/twice.hpp"
#include "bytes.hpp"
#include <constexport/onnx/reader.hpp>

#include <catch2/catch_test_macros.hpp>

namespace wire = constexport::wire;
using constexport::dtype;
using constexport::read_error;
using constexport_tests::characters;

namespace {

constexpr characters exp_model{golden::exp_model};
constexpr characters full_model{golden::full_model};
constexpr characters kinds_model{golden::kinds_model};
constexpr characters packed_model{golden::packed_model};

template <class Range>
constexpr auto nth(Range const& range, std::size_t index) {
  auto at = range.begin();
  while (index-- > 0) ++at;
  return *at;
}

// Looks at everything there is, and sums it up so that nothing is optimised away.
std::uint64_t walk(wire::graph_view const& graph, int depth = 0);

std::uint64_t sum(std::string_view text) {
  std::uint64_t total = text.size();
  for (char const c : text) total = total * 31 + static_cast<unsigned char>(c);
  return total;
}
std::uint64_t walk(wire::stored_tensor const& tensor) {
  std::uint64_t total = sum(tensor.name) + tensor.data_size + static_cast<std::uint64_t>(tensor.type);
  for (std::int64_t const dim : tensor.dims()) total += static_cast<std::uint64_t>(dim);
  for (wire::entry_view const entry : tensor.external()) total += sum(entry.key) + sum(entry.value);
  return total + sum(tensor.raw_data.substr(0, 64));
}
std::uint64_t walk(wire::value_view const& value) {
  std::uint64_t total = sum(value.name) + static_cast<std::uint64_t>(value.type);
  for (wire::dim_view const dim : value.dims()) total += sum(dim.param) + static_cast<std::uint64_t>(dim.value);
  return total;
}
std::uint64_t walk(wire::graph_view const& graph, int depth) {
  std::uint64_t total = sum(graph.name);
  for (wire::node_view const node : graph.nodes()) {
    total += sum(node.op_type) + sum(node.domain) + sum(node.name);
    for (std::string_view const name : node.inputs()) total += sum(name);
    for (std::string_view const name : node.outputs()) total += sum(name);
    for (wire::attribute_view const attribute : node.attributes()) {
      total += sum(attribute.name) + sum(attribute.s) + static_cast<std::uint64_t>(attribute.i) + walk(attribute.t);
      for (std::int64_t const number : attribute.ints()) total += static_cast<std::uint64_t>(number);
      for (float const number : attribute.floats()) total += number > 0 ? 1 : 2;
      for (std::string_view const each : attribute.strings()) total += sum(each);
      if (!attribute.graph.empty() && depth < 40) total += walk(wire::graph_view::of(attribute.graph), depth + 1);
    }
  }
  for (wire::stored_tensor const tensor : graph.initializers()) total += walk(tensor);
  for (wire::value_view const value : graph.inputs()) total += walk(value);
  for (wire::value_view const value : graph.outputs()) total += walk(value);
  for (wire::value_view const value : graph.value_infos()) total += walk(value);
  return total;
}
std::uint64_t walk(std::string_view bytes) {
  wire::model_file const file = wire::read_model(bytes);
  std::uint64_t total = walk(file.model.graph) + static_cast<std::uint64_t>(file.status.error);
  for (wire::opset_view const opset : file.model.opsets()) total += sum(opset.domain);
  for (wire::entry_view const entry : file.model.metadata()) total += sum(entry.key) + sum(entry.value);
  return total;
}

}  // namespace

TEST_CASE("the Exp model is read", "[reader]") {
  CHECK_TWICE([] {
    wire::model_file const file = wire::read_model(exp_model.view());
    wire::model_view const& model = file.model;
    if (!file || model.ir_version != 3 || model.producer_name != "pytorch" || model.producer_version != "0.3")
      return false;
    if (model.opset() != 6 || model.opset("other") != 0 || model.graph.name != "torch-jit-export") return false;
    wire::node_view const node = nth(model.graph.nodes(), 0);
    wire::value_view const in = nth(model.graph.inputs(), 0);
    return model.graph.nodes().size() == 1 && node.op_type == "Exp" && nth(node.inputs(), 0).text == "0" &&
           nth(node.outputs(), 0).text == "1" && in.name == "0" && in.type == dtype::float32 && in.dims().size() == 2 &&
           nth(in.dims(), 0).value == 3 && nth(in.dims(), 1).value == 4 && model.graph.outputs().size() == 1;
  });
}

TEST_CASE("every building block is read", "[reader]") {
  CHECK_TWICE([] {
    wire::model_file const file = wire::read_model(full_model.view());
    wire::model_view const& model = file.model;
    if (!file || model.ir_version != 10 || model.doc_string != "words") return false;
    if (model.opset() != 21 || model.opset("own.domain") != 1 || model.opsets().size() != 2) return false;
    if (model.find_metadata("author") != "somebody" || !model.find_metadata("nothing").empty()) return false;

    wire::node_view const node = nth(model.graph.nodes(), 0);
    if (node.op_type != "Custom" || node.domain != "own.domain" || node.name != "first") return false;
    if (node.inputs().size() != 3 || !nth(node.inputs(), 1).text.empty()) return false;
    auto const attributes = node.attributes();
    if (attributes.size() != 8 || nth(attributes, 0).f != 0.25f || nth(attributes, 1).i != -1) return false;
    if (nth(attributes, 2).s != "constant" || nth(attributes, 3).t.raw_data.size() != 8) return false;
    auto const axes = nth(attributes, 5).ints();
    if (axes.size() != 5 || nth(axes, 2) != 300 || nth(axes, 3) != std::numeric_limits<std::int64_t>::min())
      return false;
    if (nth(nth(attributes, 4).floats(), 2) != 3.5f || nth(nth(attributes, 6).strings(), 2).text != "bc") return false;
    if (nth(attributes, 7).type != wire::attribute_type::ints || nth(attributes, 7).ints().size() != 0) return false;

    auto const tensors = model.graph.initializers();
    wire::stored_tensor const weight = nth(tensors, 0), scalar = nth(tensors, 1), outside = nth(tensors, 2);
    if (weight.name != "weight" || weight.data_size != 16 || weight.dims().size() != 2) return false;
    if (scalar.dims().size() != 0 || scalar.type != dtype::int64) return false;
    if (outside.location != wire::data_location::external || outside.data_size != 0) return false;
    if (nth(outside.external(), 1).key != "offset" || nth(outside.external(), 1).value != "4096") return false;

    wire::value_view const x = nth(model.graph.inputs(), 0), z = nth(model.graph.outputs(), 0);
    wire::dim_view const batch = nth(x.dims(), 0), sixteen = nth(x.dims(), 1), none = nth(x.dims(), 2);
    return batch.param == "batch_size" && !batch.has_value && sixteen.has_value && sixteen.value == 16 &&
           !none.has_value && none.param.empty() && z.has_shape && z.dims().size() == 0 &&
           nth(nth(model.graph.value_infos(), 0).dims(), 0).has_value;
  });
}

TEST_CASE("values that are no tensors, and graphs in graphs", "[reader]") {
  CHECK_TWICE([] {
    wire::model_file const file = wire::read_model(kinds_model.view());
    if (!file || file.model.opset() != 17) return false;
    wire::graph_view const& graph = file.model.graph;
    using wire::value_type;
    value_type const expected[]{value_type::sequence,      value_type::optional, value_type::map,
                                value_type::sparse_tensor, value_type::tensor,   value_type::none};
    std::size_t index = 0;
    for (wire::value_view const value : graph.inputs())
      if (value.what != expected[index++]) return false;
    if (nth(graph.inputs(), 4).has_shape || nth(graph.inputs(), 4).type != dtype::string) return false;
    if (nth(graph.initializers(), 0).data_size != 12 || nth(graph.initializers(), 2).data_size != 3) return false;
    wire::attribute_view const branch = nth(nth(graph.nodes(), 0).attributes(), 0);
    wire::graph_view const inner = wire::graph_view::of(branch.graph);
    return branch.type == wire::attribute_type::graph_value && inner.name == "inner" &&
           nth(inner.nodes(), 0).op_type == "Identity";
  });
}

TEST_CASE("packed numbers and unknown fields", "[reader]") {
  CHECK_TWICE([] {
    wire::model_file const file = wire::read_model(packed_model.view());
    if (!file || file.model.ir_version != 8 || file.model.opset() != 18) return false;
    wire::node_view const node = nth(file.model.graph.nodes(), 0);
    auto const ints = nth(node.attributes(), 0).ints();
    auto const floats = nth(node.attributes(), 1).floats();
    wire::stored_tensor const w = nth(file.model.graph.initializers(), 0);
    return ints.size() == 4 && nth(ints, 0) == 5 && nth(ints, 1) == -7 && nth(ints, 2) == 1000 && nth(ints, 3) == 9 &&
           floats.size() == 2 && nth(floats, 1) == -2.5f && w.dims().size() == 2 && nth(w.dims(), 1) == 3;
  });
}

// Written by the `onnx` package: a function of one Neg, and a sparse initialiser.
TEST_CASE("functions and sparse tensors", "[reader]") {
  using namespace std::string_view_literals;
  static constexpr std::string_view bytes =
      "\x3a\x14\x7a\x12\x0a\x07\x08\x02\x10\x01\x42\x01\x77\x12\x05\x10\x07\x42\x01\x69\x18\x09\xca\x01\x21\x0a"
      "\x01\x46\x22\x01\x78\x2a\x01\x79\x3a\x0b\x0a\x01\x78\x12\x01\x79\x22\x03\x4e\x65\x67\x4a\x02\x10\x12\x52"
      "\x02\x6d\x79\x6a\x01\x6f"sv;
  CHECK_TWICE([] {
    wire::model_file const file = wire::read_model(bytes);
    if (!file || file.model.functions().size() != 1 || file.model.graph.sparse_initializers().size() != 1) return false;
    wire::function_view const function = nth(file.model.functions(), 0);
    if (function.name != "F" || function.domain != "my" || function.overload != "o") return false;
    if (nth(function.inputs(), 0).text != "x" || nth(function.outputs(), 0).text != "y") return false;
    if (nth(function.nodes(), 0).op_type != "Neg" || nth(function.opsets(), 0).version != 18) return false;
    wire::stored_sparse_tensor const sparse = nth(file.model.graph.sparse_initializers(), 0);
    return sparse.values.name == "w" && nth(sparse.values.dims(), 0) == 2 && sparse.indices.type == dtype::int64;
  });
  // What is within a function is looked at, too: a node whose length is beyond the function's.
  std::string damaged(bytes);
  damaged[damaged.find("Neg") - 1] = 100;
  CHECK(wire::read_model(std::string_view(damaged)).status.error == read_error::truncated);
}

TEST_CASE("what is wrong with a file, and where", "[reader]") {
  using namespace std::string_view_literals;
  auto const status = [](std::string_view bytes) { return wire::read_model(bytes).status; };
  CHECK(status("") == constexport::read_status{read_error::no_graph, 0});
  CHECK(status("\x08\x08") == constexport::read_status{read_error::no_graph, 2});
  CHECK(status("\x08\x08\x3a\x05") == constexport::read_status{read_error::truncated, 2});
  CHECK(status("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02") == constexport::read_status{read_error::bad_varint, 1});
  CHECK(status("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01").error == read_error::bad_varint);
  CHECK(status("\x00\x01"sv) == constexport::read_status{read_error::bad_tag, 0});
  CHECK(status("\x0b").error == read_error::group);
  CHECK(status("\x0e").error == read_error::bad_tag);
  CHECK(status("\x38\x01") == constexport::read_status{read_error::wrong_wire_type, 0});
  CHECK(status("\x3a\x00\x3a\x00"sv) == constexport::read_status{read_error::twice, 2});
  CHECK(status("PK\x03\x04 a zip archive, as PyTorch saves").error != read_error::none);
  CHECK(status("\x3a\x04\x0a\x02\x2a\x07").error == read_error::truncated);  // a length larger than what it is in
  CHECK(status("\xfa\xff\xff\xff\xff\xff\xff\xff\xff\x01").error == read_error::bad_tag);
  CHECK(status("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01").error == read_error::truncated);
  CHECK(text_of(read_error::truncated) == "the file is cut off, or a length is larger than what it is in");
  static_assert(wire::read_model("\x3a\x00").status.error == read_error::truncated);  // the literal ends at the zero
}

TEST_CASE("graphs in graphs in graphs end", "[reader]") {
  // graph { node { attribute { g: graph { ... } } } }, deeper than protobuf allows
  std::string graph;
  auto const wrap = [&](char tag) {
    std::string length;
    std::size_t rest = graph.size();
    for (; rest >= 0x80; rest >>= 7) length += static_cast<char>(rest | 0x80);
    length += static_cast<char>(rest);
    graph = tag + length + graph;
  };
  for (int depth = 0; depth < 5000; ++depth) {
    wrap(0x32);
    wrap(0x2a);
    wrap(0x0a);
  }
  wrap(0x3a);
  CHECK(wire::read_model(graph).status.error == read_error::too_deep);
}

TEST_CASE("files that are cut off", "[reader]") {
  for (std::string_view const whole : {exp_model.view(), full_model.view(), kinds_model.view(), packed_model.view()})
    for (std::size_t size = 0; size < whole.size(); ++size) {
      std::vector<char> const cut = constexport_tests::on_heap(whole.substr(0, size));
      wire::model_file const file = wire::read_model(constexport_tests::view(cut));
      // A prefix is legal only where a field of the model ends.
      if (file) CHECK(file.model.bytes.size() == size);
      walk(constexport_tests::view(cut));
      // Walking is safe on bytes that were refused, too.
      walk(wire::graph_view::of(constexport_tests::view(cut)));
    }
}

TEST_CASE("files that are damaged", "[reader]") {
  std::mt19937 random{12345};
  std::uint64_t total = 0, readable = 0;
  for (std::string_view const whole : {exp_model.view(), full_model.view(), kinds_model.view(), packed_model.view()})
    for (int trial = 0; trial < 5000; ++trial) {
      std::vector<char> bytes = constexport_tests::on_heap(whole);
      for (std::size_t flips = 1 + random() % 4; flips > 0; --flips)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      total += walk(constexport_tests::view(bytes));
      walk(wire::graph_view::of(constexport_tests::view(bytes)));
      readable += wire::read_model(constexport_tests::view(bytes)) ? 1u : 0u;
    }
  CHECK(total != 0);
  CHECK(readable > 1000);  // most flips hit a name or a number
}

#if defined(__linux__)
TEST_CASE("weights are never touched", "[reader]") {
  // 20 initialisers of 4.5 MB; the pages of their data cannot be read, so that touching one would end the program.
  constexpr std::size_t payload = 4500000, count = 20;
  auto const page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::vector<std::pair<std::size_t, std::size_t>> holes;
  std::size_t const capacity = payload * count + 65536;
  void* const memory = mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  char* const bytes = static_cast<char*>(memory);
  struct writer {
    char* to;
    std::size_t size = 0;
    std::vector<std::pair<std::size_t, std::size_t>>* holes;
    void write(char const* data, std::size_t length) {
      std::memcpy(to + size, data, length);
      size += length;
    }
  } sink{bytes, 0, &holes};
  wire::model(sink, {.ir_version = 8}, [&](auto& graph) {
    wire::graph_name(graph, "large");
    std::array<std::int64_t, 1> const dims{payload};
    for (std::size_t i = 0; i < count; ++i)
      wire::initializer(graph, {"weight", dtype::uint8, dims}, std::uint64_t{payload}, [&](auto& to) {
        to.holes->push_back({to.size, payload});
        to.size += payload;
      });
    wire::shape_dim const shape[]{{.param = "n"}};
    wire::input(graph, std::string_view{"x"}, dtype::float32, shape);
  });
  REQUIRE(sink.size > 90000000);
  for (auto const& [start, size] : holes) {
    std::size_t const first = (start + page - 1) / page * page, last = (start + size) / page * page;
    REQUIRE(mprotect(bytes + first, last - first, PROT_NONE) == 0);
  }
  wire::model_file const file =
      wire::read_model(std::span<std::byte const>{reinterpret_cast<std::byte const*>(bytes), sink.size});
  REQUIRE(file);
  CHECK(nth(file.model.graph.inputs(), 0).name == "x");
  std::uint64_t total = 0;
  for (wire::stored_tensor const tensor : file.model.graph.initializers()) total += tensor.data_size;
  CHECK(total == payload * count);
  munmap(memory, capacity);
}
#endif
