// What a parameter's field means in config.json, and what is said of fields that mean nothing.
#include <constexport/adapters/config_json.hpp>
#include <constexport/models.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace constexport;
using nlohmann::json;

namespace {

std::int64_t value_of(contract const& table, std::string_view parameter, json const& config,
                      json const* preprocessor = nullptr) {
  bound_contract const bound = read_config(table, config, preprocessor);
  std::size_t const index = find_symbol(table.symbols, parameter, false);
  REQUIRE(index < table.symbols.size());
  return bound.values[index];
}

std::string path_of_error(contract const& table, json const& config) {
  try {
    read_config(table, config);
  } catch (config_error const& error) {
    CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring(error.path()));
    return error.path();
  }
  return "no error";
}

}  // namespace

TEST_CASE("fields of config.json") {
  contract const& vit = ViTOnnxConfig<>::contract();
  contract const& resnet = ResNetOnnxConfig<>::contract();
  contract const& mae = VitMAEOnnxConfig<>::contract();
  contract const& unet = UNetOnnxConfig<semantic_segmentation>::contract();

  SECTION("a number is an array of itself") {
    CHECK(value_of(vit, "image_height", {{"image_size", 96}}) == 96);
    CHECK(value_of(vit, "image_width", {{"image_size", 96}}) == 96);
    CHECK(value_of(vit, "image_height", {{"image_size", {96, 64}}}) == 96);
    CHECK(value_of(vit, "image_width", {{"image_size", {96, 64}}}) == 64);
    CHECK(value_of(vit, "image_width", json::object()) == 224);
    CHECK(value_of(vit, "image_width", {{"image_size", nullptr}}) == 0);
  }
  SECTION("the last element of an array, and its number of elements") {
    json const config = {{"hidden_sizes", {16, 32, 48}}, {"depths", {1, 1, 1}}};
    CHECK(value_of(resnet, "hidden_size", config) == 48);
    CHECK(value_of(resnet, "num_stages", config) == 3);
    CHECK(value_of(resnet, "hidden_size", {{"hidden_sizes", 64}}) == 64);
    CHECK(value_of(resnet, "hidden_size", {{"hidden_sizes", json::array()}}) == 1);
  }
  SECTION("a share becomes an integer, rounded down") {
    CHECK(value_of(mae, "mask_ratio", {{"mask_ratio", 0.5}}) == 500);
    CHECK(value_of(mae, "mask_ratio", {{"mask_ratio", 1}}) == 1000);
    CHECK(value_of(mae, "mask_ratio", {{"mask_ratio", 0.0009}}) == 0);
    CHECK(path_of_error(mae, {{"mask_ratio", "half"}}) == "mask_ratio");
    CHECK(path_of_error(mae, {{"mask_ratio", 1e300}}) == "mask_ratio");
    CHECK(path_of_error(mae, {{"mask_ratio", -0.5}}) == "mask_ratio*1000");
  }
  SECTION("a text that is meant, or another") {
    CHECK(value_of(unet, "adds_text_time", {{"addition_embed_type", "text_time"}}) == 1);
    CHECK(value_of(unet, "adds_text_time", {{"addition_embed_type", "image"}}) == 0);
    CHECK(value_of(unet, "adds_text_time", {{"addition_embed_type", nullptr}}) == 0);
    CHECK(path_of_error(unet, {{"addition_embed_type", 3}}) == "addition_embed_type");
  }
  SECTION("the preprocessor's size, as an object or as one number") {
    contract const& vitpose = VitPoseOnnxConfig<keypoint_detection>::contract();
    json const object = {{"size", {{"height", 256}, {"width", 192}}}}, number = {{"size", 128}}, none = json::object();
    CHECK(value_of(vitpose, "image_width", json::object(), &object) == 192);
    CHECK(value_of(vitpose, "image_width", json::object(), &number) == 128);
    CHECK(value_of(vitpose, "image_width", json::object(), &none) == 224);
    CHECK(value_of(vitpose, "image_width", json::object()) == 224);
  }
  SECTION("fields of a wrong type are named") {
    CHECK(path_of_error(vit, {{"hidden_size", "large"}}) == "hidden_size");
    CHECK(path_of_error(vit, {{"hidden_size", 0}}) == "hidden_size");
    CHECK(path_of_error(CLIPOnnxConfig<>::contract(), {{"text_config", 5}}) == "text_config");
    CHECK(path_of_error(resnet, {{"depths", 4}}) == "depths");
  }
}

TEST_CASE("parameters that follow from others, in a config.json") {
  contract const& llama = LlamaOnnxConfig<text_generation>::contract();
  auto const value = [](bound_contract const& bound, std::string_view name) {
    return bound.values[find_symbol(bound.table->symbols, name, false)];
  };
  bound_contract const missing = read_config(llama, json{{"hidden_size", 48}, {"num_attention_heads", 6}});
  CHECK(value(missing, "num_key_value_heads") == 6);
  CHECK(value(missing, "head_dim") == 8);
  bound_contract const given = read_config(llama, json{{"num_key_value_heads", 2}, {"head_dim", 20}});
  CHECK(value(given, "num_key_value_heads") == 2);
  CHECK(value(given, "head_dim") == 20);
  // Mistral has a default; null is not the same as missing.
  contract const& mistral = MistralOnnxConfig<text_generation>::contract();
  CHECK(value(read_config(mistral, json::object()), "num_key_value_heads") == 8);
  CHECK(value(read_config(mistral, json{{"num_key_value_heads", nullptr}}), "num_key_value_heads") == 32);
  try {
    read_config(llama, json{{"hidden_size", 8}, {"num_attention_heads", 16}});
    FAIL("a head of no size was accepted");
  } catch (config_error const& error) {
    CHECK(error.path() == "head_dim");
  }
}
