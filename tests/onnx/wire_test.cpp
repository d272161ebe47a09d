/// The writer against bytes that the official `onnx` package made (tests/data/onnx/make_golden.py).
#include "../data/onnx/golden.hpp"
#include "../support/twice.hpp"
#include "bytes.hpp"
#include <constexport/core/contract.hpp>
#include <constexport/onnx/messages.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace wire = constexport::wire;
using constexport::dtype;
using constexport_tests::writes;

namespace {

constexpr auto exp_model = [](auto& sink) {
  wire::opset_id const opsets[]{{"", 6}};
  wire::model(sink, {.ir_version = 3, .producer_name = "pytorch", .producer_version = "0.3", .opsets = opsets},
              [](auto& graph) {
                std::string_view const in[]{"0"}, out[]{"1"};
                wire::shape_dim const dims[]{{3}, {4}};
                wire::node(graph, {"Exp"}, in, out);
                wire::graph_name(graph, "torch-jit-export");
                wire::input(graph, std::string_view{"0"}, dtype::float32, dims);
                wire::output(graph, std::string_view{"1"}, dtype::float32, dims);
              });
};

// Little-endian bytes of numbers, as raw_data wants them.
template <class T, std::size_t Count>
constexpr auto little_endian(std::array<T, Count> numbers) {
  std::array<char, sizeof(T) * Count> bytes{};
  for (std::size_t i = 0; i < Count; ++i) {
    using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    bits value = std::bit_cast<bits>(numbers[i]);
    for (std::size_t byte = 0; byte < sizeof(T); ++byte, value >>= 8)
      bytes[i * sizeof(T) + byte] = static_cast<char>(value & 0xff);
  }
  return bytes;
}
template <std::size_t Count>
constexpr std::string_view text(std::array<char, Count> const& bytes) {
  return {bytes.data(), bytes.size()};
}

constexpr auto full_model = [](auto& sink) {
  wire::opset_id const opsets[]{{"", 21}, {"own.domain", 1}};
  wire::metadata_entry const metadata[]{{"author", "somebody"}, {"empty", ""}};
  wire::model_head const head{.ir_version = 10,
                              .producer_name = "test",
                              .producer_version = "1.2",
                              .doc_string = "words",
                              .opsets = opsets,
                              .metadata = metadata};
  wire::model(sink, head, [](auto& graph) {
    std::string_view const inputs[]{"x", "", "weight"}, y[]{"y"}, z[]{"z"};
    wire::node(graph, {.op_type = "Custom", .name = "first", .domain = "own.domain"}, inputs, y, [](auto& node) {
      constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
      float const scales[]{1.0f, -0.0f, 3.5f};
      std::int64_t const axes[]{0, -1, 300, smallest, std::numeric_limits<std::int64_t>::max()}, one[]{1};
      std::string_view const names[]{"a", "", "bc"};
      auto const seven = little_endian(std::array<std::int64_t, 1>{7});
      wire::attribute_float(node, "alpha", 0.25f);
      wire::attribute_int(node, "axis", -1);
      wire::attribute_string(node, "mode", "constant");
      wire::attribute_tensor(node, "value", {.type = dtype::int64, .dims = one}, text(seven));
      wire::attribute_floats(node, "scales", scales);
      wire::attribute_ints(node, "axes", axes);
      wire::attribute_strings(node, "names", names);
      wire::attribute_ints(node, "none", {});
    });
    wire::node(graph, {"Identity"}, y, z);
    wire::graph_name(graph, "graph");

    std::int64_t const square[]{2, 2}, outside[]{1024, 4};
    auto const weight = little_endian(std::array{1.0f, -2.0f, 0.5f, 3.0f});
    auto const minus_one = little_endian(std::array<std::int64_t, 1>{-1});
    wire::initializer(graph, {"weight", dtype::float32, square}, text(weight));
    // The same bytes in pieces, as weights come that are converted while they are written.
    wire::initializer(graph, {"scalar", dtype::int64, {}}, std::uint64_t{8}, [&](auto& to) {
      to.write(minus_one.data(), 3);
      to.write(minus_one.data() + 3, 5);
    });
    wire::initializer(graph, {"outside", dtype::float16, outside}, wire::external_data{"model.onnx.data", 4096, 8192});

    wire::shape_dim const x[]{{.param = "batch_size"}, {16}, {}}, inner[]{{0}, {.param = "n"}};
    wire::input(graph, std::string_view{"x"}, dtype::int64, x);
    wire::output(graph, std::string_view{"z"}, dtype::float32, {});
    wire::value_info(graph, std::string_view{"y"}, dtype::bfloat16, inner);
  });
};

}  // namespace

TEST_CASE("the Exp model of ONNX's tests is written as its bytes are documented", "[wire]") {
  CHECK_TWICE([] { return writes(golden::exp_model, exp_model); });
  std::string_view const documented =
      "\x08\x03\x12\x07pytorch\x1a\x03"
      "0.3\x3a\x49\x0a\x0b\x0a\x01"
      "0\x12\x01"
      "1\x22\x03"
      "Exp\x12\x10torch-jit-export"
      "\x5a\x13\x0a\x01"
      "0\x12\x0e\x0a\x0c\x08\x01\x12\x08\x0a\x02\x08\x03\x0a\x02\x08\x04"
      "\x62\x13\x0a\x01"
      "1\x12\x0e\x0a\x0c\x08\x01\x12\x08\x0a\x02\x08\x03\x0a\x02\x08\x04\x42\x02\x10\x06";
  std::ostringstream stream;
  exp_model(stream);
  CHECK(stream.str() == documented);
  CHECK(documented.size() == 95);
}

TEST_CASE("every building block is what the onnx package makes", "[wire]") {
  CHECK_TWICE([] { return writes(golden::full_model, full_model); });
}

TEST_CASE("numbers follow proto2", "[wire]") {
  CHECK_TWICE([] {
    return writes(golden::opset_zero, [](auto& sink) { wire::integer(sink, wire::opset_field::version, 0); });
  });
  // -1 as a dimension is not legal ONNX, but shows the ten bytes of a negative number.
  CHECK_TWICE([] {
    return writes(golden::negative_dim, [](auto& sink) {
      wire::text(sink, wire::value_info_field::name, "n");
      wire::message(sink, wire::value_info_field::type, [](auto& type) {
        wire::message(type, wire::type_field::tensor_type, [](auto& tensor) {
          wire::integer(tensor, wire::tensor_type_field::elem_type, 7);
          wire::message(tensor, wire::tensor_type_field::shape, [](auto& shape) {
            wire::message(shape, wire::shape_field::dim,
                          [](auto& dim) { wire::integer(dim, wire::dim_field::dim_value, -1); });
          });
        });
      });
    });
  });
  CHECK_TWICE([] {
    return wire::varint_size(0) == 1 && wire::varint_size(127) == 1 && wire::varint_size(128) == 2 &&
           wire::varint_size(16383) == 2 && wire::varint_size(16384) == 3 && wire::varint_size(~std::uint64_t{0}) == 10;
  });
}

TEST_CASE("sinks", "[wire]") {
  SECTION("memory that is too small is not overrun") {
    CHECK_TWICE([] {
      for (std::size_t room = 0; room < 95; ++room) {
        std::array<char, 96> memory{};
        memory[room] = 'x';
        wire::span_sink sink{std::span{memory}.first(room)};
        exp_model(sink);
        if (sink.ok() || sink.size() > room || memory[room] != 'x') return false;
      }
      std::array<char, 95> exact{};
      wire::span_sink sink{exact};
      exp_model(sink);
      return sink.ok() && sink.size() == 95;
    });
  }
  SECTION("a callback sees payloads in one piece and at their address") {
    std::vector<char> const weights(100000, 'w');
    bool seen = false;
    std::string all;
    wire::callback_sink sink{[&](char const* data, std::size_t size) {
      seen = seen || (data == weights.data() && size == weights.size());
      all.append(data, size);
    }};
    wire::initializer(sink, {"w", dtype::uint8, {}}, constexport_tests::view(weights));
    CHECK(seen);
    CHECK(all.size() == weights.size() + 13);
  }
  SECTION("a counter never asks for the payload") {
    auto const body = [](auto& sink) {
      wire::initializer(sink, {"w", dtype::uint8, {}}, std::uint64_t{1} << 40, [](auto&) { FAIL("was asked"); });
    };
    CHECK(wire::size_of(body) == (std::uint64_t{1} << 40) + 19);
  }
}

TEST_CASE("a name that is computed is written like one that is not", "[wire]") {
  CHECK_TWICE([] {
    constexpr std::string_view expected = "\x0a\x17past_key_values.107.key";
    std::array<char, 25> bytes{};
    wire::span_sink sink{bytes};
    wire::text(sink, 1, constexport::tensor_name{"past_key_values.*.key", 107});
    return sink.ok() && std::string_view{bytes.data(), sink.size()} == expected;
  });
}
