// Expected ids come from the reference tokenizer (make_reference.py), not from this one.
#include "support/wordpiece.hpp"

#include "support/unicode.hpp"
#include "test_data.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace examples;
using namespace examples::testing;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using ids = std::vector<std::int64_t>;

constexpr char32_t first_of(std::string_view text) { return unicode::next(text); }

static_assert(first_of("a") == U'a');
static_assert(first_of("\xC3\xA9") == U'\u00E9');
static_assert(first_of("\xE4\xB8\xAD") == U'\u4E2D');
static_assert(first_of("\xF0\x9F\x98\x80") == U'\U0001F600');
static_assert(first_of("\xC0\x80") == 0xFFFD, "an overlong form is not UTF-8");
static_assert(first_of("\xED\xA0\x80") == 0xFFFD, "a surrogate is not UTF-8");
static_assert(first_of("\xF4\x90\x80\x80") == 0xFFFD, "above U+10FFFF is not UTF-8");
static_assert(first_of("\xE4\xB8") == 0xFFFD, "a cut character is not UTF-8");
static_assert(first_of("\x80") == 0xFFFD && first_of("\xFF") == 0xFFFD);
static_assert(unicode::is_punctuation('$') && unicode::is_punctuation(U'\u2014') && !unicode::is_punctuation('a'));

TEST_CASE("ids equal the reference tokenizer's", "[wordpiece]") {
  wordpiece_tokenizer const tokenizer(data("bert/vocab.txt"));
  std::ifstream stream(data("wordpiece_expected.json"));
  auto const cases = nlohmann::json::parse(stream);
  REQUIRE(cases.size() >= 20);
  for (auto const& expected : cases) {
    auto const text = expected["text"].get<std::string>();
    CAPTURE(text);
    CHECK(tokenizer.encode(text) == expected["ids"].get<ids>());
  }
}

TEST_CASE("a batch is padded to its longest text", "[wordpiece]") {
  temporary_file const vocabulary("[PAD]\n[UNK]\n[CLS]\n[SEP]\nsun\n##ny\nday\n");
  wordpiece_tokenizer const tokenizer(vocabulary.path());
  CHECK(tokenizer.size() == 7);
  encoded_texts const batch = tokenizer.encode({"Sunny DAY", "sun", "rain"});
  CHECK(batch.batch == 3);
  CHECK(batch.length == 5);
  CHECK(batch.input_ids == ids{2, 4, 5, 6, 3, 2, 4, 3, 0, 0, 2, 1, 3, 0, 0});
  CHECK(batch.attention_mask == ids{1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0});
  CHECK(batch.token_type_ids == ids(15, 0));
  CHECK(tokenizer.encode(std::vector<std::string>{}).input_ids.empty());
}

TEST_CASE("a long text is cut and still ends in [SEP]", "[wordpiece]") {
  temporary_file const vocabulary("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\nsun\r\n##ny\r\n");
  wordpiece_tokenizer const tokenizer(vocabulary.path());
  CHECK(tokenizer.encode("sunny sunny sunny", 5) == ids{2, 4, 5, 4, 3});
  CHECK(tokenizer.encode("sunny sunny sunny", 4) == ids{2, 4, 5, 3});
  CHECK(tokenizer.encode("sunny", 4) == ids{2, 4, 5, 3});
  CHECK(tokenizer.encode("sunny", 2) == ids{2, 3});
  CHECK_THROWS_MATCHES(tokenizer.encode("sunny", 1), vocabulary_error,
                       MessageMatches(ContainsSubstring("max_length: is 1")));
}

TEST_CASE("bytes that are not UTF-8 are left out", "[wordpiece]") {
  temporary_file const vocabulary("[PAD]\n[UNK]\n[CLS]\n[SEP]\nsun\n");
  wordpiece_tokenizer const tokenizer(vocabulary.path());
  CHECK(tokenizer.encode("s\xFFu\xC3n \xF0\x9F") == ids{2, 4, 3});
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  CHECK(tokenizer.encode(every_byte).size() > 2);
}

TEST_CASE("a vocabulary that cannot serve is refused", "[wordpiece]") {
  CHECK_THROWS_MATCHES(wordpiece_tokenizer("no/such/vocab.txt"), vocabulary_error,
                       MessageMatches(ContainsSubstring("no/such/vocab.txt: cannot be opened")));
  temporary_file const lacking("[PAD]\n[UNK]\n[CLS]\nword\n");
  CHECK_THROWS_MATCHES(wordpiece_tokenizer(lacking.path()), vocabulary_error,
                       MessageMatches(ContainsSubstring("has no line '[SEP]'")));
  temporary_file const twice("[PAD]\n[UNK]\n[CLS]\n[SEP]\nword\nword\n");
  CHECK_THROWS_MATCHES(wordpiece_tokenizer(twice.path()), vocabulary_error,
                       MessageMatches(ContainsSubstring("line 6: has the piece 'word' again")));
  temporary_file const empty(std::string_view{});
  CHECK_THROWS_AS(wordpiece_tokenizer(empty.path()), vocabulary_error);
}

}  // namespace
