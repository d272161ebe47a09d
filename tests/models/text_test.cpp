// Models of texts: names, axes, what the parameters determine, and parameters that follow from others. Values by hand.
#include "../support/twice.hpp"
#include "legal.hpp"
#include "sizes.hpp"
#include <constexport/dummy/fill.hpp>
#include <constexport/models.hpp>

#include <algorithm>
#include <array>
#include <span>

using namespace constexport;
using constexport_tests::count_inputs;
using constexport_tests::count_outputs;
using constexport_tests::size_of;
using constexport_tests::size_of_input;

namespace {

static_assert(constexport_tests::every_task_is_exported(text_encoder_models{}));
static_assert(constexport_tests::every_task_is_exported(text_decoder_models{}));
static_assert(constexport_tests::every_task_is_exported(text_to_text_models{}));

constexpr bool test_encoders() {
  return AlbertOnnxConfig<>::inputs().contains("token_type_ids") && size_of(AlbertOnnxConfig<>{}, 0, 2) == 4096 &&
         count_inputs(DebertaOnnxConfig<>{}) == 2 && count_inputs(DebertaOnnxConfig<>{type_vocab_size = 2}) == 3 &&
         count_inputs(RobertaOnnxConfig<multiple_choice>{}) == 2 &&
         size_of(DistilBertOnnxConfig<fill_mask>{vocab_size = 7}, 0, 2) == 7 &&
         size_of(XLMOnnxConfig<token_classification>{num_labels = 5}, 0, 2) == 5 &&
         LongformerOnnxConfig<multiple_choice>::inputs().at("global_attention_mask").axes() ==
             "batch_size, num_choices, sequence_length" &&
         MarkupLMOnnxConfig<>::inputs().at("xpath_tags_seq").axes() == "batch_size, sequence_length, max_depth" &&
         size_of_input(MarkupLMOnnxConfig<>{}, "xpath_tags_seq", 2) == 50 &&
         EsmOnnxConfig<>::values_override().size() == 1 && MPNetOnnxConfig<>::values_override().empty() &&
         !is_valid<EsmOnnxConfig<question_answering>> && !is_valid<SplinterOnnxConfig<fill_mask>> &&
         !is_valid<BertOnnxConfig<fill_mask, use_past>>;
}

// The outputs of all layers, and one for the embeddings before them.
constexpr bool test_hidden_states() {
  return count_outputs(CLIPTextOnnxConfig<>{}) == 2 &&
         count_outputs(CLIPTextOnnxConfig<>{output_hidden_states = 1}) == 15 &&
         count_outputs(SiglipTextOnnxConfig<>{output_hidden_states = 1, num_layers = 2}) == 5 &&
         size_of(CLIPTextWithProjectionOnnxConfig<>{projection_dim = 20}, 0, 1) == 20 &&
         size_of(SiglipTextWithProjectionOnnxConfig<>{hidden_size = 24}, 0, 1) == 24;
}

template <template <auto...> class Model>
using with_past = Model<text_generation, use_past, use_past_in_inputs>;

// (batch, heads, past, head size) of the keys and values that a decoder reads.
constexpr bool cache_is(auto const& config, std::int64_t heads, std::int64_t key_size, std::int64_t value_size) {
  return size_of_input(config, "past_key_values.*.key", 1) == heads &&
         size_of_input(config, "past_key_values.*.value", 1) == heads &&
         size_of_input(config, "past_key_values.*.key", 3) == key_size &&
         size_of_input(config, "past_key_values.*.value", 3) == value_size;
}

constexpr bool test_caches() {
  return cache_is(with_past<GPT2OnnxConfig>{}, 12, 64, 64) &&
         // As many heads as there are queries, of what is left of the hidden size; or as the parameters say.
         cache_is(with_past<LlamaOnnxConfig>{}, 32, 128, 128) &&
         cache_is(with_past<LlamaOnnxConfig>{hidden_size = 48, num_attention_heads = 6}, 6, 8, 8) &&
         cache_is(with_past<LlamaOnnxConfig>{hidden_size = 48, num_attention_heads = 6, num_key_value_heads = 2}, 2, 8,
                  8) &&
         cache_is(with_past<LlamaOnnxConfig>{num_key_value_heads = 2, head_dim = 20}, 2, 20, 20) &&
         cache_is(with_past<MistralOnnxConfig>{hidden_size = 48, num_attention_heads = 6}, 8, 8, 8) &&
         cache_is(with_past<GemmaOnnxConfig>{hidden_size = 48, num_attention_heads = 6}, 16, 256, 256) &&
         // Falcon: one for all, one for each, or groups.
         cache_is(with_past<FalconOnnxConfig>{}, 1, 64, 64) &&
         cache_is(with_past<FalconOnnxConfig>{multi_query = 0}, 71, 64, 64) &&
         cache_is(with_past<FalconOnnxConfig>{new_decoder_architecture = 1, num_kv_heads = 8}, 8, 64, 64) &&
         cache_is(with_past<GPTBigCodeOnnxConfig>{}, 1, 64, 64) &&
         cache_is(with_past<GPTBigCodeOnnxConfig>{multi_query = 0}, 12, 64, 64) &&
         // Keys and values of different sizes.
         cache_is(with_past<DeepSeekV3OnnxConfig>{}, 128, 192, 128) &&
         // Optimum's dummies of Phi do not know of groups.
         cache_is(with_past<PhiOnnxConfig>{num_key_value_heads = 4}, 4, 64, 64) &&
         size_of_input(with_past<PhiOnnxConfig>{num_key_value_heads = 4}, "past_key_values.*.key", 1, true) == 32;
}

constexpr bool test_decoders() {
  constexpr auto has_positions = [](auto const& config) { return count_inputs(config) == 3; };
  return has_positions(FalconOnnxConfig<>{}) && !has_positions(FalconOnnxConfig<>{alibi = 1}) &&
         has_positions(LlamaOnnxConfig<text_generation>{}) && !has_positions(LlamaOnnxConfig<text_classification>{}) &&
         !has_positions(GemmaOnnxConfig<text_generation>{}) && !has_positions(BloomOnnxConfig<>{}) &&
         size_of(OPTOnnxConfig<>{hidden_size = 48}, 0, 2) == 48 &&
         size_of(OPTOnnxConfig<>{hidden_size = 48, word_embed_proj_dim = 20}, 0, 2) == 20 &&
         size_of(ImageGPTOnnxConfig<image_classification>{num_labels = 10}, 0, 1) == 10 &&
         size_of(DecisionTransformerOnnxConfig<>{}, 3, 1, sequence_length = 7) == 21 &&
         size_of(DecisionTransformerOnnxConfig<>{act_dim = 6}, 1, 2) == 6 &&
         with_past<Qwen2OnnxConfig>::outputs().at("present.*.key").axes() ==
             "batch_size, num_key_value_heads, past_sequence_length + sequence_length, head_dim" &&
         InternLM2OnnxConfig<text_generation>::values_override().empty() &&
         !is_valid<InternLM2OnnxConfig<feature_extraction>> && !is_valid<GPT2OnnxConfig<text_classification, use_past>>;
}

constexpr bool test_text_to_text() {
  using reads = T5OnnxConfig<text2text_generation, decoder, use_past, use_past_in_inputs>;
  using generates = BartOnnxConfig<text_generation, decoder, use_past, use_past_in_inputs>;
  using translates = MarianOnnxConfig<text2text_generation, decoder, use_past, use_past_in_inputs>;
  using joined = EncoderDecoderOnnxConfig<text2text_generation, use_past, use_past_in_inputs>;
  constexpr translates uneven{encoder_attention_heads = 8, num_attention_heads = 4, hidden_size = 32};
  return size_of_input(reads{head_dim = 10}, "past_key_values.*.encoder.key", 3) == 10 &&
         generates::inputs().contains("past_key_values.*.key") && !generates::inputs().contains("decoder_input_ids") &&
         BartOnnxConfig<text_generation, encoder>::outputs().contains("last_hidden_state") &&
         BartOnnxConfig<question_answering>::outputs().contains("end_logits") &&
         count_inputs(translates{num_layers = 2}) == 3 + 8 &&
         // The decoder has its own heads on both sides; Optimum's dummies of the other side have the encoder's.
         size_of_input(uneven, "past_key_values.*.encoder.key", 1) == 4 &&
         size_of_input(uneven, "past_key_values.*.encoder.key", 3) == 8 &&
         size_of_input(uneven, "past_key_values.*.encoder.key", 1, true) == 8 &&
         size_of_input(uneven, "past_key_values.*.encoder.key", 3, true) == 4 &&
         joined::outputs().at("present.*.key").axes() ==
             "batch_size, num_key_value_heads, past_sequence_length + sequence_length, head_dim" &&
         // A decoder out of a text-to-text model keeps the encoder's keys and values too.
         count_inputs(joined{num_layers = 2}) == 3 + 4 && count_outputs(joined{num_layers = 2}) == 1 + 4 &&
         count_inputs(joined{num_layers = 2, decoder_has_cross_cache = 1}) == 3 + 8 &&
         count_outputs(joined{num_layers = 2, decoder_has_cross_cache = 1}) == 1 + 4 &&
         size_of(EncoderDecoderOnnxConfig<text2text_generation, encoder>{encoder_hidden_size = 24}, 0, 2) == 24 &&
         size_of_input(EncoderDecoderOnnxConfig<text2text_generation, decoder>{encoder_hidden_size = 24},
                       "encoder_outputs", 2) == 24 &&
         !is_valid<M2M100OnnxConfig<text_generation>> && !is_valid<TrOCROnnxConfig<text2text_generation>>;
}

// Texts to be classified have one end each, whatever slices they are made of, and no id is beyond the vocabulary.
constexpr bool test_ended_texts() {
  constexpr BartOnnxConfig<text_classification> bart{vocab_size = 5, eos_token_id = 3};
  constexpr std::size_t texts = 9, length = 7;
  std::array<std::int64_t, texts * length> ids{}, in_slices{};
  bool other_places = false, all_ids[5]{};
  dummy_status const status = for_each_dummy_tensor(
      bart.bind(), std::array<setting, 2>{setting(batch_size = texts), setting(sequence_length = length)}, 42,
      shape_source::dummy, [&](dummy_tensor const& tensor) {
        if (!(tensor.name == "input_ids")) return;
        fill(std::span<std::int64_t>(ids), tensor);
        for (std::size_t first = 0; first < ids.size(); first += 5) {
          std::size_t const size = std::min<std::size_t>(5, ids.size() - first);
          fill(std::span<std::int64_t>(in_slices).subspan(first, size), tensor, first);
        }
      });
  std::size_t last_place = length;
  for (std::size_t text = 0; text < texts; ++text) {
    std::size_t ends = 0, place = 0;
    for (std::size_t i = 0; i < length; ++i) {
      std::int64_t const id = ids[text * length + i];
      if (id < 0 || id >= 5) return false;
      all_ids[id] = true;
      if (id == 3) ++ends, place = i;
    }
    if (ends != 1 || place == 0) return false;
    other_places = other_places || (text > 0 && place != last_place);
    last_place = place;
  }
  return status.ok() && ids == in_slices && other_places && all_ids[0] && all_ids[1] && all_ids[2] && all_ids[4];
}

// A parameter that follows from others is impossible where they make it so.
constexpr bool test_derived_parameters() {
  using llama = with_past<LlamaOnnxConfig>;
  return llama{hidden_size = 8, num_attention_heads = 16}.find_problem().kind == problem::parameter_out_of_range &&
         llama{hidden_size = 8, num_attention_heads = 16, head_dim = 4}.find_problem().kind == problem::none &&
         llama{hidden_size = 16, num_attention_heads = 16}.find_problem().kind == problem::none;
}

}  // namespace

TEST_CASE("models of texts") {
  SECTION("encoders") { CHECK_TWICE(test_encoders); }
  SECTION("hidden states of all layers") { CHECK_TWICE(test_hidden_states); }
  SECTION("caches") { CHECK_TWICE(test_caches); }
  SECTION("decoders") { CHECK_TWICE(test_decoders); }
  SECTION("text to text") { CHECK_TWICE(test_text_to_text); }
  SECTION("texts with an end") { CHECK_TWICE(test_ended_texts); }
  SECTION("parameters that follow from others") { CHECK_TWICE(test_derived_parameters); }
}
