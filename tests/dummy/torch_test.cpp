// Dummy inputs as LibTorch tensors: the bytes are those of a span, and the tensors are what a module takes.
#include <constexport/adapters/torch.hpp>
#include <constexport/models/bert.hpp>
#include <constexport/models/gpt2.hpp>
#include <constexport/models/vit.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <string>
#include <vector>

using namespace constexport;

namespace {

std::string message(auto&& action) {
  try {
    action();
  } catch (std::exception const& error) {
    return error.what();
  }
  return "";
}

dummy_tensor dummy(dtype type, std::initializer_list<std::int64_t> sizes, std::int64_t upper) {
  dummy_tensor result{{"x"}, type, {}, value_kind::uniform, 0, upper, 3, identity_of({"x"})};
  for (std::int64_t const size : sizes) result.shape.sizes[result.shape.rank++] = size;
  return result;
}

bool same_as_span(at::Tensor const& tensor, dummy_tensor const& dummy) {
  std::vector<std::byte> bytes(dummy.bytes());
  REQUIRE(fill_bytes(bytes, dummy).ok());
  return tensor.is_contiguous() && tensor.nbytes() == bytes.size() &&
         (bytes.empty() || std::memcmp(tensor.data_ptr(), bytes.data(), bytes.size()) == 0);
}

}  // namespace

TEST_CASE("the back end gives all inputs by name, in Optimum's order") {
  constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 2, hidden_size = 24,
                                                                               num_attention_heads = 3};
  constexpr std::array given{setting(batch_size = 4), setting(sequence_length = 32)};
  named_tensors const inputs = gpt2.generate_dummy_inputs<libtorch>(batch_size = 4, sequence_length = 32);
  REQUIRE(inputs.size() == 7);
  std::size_t index = 0;
  for_each_dummy_tensor(gpt2.bind(), given, 0, shape_source::dummy, [&](dummy_tensor const& each) {
    named_tensor const& made = inputs[index++];
    CHECK(each.name == made.name);
    CHECK(made.value.scalar_type() == scalar_type_of(each.type));
    CHECK(made.value.sizes().vec() == std::vector<std::int64_t>(each.shape.span().begin(), each.shape.span().end()));
    CHECK(same_as_span(made.value, each));
  });
  CHECK(inputs.at("attention_mask").sizes() == at::IntArrayRef({4, 64}));
  CHECK(inputs.at("past_key_values.1.value").sizes() == at::IntArrayRef({4, 3, 32, 8}));
  CHECK(message([&] { inputs.at("labels"); }) ==
        "constexport: there is no input called \"labels\"; names are the contract's, layers numbered as in "
        "past_key_values.0.key");
}

TEST_CASE("export and verification get the contract's shapes and order, with a seed") {
  constexpr GPT2OnnxConfig<feature_extraction, use_past, use_past_in_inputs> gpt2{num_layers = 1, hidden_size = 24,
                                                                                  num_attention_heads = 3};
  bound_contract bound = gpt2.bind();
  // An assignment of the axes, as the exporter makes them: in the bound contract itself.
  std::span<symbol_row const> const symbols = bound.table->symbols;
  bound.values[find_symbol(symbols, "batch_size", true)] = 2;
  bound.values[find_symbol(symbols, "sequence_length", true)] = 3;
  bound.values[find_symbol(symbols, "past_sequence_length", true)] = 5;
  named_tensors const one = make_tensors(bound, {}, 1), again = make_tensors(bound, {}, 1),
                      other = make_tensors(bound, {}, 2);
  REQUIRE(one.size() == 5);
  CHECK(one[0].name == "input_ids");
  CHECK(one[0].value.sizes() == at::IntArrayRef({2, 3}));
  CHECK(one[1].value.sizes() == at::IntArrayRef({2, 8}));
  CHECK(one[2].name == "past_key_values.0.key");
  CHECK(one[2].value.sizes() == at::IntArrayRef({2, 3, 5, 8}));
  CHECK(one[4].name == "position_ids");
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(one[i].value.equal(again[i].value));
  CHECK_FALSE(one[0].value.equal(other[0].value));
  CHECK_FALSE(one[2].value.equal(other[2].value));
  CHECK(one[0].value.min().item<std::int64_t>() >= 0);
  CHECK(one[0].value.max().item<std::int64_t>() < 50257);
}

TEST_CASE("every element type has the bytes of a span") {
  for (dtype const type : {dtype::float32, dtype::float64, dtype::float16, dtype::bfloat16, dtype::int8, dtype::int16,
                           dtype::int32, dtype::int64, dtype::uint8}) {
    INFO(std::string(name_of(type)));
    dummy_tensor const wanted = dummy(type, {3, 5, 77}, 100);
    at::Tensor const made = make_tensor(wanted);
    CHECK(dtype_of(made.scalar_type()) == type);
    CHECK(same_as_span(made, wanted));
    CHECK(made.to(at::kDouble).min().item<double>() >= 0);
    CHECK(made.to(at::kDouble).max().item<double>() < 100);
  }
  at::Tensor const flags = make_tensor(dummy(dtype::boolean, {1000}, 2));
  CHECK(flags.scalar_type() == at::kBool);
  CHECK(flags.any().item<bool>());
  CHECK_FALSE(flags.all().item<bool>());
  CHECK(make_tensor(dummy(dtype::float32, {}, 1)).dim() == 0);
  CHECK(make_tensor(dummy(dtype::float32, {4, 0, 3}, 1)).numel() == 0);
  CHECK(message([] { make_tensor(dummy(dtype::uint64, {2}, 5)); }) ==
        "constexport: tensor \"x\": there are no dummy values for this element type; use another dtype");
}

TEST_CASE("large tensors own their memory too") {
  dummy_tensor const wanted = dummy(dtype::float32, {5, 1000, 1001}, 1);
  at::Tensor view;
  {
    at::Tensor const made = make_tensor(wanted);
    CHECK(same_as_span(made, wanted));
    view = made[4][999];
  }
  CHECK(view.sum().item<double>() > 400);
  CHECK(make_tensor(wanted).clone().add_(1).min().item<float>() >= 1);
}

TEST_CASE("memory that a large tensor gave back is used again, and only then") {
  release_dummy_memory();
  dummy_tensor const wanted = dummy(dtype::float32, {5, 1000, 1001}, 1);
  void const* address = nullptr;
  {
    at::Tensor const one = make_tensor(wanted), other = make_tensor(wanted);
    CHECK(one.data_ptr() != other.data_ptr());
    CHECK(one.equal(other));
    address = other.data_ptr();
  }
  at::Tensor const one = make_tensor(wanted), other = make_tensor(wanted), third = make_tensor(wanted);
  CHECK((one.data_ptr() == address || other.data_ptr() == address));
  CHECK(third.data_ptr() != address);
  CHECK(third.equal(one));
  release_dummy_memory();
  CHECK(one.equal(other));
}

TEST_CASE("wrong sizes are refused by name") {
  constexpr ViTOnnxConfig<> vit{};
  CHECK(message([&] { vit.generate_dummy_inputs<libtorch>(sequence_length = 3); }) ==
        "constexport: symbol \"sequence_length\" = 3: this contract has no such axis; remove its size");
  CHECK(message([&] { vit.generate_dummy_inputs<libtorch>(batch_size = -1); }) ==
        "constexport: symbol \"batch_size\" = -1: the size is not one that the axis may have");
}
