// Weights beside the model: which, where, and what remains when something goes wrong.
#include "support.hpp"
#include <constexport/export/export.hpp>
#include <constexport/export/verify.hpp>
#include <constexport/models/bert.hpp>
#include <constexport/onnx/contract_reader.hpp>
#include <constexport/onnx/reader.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace {

using namespace constexport;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

/// A folder of its own that goes with the test.
struct folder {
  fs::path path = fs::temp_directory_path() / ("constexport-external-data-" + std::to_string(::getpid()));
  folder() { fs::create_directories(path); }
  ~folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  std::set<std::string> names() const {
    std::set<std::string> result;
    for (fs::directory_entry const& each : fs::directory_iterator(path)) result.insert(each.path().filename().string());
    return result;
  }
};

std::string read(fs::path const& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Two tables that are one, a projection, a bias that is small.
struct tied : torch::nn::Module {
  tied() {
    table = register_parameter("table", torch::randn({40, 32}));
    again = register_parameter("again", table);
    weight = register_parameter("weight", torch::randn({32, 24}));
    bias = register_parameter("bias", torch::randn({24}));
  }
  std::vector<at::Tensor> forward(at::Tensor const& ids) {
    at::Tensor const x = torch::embedding(table, ids);
    return {torch::matmul(x, weight) + bias, torch::matmul(x, again.t())};
  }
  at::Tensor table, again, weight, bias;
};

constexpr std::string_view tied_contract =
    R"({"opset": 18, "atol": 1e-4, "axes": {"n": {"default": 6}},
        "inputs": [{"name": "ids", "dtype": "int64", "dims": ["n"], "values": {"max": 39}}],
        "outputs": [{"name": "y", "dtype": "float32", "dims": ["n", 24]}, {"name": "z", "dtype": "float32", "dims": ["n", 40]}]})";

export_options with(external_data_mode mode) {
  export_options options;
  options.external_data = mode;
  return options;
}

}  // namespace

TEST_CASE("weights beside the model") {
  folder const here;
  contract_storage<> storage;
  REQUIRE(read_contract(tied_contract, storage));
  tied module;
  fs::path const path = here.path / "tied.onnx", data = here.path / "tied.onnx.data";
  export_report const report = export_onnx(module, storage.bound(), path, with(external_data_mode::always));
  CHECK(here.names() == std::set<std::string>{"tied.onnx", "tied.onnx.data"});
  CHECK(report.file_bytes == fs::file_size(path));
  CHECK(report.external_bytes == fs::file_size(data));

  std::string const bytes = read(path), outside = read(data);
  auto const file = wire::read_model(bytes);
  REQUIRE(file);
  std::set<std::string> external;
  for (auto const& each : file.model.graph.initializers()) {
    std::map<std::string, std::string> where;
    for (auto const& entry : each.external()) where.emplace(entry.key, entry.value);
    if (where.empty()) continue;
    external.emplace(each.name);
    CHECK(where["location"] == "tied.onnx.data");
    std::size_t const offset = std::stoul(where["offset"]), length = std::stoul(where["length"]);
    CHECK(offset % 4096 == 0);
    REQUIRE(offset + length <= outside.size());
    at::Tensor const expected = (each.name == "weight" ? module.weight : module.table).contiguous();
    at::Tensor const turned = expected.t().contiguous();
    std::string_view const stored = std::string_view(outside).substr(offset, length);
    auto const holds = [&](at::Tensor const& t) {
      return stored == std::string_view(static_cast<char const*>(t.data_ptr()), t.nbytes());
    };
    CHECK((holds(expected) || holds(turned)));
  }
  CHECK(external.size() == 2);  // tied weights once, the bias inside
  CHECK(external.count("weight") == 1);
  CHECK(verify(module, storage.bound(), path).ok());

  if (char const* const checker = std::getenv("CONSTEXPORT_ONNX_CHECK"))
    CHECK(std::system((std::string(checker) + " " + path.string()).c_str()) == 0);
}

TEST_CASE("small models keep their weights unless they are told otherwise") {
  folder const here;
  contract_storage<> storage;
  REQUIRE(read_contract(tied_contract, storage));
  tied module;
  for (external_data_mode const mode : {external_data_mode::automatic, external_data_mode::never}) {
    export_report const report = export_onnx(module, storage.bound(), here.path / "inside.onnx", with(mode));
    CHECK(report.external_bytes == 0);
    CHECK(here.names() == std::set<std::string>{"inside.onnx"});
  }
}

TEST_CASE("what goes wrong leaves an existing pair as it was") {
  folder const here;
  contract_storage<> storage;
  REQUIRE(read_contract(tied_contract, storage));
  tied first, second;
  fs::path const path = here.path / "tied.onnx", data = here.path / "tied.onnx.data";
  export_onnx(first, storage.bound(), path, with(external_data_mode::always));
  std::string const model_before = read(path), data_before = read(data);

  // Replaced as a pair.
  export_onnx(second, storage.bound(), path, with(external_data_mode::always));
  CHECK(read(data) != data_before);
  CHECK(here.names() == std::set<std::string>{"tied.onnx", "tied.onnx.data"});
  CHECK(verify(second, storage.bound(), path).ok());
  CHECK_FALSE(verify(first, storage.bound(), path).ok());

  // The model cannot take its place because a folder stands there: the data comes back.
  fs::path const blocked = here.path / "blocked.onnx";
  fs::create_directory(blocked);
  std::ofstream(external_data_path(blocked)) << "somebody's";
  CHECK_THROWS_AS(export_onnx(second, storage.bound(), blocked, with(external_data_mode::always)), write_error);
  CHECK(fs::is_directory(blocked));
  CHECK(read(external_data_path(blocked)) == "somebody's");
  fs::remove(blocked);
  fs::remove(external_data_path(blocked));

  // The data cannot.
  std::ofstream(blocked) << "a model";
  fs::create_directory(external_data_path(blocked));
  CHECK_THROWS_AS(export_onnx(second, storage.bound(), blocked, with(external_data_mode::always)), write_error);
  CHECK(read(blocked) == "a model");
  CHECK(here.names() == std::set<std::string>{"tied.onnx", "tied.onnx.data", "blocked.onnx", "blocked.onnx.data"});
}

TEST_CASE("a model of more than 2 GiB") {
  // Four tables whose rows are different and whose columns are one number: views, so that only the file is large.
  constexpr std::int64_t rows = 160'000, columns = 1024, tables = 4;
  folder const here;
  std::ifstream memory("/proc/meminfo");
  std::int64_t available = 0;
  for (std::string word; memory >> word;)
    if (word == "MemAvailable:") memory >> available;
  if (available < (std::int64_t{8} << 20)) SKIP("needs 8 GiB of memory");
  if (fs::space(here.path).available < (std::uintmax_t{4} << 30)) SKIP("needs 4 GiB of disk");

  struct large : torch::nn::Module {
    std::vector<at::Tensor> table;
    at::Tensor forward(at::Tensor const& ids) {
      at::Tensor sum = torch::embedding(table[0], ids);
      for (std::size_t i = 1; i < table.size(); ++i) sum = sum + torch::embedding(table[i], ids);
      return sum;
    }
  } module;
  for (std::int64_t i = 0; i < tables; ++i)
    module.table.push_back(
        module.register_buffer("table_" + std::to_string(i),
                               (torch::arange(rows, at::kFloat) * (i + 1)).unsqueeze(1).expand({rows, columns})));
  contract_storage<> storage;
  REQUIRE(read_contract(
      R"({"opset": 18, "atol": 1e-3, "axes": {"n": {"default": 6}},
          "inputs": [{"name": "ids", "dtype": "int64", "dims": ["n"], "values": {"max": 159999}}],
          "outputs": [{"name": "y", "dtype": "float32", "dims": ["n", 1024]}]})",
      storage));
  fs::path const path = here.path / "large.onnx";
  CHECK_THROWS_WITH(export_onnx(module, storage.bound(), path, with(external_data_mode::never)),
                    ContainsSubstring("2048 at most") && ContainsSubstring("external data"));
  CHECK(here.names().empty());
  export_report const report = export_onnx(module, storage.bound(), path);
  CHECK(report.external_bytes == std::uint64_t{tables} * rows * columns * 4);
  CHECK(report.file_bytes < 10'000);
  verification const seen = verify(module, storage.bound(), path);
  CHECK(seen.ok());
  CHECK(seen.largest_error() == 0);
}
