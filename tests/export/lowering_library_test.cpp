// Operators of a user's own: registered at file scope, loaded from a shared object, defined by functions in the file.
// CONSTEXPORT_LOWERINGS names the example's shared object.
#include <constexport/export/export.hpp>
#include <constexport/export/torchscript.hpp>
#include <constexport/export/verify.hpp>
#include <constexport/onnx/contract_reader.hpp>
#include <constexport/onnx/reader.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/sugared_value.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace {

using namespace constexport;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

/// A folder of its own that goes with the test.
struct folder {
  fs::path path = fs::temp_directory_path() / ("constexport-lowerings-" + std::to_string(::getpid()));
  folder() { fs::create_directories(path); }
  ~folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

std::string read(fs::path const& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

constexpr std::string_view contract_text = R"({"inputs": [{"name": "x", "dtype": "float32", "dims": ["n", 8]}],
    "outputs": [{"name": "y", "dtype": "float32", "dims": ["n", 8]}]})";

/// In the text of a script `my_operators.f` is the operator `my_operators::f`.
struct with_operators : torch::jit::Resolver {
  std::shared_ptr<torch::jit::SugaredValue> resolveValue(std::string const& name, torch::jit::GraphFunction&,
                                                         torch::jit::SourceRange const&) override {
    if (name == "torch") return std::make_shared<torch::jit::BuiltinModule>("aten");
    if (name == "my_operators") return std::make_shared<torch::jit::BuiltinModule>("my_operators");
    return nullptr;
  }
  c10::TypePtr resolveType(std::string const&, torch::jit::SourceRange const&) override { return nullptr; }
};

// Registered at file scope: an own lowering for an operator that the library does not lower.
register_lowering const registered{
    "aten::special_entr", [](call& c, builder& b) -> value_list {
      b.g.define({"test.functions",
                  "Entropy",
                  {"x"},
                  {"y"},
                  {{"Log", {"x"}, {"log"}}, {"Mul", {"x", "log"}, {"product"}}, {"Neg", {"product"}, {"y"}}}});
      b.g.define({"test.functions", "Unused", {"x"}, {"y"}, {{"Neg", {"x"}, {"y"}}}});
      value_id const x = c.tensor("self");
      return b.g.node("Entropy", {x}, {}, {{b.type(x), b.dims(x)}}, "test.functions");
    }};

}  // namespace

TEST_CASE("a lowering that is registered at file scope, with a function in the file") {
  folder const here;
  contract_storage<> storage;
  REQUIRE(read_contract(contract_text, storage));
  auto const forward = [](at::Tensor const& x) {
    return torch::special_entr(x.abs() + 0.5) + torch::special_entr(x * x + 1);
  };
  fs::path const path = here.path / "entropy.onnx";
  export_report const report = export_onnx(forward, storage.bound(), path);
  CHECK(report.node_counts.at("Entropy") == 2);
  CHECK(verify(forward, storage.bound(), path).ok());
  std::string const bytes = read(path);
  CHECK_THAT(bytes, !ContainsSubstring("Unused"));
  auto const file = wire::read_model(bytes);
  REQUIRE(file);
  if (char const* const checker = std::getenv("CONSTEXPORT_ONNX_CHECK"))
    CHECK(std::system((std::string(checker) + " " + path.string()).c_str()) == 0);
  // Nodes of other domains keep their type, because nobody says which ones they take.
  struct weighted : torch::nn::Module {
    weighted() { weight = register_parameter("weight", torch::rand({8}) + 0.5); }
    at::Tensor forward(at::Tensor const& x) { return torch::special_entr((x * weight).abs() + 0.5) * weight; }
    at::Tensor weight;
  } module;
  export_options options;
  options.dtype = constexport::dtype::float16;
  CHECK(export_onnx(module, storage.bound(), path, options).converted.kept.at("Entropy") == 1);
  CHECK(verify(module, storage.bound(), path).ok());
}

TEST_CASE("a shared object brings an operator and its lowering") {
  char const* const library = std::getenv("CONSTEXPORT_LOWERINGS");
  if (library == nullptr) SKIP("CONSTEXPORT_LOWERINGS names no shared object");
  folder const here;
  export_options const without;
  export_options options;
  load_lowerings(library, options.lowerings);
  torch::jit::Module script("sparse");
  script.register_parameter("weight", torch::randn({8, 8}), false);
  script.define("def forward(self, x):\n  return my_operators.soft_threshold(torch.matmul(x, self.weight), 0.25)\n",
                std::make_shared<with_operators>());
  script.eval();
  script.save((here.path / "sparse.pt").string());

  torchscript_module const module(here.path / "sparse.pt");
  contract_storage<> storage;
  REQUIRE(read_contract(contract_text, storage));
  exportable const what = module.exportable_for({"x"});
  fs::path const path = here.path / "sparse.onnx";
  CHECK_THROWS_WITH(export_onnx(what, storage.bound(), path, without),
                    ContainsSubstring("my_operators::soft_threshold"));
  export_report const report = export_onnx(what, storage.bound(), path, options);
  CHECK(report.node_counts.at("SoftThreshold") == 1);
  CHECK(verify(what, storage.bound(), path).ok());
  if (char const* const checker = std::getenv("CONSTEXPORT_ONNX_CHECK"))
    CHECK(std::system((std::string(checker) + " " + path.string()).c_str()) == 0);

  // The command: loaded before the module, which could not be read otherwise.
  if (char const* const command = std::getenv("CONSTEXPORT_COMMAND")) {
    std::ofstream(here.path / "contract.json") << contract_text;
    std::string const line = std::string(command) + " export " + (here.path / "sparse.pt").string() + " --contract " +
                             (here.path / "contract.json").string() + " -o " + (here.path / "again.onnx").string();
    CHECK(std::system((line + " --lowerings " + library + " >/dev/null").c_str()) == 0);
    CHECK(read(here.path / "again.onnx") == read(path));
    CHECK(std::system((line + " 2>/dev/null").c_str()) != 0);
  }
}

TEST_CASE("a shared object without lowerings") {
  folder const here;
  lowering_table table;
  CHECK_THROWS_WITH(load_lowerings(here.path / "none.so", table),
                    ContainsSubstring("none.so") && ContainsSubstring("cannot be loaded"));
  std::ofstream(here.path / "text.so") << "no shared object";
  CHECK_THROWS_WITH(load_lowerings(here.path / "text.so", table), ContainsSubstring("cannot be loaded"));
  // One that is surely there and has nothing to do with us.
  fs::path other;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (std::size_t const at = line.find('/'); at != std::string::npos && line.find("libstdc++") != std::string::npos)
      other = line.substr(at);
  REQUIRE_FALSE(other.empty());
  CHECK_THROWS_WITH(load_lowerings(other, table), ContainsSubstring("lowering_library.hpp"));
}
