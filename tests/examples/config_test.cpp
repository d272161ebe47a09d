#include "support/model_config.hpp"
#include "test_data.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>

namespace {

using namespace examples;
using namespace examples::testing;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

TEST_CASE("values of a config.json", "[config]") {
  model_config const config(data("bert/config.json"));
  CHECK(config.size("hidden_size") == 24);
  CHECK(config.number("layer_norm_eps", 1) == 1e-12);
  CHECK(config.number("no_such_key", 0.5) == 0.5);
  CHECK_NOTHROW(config.require("model_type", "bert"));
  CHECK_NOTHROW(config.require("no_such_key", "anything", true));
  CHECK_NOTHROW(config.require_divisible("hidden_size", "num_attention_heads"));
}

TEST_CASE("a config.json that cannot serve is refused by its key", "[config]") {
  CHECK_THROWS_MATCHES(model_config("no/such/config.json"), config_error,
                       MessageMatches(ContainsSubstring("no/such/config.json: cannot be opened")));
  temporary_file const no_json("{\"a\": ");
  CHECK_THROWS_MATCHES(model_config(no_json.path()), config_error, MessageMatches(ContainsSubstring("is not JSON")));
  temporary_file const list("[]");
  CHECK_THROWS_MATCHES(model_config(list.path()), config_error, MessageMatches(ContainsSubstring("not a JSON object")));

  temporary_file const file(
      R"({"kind": "gpt2", "n": -3, "zero": 0, "text": "7", "width": 10, "heads": 3, "big": 1e30})");
  model_config const config(file.path());
  CHECK_THROWS_MATCHES(config.size("missing"), config_error,
                       MessageMatches(ContainsSubstring("key 'missing': is missing")));
  for (char const* const key : {"n", "zero", "text", "big", "kind"})
    CHECK_THROWS_MATCHES(config.size(key), config_error, MessageMatches(ContainsSubstring("must be a whole number")));
  CHECK_THROWS_MATCHES(config.number("text", 0), config_error, MessageMatches(ContainsSubstring("must be a number")));
  CHECK_THROWS_MATCHES(config.require("kind", "bert"), config_error,
                       MessageMatches(ContainsSubstring("is \"gpt2\"; only \"bert\" is supported")));
  CHECK_THROWS_MATCHES(config.require_divisible("width", "heads"), config_error,
                       MessageMatches(ContainsSubstring("is 3, which does not divide 'width' = 10")));
}

}  // namespace
