// Which dummies the six models have at other than the default sizes, in which order and of which shapes. Expected: what
// Optimum's generate_dummy_inputs gives for the same shape arguments (optimum/utils/input_generators.py and
// OnnxConfigWithPast.overwrite_shape_and_generate_input), worked out by hand.
#include "../support/twice.hpp"
#include <constexport/dummy/shapes.hpp>
#include <constexport/models.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

using namespace constexport;

namespace {

// "input_ids int64 3 7 | attention_mask ..." without an allocation, so that the compiler can do it too.
struct text {
  std::array<char, 4096> characters{};
  std::size_t size = 0;
  constexpr void put(char c) {
    if (size < characters.size()) characters[size++] = c;
  }
  constexpr void put(std::string_view part) {
    for (char const c : part) put(c);
  }
  constexpr void put(std::int64_t number) {
    print(
        std::array{instruction{operation::constant, number}}, [](std::size_t) { return std::string_view{}; },
        [this](char c) { put(c); });
  }
  constexpr std::string_view view() const { return {characters.data(), size}; }
};

constexpr text describe(bound_contract const& bound, std::initializer_list<setting> sizes,
                        shape_source source = shape_source::dummy) {
  text result;
  dummy_status const status = for_each_dummy_tensor(bound, std::span<setting const>(sizes.begin(), sizes.size()), 0,
                                                    source, [&](dummy_tensor const& each) {
                                                      if (result.size > 0) result.put(" | ");
                                                      each.name.print([&](char c) { result.put(c); });
                                                      result.put(' ');
                                                      result.put(name_of(each.type));
                                                      for (std::int64_t const size : each.shape.span()) {
                                                        result.put(' ');
                                                        result.put(size);
                                                      }
                                                    });
  if (!status.ok()) {
    result.put(" ! ");
    status.print([&](char c) { result.put(c); });
  }
  return result;
}

constexpr bool is(text const& made, std::string_view wanted) { return made.view() == wanted; }

// A tensor with every way to go wrong.
struct size_axis final : axis<size_axis, "size", 8, 4, 64, 4> {
  using axis::operator=;
};
inline constexpr size_axis size_of_it{};
struct no_default_axis final : axis<no_default_axis, "no_default", unknown> {
  using axis::operator=;
};
inline constexpr no_default_axis no_default{};
struct width_parameter final : parameter<width_parameter, "unbound"> {
  using parameter::operator=;
};
inline constexpr width_parameter unbound{};

template <class... T>
struct only {
  using lists = detail::table<tensor_list<T...>, tensor_list<>>;
  static constexpr contract table{{}, lists::symbols, lists::inputs, lists::outputs};
  static constexpr bound_contract bound = [] {
    bound_contract result{&table, {}};
    for (std::size_t i = 0; i < max_symbols; ++i) result.values[i] = unknown;
    return result;
  }();
};

}  // namespace

TEST_CASE("BERT") {
  CHECK_TWICE([] {
    return is(describe(BertOnnxConfig<>{}.bind(), {batch_size = 3, sequence_length = 7}),
              "input_ids int64 3 7 | attention_mask int64 3 7 | token_type_ids int64 3 7");
  });
  CHECK_TWICE([] {
    return is(describe(BertOnnxConfig<multiple_choice>{}.bind(), {sequence_length = 7, num_choices = 5}),
              "input_ids int64 2 5 7 | attention_mask int64 2 5 7 | token_type_ids int64 2 5 7");
  });
}

TEST_CASE("GPT-2") {
  CHECK_TWICE([] {
    return is(describe(GPT2OnnxConfig<text_generation, use_past>{}.bind(), {batch_size = 3, sequence_length = 7}),
              "input_ids int64 3 7 | attention_mask int64 3 7 | position_ids int64 3 7");
  });
  CHECK_TWICE([] {  // the past follows the sequence length, as in Optimum
    constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 2};
    return is(describe(gpt2.bind(), {batch_size = 3, sequence_length = 7}),
              "input_ids int64 3 7 | attention_mask int64 3 14 | position_ids int64 3 7 | "
              "past_key_values.0.key float32 3 12 7 64 | past_key_values.0.value float32 3 12 7 64 | "
              "past_key_values.1.key float32 3 12 7 64 | past_key_values.1.value float32 3 12 7 64");
  });
  CHECK_TWICE([] {  // unless it is given
    constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 1, hidden_size = 24,
                                                                                 num_attention_heads = 3};
    return is(describe(gpt2.bind(), {past_sequence_length = 5, sequence_length = 7}),
              "input_ids int64 2 7 | attention_mask int64 2 12 | position_ids int64 2 7 | "
              "past_key_values.0.key float32 2 3 5 8 | past_key_values.0.value float32 2 3 5 8");
  });
  CHECK_TWICE([] {  // one new token where there is a cache and the task does not generate
    constexpr GPT2OnnxConfig<feature_extraction, use_past, use_past_in_inputs> gpt2{num_layers = 1};
    return is(describe(gpt2.bind(), {batch_size = 3, sequence_length = 7}),
              "input_ids int64 3 1 | attention_mask int64 3 7 | position_ids int64 3 1 | "
              "past_key_values.0.key float32 3 12 7 64 | past_key_values.0.value float32 3 12 7 64");
  });
  CHECK_TWICE([] {  // an empty past is legal
    constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 1};
    return is(describe(gpt2.bind(), {past_sequence_length = 0}),
              "input_ids int64 2 16 | attention_mask int64 2 16 | position_ids int64 2 16 | "
              "past_key_values.0.key float32 2 12 0 64 | past_key_values.0.value float32 2 12 0 64");
  });
  CHECK_TWICE([] {  // the contract's own order and shapes
    constexpr GPT2OnnxConfig<feature_extraction, use_past, use_past_in_inputs> gpt2{num_layers = 1};
    return is(
        describe(gpt2.bind(), {batch_size = 3, sequence_length = 7, past_sequence_length = 4}, shape_source::contract),
        "input_ids int64 3 7 | attention_mask int64 3 11 | past_key_values.0.key float32 3 12 4 64 | "
        "past_key_values.0.value float32 3 12 4 64 | position_ids int64 3 7");
  });
}

TEST_CASE("T5") {
  CHECK_TWICE([] {
    return is(describe(T5OnnxConfig<text2text_generation>{}.bind(), {batch_size = 3, sequence_length = 7}),
              "input_ids int64 3 7 | attention_mask int64 3 7 | decoder_input_ids int64 3 7");
  });
  CHECK_TWICE([] {
    constexpr T5OnnxConfig<text2text_generation, use_past, use_past_in_inputs> t5{num_layers = 1, head_dim = 32};
    return is(describe(t5.bind(), {batch_size = 3, sequence_length = 7}),
              "input_ids int64 3 1 | attention_mask int64 3 7 | decoder_input_ids int64 3 1 | "
              "past_key_values.0.decoder.key float32 3 8 7 32 | past_key_values.0.decoder.value float32 3 8 7 32 | "
              "past_key_values.0.encoder.key float32 3 8 7 32 | past_key_values.0.encoder.value float32 3 8 7 32");
  });
  CHECK_TWICE([] {  // encoder and decoder may differ
    constexpr T5OnnxConfig<text2text_generation, use_past, use_past_in_inputs> t5{num_layers = 1};
    return is(describe(t5.bind(), {encoder_sequence_length = 9, past_decoder_sequence_length = 4}),
              "input_ids int64 2 1 | attention_mask int64 2 9 | decoder_input_ids int64 2 1 | "
              "past_key_values.0.decoder.key float32 2 8 4 64 | past_key_values.0.decoder.value float32 2 8 4 64 | "
              "past_key_values.0.encoder.key float32 2 8 9 64 | past_key_values.0.encoder.value float32 2 8 9 64");
  });
  CHECK_TWICE([] {
    return is(describe(T5OnnxConfig<text2text_generation>{}.with_behavior<encoder>().bind(), {sequence_length = 5}),
              "input_ids int64 2 5 | attention_mask int64 2 5");
  });
}

TEST_CASE("ViT, CLIP and Whisper") {
  CHECK_TWICE([] {  // images are of the model's size, whatever the axes say ...
    return is(describe(ViTOnnxConfig<>{}.bind(), {batch_size = 5, height = 32, width = 48}),
              "pixel_values float32 5 3 224 224");
  });
  CHECK_TWICE([] {  // ... in dummies, not in the contract
    return is(describe(ViTOnnxConfig<>{}.bind(), {batch_size = 5, height = 32, width = 48}, shape_source::contract),
              "pixel_values float32 5 3 32 48");
  });
  CHECK_TWICE([] {
    return is(describe(CLIPOnnxConfig<>{}.bind(), {batch_size = 3}),
              "pixel_values float32 3 3 224 224 | input_ids int64 3 16 | attention_mask int64 3 16");
  });
  CHECK_TWICE([] {
    return is(describe(CLIPOnnxConfig<>{image_height = 32, image_width = 48}.bind(),
                       {text_batch_size = 5, sequence_length = 4}),
              "pixel_values float32 2 3 32 48 | input_ids int64 5 4 | attention_mask int64 5 4");
  });
  CHECK_TWICE([] {
    return is(describe(WhisperOnnxConfig<>{}.bind(), {batch_size = 3, nb_max_frames = 100, sequence_length = 6}),
              "input_features float32 3 80 100 | decoder_input_ids int64 3 6");
  });
}

TEST_CASE("sizes that are not sizes are refused by name") {
  using one = only<tensor<"x", dtype::float32, size_of_it, 2>>;
  CHECK_TWICE([] { return is(describe(one::bound, {size_of_it = 12}), "x float32 12 2"); });
  CHECK_TWICE([] {
    return is(describe(one::bound, {size_of_it = 13}),
              " ! symbol \"size\" = 13: the size is not one that the axis may have");
  });
  CHECK_TWICE([] {
    return is(describe(one::bound, {size_of_it = 0}),
              " ! symbol \"size\" = 0: the size is not one that the axis may have");
  });
  CHECK_TWICE([] {
    return is(describe(one::bound, {size_of_it = 68}),
              " ! symbol \"size\" = 68: the size is not one that the axis may have");
  });
  CHECK_TWICE([] {
    return is(describe(one::bound, {size_of_it = -4}),
              " ! symbol \"size\" = -4: the size is not one that the axis may have");
  });
  CHECK_TWICE([] {
    return is(describe(one::bound, {height = 4}),
              " ! symbol \"height\" = 4: this contract has no such axis; remove its size");
  });
  CHECK_TWICE([] {
    return is(describe(one::bound, {size_of_it = 4, size_of_it = 4}),
              " ! symbol \"size\" = 4: the size of an axis is given twice; keep one of them");
  });
  CHECK_TWICE([] {
    return is(describe(BertOnnxConfig<>{}.bind(), {hidden_size = 4}),
              " ! symbol \"hidden_size\" = 4: a parameter is not an axis; give its value to the configuration");
  });
  CHECK_TWICE([] {  // the configuration says 2
    return is(describe(BertOnnxConfig<>{batch_size = 2}.bind(), {batch_size = 3}),
              " ! symbol \"batch_size\" = 3: the configuration fixes this axis at another size; remove its size");
  });
  CHECK_TWICE([] {
    return is(describe(BertOnnxConfig<>{batch_size = 7}.bind(), {batch_size = 7, sequence_length = 1}),
              "input_ids int64 7 1 | attention_mask int64 7 1 | token_type_ids int64 7 1");
  });
}

TEST_CASE("tensors that cannot be made are refused by name") {
  CHECK_TWICE([] {
    using one = only<tensor<"ok", dtype::int64, batch_size>, tensor<"x", dtype::float32, batch_size, unbound>>;
    return is(
        describe(one::bound, {}),
        "ok int64 2 ! tensor \"x\", symbol \"unbound\": a dimension depends on a symbol without a value; give it one");
  });
  CHECK_TWICE([] {
    using one = only<tensor<"x", dtype::float32, no_default>>;
    return is(describe(one::bound, {}),
              " ! tensor \"x\", symbol \"no_default\": a dimension depends on a symbol without a value; give it one") &&
           is(describe(one::bound, {no_default = 3}), "x float32 3");
  });
  CHECK_TWICE([] {
    using one = only<repeat<unbound, tensor<"x.*", dtype::float32, batch_size>>>;
    return is(describe(one::bound, {}),
              " ! tensor \"x.*\", symbol \"unbound\": a dimension depends on a symbol without a value; give it one");
  });
  CHECK_TWICE([] {
    using one = only<tensor<"x", dtype::float32, batch_size - int_c<5>>>;
    return is(describe(one::bound, {}), " ! tensor \"x\" = -3: a dimension comes out negative; give other axis sizes");
  });
  CHECK_TWICE([] {
    using one = only<tensor<"x", dtype::float32, batch_size, 1, 2, 3, 4, 5, 6, 7, 8>>;
    return is(describe(one::bound, {}), " ! tensor \"x\": dummy tensors have at most 8 dimensions");
  });
  CHECK_TWICE([] {
    using one = only<tensor<"x", dtype::string, batch_size>>;
    return is(describe(one::bound, {}),
              " ! tensor \"x\": there are no dummy values for this element type; use another dtype");
  });
  CHECK_TWICE([] {
    using one = only<tensor<"x", dtype::complex64, batch_size>>;
    return is(describe(one::bound, {}),
              " ! tensor \"x\": there are no dummy values for this element type; use another dtype");
  });
  for (std::int64_t const large : {std::int64_t{1} << 31, std::int64_t{1} << 61, std::int64_t{1} << 62}) {
    CHECK(std::string(describe(BertOnnxConfig<>{}.bind(), {batch_size = large, sequence_length = large}).view()) ==
          " ! tensor \"input_ids\": the tensor is larger than any memory; give smaller axis sizes");
  }
  CHECK(
      count_dummies(BertOnnxConfig<>{}.bind(), std::array{setting(batch_size = std::int64_t{1} << 53)}).status.error ==
      dummy_error::too_many_elements);
}

TEST_CASE("the bytes of all dummies are known before any is made") {
  CHECK_TWICE([] {
    dummy_total const total = count_dummies(BertOnnxConfig<>{}.bind());
    return total.status.ok() && total.tensors == 3 && total.bytes == 3 * 2 * 16 * 8;
  });
  CHECK_TWICE([] {  // 604 MB of cache
    constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{};
    constexpr std::array sizes{setting(batch_size = 8), setting(sequence_length = 1024)};
    dummy_total const total = count_dummies(gpt2.bind(), sizes);
    return total.tensors == 27 &&
           total.bytes == std::size_t{24} * 8 * 12 * 1024 * 64 * 4 + 8 * (1024 + 2048 + 1024) * 8;
  });
}
