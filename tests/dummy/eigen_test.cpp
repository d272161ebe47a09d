// Dummy inputs as Eigen objects: the bytes are those of a span, in place and of the right types.
#include "dummies.hpp"
#include <constexport/adapters/eigen.hpp>
#include <constexport/models/bert.hpp>
#include <constexport/models/gpt2.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <type_traits>
#include <vector>

using namespace constexport_tests;

namespace {

constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 2, hidden_size = 24,
                                                                             num_attention_heads = 3};

// The tensor called `name` through the span interface.
std::vector<std::byte> through_span(bound_contract const& bound, std::span<setting const> sizes,
                                    std::string_view name) {
  std::vector<std::byte> bytes;
  for_each_dummy_tensor(bound, sizes, 0, shape_source::dummy, [&](dummy_tensor const& each) {
    if (!(each.name == name)) return;
    bytes.resize(each.bytes());
    REQUIRE(fill_bytes(bytes, each).ok());
  });
  REQUIRE_FALSE(bytes.empty());
  return bytes;
}

template <class T>
bool same(T const& object, std::vector<std::byte> const& bytes) {
  return static_cast<std::size_t>(object.size()) * sizeof(typename T::Scalar) == bytes.size() &&
         std::memcmp(object.data(), bytes.data(), bytes.size()) == 0;
}

constexpr std::array given{setting(batch_size = 3), setting(sequence_length = 5)};

}  // namespace

TEST_CASE("make_eigen has the tensor's rank and scalar") {
  auto const ids = make_eigen<"input_ids">(gpt2, batch_size = 3, sequence_length = 5);
  STATIC_CHECK(std::is_same_v<std::remove_const_t<decltype(ids)>,
                              Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>);
  CHECK(ids.rows() == 3);
  CHECK(ids.cols() == 5);
  CHECK(same(ids, through_span(gpt2.bind(), given, "input_ids")));

  auto const keys = make_eigen<"past_key_values.1.key">(gpt2, batch_size = 3, sequence_length = 5);
  STATIC_CHECK(std::is_same_v<std::remove_const_t<decltype(keys)>, Eigen::Tensor<float, 4, Eigen::RowMajor>>);
  CHECK(keys.dimensions() == Eigen::DSizes<Eigen::Index, 4>(3, 3, 5, 8));
  CHECK(same(keys, through_span(gpt2.bind(), given, "past_key_values.1.key")));

  constexpr GPT2OnnxConfig<text_generation, float_dtype<dtype::float16>, int_dtype<dtype::int32>, use_past,
                           use_past_in_inputs>
      half{num_layers = 1, hidden_size = 24, num_attention_heads = 3};
  auto const half_keys = make_eigen<"past_key_values.0.key">(half, batch_size = 3, sequence_length = 5);
  STATIC_CHECK(std::is_same_v<typename decltype(half_keys)::Scalar, Eigen::half>);
  CHECK(same(half_keys, through_span(half.bind(), given, "past_key_values.0.key")));
  CHECK(static_cast<float>(half_keys(0, 0, 0, 0)) >= 0);
  auto const short_ids = make_eigen<"input_ids">(half, batch_size = 3, sequence_length = 5);
  STATIC_CHECK(std::is_same_v<typename decltype(short_ids)::Scalar, std::int32_t>);
  CHECK(short_ids.cast<std::int64_t>() == ids);
}

TEST_CASE("fill_eigen writes into what is there") {
  auto const wanted = through_span(gpt2.bind(), given, "input_ids");
  std::vector<std::int64_t> memory(15);
  Eigen::Map<Eigen::Array<std::int64_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> map(memory.data(), 3, 5);
  fill_eigen<"input_ids">(map, gpt2, batch_size = 3, sequence_length = 5);
  CHECK(same(map, wanted));
  CHECK(map.data() == memory.data());

  Eigen::Matrix<std::int64_t, 3, 5, Eigen::RowMajor> fixed;
  fill_eigen<"input_ids">(fixed, gpt2, batch_size = 3, sequence_length = 5);
  CHECK(same(fixed, wanted));

  // Some rows of a larger matrix lie together; some columns do not.
  Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> large(8, 5);
  large.setConstant(-1);
  fill_eigen<"input_ids">(large.middleRows(2, 3), gpt2, batch_size = 3, sequence_length = 5);
  CHECK(large.middleRows(2, 3) == fixed);
  CHECK((large.topRows(2).array() == -1).all());
  CHECK((large.bottomRows(3).array() == -1).all());
  Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> wide(3, 9);
  CHECK_THROWS_AS(fill_eigen<"input_ids">(wide.leftCols(5), gpt2, batch_size = 3, sequence_length = 5),
                  dummy_inputs_error);

  Eigen::Tensor<float, 4, Eigen::RowMajor> keys(3, 3, 5, 8);
  fill_eigen<"past_key_values.0.value">(keys, gpt2, batch_size = 3, sequence_length = 5);
  CHECK(same(keys, through_span(gpt2.bind(), given, "past_key_values.0.value")));
  std::vector<float> floats(360);
  Eigen::TensorMap<Eigen::Tensor<float, 4, Eigen::RowMajor>> view(floats.data(), 3, 3, 5, 8);
  fill_eigen<"past_key_values.0.value">(view, gpt2, batch_size = 3, sequence_length = 5);
  CHECK(same(view, through_span(gpt2.bind(), given, "past_key_values.0.value")));
}

TEST_CASE("what does not fit at run time is refused by name") {
  auto const message = [](auto&& action) -> std::string {
    try {
      action();
    } catch (std::exception const& error) {
      return error.what();
    }
    return "";
  };
  Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> small(2, 2);
  CHECK(message([&] { fill_eigen<"input_ids">(small, gpt2); }) ==
        "constexport: tensor \"input_ids\": what is to be filled has another shape; resize it first");
  CHECK(message([&] { make_eigen<"input_ids">(gpt2, batch_size = 0); }) ==
        "constexport: symbol \"batch_size\" = 0: the size is not one that the axis may have");
  CHECK(message([&] { make_eigen<"past_key_values.7.key">(gpt2); }) ==
        "constexport: there is no input called \"past_key_values.7.key\"; names are the contract's, layers numbered as "
        "in past_key_values.0.key");
  auto const all = gpt2.generate_dummy_inputs<eigen>();
  CHECK(message([&] { all.at("labels"); }) ==
        "constexport: there is no input called \"labels\"; names are the contract's, layers numbered as in "
        "past_key_values.0.key");
  CHECK(message([&] { all.at("input_ids").matrix<float>(); }) ==
        "constexport: input \"input_ids\" has dtype int64 and 2 dimensions; ask for these");
  CHECK(message([&] { all.at("input_ids").vector<std::int64_t>(); }) ==
        "constexport: input \"input_ids\" has dtype int64 and 2 dimensions; ask for these");
}

TEST_CASE("the back end gives all inputs, in Optimum's order") {
  auto const all = gpt2.generate_dummy_inputs<eigen>(batch_size = 3, sequence_length = 5);
  REQUIRE(all.size() == 7);
  CHECK(all[1].name() == "attention_mask");
  CHECK(all[6].name() == "past_key_values.1.value");
  for (eigen_input const& each : all) {
    auto const wanted = through_span(gpt2.bind(), given, each.name());
    CHECK(std::equal(each.bytes().begin(), each.bytes().end(), wanted.begin(), wanted.end()));
    CHECK(reinterpret_cast<std::uintptr_t>(each.bytes().data()) % 64 == 0);
  }
  auto const mask = all.at("attention_mask").matrix<std::int64_t>();
  CHECK(mask.rows() == 3);
  CHECK(mask.cols() == 10);
  CHECK((mask.col(0).array() == 1).all());
  auto const keys = all.at("past_key_values.0.key").tensor<float, 4>();
  CHECK(keys.dimension(3) == 8);
}
