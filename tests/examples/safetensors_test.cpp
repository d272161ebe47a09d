// The reader without LibTorch; built with sanitizers, so every out-of-bounds read is a failure.
#include "support/safetensors.hpp"

#include "test_data.hpp"

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace examples;
using namespace examples::testing;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

template <class T>
std::vector<T> values(stored_tensor const& tensor) {
  std::vector<T> result(tensor.bytes.size() / sizeof(T));
  std::memcpy(result.data(), tensor.bytes.data(), tensor.bytes.size());
  return result;
}

/// Parses bytes of exactly this extent: the copy's end is the end of an allocation, which the address sanitizer guards.
safetensors_content parse(std::vector<std::byte> bytes) {
  bytes.shrink_to_fit();
  return parse_safetensors(bytes, "broken.safetensors");
}

void check_refused(std::string_view header, std::size_t data_size, std::string const& problem) {
  CAPTURE(header);
  CHECK_THROWS_MATCHES(parse(safetensors_bytes(header, data_size)), safetensors_error,
                       MessageMatches(ContainsSubstring("broken.safetensors") && ContainsSubstring(problem)));
}

TEST_CASE("a file of the reference writer is read in place", "[safetensors]") {
  safetensors_file const file(data("dtypes.safetensors"));
  CHECK(file.tensors().size() == 9);
  CHECK(file.metadata() == std::map<std::string, std::string>{{"writer", "safetensors"}, {"purpose", "every dtype"}});

  CHECK(file.at("F32").type == element_type::float32);
  CHECK(file.at("F32").shape == std::vector<std::int64_t>{2, 3});
  CHECK(values<float>(file.at("F32")) == std::vector<float>{1.5F, -2.0F, 3.25F, 0.0F, 1e-3F, -1e3F});
  CHECK(file.at("F16").type == element_type::float16);
  CHECK(values<std::uint16_t>(file.at("F16")) == std::vector<std::uint16_t>{0x3800, 0xBC00, 0x7BFF});
  CHECK(file.at("BF16").type == element_type::bfloat16);
  CHECK(values<std::uint16_t>(file.at("BF16")) == std::vector<std::uint16_t>{0x3F80, 0xC020});
  CHECK(file.at("F64").type == element_type::float64);
  CHECK(file.at("F64").shape.empty());
  CHECK(values<double>(file.at("F64")) == std::vector<double>{2.718281828459045});
  CHECK(file.at("I64").type == element_type::int64);
  CHECK(values<std::int64_t>(file.at("I64")) == std::vector<std::int64_t>{-1, std::int64_t{1} << 40});
  CHECK(file.at("I32").type == element_type::int32);
  CHECK(file.at("I32").shape == std::vector<std::int64_t>{2, 1});
  CHECK(values<std::int32_t>(file.at("I32")) == std::vector<std::int32_t>{7, -8});
  CHECK(file.at("U8").type == element_type::uint8);
  CHECK(values<std::uint8_t>(file.at("U8")) == std::vector<std::uint8_t>{0, 255});
  CHECK(file.at("BOOL").type == element_type::boolean);
  CHECK(values<std::uint8_t>(file.at("BOOL")) == std::vector<std::uint8_t>{1, 0, 1});
  CHECK(file.at("empty").shape == std::vector<std::int64_t>{0, 4});
  CHECK(file.at("empty").bytes.empty());

  CHECK(file.find("f32") == nullptr);
  CHECK_THROWS_MATCHES(file.at("f32"), safetensors_error, MessageMatches(ContainsSubstring("has no tensor 'f32'")));
}

TEST_CASE("writing to a tensor leaves the file alone", "[safetensors]") {
  temporary_file const copy(read_bytes(data("dtypes.safetensors")));
  safetensors_file const file(copy.path());
  std::memset(file.at("F32").bytes.data(), 0, file.at("F32").bytes.size());
  CHECK(values<float>(file.at("F32")).front() == 0.0F);
  CHECK(read_bytes(copy.path()) == read_bytes(data("dtypes.safetensors")));
}

TEST_CASE("a file that cannot be read is named", "[safetensors]") {
  CHECK_THROWS_MATCHES(safetensors_file("no/such/model.safetensors"), file_error,
                       MessageMatches(ContainsSubstring("no/such/model.safetensors: cannot be opened: No such file")));
  CHECK_THROWS_MATCHES(safetensors_file(EXAMPLES_TEST_DATA), file_error,
                       MessageMatches(ContainsSubstring("Is a directory")));
  temporary_file const empty(std::string_view{});
  CHECK_THROWS_MATCHES(safetensors_file(empty.path()), safetensors_error,
                       MessageMatches(ContainsSubstring("is 0 bytes long, too short")));
}

TEST_CASE("an error tells what, where, and how to mend it", "[safetensors]") {
  try {
    parse(safetensors_bytes(R"({"a": {"dtype": "I16", "shape": [2], "data_offsets": [0, 4]}})", 4));
    FAIL("was accepted");
  } catch (safetensors_error const& error) {
    CHECK(error.where() == "broken.safetensors, tensor 'a'");
    CHECK(error.problem() == "has the unknown dtype 'I16'");
    CHECK(error.remedy() == "convert it to one of BOOL, U8, I32, I64, F16, BF16, F32, F64");
    CHECK(std::string(error.what()) == error.where() + ": " + error.problem() + " (" + error.remedy() + ")");
  }
}

TEST_CASE("smallest files", "[safetensors]") {
  CHECK(parse(safetensors_bytes("{}", 0)).tensors.empty());
  CHECK(parse(safetensors_bytes("{}      ", 0)).tensors.empty());
  CHECK(parse(safetensors_bytes(R"({"": {"dtype": "U8", "shape": [], "data_offsets": [0, 1]}})", 1)).tensors.size() ==
        1);
}

TEST_CASE("damaged headers are refused", "[safetensors]") {
  check_refused("", 0, "header that is not JSON");
  check_refused("{", 0, "header that is not JSON");
  check_refused("\xFF\xFE{}", 0, "header that is not JSON");
  check_refused("{\"\xC3\": 1}", 0, "header that is not JSON");
  check_refused("[1, 2]", 0, "not a JSON object");
  check_refused("null", 0, "not a JSON object");
  check_refused(R"({"a": 7})", 0, "tensor 'a': has a header entry that is not a JSON object");
  check_refused(R"({"__metadata__": []})", 0, "__metadata__ entry that is not a JSON object");
  check_refused(R"({"__metadata__": {"x": 3}})", 0, "__metadata__ entry 'x' that is not a string");
  check_refused(R"({"a": {"shape": [1], "data_offsets": [0, 4]}})", 4,
                "tensor 'a': has a header entry without 'dtype'");
  check_refused(R"({"a": {"dtype": "F32", "data_offsets": [0, 4]}})", 4, "without 'shape'");
  check_refused(R"({"a": {"dtype": "F32", "shape": [1]}})", 4, "without 'data_offsets'");
  check_refused(R"({"a": {"dtype": 5, "shape": [1], "data_offsets": [0, 4]}})", 4, "'dtype' that is not a string");
  check_refused(R"({"a": {"dtype": "f32", "shape": [1], "data_offsets": [0, 4]}})", 4, "unknown dtype 'f32'");
  check_refused(R"({"a": {"dtype": "F32", "shape": 1, "data_offsets": [0, 4]}})", 4, "'shape' that is not a list");
  check_refused(R"({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}})", 4, "'shape' that is not a list");
  check_refused(R"({"a": {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}})", 4, "'shape' that is not a list");
  check_refused(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0]}})", 4, "not a begin and an end");
  check_refused(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}})", 4, "not a begin and an end");
  check_refused(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, "4"]}})", 4,
                "'data_offsets' that is not a");
  std::string const twice = R"({"dtype": "U8", "shape": [1], "data_offsets": [0, 1]})";
  check_refused("{\"a\": " + twice + ", \"a\": " + twice + "}", 1, "the key 'a' twice");
  check_refused(R"({"a": {"dtype": "U8", "dtype": "U8", "shape": [1], "data_offsets": [0, 1]}})", 1, "'dtype' twice");
  check_refused("{\"a\": {\"shape\": [[1]]}}", 0, "nested more than 3 deep");
  check_refused(std::string(2'000'000, '['), 0, "nested more than 3 deep");
}

TEST_CASE("sizes and offsets that do not agree are refused", "[safetensors]") {
  check_refused(R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}})", 4, "F32 [2] needs 8 bytes");
  check_refused(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 5]}})", 5, "F32 [1] needs 4 bytes");
  check_refused(R"({"a": {"dtype": "F32", "shape": [0], "data_offsets": [0, 4]}})", 4, "F32 [0] needs 0 bytes");
  check_refused(R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", 7,
                "the file holds only 7 data bytes");
  check_refused(R"({"a": {"dtype": "U8", "shape": [0], "data_offsets": [9, 9]}})", 1,
                "the file holds only 1 data bytes");
  check_refused(R"({"a": {"dtype": "U8", "shape": [1], "data_offsets": [18446744073709551615, 0]}})", 1,
                "begin and an end");
  check_refused(R"({"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 18446744073709551615]}})", 1,
                "holds only 1");
  check_refused(R"({"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 18446744073709551616]}})", 1,
                "natural numbers");
  check_refused(R"({"a": {"dtype": "F64", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]}})", 0, "64 bits");
  check_refused(R"({"a": {"dtype": "U8", "shape": [18446744073709551615], "data_offsets": [0, 0]}})", 0, "64 bits");
  // Four times 2^62 + 1 elements is 4 bytes modulo 2^64: a product that wraps must not look like a fit.
  check_refused(R"({"a": {"dtype": "F32", "shape": [4611686018427387905], "data_offsets": [0, 4]}})", 4, "64 bits");
}

TEST_CASE("every data byte belongs to one tensor", "[safetensors]") {
  auto const entries = [](std::string const& first, std::string const& second) {
    return R"({"a": {"dtype": "U8", "shape": [4], "data_offsets": )" + first +
           R"(}, "b": {"dtype": "U8", "shape": [4], "data_offsets": )" + second + "}}";
  };
  CHECK(parse(safetensors_bytes(entries("[0, 4]", "[4, 8]"), 8)).tensors.front().name == "a");
  CHECK(parse(safetensors_bytes(entries("[4, 8]", "[0, 4]"), 8)).tensors.front().name == "b");
  check_refused(entries("[0, 4]", "[3, 7]"), 7, "tensor 'b': begins at data byte 3 and overlaps");
  check_refused(entries("[0, 4]", "[0, 4]"), 4, "overlaps");
  check_refused(entries("[0, 4]", "[5, 9]"), 9, "tensor 'b': begins at data byte 5 and leaves a gap after byte 4");
  check_refused(entries("[1, 5]", "[5, 9]"), 9, "tensor 'a': begins at data byte 1 and leaves a gap");
  check_refused(entries("[0, 4]", "[4, 8]"), 11, "3 bytes after its last tensor");
}

TEST_CASE("a header length that cannot be is refused", "[safetensors]") {
  auto bytes = safetensors_bytes("{}", 0);
  auto const with_length = [&](std::uint64_t length) {
    std::memcpy(bytes.data(), &length, sizeof length);
    return bytes;
  };
  CHECK_THROWS_MATCHES(parse(with_length(3)), safetensors_error,
                       MessageMatches(ContainsSubstring("claims a header of 3 bytes, but only 2 bytes follow")));
  for (std::uint64_t const length : {std::uint64_t{100'000'001}, UINT64_MAX, UINT64_MAX - 7})
    CHECK_THROWS_MATCHES(parse(with_length(length)), safetensors_error,
                         MessageMatches(ContainsSubstring("at most 100000000 are allowed")));
}

TEST_CASE("every truncation of a file is an error, never a crash", "[safetensors]") {
  auto const whole = read_bytes(data("dtypes.safetensors"));
  REQUIRE_NOTHROW(parse(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(parse({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}), safetensors_error);
  }
}

TEST_CASE("every truncation of a header is an error, never a crash", "[safetensors]") {
  auto const whole = read_bytes(data("dtypes.safetensors"));
  std::uint64_t length = 0;
  std::memcpy(&length, whole.data(), sizeof length);
  // Trailing spaces pad the header; cutting those alone still leaves a good one.
  std::size_t end = 8 + static_cast<std::size_t>(length);
  while (whole[end - 1] == std::byte{' '}) --end;
  for (std::uint64_t shorter = 0; shorter < end - 8; ++shorter) {
    CAPTURE(shorter);
    auto bytes = whole;
    std::memcpy(bytes.data(), &shorter, sizeof shorter);
    CHECK_THROWS_AS(parse(bytes), safetensors_error);
  }
}

TEST_CASE("altered bytes are read or refused, never a crash", "[safetensors]") {
  auto const whole = read_bytes(data("dtypes.safetensors"));
  std::mt19937 random(20240229);  // fixed, so that a failure can be repeated
  std::string_view const telling = "0123456789-{}[]\",:. eE\\\x00\xFF";
  std::size_t refused = 0;
  for (int round = 0; round < 4000; ++round) {
    auto bytes = whole;
    for (std::size_t change = 0, changes = 1 + random() % 3; change < changes; ++change)
      bytes[random() % bytes.size()] = static_cast<std::byte>(telling[random() % telling.size()]);
    try {
      for (auto const& tensor : parse(bytes).tensors) REQUIRE(tensor.bytes.size() <= whole.size());
    } catch (safetensors_error const&) {
      ++refused;
    }
  }
  CHECK(refused > 1000);
}

}  // namespace
