// Configurations: options, parameters, the cache, the helpers of the seeds' classes.
#include "../support/twice.hpp"
#include <constexport/models.hpp>

using namespace constexport;

namespace {

using Gpt2 = GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>;
constexpr Gpt2 gpt2{num_layers = 2, hidden_size = 64, num_attention_heads = 4};

constexpr std::size_t index_of(contract const& table, std::string_view name, bool is_axis = false) {
  return find_symbol(table.symbols, name, is_axis);
}

constexpr bool test_lists() {
  return BertOnnxConfig<>::inputs().at("input_ids").axes() == "batch_size, sequence_length" &&
         BertOnnxConfig<>::outputs().at("last_hidden_state").axes() == "batch_size, sequence_length, hidden_size" &&
         BertOnnxConfig<multiple_choice>::inputs().at("token_type_ids").axes() ==
             "batch_size, num_choices, sequence_length" &&
         gpt2.inputs().at("attention_mask").axes() == "batch_size, past_sequence_length + sequence_length" &&
         gpt2.outputs().at("logits").axes() == "batch_size, sequence_length, vocab_size" &&
         gpt2.outputs().at("present.*.value").axes() ==
             "batch_size, num_attention_heads, past_sequence_length + sequence_length, hidden_size // "
             "num_attention_heads" &&
         CLIPOnnxConfig<>::outputs().at("image_embeds").axes() == "image_batch_size, projection_dim" &&
         ViTOnnxConfig<masked_im>::outputs().at("reconstruction").rank() == 4;
}

// What Optimum does not state: every dimension that the parameters determine.
constexpr bool test_static_dimensions() {
  auto const size_of = [](auto const& config, std::size_t output, std::size_t dim) {
    bound_contract const bound = config.bind();
    return evaluate(bound.table->outputs[output].dims[dim].size, bound.sizes());
  };
  return size_of(BertOnnxConfig<>{}, 0, 2) == 768 && size_of(BertOnnxConfig<fill_mask>{}, 0, 2) == 30522 &&
         size_of(BertOnnxConfig<text_classification>{num_labels = 5}, 0, 1) == 5 &&
         size_of(ViTOnnxConfig<>{}, 0, 1) == 197 && size_of(ViTOnnxConfig<masked_im>{}, 0, 3) == 224 &&
         size_of(gpt2, 1, 3) == 16 && size_of(WhisperOnnxConfig<feature_extraction, encoder>{}, 0, 1) == 1500 &&
         size_of(CLIPOnnxConfig<>{}, 2, 1) == 512 && size_of(BertOnnxConfig<>{}, 0, 0) == unknown;
}

constexpr bool test_binding() {
  bound_contract const bound = gpt2.bind();
  auto const value = [&](std::string_view name) { return bound.values[index_of(*bound.table, name)]; };
  bound_contract const fixed = BertOnnxConfig<>{batch_size = 1, hidden_size = 96}.bind();
  return value("num_hidden_layers") == 2 && value("hidden_size") == 64 && value("vocab_size") == 50257 &&
         bound.values[index_of(*bound.table, "batch_size", true)] == unknown &&
         fixed.values[index_of(*fixed.table, "batch_size", true)] == 1 &&
         count_tensors(bound.table->inputs, bound.sizes()) == 7 &&
         count_tensors(bound.table->outputs, bound.sizes()) == 5;
}

// A cache that is never read has length 0, so that present is as long as the new tokens.
constexpr bool test_an_unread_cache_is_empty() {
  bound_contract const bound = GPT2OnnxConfig<text_generation, use_past>{}.bind();
  return bound.values[index_of(*bound.table, "past_sequence_length", true)] == 0 &&
         count_tensors(bound.table->inputs, bound.sizes()) == 3 &&
         count_tensors(bound.table->outputs, bound.sizes()) == 25;
}

constexpr bool test_pairs() {
  contract const& table = gpt2.contract();
  tensor_row const& present = table.outputs[2];
  return present.name == "present.*.value" && table.inputs[present.pair].name == "past_key_values.*.value" &&
         table.inputs[present.pair].pair == 2 && table.inputs[0].pair == no_row;
}

constexpr bool test_with_behavior() {
  constexpr T5OnnxConfig<text2text_generation, int_dtype<dtype::int32>> t5{hidden_size = 256};
  constexpr auto cached = t5.with_behavior<decoder, use_past, use_past_in_inputs>();
  constexpr auto back = cached.with_behavior<encoder>();
  static_assert(
      std::is_same_v<decltype(back), T5OnnxConfig<text2text_generation, int_dtype<dtype::int32>, encoder> const>);
  return cached.contract().identity.behavior == "decoder" && cached.contract().identity.use_past_in_inputs &&
         back.settings[0].value == 256 && back.inputs().size() == 2 &&
         cached.outputs().at("logits").axes() == "batch_size, 1, vocab_size" &&
         cached.inputs().at("decoder_input_ids").type() == dtype::int32 &&
         cached.torch_to_onnx_input_map()[2] == name_pair{"encoder_outputs", "encoder_hidden_states"};
}

constexpr bool test_past_key_values() {
  constexpr auto with_inputs = Gpt2::add_past_key_values(tensors<input_ids>, direction::inputs);
  constexpr auto with_outputs = Gpt2::add_past_key_values(tensors<>, direction::outputs);
  auto const flat = gpt2.flatten_past_key_values(3);
  auto const t5 = T5OnnxConfig<>::flatten_past_key_values(11);
  return with_inputs.at("past_key_values.*.key").row->role == tensor_role::past &&
         with_outputs.at("present.*.key").axes().dims.size() == 4 && flat.size() == 2 &&
         flat[0] == "past_key_values.3.key" && flat[1] == "past_key_values.3.value" && t5.size() == 4 &&
         t5[2] == "past_key_values.11.encoder.key" && t5[2].size() == 30;
}

constexpr bool test_options() {
  using half = GPT2OnnxConfig<int_dtype<dtype::int32>, float_dtype<dtype::float16>, opset<21>, use_past,
                              use_past_in_inputs, text_generation>;
  return half::inputs().at("input_ids").type() == dtype::int32 &&
         half::inputs().at("past_key_values.*.key").type() == dtype::float16 && half::contract().identity.opset == 21 &&
         Gpt2::contract().identity.opset == 18 && half::contract().identity.task == "text-generation" &&
         BertOnnxConfig<>::contract().identity.task == "feature-extraction" &&
         gpt2.values_override()[0] == value_override{"use_cache", true} &&
         BertOnnxConfig<>::values_override()[0] == value_override{"use_cache", false} &&
         ViTOnnxConfig<>::values_override().empty();
}

// Legality is a value, too.
constexpr bool test_is_valid() {
  return is_valid<BertOnnxConfig<>> && !is_valid<BertOnnxConfig<text_generation>> &&
         !is_valid<BertOnnxConfig<use_past>> && !is_valid<GPT2OnnxConfig<text_classification, use_past>> &&
         !is_valid<GPT2OnnxConfig<use_past_in_inputs>> && !is_valid<BertOnnxConfig<encoder>> &&
         !is_valid<T5OnnxConfig<encoder, use_past>> && !is_valid<BertOnnxConfig<fill_mask, multiple_choice>> &&
         !is_valid<BertOnnxConfig<3>>;
}

constexpr bool test_problems_of_values() {
  auto const kind = [](auto const& config) { return config.find_problem().kind; };
  return kind(gpt2) == problem::none && kind(BertOnnxConfig<>{hidden_size = 0}) == problem::parameter_out_of_range &&
         kind(BertOnnxConfig<>{patch_size = 3}) == problem::setting_of_a_foreign_symbol &&
         kind(BertOnnxConfig<>{hidden_size = 3, hidden_size = 3}) == problem::symbol_set_twice &&
         kind(BertOnnxConfig<>{batch_size = 0}) == problem::axis_size_out_of_range &&
         kind(GPT2OnnxConfig<text_generation, use_past>{hidden_size = 65}) == problem::division_with_a_remainder;
}

}  // namespace

TEST_CASE("inputs and outputs") { CHECK_TWICE(test_lists); }
TEST_CASE("outputs state every dimension that the parameters determine") { CHECK_TWICE(test_static_dimensions); }
TEST_CASE("parameters and fixed axes are bound") { CHECK_TWICE(test_binding); }
TEST_CASE("a cache that is never read is empty") { CHECK_TWICE(test_an_unread_cache_is_empty); }
TEST_CASE("past and present are paired") { CHECK_TWICE(test_pairs); }
TEST_CASE("with_behavior keeps task, dtypes and parameters") { CHECK_TWICE(test_with_behavior); }
TEST_CASE("add_past_key_values and flatten_past_key_values") { CHECK_TWICE(test_past_key_values); }
TEST_CASE("options in any order") { CHECK_TWICE(test_options); }
TEST_CASE("legality is a value") { CHECK_TWICE(test_is_valid); }
TEST_CASE("problems of values are found at run time as well") { CHECK_TWICE(test_problems_of_values); }
