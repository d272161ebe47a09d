/// Folded layers give the bytes that graph_metadata has, whatever the layers' numbers look like.
#include "../support/twice.hpp"
#include <constexport/models/bert.hpp>
#include <constexport/models/gpt2.hpp>
#include <constexport/models/t5.hpp>
#include <constexport/onnx/folded_metadata.hpp>

#include <string>
#include <string_view>

using namespace constexport;

namespace {

constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 12};
constexpr GPT2OnnxConfig<text_generation, use_past> gpt2_large{num_layers = 101};
constexpr T5OnnxConfig<text2text_generation, decoder, use_past> t5{};
constexpr BertOnnxConfig<> bert{};
constexpr metadata_options without_text{.contract_entry = false};

template <auto Config, metadata_options Options = metadata_options{}>
constexpr bool is_same() {
  std::array<char, graph_metadata<Config, Options>.size()> bytes{};
  wire::span_sink sink{bytes};
  write_metadata(sink, folded_metadata<Config, Options>);
  return sink.ok() && sink.size() == bytes.size() && bytes == graph_metadata<Config, Options>;
}

}  // namespace

TEST_CASE("a folded file is written as the whole one") {
  CHECK_TWICE(is_same<gpt2>);
  CHECK_TWICE(is_same<gpt2, without_text>);
  CHECK_TWICE(is_same<gpt2_large, without_text>);
  CHECK_TWICE(is_same<t5>);
  CHECK_TWICE(is_same<bert>);
}

TEST_CASE("one layer is kept, whatever their number") {
  STATIC_CHECK(folded_metadata<gpt2, without_text>.repeats.size() == 2);
  STATIC_CHECK(folded_metadata<gpt2, without_text>.rows.size() == 4);
  STATIC_CHECK(folded_metadata<bert>.repeats.empty());
  STATIC_CHECK(folded_metadata<gpt2, without_text>.bytes.size() < 1024);
  STATIC_CHECK(graph_metadata<gpt2, without_text>.size() > 4096);
}

TEST_CASE("a sink that is a function gets the file in pieces") {
  std::string file;
  wire::callback_sink sink{[&](char const* data, std::size_t size) { file.append(data, size); }};
  write_metadata(sink, folded_metadata<gpt2>);
  CHECK(file == std::string_view(graph_metadata<gpt2>.data(), graph_metadata<gpt2>.size()));
}
