// Dummy inputs as constants: known to the compiler, and equal to what the program makes.
#include "../support/twice.hpp"
#include <constexport/dummy/static_inputs.hpp>
#include <constexport/models/bert.hpp>
#include <constexport/models/gpt2.hpp>

#include <algorithm>
#include <vector>

using namespace constexport;

namespace {

constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 2, hidden_size = 24,
                                                                             num_attention_heads = 3};
constexpr auto inputs = static_dummy_inputs<gpt2, (batch_size = 1), (sequence_length = 4), (past_sequence_length = 6)>;

// Several pieces (see static_inputs.hpp), the last one short; and a type whose values take two words.
constexpr GPT2OnnxConfig<text_generation, float_dtype<dtype::float64>, use_past, use_past_in_inputs> doubles{
    num_layers = 1, hidden_size = 24, num_attention_heads = 3};
constexpr auto large = static_dummy_inputs<doubles, (batch_size = 5), (past_sequence_length = 71)>;

template <class T>
bool made_at_run_time(bound_contract const& bound, std::span<setting const> sizes, std::string_view name,
                      std::span<T const> constant) {
  bool same = false;
  for_each_dummy_tensor(bound, sizes, 0, shape_source::dummy, [&](dummy_tensor const& each) {
    if (!(each.name == name)) return;
    std::vector<T> values(each.elements());
    REQUIRE(fill(std::span<T>(values), each).ok());
    same = std::equal(values.begin(), values.end(), constant.begin(), constant.end());
  });
  return same;
}

}  // namespace

TEST_CASE("constants are known by name") {
  CHECK_TWICE([] {
    auto const& ids = inputs.get<"input_ids">();
    return ids.size() == 4 && std::all_of(ids.begin(), ids.end(), [](auto id) { return id >= 0 && id < 50257; });
  });
  CHECK_TWICE([] {
    auto const& mask = inputs.get<"attention_mask">();
    return mask.size() == 10 && mask[0] == 1 && std::is_sorted(mask.rbegin(), mask.rend());
  });
  CHECK_TWICE([] {
    constexpr auto shape = inputs.shape<"past_key_values.1.value">();
    std::int64_t const wanted[] = {1, 3, 6, 8};
    return std::equal(shape.begin(), shape.end(), std::begin(wanted), std::end(wanted));
  });
  STATIC_CHECK(inputs.size() == 7);
  STATIC_CHECK(inputs.bytes() == 4 * 8 + 10 * 8 + 4 * 8 + 4 * (3 * 6 * 8) * 4);
  STATIC_CHECK(inputs.get<"position_ids">() == std::array<std::int64_t, 4>{0, 1, 2, 3});
}

TEST_CASE("constants equal what the program makes") {
  constexpr std::array given{setting(batch_size = 1), setting(sequence_length = 4), setting(past_sequence_length = 6)};
  CHECK(made_at_run_time<std::int64_t>(gpt2.bind(), given, "input_ids", inputs.get<"input_ids">()));
  CHECK(made_at_run_time<float>(gpt2.bind(), given, "past_key_values.1.key", inputs.get<"past_key_values.1.key">()));
  constexpr std::array large_sizes{setting(batch_size = 5), setting(past_sequence_length = 71)};
  CHECK(large.get<"past_key_values.0.value">().size() == 8520);
  CHECK(made_at_run_time<double>(doubles.bind(), large_sizes, "past_key_values.0.value",
                                 large.get<"past_key_values.0.value">()));
}
