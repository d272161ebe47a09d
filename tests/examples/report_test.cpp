// What the example programs print and compute for people.
#include "support/contract_table.hpp"
#include "support/sentence_embedding.hpp"
#include <constexport/models/bert.hpp>
#include <constexport/models/gpt2.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace {

namespace cx = constexport;
using namespace examples;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;

TEST_CASE("BERT's contract as a table", "[contract_table]") {
  cx::BertOnnxConfig<cx::feature_extraction> const config{cx::hidden_size = 384};
  CHECK(contract_table(config.bind()) ==
        "          name               dtype    dimensions\n"
        "  input   input_ids          int64    [batch_size, sequence_length]\n"
        "  input   attention_mask     int64    [batch_size, sequence_length]\n"
        "  input   token_type_ids     int64    [batch_size, sequence_length]\n"
        "  output  last_hidden_state  float32  [batch_size, sequence_length, hidden_size = 384]\n"
        "  axis    batch_size                  1 or more\n"
        "  axis    sequence_length             1 or more\n");
}

TEST_CASE("layers and expressions are written out", "[contract_table]") {
  cx::GPT2OnnxConfig<cx::text_generation, cx::use_past, cx::use_past_in_inputs> const config{cx::num_layers = 2,
                                                                                             cx::batch_size = 3};
  std::string const table = contract_table(config.bind());
  CHECK_THAT(table, ContainsSubstring("past_key_values.0.key") && ContainsSubstring("past_key_values.1.value") &&
                        !ContainsSubstring("past_key_values.2"));
  CHECK_THAT(table, ContainsSubstring("[batch_size = 3, past_sequence_length + sequence_length]"));
  CHECK_THAT(table, ContainsSubstring("axis    batch_size") && ContainsSubstring("  3\n"));
}

TEST_CASE("the sizes of an axis in words", "[contract_table]") {
  cx::symbol_row axis{"x", {}, true};
  CHECK(range_text(axis, cx::unknown) == "1 or more");
  axis.minimum = 0;
  axis.maximum = 512;
  axis.multiple = 8;
  CHECK(range_text(axis, cx::unknown) == "0 to 512, multiples of 8");
  CHECK(range_text(axis, 16) == "16");
}

TEST_CASE("a sentence is the mean of its tokens", "[sentence_embedding]") {
  // Two sentences of three tokens in two dimensions; 9 stands where the mask hides it.
  std::vector<float> const hidden{3, 0, 0, 4, 9, 9, /**/ -2, 0, 9, 9, 9, 9};
  std::vector<std::int64_t> const mask{1, 1, 0, /**/ 1, 0, 0};
  auto const vectors = sentence_embeddings(hidden, mask, 2, 2);
  REQUIRE(vectors.size() == 2);
  CHECK_THAT(vectors[0][0], WithinAbs(0.6, 1e-6));
  CHECK_THAT(vectors[0][1], WithinAbs(0.8, 1e-6));
  CHECK(vectors[1] == std::vector<float>{-1, 0});
  CHECK_THAT(cosine_similarity(vectors[0], vectors[1]), WithinAbs(-0.6, 1e-6));
  CHECK_THAT(cosine_similarity(vectors[0], vectors[0]), WithinAbs(1, 1e-6));
}

TEST_CASE("a sentence without tokens has no direction", "[sentence_embedding]") {
  std::vector<float> const hidden{1, 2};
  std::vector<std::int64_t> const mask{0};
  CHECK(sentence_embeddings(hidden, mask, 1, 2) == std::vector<std::vector<float>>{{0, 0}});
  CHECK(sentence_embeddings({}, {}, 0, 2).empty());
}

}  // namespace
