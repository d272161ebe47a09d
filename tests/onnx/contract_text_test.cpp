/// Contracts as text: written, read back, and refused where the text is wrong.
#include "../support/twice.hpp"
#include "bytes.hpp"
#include <constexport/models.hpp>
#include <constexport/onnx/contract_reader.hpp>
#include <constexport/onnx/contract_text.hpp>

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
  // Axes come first in the text, parameters last.
  REQUIRE(left.symbols.size() == right.symbols.size());
  std::vector<std::size_t> places(left.symbols.size());
  for (std::size_t i = 0; i < left.symbols.size(); ++i) {
    symbol_row const& x = left.symbols[i];
    places[i] = find_symbol(right.symbols, x.name, x.is_axis);
    REQUIRE(places[i] < right.symbols.size());
    symbol_row const& y = right.symbols[places[i]];
    CHECK(x.field == y.field);
    CHECK(x.is_axis == y.is_axis);
    CHECK(x.dummy == y.dummy);
    CHECK(x.minimum == y.minimum);
    CHECK(x.maximum == y.maximum);
    CHECK(x.multiple == y.multiple);
    CHECK(x.follows == y.follows);
    CHECK(x.is_free == y.is_free);
    CHECK(x.is_asked == y.is_asked);
    CHECK(a.values[i] == b.values[places[i]]);
  }
  auto const same_size = [&](program x, program y) {
    algebra<> sizes;
    std::vector<instruction> moved(x.begin(), x.end());
    for (instruction& step : moved)
      if (step.code == operation::symbol)
        step.value = static_cast<std::int64_t>(places[static_cast<std::size_t>(step.value)]);
    CHECK((sizes.from(moved) == sizes.from(y) && sizes.ok()));
  };
  auto const same_dims = [&](std::span<dimension const> x, std::span<dimension const> y) {
    REQUIRE(x.size() == y.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      CHECK(x[i].name == y[i].name);
      CHECK(x[i].is_unlisted == y[i].is_unlisted);
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
      CHECK(xs[i].is_unstated == ys[i].is_unstated);
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
  read_status const status = read_contract(constexport_tests::view(bytes), *storage, unknown_members::refused);
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

read_status read(std::string_view text, unknown_members unknown_ones = unknown_members::skipped) {
  std::vector<char> const bytes = constexport_tests::on_heap(text);
  auto const storage = std::make_unique<contract_storage<>>();
  read_status const status = read_contract(constexport_tests::view(bytes), *storage, unknown_ones);
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
        R"({"axes":{"n":{"min":2}},"parameters":{"layers":2},)"
        R"("inputs":[{"name":"past.*","dtype":"float16","dims":["n","layers * 4"],"repeat":"layers"}],)"
        R"("outputs":[{"name":"next.*","dtype":"float16","dims":["n + 1",{"width":8}],"repeat":"layers",)"
        R"("past":"past.*"}]})";
    contract_storage<contract_limits{4, 8, 32, 16}> storage;
    if (!read_contract(text, storage)) return false;
    bound_contract const bound = storage.bound();
    return bound.table->symbols[0].minimum == 2 && bound.values[0] == unknown && bound.values[1] == 2 &&
           count_tensors(bound.table->inputs, bound.sizes()) == 2 && bound.table->inputs[0].pair == 0 &&
           bound.table->outputs[0].pair == 0 && bound.table->inputs[0].role == tensor_role::past &&
           evaluate(bound.table->inputs[0].dims[1].size, bound.sizes()) == 8 &&
           dims_text{bound.table->outputs[0].dims, bound.table->symbols} == "n + 1, width";
  });
}

TEST_CASE("members in another order, spaces, and members of the future", "[contract_text]") {
  std::string const text =
      R"( { "outputs" : [ { "dtype" : "int64" , "past" : "a" , "dims" : [ "n" , { "m" : "n//2" } ] , "name" : "b" } ] ,
     "inputs" : [ {"dims":["\u006e"],"name":"\u0061","dtype":"int64","new":{"x":[1,2.5e-3,null,true,"\"]"]}} ] ,
     "future" : [ { } , [ ] , -1 ] , "axes" : { "n" : { "new" : 1 } } } )";
  CHECK(read(text));
  CHECK(read(text, unknown_members::refused) == read_status{read_error::unknown_member, text.find("future")});
}

TEST_CASE("a contract as it is written by hand", "[contract_text]") {
  CHECK_TWICE([] {
    contract_storage<> storage;
    constexpr std::string_view text = R"({
      "inputs": [{"name": "x", "dtype": "float32", "dims": ["batch_size", 3, "height", "width * 2"]},
                 {"name": "ids", "dtype": "int64", "dims": ["?", "batch_size", "?"], "values": {"min": 1, "max": 100}},
                 {"name": "f", "dtype": "float16", "dims": [], "values": {"max": 4}},
                 {"name": "m", "dtype": "int32", "dims": ["batch_size"], "values": "mask"}],
      "outputs": [{"name": "y", "dims": null}, {"name": "z", "dims": ["?", null, "n_found", "ids_dim2"]}],
      "axes": {"batch_size": {"min": 1, "max": 64, "default": 3}, "height": {"multiple": 8}, "ids_dim2": {"min": 5},
               "n_found": {"free": true}}
    })";
    if (!read_contract(text, storage, unknown_members::refused)) return false;
    auto const of = [&](std::string_view name) {
      return storage.symbols[find_symbol(storage.table.symbols, name, true)];
    };
    auto const& in = storage.table.inputs;
    auto const& out = storage.table.outputs;
    auto const values = storage.bound().sizes();
    return storage.table.symbols.size() == 6 && of("batch_size").maximum == 64 && of("batch_size").dummy == 3 &&
           of("height").dummy == 8 && of("width").dummy == 2 && !of("width").is_asked && of("ids_dim0").is_asked &&
           of("ids_dim0").dummy == 2 && of("ids_dim2").is_asked && of("ids_dim2").dummy == 5 &&
           evaluate(in[1].values.lower, values) == 1 && evaluate(in[1].values.upper, values) == 101 &&
           evaluate(in[0].values.upper, values) == 1 && evaluate(in[2].values.upper, values) == 4 &&
           in[3].values.kind == value_kind::mask && evaluate(in[3].values.upper, values) == 2 && out[0].is_unstated &&
           out[0].dims.empty() && out[0].type == dtype::undefined && !out[1].is_unstated && out[1].dims.size() == 4 &&
           evaluate(out[1].dims[0].size, values) == unknown && !is_dynamic(out[1].dims[0], storage.table.symbols) &&
           dims_text{out[1].dims.subspan(2), storage.table.symbols} == "n_found, ids_dim2";
  });
}

TEST_CASE("what a contract written by hand says comes back", "[contract_text]") {
  for (
      std::string_view const text :
      {R"({"opset":18,"atol":1e-5,"inputs":[{"name":"x","dtype":"int64","dims":["?","n",4],"values":{"min":1,"max":9}}],)"
       R"("outputs":[{"name":"y","dims":null},{"name":"z","dims":[null,"x_dim0"]}],)"
       R"("axes":{"x_dim0":{"default":2},"n":{"default":4,"min":3,"max":99,"multiple":2}},"parameters":{}})",
       R"({"opset":18,"atol":1e-5,"inputs":[{"name":"a b","dtype":"int64","dims":["`odd name` + conv[0]"],)"
       R"("values":{"kind":"ended","end":"eos","max":"(conv[0] or eos) - 1"}},)"
       R"({"name":"c","dtype":"float64","dims":["`odd name`"],"values":{"max":"eos + 1"}}],)"
       R"("outputs":[],"axes":{"odd name":{"default":7}},"parameters":{"conv[0]":4,"eos":{"value":3,"min":0}}})",
       R"({"opset":18,"atol":1e-5,"inputs":[{"name":"w","dtype":"bool","dims":["n"],"values":"positions"},)"
       R"({"name":"v","dtype":"int8","dims":["n"],"values":{"min":2,"max":"n"}}],"outputs":[],)"
       R"("axes":{"n":{"default":2,"value":2}},"parameters":{"free":{}}})"}) {
    auto const storage = std::make_unique<contract_storage<>>();
    read_status const status = read_contract(text, *storage, unknown_members::refused);
    INFO(text_of(status.error) << " at " << status.offset);
    REQUIRE(status);
    CHECK(text_of_contract(storage->bound()) == text);
  }
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
  CHECK(value("`height` + `width`") == 12);
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
                         "`height"sv,
                         "``"sv,
                         "`height``"sv,
                         "parameter."sv,
                         "height[0]"sv,
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
  // `^` marks the place of the error, which is not in the text.
  auto const wrong = [](read_error error, std::string text, unknown_members unknown_ones = unknown_members::refused) {
    std::size_t const at = text.find('^');
    text.erase(at, 1);
    read_status const status = read(text, unknown_ones);
    INFO(text << ": " << text_of(status.error) << " at " << status.offset);
    CHECK(status.error == error);
    CHECK(status.offset == at);
  };
  auto const tensor = [&](read_error error, std::string const& members) {
    wrong(error, R"({"outputs": [], "inputs": [)" + members + "]}");
  };
  auto const dims = [&](read_error error, std::string const& of) {
    tensor(error, R"({"name": "x", "dtype": "int64", "dims": )" + of + "}");
  };
  auto const axis = [&](read_error error, std::string const& members) {
    wrong(error,
          R"({"outputs": [], "inputs": [{"name": "x", "dtype": "int64", "dims": ["n"]}], "axes": )" + members + "}");
  };
  wrong(read_error::no_object, "^");
  wrong(read_error::no_object, "^[]");
  wrong(read_error::syntax, R"({"inputs": [], "outputs": []} ^x)");
  wrong(read_error::syntax, R"({"inputs": [], "outputs": [] ^"axes": {}})");
  wrong(read_error::no_string, R"({"inputs": [], ^})");
  wrong(read_error::no_inputs, R"(^{"outputs": []})");
  wrong(read_error::no_outputs, R"(^{"inputs": []})");
  wrong(read_error::unknown_member, R"({"inputs": [], "^ouputs": []})");
  wrong(read_error::given_twice, R"({"inputs": [], "outputs": [], "^inputs": []})");
  wrong(read_error::given_twice, R"({"task": "a", "^task": "b"})", unknown_members::skipped);
  wrong(read_error::no_integer, R"({"opset": ^"18"})");
  wrong(read_error::no_integer, R"({"opset": ^1.5})");
  wrong(read_error::out_of_range, R"({"opset": ^0})");
  wrong(read_error::no_number, R"({"atol": ^"small"})");
  wrong(read_error::no_boolean, R"({"use_past": ^1})");
  wrong(read_error::no_string, R"({"task": ^7})");
  wrong(read_error::syntax, R"({"task": "^\x"})");
  wrong(read_error::syntax, R"({"task": "^\ud800"})");
  wrong(read_error::syntax, R"({"task": "^abc)");
  wrong(read_error::no_list, R"({"outputs": [], "inputs": ^{}})");
  tensor(read_error::no_object, R"(^"x")");
  tensor(read_error::no_name, R"(^{"dtype": "int64", "dims": []})");
  tensor(read_error::no_dims, R"(^{"name": "x", "dtype": "int64"})");
  tensor(read_error::no_dtype, R"(^{"name": "x", "dims": []})");
  tensor(read_error::unknown_dtype, R"({"name": "x", "dtype": "^int65", "dims": []})");
  tensor(read_error::unknown_dtype, R"({"name": "x", "dtype": "^undefined", "dims": []})");
  tensor(read_error::unknown_member, R"({"name": "x", "^dtyp": "int64", "dims": []})");
  tensor(read_error::no_repeat, R"(^{"name": "x", "dtype": "int64", "dims": [], "group": 1})");
  tensor(read_error::out_of_range, R"({"name": "x", "dtype": "int64", "dims": [], "repeat": 2, "group": ^70000})");
  tensor(read_error::too_many_layers, R"(^{"name": "x", "dtype": "int64", "dims": [], "repeat": "99999 * 999"})");
  tensor(read_error::unknown_word, R"({"name": "x", "dtype": "int64", "dims": [], "role": "^passed"})");
  tensor(read_error::unknown_word, R"({"name": "x", "dtype": "int64", "dims": [], "values": "^masks"})");
  tensor(read_error::unknown_member, R"({"name": "x", "dtype": "int64", "dims": [], "values": {"^low": 1}})");
  tensor(read_error::unknown_symbol, R"({"name": "x", "dtype": "int64", "dims": [], "values": {"max": "^vocab"}})");
  tensor(read_error::unknown_symbol, R"({"name": "x", "dtype": "int64", "dims": [], "when": "^n"})");
  tensor(read_error::unknown_input, R"({"name": "x", "dtype": "int64", "dims": [], "past": "^x"})");
  tensor(read_error::two_of_one_name, R"({"name": "x", "dtype": "int64", "dims": []},
                                         {"dtype": "int64", "dims": ["n"], "name": "^x"})");
  wrong(read_error::two_of_one_name,
        R"({"inputs": [{"name": "x", "dtype": "int64", "dims": []}], "outputs": [{"name": "^x", "dims": null}]})");
  wrong(read_error::unknown_input, R"({"inputs": [], "outputs": [{"name": "x", "dims": null, "past": "^y"}]})");
  wrong(read_error::unbound_axis, R"({"inputs": [], "outputs": [{"name": "x", "dims": ["^n"]}]})");
  dims(read_error::no_list, "^3");
  dims(read_error::no_integer, "[^true]");
  dims(read_error::negative_size, "[^-1]");
  dims(read_error::no_integer, "[^2.0]");
  dims(read_error::bad_expression, R"(["1 +^"])");
  dims(read_error::bad_expression, R"(["batch ^size"])");
  dims(read_error::bad_expression, R"(["^? + 1"])");
  dims(read_error::unknown_symbol, R"(["2 * ^parameter.n"])");
  dims(read_error::unknown_symbol, R"(["^`n"])");
  dims(read_error::no_integer, R"([{"rows": ^null}])");
  axis(read_error::no_object, R"(^["n"])");
  axis(read_error::bad_axis, R"({"n": ^4})");
  axis(read_error::number_as_name, R"({"^3": {}})");
  axis(read_error::two_of_one_name, R"({"n": {}, "^n": {}})");
  axis(read_error::unknown_member, R"({"n": {"^minimum": 1}})");
  axis(read_error::out_of_range, R"({"n": {"min": ^-1}})");
  axis(read_error::out_of_range, R"({"n": {"multiple": ^0}})");
  axis(read_error::out_of_range, R"({"n": {"max": 8, "^value": 9}})");
  axis(read_error::empty_range, R"({"n": ^{"min": 3, "max": 2}})");
  axis(read_error::empty_range, R"({"n": ^{"min": 9, "max": 15, "multiple": 8}})");
  axis(read_error::bad_default, R"({"n": {"^default": 65, "max": 64}})");
  axis(read_error::bad_default, R"({"n": {"^default": 7, "multiple": 8}})");
  axis(read_error::unused_axis, R"({"n": {}, "^batch_szie": {}})");
  wrong(read_error::no_integer, R"({"outputs": [], "inputs": [], "parameters": {"layers": ^"12"}})");
  CHECK(read(R"({"x":)" + std::string(100000, '[')).error == read_error::too_deep);
}

TEST_CASE("a contract that is too large is told what is too small for it", "[contract_text]") {
  std::string many = R"({"axes":{"a":{})";
  for (int i = 0; i < 60; ++i) many += R"(,"a)" + std::to_string(i) + R"(":{})";
  CHECK(read(many + "}}").error == read_error::too_many_symbols);
  std::string deep = "1";
  for (int i = 0; i < 40; ++i) deep = "1 + (" + deep + ")";
  CHECK(read(R"({"inputs":[{"name":"x","dtype":"int64","dims":[")" + deep + R"("]}]})").error == read_error::too_deep);
  constexpr std::string_view one = R"({"name":"x","dtype":"int64","dims":["n","m + 1"]})";
  std::string const text = R"({"inputs":[)" + std::string(one) + R"(],"outputs":[]})";
  auto const with = [&](auto& storage) { return read_contract(text, storage).error; };
  contract_storage<contract_limits{0, 8, 32, 16}> no_rows;
  contract_storage<contract_limits{4, 1, 32, 16}> few_dims;
  contract_storage<contract_limits{4, 8, 3, 16}> little_code;
  contract_storage<contract_limits{4, 2, 4, 0}> enough;
  CHECK(with(no_rows) == read_error::too_many_tensors);
  CHECK(with(few_dims) == read_error::too_many_dims);
  CHECK(with(little_code) == read_error::too_much_arithmetic);
  CHECK(with(enough) == read_error::none);
  CHECK(read_contract(R"({"inputs":[{"name":"x","dtype":"int64","dims":["?"]}]})", enough).error ==
        read_error::too_much_text);
  CHECK(read_contract(R"({"task":"\u0061"})", enough).error == read_error::too_much_text);
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
