/// Contracts as text: written, read back, and refused where the text is wrong.
#include "../support/twice.hpp"
#include "bytes.hpp"
#include <constexport/models.hpp>
#include <constexport/onnx/contract_reader.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace constexport;

namespace {

std::string text_of_contract(bound_contract const& bound) {
  std::string text;
  print_contract(bound, [&](char c) { text += c; });
  return text;
}

// Are both contracts the same to every reader of contracts?
void check_equal(bound_contract const& a, bound_contract const& b) {
  contract const &left = *a.table, &right = *b.table;
  CHECK(left.identity.class_name == right.identity.class_name);
  CHECK(left.identity.library == right.identity.library);
  CHECK(left.identity.model_type == right.identity.model_type);
  CHECK(left.identity.task == right.identity.task);
  CHECK(left.identity.behavior == right.identity.behavior);
  CHECK(left.identity.part == right.identity.part);
  CHECK(left.identity.variant == right.identity.variant);
  CHECK(left.identity.use_past == right.identity.use_past);
  CHECK(left.identity.use_past_in_inputs == right.identity.use_past_in_inputs);
  CHECK(left.identity.opset == right.identity.opset);
  CHECK(left.identity.atol_for_validation == right.identity.atol_for_validation);
  REQUIRE(left.symbols.size() == right.symbols.size());
  for (std::size_t i = 0; i < left.symbols.size(); ++i) {
    symbol_row const &x = left.symbols[i], &y = right.symbols[i];
    CHECK(x.name == y.name);
    CHECK(x.field == y.field);
    CHECK(x.is_axis == y.is_axis);
    CHECK(x.dummy == y.dummy);
    CHECK(x.minimum == y.minimum);
    CHECK(x.maximum == y.maximum);
    CHECK(x.multiple == y.multiple);
    CHECK(x.follows == y.follows);
    CHECK(x.is_free == y.is_free);
    CHECK(a.values[i] == b.values[i]);
  }
  auto const same_size = [](program x, program y) {
    algebra<> sizes;
    CHECK((sizes.from(x) == sizes.from(y) && sizes.ok()));
  };
  auto const same_dims = [&](std::span<dimension const> x, std::span<dimension const> y) {
    REQUIRE(x.size() == y.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      CHECK(x[i].name == y[i].name);
      same_size(x[i].size, y[i].size);
    }
  };
  for (int const list : {0, 1, 2}) {
    bool const outputs = list == 1;
    auto const xs = list == 0 ? left.inputs : outputs ? left.outputs : left.dummies;
    auto const ys = list == 0 ? right.inputs : outputs ? right.outputs : right.dummies;
    REQUIRE(xs.size() == ys.size());
    for (std::size_t i = 0; i < xs.size(); ++i) {
      CHECK(xs[i].name == ys[i].name);
      CHECK(xs[i].type == ys[i].type);
      CHECK(xs[i].group == ys[i].group);
      CHECK(xs[i].role == ys[i].role);
      CHECK(xs[i].pair == ys[i].pair);
      same_dims(xs[i].dims, ys[i].dims);
      CHECK(xs[i].repeat.empty() == ys[i].repeat.empty());
      CHECK(xs[i].condition.empty() == ys[i].condition.empty());
      if (!xs[i].repeat.empty()) same_size(xs[i].repeat, ys[i].repeat);
      if (!xs[i].condition.empty()) same_size(xs[i].condition, ys[i].condition);
      if (outputs) continue;  // dummies are made of inputs only
      same_dims(xs[i].dummy_dims, ys[i].dummy_dims);
      CHECK(xs[i].values.kind == ys[i].values.kind);
      same_size(xs[i].values.lower, ys[i].values.lower);
      same_size(xs[i].values.upper, ys[i].values.upper);
    }
  }
}

void check_round_trip(bound_contract const& bound) {
  std::string const text = text_of_contract(bound);
  std::vector<char> const bytes = constexport_tests::on_heap(text);
  auto const storage = std::make_unique<contract_storage<>>();
  read_status const status = read_contract(constexport_tests::view(bytes), *storage);
  INFO(text << "\n" << text_of(status.error) << " at " << status.offset);
  REQUIRE(status);
  check_equal(bound, storage->bound());
  CHECK(text_of_contract(storage->bound()) == text);
}

struct small_axis final : axis<small_axis, "n", 4, 2, 64, 2> {
  static constexpr std::string_view follows = "num_channels";
  static constexpr bool is_free = true;
};
struct odd_axis final : axis<odd_axis, "an \"odd\" \\ name\n"> {};
struct twin_axis final : axis<twin_axis, "num_channels"> {};
struct twin_parameter final : parameter<twin_parameter, "num_channels"> {};
inline constexpr small_axis small;
inline constexpr odd_axis odd;
inline constexpr twin_axis twin;
inline constexpr twin_parameter twin_size;

using odd_inputs =
    tensor_list<tensor<"x\"y", dtype::bfloat16, small, odd, twin, twin_size, odd + twin_size * int_c<3>>,
                tensor<"z", dtype::string>, tensor<"w", dtype::boolean, int_c<-5> + small - (int_c<2> - twin)>,
                tensor<"v", dtype::int64, named<"a \"b\"", small>, min(small, max(twin, int_c<4>)), (small > twin),
                       either(twin, small + power(power(small, int_c<2>), twin) * twin)>>;
using odd_table = detail::table<odd_inputs, tensor_list<>>;
constexpr contract odd_contract{{"A \"class\"", "", "", "task", "", false, true, 21, 0.05, "unet", "default"},
                                odd_table::symbols,
                                odd_table::inputs,
                                odd_table::outputs,
                                odd_table::inputs.subspan(1)};

constexpr bound_contract bind_freely(contract const& table) {
  bound_contract bound{&table, {}};
  for (auto& value : bound.values) value = unknown;
  return bound;
}

read_status read(std::string_view text) {
  std::vector<char> const bytes = constexport_tests::on_heap(text);
  auto const storage = std::make_unique<contract_storage<>>();
  read_status const status = read_contract(constexport_tests::view(bytes), *storage);
  // Whatever came out, using it must be safe.
  if (status) {
    bound_contract const bound = storage->bound();
    std::string out;
    print_contract(bound, [&](char c) { out += c; });
    for (auto const rows : {bound.table->inputs, bound.table->outputs}) {
      std::size_t count = 0;
      for_each_tensor(rows, bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
        count += tensor_name{row.name, layer}.size();
        for (dimension const& dim : row.dims) evaluate(dim.size, bound.sizes());
      });
    }
  }
  return status;
}

}  // namespace

TEST_CASE("a contract comes back from its text", "[contract_text]") {
  check_round_trip(BertOnnxConfig<>{}.bind());
  check_round_trip(BertOnnxConfig<multiple_choice>{hidden_size = 384, batch_size = 3}.bind());
  check_round_trip(GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>{num_layers = 96}.bind());
  check_round_trip(T5OnnxConfig<text2text_generation, use_past, use_past_in_inputs, decoder>{}.bind());
  check_round_trip(T5OnnxConfig<text2text_generation, encoder>{}.bind());
  check_round_trip(T5OnnxConfig<text2text_generation, use_past, monolith>{}.bind());
  check_round_trip(ViTOnnxConfig<masked_im>{}.bind());
  check_round_trip(CLIPOnnxConfig<>{}.bind());
  check_round_trip(WhisperOnnxConfig<automatic_speech_recognition, use_past, decoder>{}.bind());
}

TEST_CASE("names that need escapes, axes and parameters of one name, every operation", "[contract_text]") {
  check_round_trip(bind_freely(odd_contract));
}

TEST_CASE("a contract can be read by the compiler", "[contract_text]") {
  CHECK_TWICE([] {
    constexpr std::string_view text =
        R"({"symbols":[{"axis":"n","minimum":2},{"parameter":"layers","value":2}],)"
        R"("inputs":[{"name":"past.*","type":"float16","dims":["n","layers * 4"],"repeat":"layers","group":1,"role":"past"}],)"
        R"("outputs":[{"name":"next.*","type":"float16","dims":["n + 1",{"width":"8"}],"repeat":"layers","group":2,)"
        R"("role":"present","past":"past.*"}]})";
    contract_storage<contract_limits{4, 8, 32, 16}> storage;
    if (!read_contract(text, storage)) return false;
    bound_contract const bound = storage.bound();
    return bound.table->symbols[0].minimum == 2 && bound.values[0] == unknown && bound.values[1] == 2 &&
           count_tensors(bound.table->inputs, bound.sizes()) == 2 && bound.table->inputs[0].pair == 0 &&
           bound.table->outputs[0].pair == 0 && evaluate(bound.table->inputs[0].dims[1].size, bound.sizes()) == 8 &&
           dims_text{bound.table->outputs[0].dims, bound.table->symbols} == "n + 1, width";
  });
}

TEST_CASE("members in another order, spaces, and members of the future", "[contract_text]") {
  CHECK(read(
      R"( { "outputs" : [ { "type" : "int64" , "past" : "a" , "dims" : [ "n" , { "m" : "n//2" } ] , "name" : "b" } ] ,
     "inputs" : [ {"dims":["\u006e"],"name":"\u0061","type":"int64","new":{"x":[1,2.5e-3,null,true,"\"]"]}} ] ,
     "future" : [ { } , [ ] , -1 ] , "symbols" : [ { "axis" : "n" } ] } )"));
}

TEST_CASE("expressions as other programs write them", "[contract_text]") {
  using namespace std::string_view_literals;
  std::array<symbol_row, 2> const symbols{symbol_row{"height", {}, true}, symbol_row{"width", {}, true}};
  auto const value = [&](std::string_view text) {
    std::vector<instruction> code;
    read_status const status = read_expression(text, symbols, [&](instruction step) {
      code.push_back(step);
      return true;
    });
    if (!status || !is_well_formed(code, symbols.size())) return unknown;
    return evaluate(code, std::array<std::int64_t, 2>{7, 5});
  };
  CHECK(value("height") == 7);
  CHECK(value("height / 2") == 3);
  CHECK(value("height//2 * width") == 15);
  CHECK(value("1 + 2 * 3") == 7);
  CHECK(value("(1 + 2) * 3") == 9);
  CHECK(value("10 - 4 - 3") == 3);
  CHECK(value("-height + 1") == -6);
  CHECK(value("-5 + height") == 2);
  CHECK(value("-7 // 2") == -4);
  CHECK(value("max(height, width * 2) % 4") == 2);
  CHECK(value("min( height , width )") == 5);
  CHECK(value("height > width") == 1);
  CHECK(value("height == width") == 0);
  CHECK(value("2 * width ** 2") == 50);
  CHECK(value("(2 ** 3) ** 2") == 64);
  CHECK(value("0 ** 9223372036854775807") == 0);
  CHECK(value("2 ** 9223372036854775807") == unknown);
  CHECK(value("0 or height - 7 or width") == 5);
  CHECK(value("(height or width) + 1") == 8);
  CHECK(value("9223372036854775807") == 9223372036854775807);
  std::array const wrong{""sv,
                         "height +"sv,
                         "height width"sv,
                         "(height"sv,
                         "height)"sv,
                         "depth"sv,
                         "9223372036854775808"sv,
                         "min(height)"sv,
                         "* 2"sv,
                         "height ++"sv,
                         "2 height"sv,
                         "parameter.height"sv,
                         "symbol.2"sv,
                         "symbol."sv,
                         "symbol.9999999999999999999"sv,
                         "min"sv,
                         "a$b"sv,
                         "height\0"sv,
                         "or"sv,
                         "height or"sv,
                         "height ** "sv};
  for (std::string_view const text : wrong) CHECK(value(text) == unknown);
  CHECK(value(std::string(5000, '(') + "1" + std::string(5000, ')')) == unknown);
  CHECK(value(std::string(5000, '-') + "1") == unknown);
}

TEST_CASE("what is wrong with a text, and where", "[contract_text]") {
  CHECK(read("").error == read_error::syntax);
  CHECK(read("[]").error == read_error::syntax);
  CHECK(read("{} x").error == read_error::syntax);
  CHECK(read(R"({"symbols":[{"axis":"n"},]})").error == read_error::syntax);
  CHECK(read(R"({"opset":"18"})").error == read_error::syntax);
  CHECK(read(R"({"task":"\x"})").error == read_error::syntax);
  CHECK(read(R"({"task":"\ud800"})").error == read_error::syntax);
  CHECK(read(R"({"symbols":[{"minimum":1}]})") == read_status{read_error::missing_member, 12});
  CHECK(read(R"({"inputs":[{"name":"x","dims":[]}]})").error == read_error::missing_member);
  CHECK(read(R"({"inputs":[{"name":"x","type":"int64","dims":[],"group":1}]})").error == read_error::missing_member);
  CHECK(read(R"({"inputs":[{"name":"x","type":"int65","dims":[]}]})") == read_status{read_error::unknown_word, 31});
  CHECK(read(R"({"inputs":[{"name":"x","type":"int64","dims":["n"]}]})") ==
        read_status{read_error::unknown_symbol, 47});
  CHECK(read(R"({"inputs":[{"name":"x","type":"int64","dims":["1 +"]}]})").error == read_error::bad_expression);
  CHECK(read(R"({"outputs":[{"name":"x","type":"int64","dims":[],"past":"y"}]})").error == read_error::unknown_symbol);
  CHECK(read(R"({"inputs":[{"name":"x","type":"int64","dims":[],"repeat":"9999999999","group":1}]})").error ==
        read_error::too_large);
  CHECK(read(R"({"inputs":[{"name":"x","type":"int64","dims":[],"repeat":"2","group":70000}]})").error ==
        read_error::too_large);
  CHECK(read(R"({"x":)" + std::string(100000, '[')).error == read_error::too_deep);
  std::string many = R"({"symbols":[{"axis":"a"})";
  for (int i = 0; i < 60; ++i) many += R"(,{"axis":"a"})";
  CHECK(read(many + "]}").error == read_error::too_large);
  std::string deep = "1";
  for (int i = 0; i < 40; ++i) deep = "1 + (" + deep + ")";
  CHECK(read(R"({"inputs":[{"name":"x","type":"int64","dims":[")" + deep + R"("]}]})").error == read_error::too_deep);
}

TEST_CASE("texts that are cut off or damaged", "[contract_text]") {
  std::string const whole = text_of_contract(T5OnnxConfig<text2text_generation, use_past, use_past_in_inputs>{}.bind());
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(read(std::string_view{whole}.substr(0, size)));
  std::mt19937 random{2024};
  constexpr std::string_view alphabet = "\"\\{}[],:0123456789-+*/%()abnum_ .eu\n\x01\xff";
  std::size_t readable = 0;
  for (int trial = 0; trial < 4000; ++trial) {
    std::string text = whole;
    for (std::size_t flips = 1 + random() % 3; flips > 0; --flips)
      text[random() % text.size()] = alphabet[random() % alphabet.size()];
    readable += read(text) ? 1u : 0u;
  }
  CHECK(readable > 0);
}
