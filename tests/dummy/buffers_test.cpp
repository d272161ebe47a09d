// Static buffers: their sizes are the contract's, their memory is one constant size, past and present change places.
#include "../support/twice.hpp"
#include <constexport/dummy/static_buffers.hpp>
#include <constexport/models/bert.hpp>
#include <constexport/models/gpt2.hpp>
#include <constexport/models/t5.hpp>

#include <algorithm>
#include <vector>

using namespace constexport;

namespace {

constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 2, hidden_size = 24,
                                                                             num_attention_heads = 3, vocab_size = 50};
using gpt2_buffers = static_buffers<gpt2, (batch_size = 1), (sequence_length = 1), (past_sequence_length = 6),
                                    aligned_to<64>, budget<8192>>;
constinit gpt2_buffers buffers;

constexpr BertOnnxConfig<feature_extraction, int_dtype<dtype::int32>> bert{hidden_size = 24, num_attention_heads = 3};
using bert_buffers = static_buffers<bert, (batch_size = 2), (sequence_length = 5)>;

std::uint64_t address(void const* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

}  // namespace

TEST_CASE("buffers are as large as the contract says") {
  STATIC_CHECK(bert_buffers::size() == 4);
  STATIC_CHECK(!bert_buffers::has_pairs());
  // Three inputs of 2 x 5 int32, each up to a multiple of 16 bytes, and 2 x 5 x 24 floats.
  STATIC_CHECK(bert_buffers::bytes() == 3 * 48 + 960);
  STATIC_CHECK(sizeof(bert_buffers) == bert_buffers::bytes());
  STATIC_CHECK(alignof(bert_buffers) == 16);
  STATIC_CHECK(bert_buffers::is_input(2) && !bert_buffers::is_input(3));
  STATIC_CHECK(bert_buffers::describe(3).name == "last_hidden_state");

  STATIC_CHECK(gpt2_buffers::size() == 3 + 4 + 1 + 4);
  // input_ids, attention_mask (7 x 8) and position_ids: 64 bytes each; logits 50 floats: 256; eight halves of
  // 3 heads x 7 positions x 8 floats = 672, up to 704; and which half is which.
  STATIC_CHECK(gpt2_buffers::bytes() == 3 * 64 + 256 + 8 * 704 + 64);
  STATIC_CHECK(sizeof(gpt2_buffers) == gpt2_buffers::bytes());
  STATIC_CHECK(gpt2_buffers::capacity<"past_key_values.1.key">() == 3 * 7 * 8);
  STATIC_CHECK(std::ranges::equal(gpt2_buffers::shape<"past_key_values.1.key">(), std::array{1, 3, 6, 8}));
  STATIC_CHECK(std::ranges::equal(gpt2_buffers::shape<"present.1.key">(), std::array{1, 3, 7, 8}));
}

TEST_CASE("every tensor has its own aligned memory") {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  for (bool const inputs : {true, false})
    buffers.for_each(inputs, [&](auto elements, dummy_tensor const& tensor) {
      CHECK(elements.size() == tensor.elements());
      CHECK(elements.size_bytes() == tensor.bytes());
      CHECK(address(elements.data()) % 64 == 0);
      CHECK(std::ranges::all_of(elements, [](auto element) { return element == 0; }));
      ranges.emplace_back(address(elements.data()), address(elements.data()) + elements.size_bytes());
    });
  CHECK(ranges.size() == gpt2_buffers::size());
  std::ranges::sort(ranges);
  for (std::size_t i = 1; i < ranges.size(); ++i) CHECK(ranges[i - 1].second <= ranges[i].first);
  CHECK(ranges.front().first >= address(&buffers));
  CHECK(ranges.back().second <= address(&buffers) + sizeof buffers);
}

TEST_CASE("what was written as present is read as past after a swap") {
  CHECK_TWICE([] {
    gpt2_buffers two;
    two.get<"present.0.value">()[0] = 3;
    two.get<"present.0.value">()[3 * 7 * 8 - 1] = 4;
    two.get<"past_key_values.0.value">()[1] = 5;
    two.get<"logits">()[0] = 6;
    auto const* const written = two.get<"present.0.value">().data();
    two.swap();
    bool const exchanged = two.get<"past_key_values.0.value">().data() == written &&
                           two.get<"past_key_values.0.value">()[0] == 3 && two.get<"present.0.value">()[1] == 5 &&
                           two.get<"present.0.key">()[1] == 0 && two.get<"logits">()[0] == 6;
    two.swap();
    return exchanged && two.get<"present.0.value">().data() == written;
  });
  STATIC_CHECK(requires(gpt2_buffers& two) { two.swap(); });
}

TEST_CASE("a cache that does not grow has one buffer") {
  static constexpr T5OnnxConfig<text2text_generation, decoder, use_past, use_past_in_inputs> t5{
      num_layers = 1, num_attention_heads = 2};
  using t5_buffers = static_buffers<t5, (batch_size = 1)>;
  STATIC_CHECK(t5_buffers::has_pairs());
  STATIC_CHECK(t5_buffers::capacity<"past_key_values.0.encoder.key">() == 2 * 16 * 64);
  STATIC_CHECK(t5_buffers::capacity<"past_key_values.0.decoder.key">() ==
               t5_buffers::capacity<"present.0.decoder.key">());
  STATIC_CHECK(sizeof(t5_buffers) == t5_buffers::bytes());
}

TEST_CASE("inputs are filled with the dummies of the same shapes, by the compiler and by the program") {
  CHECK_TWICE([] {
    bert_buffers filled;
    if (!filled.fill_dummy_inputs(7).ok()) return false;
    bool same = true;
    for_each_dummy_tensor(bert.bind(), std::array{setting(batch_size = 2), setting(sequence_length = 5)}, 7,
                          shape_source::contract, [&](dummy_tensor const& each) {
                            std::array<std::int32_t, 10> expected{};
                            same = same && fill(std::span<std::int32_t>(expected), each).ok();
                            filled.for_each(true, [&](auto elements, dummy_tensor const& tensor) {
                              if constexpr (std::is_same_v<typename decltype(elements)::element_type, std::int32_t>)
                                if (tensor.identity == each.identity)
                                  same = same && std::ranges::equal(elements, expected);
                            });
                          });
    auto const last = filled.get<"last_hidden_state">();
    return same && std::ranges::all_of(last, [](float element) { return element == 0; });
  });
}

TEST_CASE("a length of 0 takes no memory") {
  using empty = static_buffers<gpt2, (batch_size = 1), (sequence_length = 1), (past_sequence_length = 0)>;
  STATIC_CHECK(sizeof(empty) == empty::bytes());
  CHECK(std::as_const(buffers).get<"input_ids">().size() == 1);
  empty none;
  CHECK(none.get<"past_key_values.0.key">().empty());
  none.get<"present.0.key">()[0] = 2;
  none.swap();
  CHECK(none.get<"present.0.key">()[0] == 0);
}
