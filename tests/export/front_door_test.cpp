// The front door with configurations: ways to hand over a module, operators of one's own, and the file that comes out.
#include "models/bert.hpp"
#include <constexport/export/export.hpp>
#include <constexport/export/verify.hpp>
#include <constexport/models/bert.hpp>
#include <constexport/onnx/contract_reader.hpp>
#include <constexport/onnx/reader.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace {

using namespace constexport;
using Catch::Matchers::ContainsSubstring;

/// A folder of its own that goes with the test.
struct folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("constexport-front-door-" + std::to_string(::getpid()));
  folder() { std::filesystem::create_directories(path); }
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

std::string read(std::filesystem::path const& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

examples::bert_config small() {
  examples::bert_config config;
  config.vocab_size = 50;
  config.hidden_size = 24;
  config.num_hidden_layers = 1;
  config.num_attention_heads = 2;
  config.intermediate_size = 40;
  return config;
}

constexpr BertOnnxConfig<feature_extraction> bert{num_layers = 1, hidden_size = 24, num_attention_heads = 2,
                                                  vocab_size = 50};

}  // namespace

TEST_CASE("a module is handed over by reference, by pointer, by holder or as a callable") {
  folder const here;
  torch::manual_seed(1);
  auto const module = std::make_shared<examples::bert>(small());
  std::size_t const nodes = export_onnx(*module, bert, here.path / "reference.onnx").nodes;
  CHECK(export_onnx(module, bert, here.path / "pointer.onnx").nodes == nodes);
  CHECK(read(here.path / "reference.onnx") == read(here.path / "pointer.onnx"));
  module->eval();  // a callable hides its module, whose mode is then the caller's business
  auto const call = [module](at::Tensor ids, at::Tensor const& mask, at::Tensor& types) {
    return std::make_tuple(module->forward(ids, mask, types));
  };
  CHECK(export_onnx(call, bert, here.path / "callable.onnx").nodes == nodes);
  auto const list = [module](std::vector<at::Tensor> const& inputs) {
    return std::vector<at::Tensor>{module->forward(inputs[0], inputs[1], inputs[2])};
  };
  CHECK(export_onnx(list, bert.bind(), here.path / "list.onnx").nodes == nodes);
  CHECK(verify(module, bert, here.path / "list.onnx").ok());
  // Another module's forward.
  CHECK_THROWS_AS(export_onnx(torch::nn::Linear(2, 2), bert, here.path / "linear.onnx"), contract_mismatch);
}

TEST_CASE("the file holds names, shapes, weights and the contract") {
  folder const here;
  torch::manual_seed(2);
  examples::bert module(small());
  export_report const report = export_onnx(module, bert, here.path / "bert.onnx");
  std::string const bytes = read(here.path / "bert.onnx");
  CHECK(report.file_bytes == bytes.size());
  auto const file = wire::read_model(bytes);
  REQUIRE(file);
  CHECK(file.model.opset() == 18);
  CHECK(file.model.ir_version == 8);

  std::set<std::string> inputs, outputs, initialisers, described, made;
  for (auto const& each : file.model.graph.inputs()) inputs.emplace(each.name);
  for (auto const& each : file.model.graph.outputs()) outputs.emplace(each.name);
  for (auto const& each : file.model.graph.initializers()) initialisers.emplace(each.name);
  for (auto const& each : file.model.graph.value_infos()) {
    described.emplace(each.name);
    CHECK(each.has_shape);
    for (auto const& dim : each.dims()) CHECK((dim.value >= 0 || !dim.param.empty()));
  }
  std::size_t nodes = 0;
  for (auto const& each : file.model.graph.nodes()) {
    ++nodes;
    for (auto const& output : each.outputs()) made.emplace(output.text);
  }
  CHECK(nodes == report.nodes);
  CHECK(inputs == std::set<std::string>{"attention_mask", "input_ids", "token_type_ids"});
  CHECK(outputs == std::set<std::string>{"last_hidden_state"});
  // Every weight under its name in the module.
  for (auto const& each : module.named_parameters()) CHECK(initialisers.count(each.key()) == 1);
  // Which of them are the other way round, and nothing else is.
  std::string_view const turned = file.model.find_metadata(transposed_key);
  auto const parameters = module.named_parameters();
  for (auto const& each : file.model.graph.initializers()) {
    at::Tensor const* const weight = parameters.find(std::string(each.name));
    if (weight == nullptr) continue;
    std::vector<std::int64_t> stored;
    for (std::int64_t const size : each.dims()) stored.push_back(size);
    bool const listed = (" " + std::string(turned) + " ").find(" " + std::string(each.name) + " ") != std::string::npos;
    at::Tensor const expected = listed ? weight->t().contiguous() : weight->contiguous();
    CHECK(at::IntArrayRef(stored) == expected.sizes());
    CHECK(each.raw_data == std::string_view(static_cast<char const*>(expected.data_ptr()), expected.nbytes()));
  }
  // A shape for every value between inputs and outputs.
  for (std::string const& each : outputs) made.erase(each);
  CHECK(described == made);
  auto const storage = std::make_unique<contract_storage<>>();
  CHECK(read_contract(file.model.find_metadata(contract_key), *storage));
  CHECK_THAT(report.sizes, ContainsSubstring("batch_size") && ContainsSubstring("sequence_length"));
  CHECK(report.inputs.at(0) == "input_ids int64 [batch_size, sequence_length]");
  CHECK(report.outputs.at(0) == "last_hidden_state float32 [batch_size, sequence_length, 24]");
}

TEST_CASE("weights that are tied are written once") {
  struct tied : torch::nn::Module {
    torch::nn::Embedding table = register_module("table", torch::nn::Embedding(50, 24));
    torch::nn::Linear head = register_module("head", torch::nn::Linear(24, 50));
    tied() { head->weight = table->weight; }
    torch::Tensor forward(torch::Tensor ids, torch::Tensor mask, torch::Tensor types) {
      auto const hidden = table(ids) + (mask + types).unsqueeze(-1);
      return torch::matmul(head(hidden), head->weight);
    }
  };
  folder const here;
  tied module;
  export_report const report = export_onnx(module, bert, here.path / "tied.onnx");
  CHECK(report.weight_bytes < 50 * 24 * 4 + 1000);
  verification const seen = verify(module, bert, here.path / "tied.onnx");
  CHECK(seen.largest_error() < 1e-3);  // sums of 1200 products
  for (verified_assignment const& each : seen.assignments) CHECK(each.outputs.at(0).obeys_contract());
}

TEST_CASE("what fails leaves an existing file as it was, and nothing beside it") {
  folder const here;
  torch::manual_seed(3);
  examples::bert module(small());
  auto const file = here.path / "bert.onnx";
  std::ofstream(file) << "precious";
  // A module that cannot be exported.
  auto const reads = [&](at::Tensor const& ids, at::Tensor const& mask, at::Tensor const& types) {
    return ids.sum().item<std::int64_t>() > 0 ? module.forward(ids, mask, types) : module.forward(ids, mask, mask);
  };
  CHECK_THROWS_AS(export_onnx(reads, bert, file), not_reproducible);
  CHECK(read(file) == "precious");
  // A folder that is not there; a folder in place of a file.
  CHECK_THROWS_AS(export_onnx(module, bert, here.path / "missing" / "bert.onnx"), write_error);
  std::filesystem::create_directories(here.path / "folder.onnx" / "full");
  CHECK_THROWS_AS(export_onnx(module, bert, here.path / "folder.onnx"), write_error);
  CHECK_THROWS_AS(export_onnx(module, bert, std::filesystem::path("/dev/full/bert.onnx")), write_error);
  std::size_t files = 0;
  for ([[maybe_unused]] auto const& each : std::filesystem::directory_iterator(here.path)) ++files;
  CHECK(files == 2);
  export_onnx(module, bert, file);
  CHECK(verify(module, bert, file).ok());
}

TEST_CASE("a lowering of one's own replaces the library's or adds to it") {
  folder const here;
  torch::manual_seed(4);
  auto const forward = [](at::Tensor const& ids, at::Tensor const& mask, at::Tensor const& types) {
    auto const x = (ids + mask + types).to(torch::kFloat).unsqueeze(-1).expand({-1, -1, 24});
    return torch::special_entr(x + 1);
  };
  CHECK_THROWS_AS(export_onnx(forward, bert, here.path / "none.onnx"), unsupported_operator);
  export_options options;
  options.lowerings.add("aten::special_entr", [](call& c, builder& b) -> value_list {
    value_id const x = c.tensor("self");  // -x log x, for x above 0
    return {b.unary("Neg", b.broadcast("Mul", {x, b.unary("Log", x)}))};
  });
  export_report const report = export_onnx(forward, bert, here.path / "own.onnx", options);
  CHECK(report.node_counts.at("Log") == 1);
  CHECK(verify(forward, bert, here.path / "own.onnx").ok());
}
