/// Files without their weights are the files in everything else.
#include "../data/onnx/golden.hpp"
#include <constexport/check/sparse_file.hpp>
#include <constexport/onnx/messages.hpp>
#include <constexport/onnx/reader.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <system_error>

using namespace constexport;

namespace {

struct temporary_file {
  std::filesystem::path path;
  explicit temporary_file(std::string const& bytes)
      : path(std::filesystem::temp_directory_path() / ("constexport-sparse-" + std::to_string(::getpid()))) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  ~temporary_file() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
};

// Every byte that is not weights is there; weights are there or zeros.
void check_same(std::string const& bytes) {
  temporary_file const written(bytes);
  sparse_file const file(written.path.string());
  REQUIRE(file.bytes().size() == bytes.size());
  wire::model_file const whole = wire::read_model(bytes), sparse = wire::read_model(file.bytes());
  CHECK(whole.status == sparse.status);
  bool same = true;
  for (std::size_t i = 0; i < bytes.size(); ++i) same = same && (file.bytes()[i] == bytes[i] || file.bytes()[i] == 0);
  CHECK(same);
}

// Small and large tensors between nodes, one in an attribute of a sub-graph's node.
std::string large_model(std::size_t large) {
  std::ostringstream stream;
  std::string const weights(300000, 'w');
  std::array const opsets{wire::opset_id{{}, 18}};
  auto const tensor = [&](auto& to, std::string const& name, std::size_t count) {
    std::array<std::int64_t, 1> const dims{static_cast<std::int64_t>(count)};
    wire::initializer(to, {.name = name, .type = dtype::uint8, .dims = dims},
                      std::string_view(weights).substr(0, count));
  };
  wire::model(stream, {.ir_version = 8, .producer_name = "test", .producer_version = "1", .opsets = opsets},
              [&](auto& graph) {
                wire::graph_name(graph, "graph");
                for (std::size_t i = 0; i < 40; ++i)
                  tensor(graph, "t" + std::to_string(i), i % 3 == 0 ? large : 10 * i);
              });
  return stream.str();
}

}  // namespace

TEST_CASE("the bytes of files stand at their places") {
  for (auto const& bytes : {std::string(std::begin(golden::full_model), std::end(golden::full_model)),
                            std::string(std::begin(golden::kinds_model), std::end(golden::kinds_model)),
                            std::string(std::begin(golden::packed_model), std::end(golden::packed_model)),
                            std::string(), std::string(10000, 'x')})
    check_same(bytes);
}

TEST_CASE("weights are holes") {
  std::string const bytes = large_model(250000);
  check_same(bytes);
  temporary_file const written(bytes);
  sparse_file const file(written.path.string());
  CHECK(bytes.size() > 3000000);
  CHECK(file.bytes_read() < 300000);
  std::size_t count = 0;
  wire::model_file const read = wire::read_model(file.bytes());
  for (wire::stored_tensor const each : read.model.graph.initializers()) {
    CHECK(each.name == "t" + std::to_string(count));
    CHECK(each.raw_data.size() == static_cast<std::size_t>(*each.dims().begin()));
    ++count;
  }
  CHECK(count == 40);
}

TEST_CASE("damaged and cut files are damaged in the same way") {
  std::string const whole = large_model(9000);
  std::mt19937 random{5};
  for (int trial = 0; trial < 100; ++trial) {
    std::string bytes = trial % 4 == 0 ? whole.substr(0, random() % whole.size()) : whole;
    for (int i = 0; i < 3 && !bytes.empty(); ++i)
      bytes[random() % std::min<std::size_t>(bytes.size(), 5000)] = static_cast<char>(random());
    check_same(bytes);
  }
}

TEST_CASE("of a large file that is no model the beginning is read") {
  temporary_file const written(std::string{});
  std::filesystem::resize_file(written.path, std::uintmax_t{4} << 30);  // as a broken download leaves it
  sparse_file const file(written.path.string());
  CHECK(file.bytes_read() < 10000);
  CHECK(!wire::read_model(file.bytes()));
}

TEST_CASE("what is no file is an error with the path") {
  CHECK_THROWS_AS(sparse_file("/nowhere/model.onnx"), std::system_error);
  CHECK_THROWS_AS(sparse_file("/"), std::system_error);
  CHECK_THROWS_AS(sparse_file("/dev/null"), std::system_error);
}
