// What the command formats: near names, dimensions with values, columns, requests. Expected values by hand.
#include "../../tools/constexport/axes.hpp"
#include "../../tools/constexport/columns.hpp"
#include "../../tools/constexport/dims.hpp"
#include "../../tools/constexport/register.hpp"
#include "../../tools/constexport/request.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace constexport;
using namespace constexport::command;

namespace {

entries const& two_models() {
  static entries const all = [] {
    entries result;
    add_models(result, model_list<GPT2OnnxConfig, T5OnnxConfig, MusicgenOnnxConfig>{});
    return result;
  }();
  return all;
}

std::string message_of(request const& wanted) {
  try {
    select(two_models(), wanted);
  } catch (usage_error const& error) {
    return error.what();
  }
  return "";
}

template <class Config>
std::string dim(Config const& config, std::size_t output, std::size_t index) {
  bound_contract const bound = config.bind();
  dimension_text const text = text_of(bound.table->outputs[output].dims[index], bound);
  return text.number ? std::to_string(*text.number) : text.expression.empty() ? "null" : text.expression;
}

}  // namespace

TEST_CASE("near names") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("gtp2", "gpt2") == 2);
  CHECK(nearest("brt", {"gpt2", "bart", "bert", "t5"}, 2) == std::vector<std::string>{"bart", "bert"});
  CHECK(nearest("llama", {"opt", "codellama", "llava"}, 1) == std::vector<std::string>{"llava"});
  CHECK(joined({"a", "b"}, ", ") == "a, b");
  CHECK(joined({}, ", ").empty());
}

TEST_CASE("names as a person reads them") {
  using constexport::detail::readable;
  CHECK(readable("a.b[0] <x> \u00e9 \u4f60 \U0001f600") == "a.b[0] <x> \u00e9 \u4f60 \U0001f600");
  CHECK(readable(std::string_view("a\0\n\t\r\x1b[31m\x7f", 11)) == R"(a\x00\n\t\r\x1b[31m\x7f)");
  CHECK(readable("\u009b31m\u202ea\u200b\ufeff") == R"(\xc2\x9b31m\xe2\x80\xaea\xe2\x80\x8b\xef\xbb\xbf)");
  // A byte alone, a sequence cut off, an overlong one, a surrogate, and beyond the last character.
  CHECK(readable("\x80\xe4\xbd|\xc0\x80|\xed\xa0\x80|\xf4\x90\x80\x80") ==
        R"(\x80\xe4\xbd|\xc0\x80|\xed\xa0\x80|\xf4\x90\x80\x80)");
  CHECK(constexport::detail::readable_lines("a\nb\x1b\n") == "a\nb\\x1b\n");
  CHECK(markdown_code("x[0] <b> *a*") == "`x[0] <b> *a*`");
  CHECK(markdown_code("a|`") == "<code>a&#124;&#96;</code>");
  CHECK(markdown_code("").empty());
}

TEST_CASE("dimensions have values for parameters") {
  CHECK(dim(GPT2OnnxConfig<text_generation>{}, 0, 2) == "50257");
  CHECK(dim(GPT2OnnxConfig<text_generation, use_past>{}, 1, 2) == "past_sequence_length + sequence_length");
  CHECK(dim(GPT2OnnxConfig<text_generation, use_past>{num_attention_heads = 4, hidden_size = 32}, 1, 3) == "8");
  // Kernels and strides of 1 leave a length as it is.
  CHECK(dim(Wav2Vec2OnnxConfig<automatic_speech_recognition>{}, 0, 1) ==
        "(((((((sequence_length - 10) // 5 + 1 - 3) // 2 + 1 - 3) // 2 + 1 - 3) // 2 + 1 - 3) // 2 + 1 - 2) // 2 + 1 - "
        "2) // 2 + 1");
  CHECK(dim(MCTCTOnnxConfig<automatic_speech_recognition>{}, 0, 1) == "(sequence_length + 6 - 7) // 3 + 1");
  CHECK(dim(MusicgenOnnxConfig<text_to_audio, encoder, part<"build_delay_pattern_mask">>{}, 0, 1) == "null");
  CHECK(dim(MusicgenOnnxConfig<text_to_audio, encoder, part<"build_delay_pattern_mask">>{}, 0, 0) == "batch_size * 4");
}

TEST_CASE("columns") {
  CHECK(aligned({{"a", "", "1"}, {"bcd", "", "22"}}, 1) == " a    1\n bcd  22\n");
  CHECK(aligned({}) == "");
  CHECK(visible_size("\033[36mab\033[0m") == 2);
  CHECK(visible_size("\xc3\xa4") == 1);
  CHECK(aligned({{"name", "one two three four five six seven"}}, 0, 28) ==
        "name  one two three four\n      five six seven\n");
  palette const colours{true};
  CHECK(palette{}.axis("x").text() == "x");
  CHECK(aligned({{colours.axis("x"), "y"}, {"long", "y"}}) == "\033[36mx\033[0m     y\nlong  y\n");
}

TEST_CASE("a request finds its configuration") {
  auto const identity = [](request const& wanted) { return select(two_models(), wanted).table->identity; };
  CHECK(identity({"gpt2", "text-generation"}).use_past == false);
  CHECK(identity({"gpt2", "text-generation-with-past"}).use_past_in_inputs == true);
  request first{"gpt2", "text-generation-with-past"};
  first.past_in_inputs = false;
  CHECK(identity(first).use_past == true);
  CHECK(identity(first).use_past_in_inputs == false);
  CHECK(identity({"t5", "text2text-generation-with-past"}).behavior == "monolith");
  request encodes{"t5", "text2text-generation-with-past"};
  encodes.behavior = "encoder";
  CHECK(identity(encodes).behavior == "encoder");
  CHECK(identity(encodes).use_past == false);
  request decodes{"musicgen", "text-to-audio"};
  decodes.part = "decoder/10";
  CHECK(identity(decodes).use_past == true);
  CHECK(identity(decodes).use_past_in_inputs == false);
  decodes.part = "decoder";
  CHECK(identity(decodes).use_past_in_inputs == true);
  CHECK(identity({"musicgen", "text-to-audio"}).part == "text_encoder");
  CHECK(message_of({"gpt3", "text-generation"}).starts_with("unknown model type \"gpt3\"; nearest: gpt2"));
  CHECK(message_of({"gpt2", "fill-mask"}).find("it has, nearest first: ") != std::string::npos);
}

TEST_CASE("axis sizes") {
  bound_contract const bound = GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>{}.bind();
  std::vector<std::string> ignored;
  auto const size = [&](std::vector<axis_size> const& given, std::string_view name) {
    ignored.clear();
    dummy_sizes const sizes = command::size_axes(bound, given, ignored);
    return sizes.values[find_symbol(bound.table->symbols, name, true)];
  };
  CHECK(parse_axis("batch_size=4").name == "batch_size");
  CHECK(parse_axis("batch_size=4").size == 4);
  for (char const* const wrong : {"", "=", "a=", "=3", "a", "a=3x", "a=-3", "a=1e3"})
    CHECK_THROWS_AS(parse_axis(wrong), usage_error);
  // The past follows the sequence, unless it is given itself; the last of two sizes counts.
  CHECK(size({{"sequence_length", 5}}, "past_sequence_length") == 5);
  CHECK(size({{"sequence_length", 5}, {"past_sequence_length", 0}}, "past_sequence_length") == 0);
  CHECK(size({{"batch_size", 5}, {"batch_size", 6}}, "batch_size") == 6);
  CHECK(ignored.empty());
  CHECK(size({{"height", 5}}, "batch_size") == 2);
  CHECK(ignored == std::vector<std::string>{"height"});
  CHECK_THROWS_AS(size({{"nothing", 5}}, "batch_size"), usage_error);
  CHECK_THROWS_AS(size({{"batch_size", 0}}, "batch_size"), usage_error);
}
