// Files in other real types than float32, made of float32 modules and of modules in that type.
#include "models/bert.hpp"
#include "models/gpt2.hpp"
#include "models/vit.hpp"
#include "support.hpp"
#include <constexport/export/export.hpp>
#include <constexport/export/verify.hpp>
#include <constexport/models/bert.hpp>
#include <constexport/onnx/contract_reader.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <torch/version.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace {

using namespace constexport;
using Catch::Matchers::ContainsSubstring;
using export_tests::list;
using export_tests::outcome;
using export_tests::run_export;

struct subject {
  std::string name;
  export_tests::interface shape;
  std::shared_ptr<torch::nn::Module> module;
  export_tests::function forward;
};

std::vector<subject> subjects() {
  torch::manual_seed(7);
  std::vector<subject> result;
  examples::bert_config bert_config;
  bert_config.vocab_size = 100;
  bert_config.hidden_size = 48;
  bert_config.num_hidden_layers = 2;
  bert_config.intermediate_size = 96;
  auto const bert = std::make_shared<examples::bert>(bert_config);
  result.push_back({"bert",
                    {{"input_ids int64<100> [batch, length]", "attention_mask int64<2> [batch, length]",
                      "token_type_ids int64<2> [batch, length]"},
                     {"last_hidden_state REAL [batch, length, 48]"},
                     {"length:16:1:512"}},
                    bert,
                    // A row that is masked as a whole is not a number in half precision.
                    [bert](list const& x) -> list {
                      at::Tensor const first = torch::ones_like(x[1].narrow(1, 0, 1));
                      return {bert->forward(x[0], torch::cat({first, x[1].slice(1, 1)}, 1), x[2])};
                    }});
  examples::gpt2_config gpt2_config;
  gpt2_config.vocab_size = 60;
  gpt2_config.n_embd = 32;
  gpt2_config.n_layer = 1;
  gpt2_config.n_head = 4;
  auto const gpt2 = std::make_shared<examples::gpt2>(gpt2_config);
  result.push_back({"gpt2",
                    {{"input_ids int64<60> [batch, length]", "attention_mask int64<2> [batch, past + length]",
                      "past_key_values.0.key REAL [batch, 4, past, 8]",
                      "past_key_values.0.value REAL [batch, 4, past, 8]", "position_ids int64<60> [batch, length]"},
                     {"logits REAL [batch, length, 60]", "present.0.key REAL [batch, 4, past + length, 8]",
                      "present.0.value REAL [batch, 4, past + length, 8]"},
                     {"length:16", "past:16:0"}},
                    gpt2,
                    [gpt2](list const& x) -> list { return gpt2->forward(x); }});
  examples::vit_config vit_config;
  vit_config.hidden_size = 32;
  vit_config.num_hidden_layers = 2;
  vit_config.num_attention_heads = 4;
  vit_config.intermediate_size = 64;
  vit_config.image_size = 32;
  vit_config.patch_size = 8;
  auto const vit = std::make_shared<examples::vit_for_image_classification>(vit_config, 5);
  result.push_back({"vit",
                    {{"pixel_values REAL [batch, 3, 32, 32]"}, {"logits REAL [batch, 5]"}, {}},
                    vit,
                    [vit](list const& x) -> list { return {vit->forward(x[0])}; }});
  return result;
}

/// The interface with `type` where REAL stands.
export_tests::interface with_type(export_tests::interface shape, std::string const& type) {
  for (auto* const tensors : {&shape.inputs, &shape.outputs})
    for (std::string& each : *tensors)
      if (std::size_t const at = each.find("REAL"); at != std::string::npos) each.replace(at, 4, type);
  return shape;
}

}  // namespace

namespace {

/// ONNX Runtime's CPU provider has no kernel for the type: the file was written, and the official checker took it.
bool has_no_kernel(outcome const& made) {
  return made.error.find("Could not find an implementation") != std::string::npos;
}

}  // namespace

TEST_CASE("float32 modules become files in other types, by the contract or by the option") {
  for (subject const& each : subjects()) {
    outcome const as_it_is = run_export(with_type(each.shape, "float32"), *each.module, each.forward);
    CHECK(as_it_is.type == "float32");
    for (std::string const type : {"float16", "bfloat16", "float64"}) {
      INFO(each.name << " " << type);
      // Convolutions take bfloat16 from operator set 22 on.
      int const opset = type == "bfloat16" ? 22 : 18;
      outcome const by_contract = run_export(with_type(each.shape, type), *each.module, each.forward, opset);
      CHECK(by_contract.error == "");
      CHECK(by_contract.type == type);
      outcome const by_option = run_export(with_type(each.shape, "float32"), *each.module, each.forward, opset, type);
      CHECK(by_option.error == "");
      CHECK(by_option.nodes == by_contract.nodes);
      // The others have casts around what ONNX Runtime has no kernels for.
      if (type == "float16") CHECK(by_contract.nodes == as_it_is.nodes);
    }
  }
}

TEST_CASE("modules in another type are recorded as they are") {
  for (subject const& each : subjects())
    for (auto const& [name, type] :
         {std::pair{"float64", at::kDouble}, std::pair{"bfloat16", at::kBFloat16}, std::pair{"float16", at::kHalf}}) {
      INFO(each.name << " " << name);
      each.module->to(type);
      outcome const made = run_export(with_type(each.shape, name), *each.module, each.forward, 22);
      INFO(made.error);
      // LibTorch 1.13 has no kernels for float16 on the CPU either.
      // And a module may use numbers that its type does not have.
      bool const refused = made.error.find("not implemented for") != std::string::npos ||
                           made.error.find("without overflow") != std::string::npos;
      // In LibTorch 1 such a mask is infinite in bfloat16, and 0 times it not a number.
      bool const is_lost = TORCH_VERSION_MAJOR < 2 && made.error.find("differs by inf") != std::string::npos;
      CHECK((made.error == "" || has_no_kernel(made) || refused || is_lost));
      if (!refused) CHECK(made.type == name);
      // Another type must be asked for.
      outcome const other = run_export(with_type(each.shape, "float32"), *each.module, each.forward);
      CHECK_THAT(other.error, ContainsSubstring("float_dtype"));
      each.module->to(at::kFloat);
    }
}

TEST_CASE("masks stay finite, epsilons stay, and what half precision loses stays float32") {
  struct rotary : torch::nn::Module {
    rotary() {
      weight = register_parameter("weight", torch::randn({16, 16}) * 0.1);
      scale = register_parameter("scale", torch::ones({16}));
    }
    at::Tensor forward(at::Tensor const& x, at::Tensor const& positions, at::Tensor const& keep) {
      at::Tensor const frequencies = torch::pow(10000.0, -torch::arange(0, 16, 2, at::kFloat) / 16);
      at::Tensor const angles = positions.to(at::kFloat).unsqueeze(-1) * frequencies;
      at::Tensor const turn = torch::cat({angles, angles}, -1);
      at::Tensor const norm = x * torch::rsqrt(x.pow(2).mean(-1, true) + 1e-12) * scale;
      at::Tensor const y = torch::matmul(norm * turn.cos() + norm.flip({-1}) * turn.sin(), weight);
      at::Tensor const mask = (1 - keep.to(at::kFloat)).unsqueeze(1) * -3.4028234663852886e38;
      return torch::softmax(torch::matmul(y, y.transpose(1, 2)) + mask, -1);
    }
    at::Tensor weight, scale;
  } module;
  // Positions that float16 cannot tell apart, inputs whose squares it cannot hold.
  outcome const made = run_export(
      {{"x float32<300> [batch, length, 16]", "positions int64<5000> [batch, length]", "keep int64<2> [batch, length]"},
       {"y float32 [batch, length, length]"}},
      module,
      [&](list const& x) -> list {
        at::Tensor const first = torch::ones_like(x[2].narrow(1, 0, 1));
        return {module.forward(x[0], x[1], torch::cat({first, x[2].slice(1, 1)}, 1))};
      },
      18, "float16");
  CHECK(made.error == "");
  CHECK(made.clamped == 1);
  CHECK(made.kept.at("Cos") == 1);
  CHECK(made.kept.at("Sin") == 1);
  CHECK(made.kept.at("ReduceMean") == 1);
  CHECK(made.kept.count("Softmax") == 0);
}

TEST_CASE("ids of 32 bits, by the contract") {
  subject const bert = subjects()[0];
  export_tests::interface shape = with_type(bert.shape, "float32");
  for (std::string& each : shape.inputs) each.replace(each.find("int64"), 5, "int32");
  CHECK(run_export(shape, *bert.module, bert.forward).error == "");
}

TEST_CASE("a type that no file can have") {
  subject const bert = subjects()[0];
  contract_storage<> storage;
  REQUIRE(read_contract(R"({"inputs": [{"name": "x", "dtype": "float32", "dims": ["n"]}],
                            "outputs": [{"name": "y", "dtype": "float32", "dims": ["n"]}]})",
                        storage));
  export_options options;
  options.dtype = constexport::dtype::int8;
  CHECK_THROWS_WITH(export_onnx([](at::Tensor const& x) { return x + 1; }, storage.bound(), "never.onnx", options),
                    ContainsSubstring("int8") && ContainsSubstring("float16"));
  CHECK_FALSE(std::filesystem::exists("never.onnx"));
}
