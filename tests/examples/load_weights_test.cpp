#include "support/load_weights.hpp"

#include "test_data.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace examples;
using namespace examples::testing;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

/// Two parameters and a buffer, as the header in `file_with` names them.
struct small_module : torch::nn::Module {
  small_module()
      : dense(register_module("dense", torch::nn::Linear(2, 3))),
        steps(register_buffer("steps", torch::zeros({2}, torch::kInt64))) {}

  torch::nn::Linear dense;
  torch::Tensor steps;
};

std::string entry(std::string const& name, std::string const& dtype, std::string const& shape,
                  std::string const& range) {
  return "\"" + name + "\": {\"dtype\": \"" + dtype + "\", \"shape\": " + shape + ", \"data_offsets\": " + range + "}";
}

temporary_file file_with(std::vector<std::string> const& entries, std::size_t data_size, bool aligned = true) {
  std::string header = "{";
  for (auto const& text : entries) header += (header.size() > 1 ? ", " : "") + text;
  header += "}";
  while (aligned == (header.size() % 8 != 0)) header += ' ';
  return temporary_file(safetensors_bytes(header, data_size));
}

std::vector<std::string> const good = {
    entry("dense.weight", "F32", "[3, 2]", "[0, 24]"), entry("dense.bias", "F32", "[3]", "[24, 36]"),
    entry("extra", "U8", "[4]", "[36, 40]"), entry("steps", "I64", "[2]", "[40, 56]")};

std::string error_of(std::vector<std::string> const& entries, std::size_t data_size) {
  temporary_file const file = file_with(entries, data_size);
  small_module module;
  torch::Tensor const before = module.dense->weight.clone();
  try {
    load_weights(module, safetensors_file(file.path()));
  } catch (weights_error const& error) {
    CHECK(torch::equal(module.dense->weight, before));  // all or nothing
    return error.what();
  }
  return "no error";
}

TEST_CASE("every element type becomes LibTorch's", "[load_weights]") {
  safetensors_file const file(data("dtypes.safetensors"));
  auto const tensor = [&](char const* name) { return as_tensor(file, file.at(name)); };
  CHECK(torch::equal(tensor("F32"), torch::tensor({1.5F, -2.0F, 3.25F, 0.0F, 1e-3F, -1e3F}).view({2, 3})));
  CHECK(torch::equal(tensor("F16").to(torch::kFloat32), torch::tensor({0.5F, -1.0F, 65504.0F})));
  CHECK(tensor("F16").scalar_type() == torch::kFloat16);
  CHECK(torch::equal(tensor("BF16").to(torch::kFloat32), torch::tensor({1.0F, -2.5F})));
  CHECK(tensor("BF16").scalar_type() == torch::kBFloat16);
  CHECK(tensor("F64").item<double>() == 2.718281828459045);
  CHECK(torch::equal(tensor("I64"), torch::tensor({std::int64_t{-1}, std::int64_t{1} << 40})));
  CHECK(torch::equal(tensor("I32"), torch::tensor({7, -8}, torch::kInt32).view({2, 1})));
  CHECK(torch::equal(tensor("U8"), torch::tensor({0, 255}, torch::kUInt8)));
  CHECK(torch::equal(tensor("BOOL"), torch::tensor({1, 0, 1}).to(torch::kBool)));
  CHECK(tensor("empty").sizes() == torch::IntArrayRef({0, 4}));
}

TEST_CASE("a module takes its values from the file without a copy", "[load_weights]") {
  temporary_file const source = file_with(good, 56);
  small_module module;
  {
    safetensors_file const file(source.path());
    load_report const report = load_weights(module, file);
    CHECK(report.loaded == 3);
    CHECK(report.unused == std::vector<std::string>{"extra"});
    CHECK(module.dense->weight.data_ptr() == file.at("dense.weight").bytes.data());
  }
  // The file object is gone; the mapping must not be.
  CHECK(module.dense->weight.requires_grad());
  CHECK(module.steps[0].item<std::int64_t>() == 0x2A2A2A2A2A2A2A2A);
  torch::NoGradGuard const no_grad;
  module.dense->weight.fill_(1);
  CHECK(torch::equal(module.dense(torch::ones({1, 2})) - module.dense->bias, torch::full({1, 3}, 2.0F)));
}

TEST_CASE("bytes that are not aligned are copied", "[load_weights]") {
  temporary_file const source = file_with(good, 56, false);
  small_module module;
  CHECK(load_weights(module, safetensors_file(source.path())).loaded == 3);
  CHECK(reinterpret_cast<std::uintptr_t>(module.dense->weight.data_ptr()) % alignof(float) == 0);
  CHECK(module.steps[1].item<std::int64_t>() == 0x2A2A2A2A2A2A2A2A);
}

TEST_CASE("weights that do not fit are named, with expected and found", "[load_weights]") {
  CHECK(error_of(good, 56) == "no error");
  std::string const missing = error_of({good[0], entry("steps", "I64", "[2]", "[24, 40]")}, 40);
  CHECK_THAT(missing, ContainsSubstring("'dense.bias' is missing (the model needs [3])"));
  CHECK_THAT(error_of({entry("dense.weight", "F32", "[2, 3]", "[0, 24]"), good[1], good[2], good[3]}, 56),
             ContainsSubstring("'dense.weight' has shape [2, 3], the model needs [3, 2]"));
  CHECK_THAT(error_of({entry("dense.weight", "I32", "[3, 2]", "[0, 24]"), good[1], good[2], good[3]}, 56),
             ContainsSubstring("'dense.weight' has dtype I32, the model needs Float"));
  std::string const all = error_of({}, 0);
  for (char const* const name : {"'dense.weight'", "'dense.bias'", "'steps'"}) CHECK_THAT(all, ContainsSubstring(name));
}

TEST_CASE("a prefix selects a part of a file", "[load_weights]") {
  temporary_file const source =
      file_with({entry("head.weight", "F32", "[3, 2]", "[0, 24]"), entry("head.bias", "F32", "[3]", "[24, 36]"),
                 entry("weight", "F32", "[3, 2]", "[36, 60]")},
                60);
  safetensors_file const file(source.path());
  torch::nn::Linear dense(2, 3);
  CHECK(load_weights(*dense, file, "head.").unused == std::vector<std::string>{"weight"});
  CHECK_THROWS_MATCHES(load_weights(*dense, file, "tail."), weights_error,
                       MessageMatches(ContainsSubstring("'tail.weight' is missing")));
}

}  // namespace
