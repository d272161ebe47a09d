// The example models against what the Python reference computes for the same small weights (make_reference.py).
#include "models/bert.hpp"
#include "models/gpt2.hpp"
#include "models/vit.hpp"
#include "support/load_weights.hpp"
#include "test_data.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <torch/torch.h>

#include <string>
#include <vector>

namespace {

using namespace examples;
using namespace examples::testing;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

constexpr double tolerance = 1e-5;

/// The tensors of a stored file, by name.
class expectations {
 public:
  explicit expectations(std::string_view name) : file_(data(name)) {}
  torch::Tensor operator[](std::string const& name) const { return as_tensor(file_, file_.at(name)); }

 private:
  safetensors_file file_;
};

double largest_difference(torch::Tensor const& a, torch::Tensor const& b) {
  REQUIRE(a.sizes() == b.sizes());
  REQUIRE(a.scalar_type() == b.scalar_type());
  return (a - b).abs().max().item<double>();
}

TEST_CASE("BERT computes what the reference computes", "[bert]") {
  torch::NoGradGuard const no_grad;
  bert model(read_bert_config(data("bert/config.json")));
  load_report const report = load_weights(model, safetensors_file(data("bert/model.safetensors")));
  CHECK(report.unused == std::vector<std::string>{"pooler.dense.bias", "pooler.dense.weight"});
  model.eval();

  expectations const expected("bert/expected.safetensors");
  torch::Tensor const hidden =
      model.forward(expected["input_ids"], expected["attention_mask"], expected["token_type_ids"]);
  CHECK(largest_difference(hidden, expected["last_hidden_state"]) < tolerance);

  // What padding holds must not matter to the tokens: a shorter batch gives the same rows.
  auto const cut = [&](char const* name) { return expected[name].slice(0, 1, 2).slice(1, 0, 5); };
  torch::Tensor const alone = model.forward(cut("input_ids"), cut("attention_mask"), cut("token_type_ids"));
  CHECK(largest_difference(alone, hidden.slice(0, 1, 2).slice(1, 0, 5)) < tolerance);
}

TEST_CASE("GPT-2 computes what the reference computes", "[gpt2]") {
  torch::NoGradGuard const no_grad;
  gpt2 model(read_gpt2_config(data("gpt2/config.json")));
  CHECK(load_weights(model, safetensors_file(data("gpt2/model.safetensors"))).unused.empty());
  model.eval();
  expectations const expected("gpt2/expected.safetensors");
  // A padding token before the first real one sees no token at all: what it yields means nothing, and implementations
  // differ. Nobody looks at it, so the comparison does not either.
  torch::Tensor const real = expected["attention_mask"];
  auto const at_tokens = [&](torch::Tensor const& logits) { return logits * real.unsqueeze(2); };
  auto const at_keys = [&](torch::Tensor const& cache) { return cache * real.view({2, 1, 8, 1}); };

  SECTION("without a past") {
    auto const outputs = model.forward({expected["input_ids"], expected["attention_mask"], expected["position_ids"]});
    REQUIRE(outputs.size() == 5);
    CHECK(largest_difference(at_tokens(outputs[0]), at_tokens(expected["logits"])) < tolerance);
    CHECK(largest_difference(at_keys(outputs[1]), at_keys(expected["present.0.key"])) < tolerance);
    CHECK(largest_difference(at_keys(outputs[2]), at_keys(expected["present.0.value"])) < tolerance);
    CHECK(largest_difference(at_keys(outputs[3]), at_keys(expected["present.1.key"])) < tolerance);
    CHECK(largest_difference(at_keys(outputs[4]), at_keys(expected["present.1.value"])) < tolerance);
  }
  SECTION("with a past") {
    std::int64_t const past = expected["past_key_values.0.key"].size(2);
    REQUIRE(past == 5);
    auto const outputs = model.forward({expected["input_ids"].slice(1, past), expected["attention_mask"],
                                        expected["past_key_values.0.key"], expected["past_key_values.0.value"],
                                        expected["past_key_values.1.key"], expected["past_key_values.1.value"],
                                        expected["position_ids"].slice(1, past)});
    REQUIRE(outputs.size() == 5);
    CHECK(largest_difference(outputs[0], expected["logits_with_past"]) < tolerance);
    CHECK(largest_difference(outputs[1], expected["present.0.key"]) < tolerance);
    CHECK(largest_difference(at_keys(outputs[4]), at_keys(expected["present.1.value"])) < tolerance);
  }
  SECTION("with a past of length zero, as at the first token") {
    torch::Tensor const none = torch::zeros({2, 3, 0, 8});
    auto const outputs = model.forward(
        {expected["input_ids"], expected["attention_mask"], none, none, none, none, expected["position_ids"]});
    CHECK(largest_difference(at_tokens(outputs[0]), at_tokens(expected["logits"])) < tolerance);
  }
  SECTION("with a wrong number of inputs") {
    CHECK_THROWS_MATCHES(model.forward({expected["input_ids"], expected["attention_mask"]}), c10::Error,
                         MessageMatches(ContainsSubstring("takes 3 tensors, or 7 with the past, but got 2")));
  }
}

TEST_CASE("ViT computes what the reference computes", "[vit]") {
  torch::NoGradGuard const no_grad;
  vit_config const config = read_vit_config(data("vit/config.json"));
  safetensors_file const weights(data("vit/model.safetensors"));
  expectations const expected("vit/expected.safetensors");

  vit encoder(config);
  CHECK(load_weights(encoder, weights, "vit.").unused ==
        std::vector<std::string>{"classifier.bias", "classifier.weight"});
  encoder.eval();
  torch::Tensor const hidden = encoder.forward(expected["pixel_values"]);
  CHECK(largest_difference(hidden, expected["last_hidden_state"]) < tolerance);

  vit_for_image_classification classifier(config, 5);
  CHECK(load_weights(classifier, weights).unused.empty());
  classifier.eval();
  CHECK(largest_difference(classifier.forward(expected["pixel_values"]), expected["logits"]) < tolerance);

  CHECK_THROWS_MATCHES(encoder.forward(torch::zeros({1, 3, 16, 12})), c10::Error,
                       MessageMatches(ContainsSubstring("resize the image to the model's image_size")));
}

TEST_CASE("a config.json for another model is refused", "[models]") {
  CHECK_THROWS_MATCHES(read_bert_config(data("gpt2/config.json")), config_error,
                       MessageMatches(ContainsSubstring("key 'model_type': is \"gpt2\"; only \"bert\"")));
  CHECK_THROWS_AS(read_gpt2_config(data("vit/config.json")), config_error);
  CHECK_THROWS_AS(read_vit_config(data("bert/config.json")), config_error);
}

TEST_CASE("weights of another size are refused", "[models]") {
  bert_config config = read_bert_config(data("bert/config.json"));
  config.num_hidden_layers = 3;
  bert model(config);
  CHECK_THROWS_MATCHES(load_weights(model, safetensors_file(data("bert/model.safetensors"))), weights_error,
                       MessageMatches(ContainsSubstring("'encoder.layer.2.attention.self.query.weight' is missing")));
}

}  // namespace
