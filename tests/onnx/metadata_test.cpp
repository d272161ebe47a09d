/// The ModelProto of a configuration: as a constant, at run time, and read back.
#include "../data/onnx/golden.hpp"
#include "../support/twice.hpp"
#include "bytes.hpp"
#include <constexport/models.hpp>
#include <constexport/onnx/contract_reader.hpp>
#include <constexport/onnx/graph_metadata.hpp>
#include <constexport/onnx/reader.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace constexport;

namespace {

// A contract of the test's own, so that its golden bytes do not change with the models.
struct batch_size_of_test final : axis<batch_size_of_test, "batch_size", 2> {};
struct sequence_of_test final : axis<sequence_of_test, "sequence_length", 16, 1, 1024, 8> {};
struct past_of_test final : axis<past_of_test, "past_sequence_length", 16, 0> {};
struct hidden_of_test final : parameter<hidden_of_test, "hidden_size"> {};
struct heads_of_test final : parameter<heads_of_test, "heads"> {};
struct layers_of_test final : parameter<layers_of_test, "layers"> {};
inline constexpr batch_size_of_test batch;
inline constexpr sequence_of_test sequence;
inline constexpr past_of_test past;
inline constexpr hidden_of_test hidden;
inline constexpr heads_of_test heads;
inline constexpr layers_of_test layers;

template <fixed_string Name, tensor_role Role, auto Length>
using cache = with_role<tensor<Name, dtype::float16, batch, Length, exactly(hidden / heads)>, Role>;
using tiny_inputs = tensor_list<
    tensor<"input_ids", dtype::int64, batch, sequence>,
    tensor<"attention_mask", dtype::boolean, batch, past + sequence>,
    repeat<layers, cache<"past.*.key", tensor_role::past, past>, cache<"past.*.value", tensor_role::past, past>>,
    when<heads, tensor<"scale", dtype::float64>>>;
using tiny_outputs = tensor_list<
    tensor<"half", dtype::float32, batch, named<"half", (sequence + int_c<1>) / int_c<2>>, named<"1", int_c<1>>>,
    repeat<layers, cache<"present.*.key", tensor_role::present, past + sequence>,
           cache<"present.*.value", tensor_role::present, past + sequence>>>;
using tiny_table = detail::table<tiny_inputs, tiny_outputs>;
constexpr contract tiny{{"TinyOnnxConfig", "transformers", "tiny", "text-generation", "decoder", true, true, 18, 0.05},
                        tiny_table::symbols,
                        tiny_table::inputs,
                        tiny_table::outputs};
constexpr bound_contract bound_tiny = [] {
  bound_contract bound{&tiny, {}};
  for (auto& value : bound.values) value = unknown;
  bound.values[find_symbol(tiny.symbols, "hidden_size", false)] = 32;
  bound.values[find_symbol(tiny.symbols, "heads", false)] = 2;
  bound.values[find_symbol(tiny.symbols, "layers", false)] = 2;
  return bound;
}();

constexpr BertOnnxConfig<> bert{hidden_size = 384, num_layers = 6};
constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 3};
constexpr GPT2OnnxConfig<text_generation, use_past> gpt2_first_step{num_layers = 3};
constexpr T5OnnxConfig<text2text_generation, use_past, use_past_in_inputs, decoder> t5;
constexpr CLIPOnnxConfig<> clip;

constexpr std::string_view total = "past_sequence_length_plus_sequence_length";

tensor_row row_of(std::string_view name, std::span<dimension const> dims) {
  tensor_row row{};
  row.name = name;
  row.type = dtype::float32;
  row.dims = dims;
  row.dummy_dims = dims;
  return row;
}

template <std::size_t Size>
constexpr std::string_view view(std::array<char, Size> const& bytes) {
  return {bytes.data(), bytes.size()};
}

constexpr wire::dim_view dim_of(std::string_view bytes, std::string_view tensor, std::size_t index) {
  wire::model_file const file = wire::read_model(bytes);
  wire::dim_view found;
  auto const look = [&](auto const& values) {
    for (wire::value_view const value : values) {
      if (value.name != tensor) continue;
      std::size_t at = 0;
      for (wire::dim_view const dim : value.dims())
        if (at++ == index) found = dim;
    }
  };
  look(file.model.graph.inputs());
  look(file.model.graph.outputs());
  return found;
}

}  // namespace

TEST_CASE("the file is the one that the onnx package makes", "[metadata]") {
  CHECK_TWICE([] {
    constexport_tests::comparing_sink sink{golden::tiny_metadata, sizeof golden::tiny_metadata};
    return write_metadata(sink, bound_tiny) && sink.same && sink.at == sizeof golden::tiny_metadata;
  });
  std::ostringstream stream;
  write_metadata(stream, bound_tiny);
  std::vector<char> const expected(std::begin(golden::tiny_metadata), std::end(golden::tiny_metadata));
  CHECK(stream.str() == constexport_tests::view(expected));
}

TEST_CASE("at run time the same bytes come out, into memory and into a stream", "[metadata]") {
  for (bound_contract const& bound : {bert.bind(), gpt2.bind(), t5.bind(), clip.bind()}) {
    std::ostringstream stream;
    REQUIRE(write_metadata(stream, bound));
    std::string const text = stream.str();
    CHECK(text.size() == metadata_size(bound));
    std::vector<char> memory(text.size());
    wire::span_sink sink{memory};
    CHECK(write_metadata(sink, bound));
    CHECK((sink.ok() && text == constexport_tests::view(memory)));
    if (bound.table == &gpt2.contract()) CHECK(text == view(graph_metadata<gpt2>));
    if (bound.table == &t5.contract()) CHECK(text == view(graph_metadata<t5>));
  }
}

TEST_CASE("sizes and names of dimensions", "[metadata]") {
  CHECK_TWICE([] {
    std::string_view const file = view(graph_metadata<gpt2>);
    wire::dim_view const heads = dim_of(file, "past_key_values.1.value", 1);
    return dim_of(file, "input_ids", 0).param == "batch_size" && dim_of(file, "attention_mask", 1).param == total &&
           dim_of(file, "present.2.key", 2).param == total && heads.has_value && heads.value == 12 &&
           dim_of(file, "present.0.value", 3).value == 64 && dim_of(file, "logits", 2).value == 50257;
  });
  // Without past in the inputs its length is 0: what is a sum elsewhere is the one axis here.
  CHECK_TWICE(
      [] { return dim_of(view(graph_metadata<gpt2_first_step>), "present.0.key", 2).param == "sequence_length"; });
  // Optimum calls the new tokens' axis "1" here, which is no name in a file.
  CHECK_TWICE([] {
    wire::dim_view const tokens = dim_of(view(graph_metadata<t5>), "logits", 1);
    return !tokens.has_value && tokens.param == "decoder_sequence_length";
  });
  CHECK(dim_of(view(graph_metadata<clip>), "image_embeds", 0).param == "image_batch_size");
}

TEST_CASE("Optimum's own strings, on request", "[metadata]") {
  CHECK_TWICE([] {
    std::string_view const file = view(graph_metadata<gpt2, metadata_options{.naming = dim_naming::optimum}>);
    return dim_of(file, "attention_mask", 1).param == "past_sequence_length + sequence_length" &&
           dim_of(file, "present.0.key", 3).value == 64;
  });
}

TEST_CASE("the contract travels with the file", "[metadata]") {
  CHECK_TWICE([] {
    wire::model_file const file = wire::read_model(view(graph_metadata<gpt2>));
    contract_storage<> storage;
    if (!file || !read_contract(file.model.find_metadata(contract_key), storage)) return false;
    bound_contract const bound = storage.bound();
    return bound.table->identity.class_name == "GPT2OnnxConfig" && bound.table->outputs[1].pair == 2 &&
           count_tensors(bound.table->inputs, bound.sizes()) == file.model.graph.inputs().size();
  });
  CHECK_TWICE([] {
    std::string_view const file = view(graph_metadata<gpt2, metadata_options{.contract_entry = false}>);
    return wire::read_model(file).model.metadata().size() == 0;
  });
}

TEST_CASE("versions", "[metadata]") {
  CHECK(producer_version == CONSTEXPORT_VERSION);
  CHECK_TWICE([] {
    return ir_version_of(17) == 8 && ir_version_of(18) == 8 && ir_version_of(19) == 9 && ir_version_of(21) == 10 &&
           ir_version_of(13) == 7 && ir_version_of(7) == 3 && ir_version_of(99) == 13;
  });
}

TEST_CASE("a tensor with too many dimensions is refused before anything is written", "[metadata]") {
  std::array<dimension, max_rank + 1> dims{};
  std::array<instruction, 1> const one{instruction{operation::constant, 1}};
  for (dimension& dim : dims) dim.size = one;
  std::array<tensor_row, 1> rows{row_of("x", dims)};
  contract const table{{}, {}, rows, {}};
  bound_contract const bound{&table, {}};
  std::ostringstream stream;
  CHECK_FALSE(write_metadata(stream, bound));
  CHECK(stream.str().empty());
  CHECK(metadata_size(bound) == 0);
  rows[0].dims = std::span{dims}.first(max_rank);
  CHECK(write_metadata(stream, bound));
}

TEST_CASE("a name that two sizes claim is given to neither", "[metadata]") {
  std::array<symbol_row, 2> const symbols{symbol_row{"n", {}, true}, symbol_row{"m", {}, true}};
  std::array<instruction, 1> const n{instruction{operation::symbol, 0}}, m{instruction{operation::symbol, 1}};
  std::array<dimension, 1> const first{dimension{n, "size"}}, second{dimension{m, "size"}}, third{dimension{m, "n"}};
  std::array<tensor_row, 3> const rows{row_of("a", first), row_of("b", second), row_of("c", third)};
  contract const table{{}, symbols, rows, {}};
  bound_contract bound{&table, {}};
  bound.values.fill(unknown);
  std::ostringstream stream;
  REQUIRE(write_metadata(stream, bound));
  CHECK(dim_of(stream.str(), "a", 0).param == "n");
  CHECK(dim_of(stream.str(), "b", 0).param == "m");
  CHECK(dim_of(stream.str(), "c", 0).param == "m");
}
