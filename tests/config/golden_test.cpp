// Every golden row: what Optimum answers for the default configurations, and for others. The configurations are those
// of the command's catalogue, compiled once for both.
#include "../../tools/constexport/catalogue.hpp"
#include <constexport/adapters/config_json.hpp>
#include <constexport/dummy/shapes.hpp>

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace constexport;
using nlohmann::json;

namespace {

using command::entry;

// What tells configurations apart. Rows of one file that Optimum lists under two tasks (an encoder, with and without
// past) are one configuration here.
std::string key_of(std::string_view library, std::string_view model_type, std::string_view task,
                   std::string_view behavior, std::string_view part, std::string_view variant, bool past,
                   bool past_in_inputs) {
  std::string key;
  for (std::string_view const text : {library, model_type, task, behavior, part, variant})
    key += std::string(text) + "/";
  return key + (past ? "1" : "0") + (past_in_inputs ? "1" : "0");
}

using catalogue = std::map<std::string, entry>;

catalogue by_key() {
  catalogue all;
  for (entry const& each : command::catalogue()) {
    contract_identity const& identity = each.table->identity;
    all.emplace(
        key_of(identity.library, identity.model_type, identity.task, each.has_behaviors ? identity.behavior : "",
               identity.part, identity.variant, identity.use_past, identity.use_past_in_inputs),
        each);
  }
  return all;
}

std::string name_of(tensor_row const& row, std::int64_t layer) {
  std::string name;
  tensor_name{row.name, layer}.print([&](char c) { name += c; });
  return name;
}

// Optimum's expressions: names, integers, + - * / // and brackets. Floor division is spelled in both ways.
class parser {
 public:
  parser(std::string text, std::span<symbol_row const> symbols) : text_(std::move(text)), symbols_(symbols) {}
  std::vector<instruction> parse() {
    sum();
    REQUIRE(at_ == text_.size());
    return code_;
  }

 private:
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool accept(std::string_view token) {
    skip();
    if (text_.compare(at_, token.size(), token) != 0) return false;
    at_ += token.size();
    skip();
    return true;
  }
  void sum() {
    product();
    for (;;)
      if (accept("+"))
        product(), code_.push_back({operation::add, 0});
      else if (accept("-"))
        product(), code_.push_back({operation::subtract, 0});
      else
        return;
  }
  void product() {
    primary();
    for (;;)
      if (accept("*"))
        primary(), code_.push_back({operation::multiply, 0});
      else if (accept("//") || accept("/"))
        primary(), code_.push_back({operation::floor_divide, 0});
      else
        return;
  }
  void primary() {
    if (accept("(")) {
      sum();
      REQUIRE(accept(")"));
      return;
    }
    std::size_t const start = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) ++at_;
    std::string const word = text_.substr(start, at_ - start);
    REQUIRE(!word.empty());
    if (std::isdigit(static_cast<unsigned char>(word[0]))) {
      code_.push_back({operation::constant, std::stoll(word)});
    } else {
      std::size_t const index = find_symbol(symbols_, word, true);
      INFO("axis " << word);
      REQUIRE(index < symbols_.size());
      code_.push_back({operation::symbol, static_cast<std::int64_t>(index)});
    }
    skip();
  }

  std::string text_;
  std::span<symbol_row const> symbols_;
  std::vector<instruction> code_;
  std::size_t at_ = 0;
};

std::string print(dimension const& dim, std::span<symbol_row const> symbols) {
  std::string text;
  constexport::print(dim, symbols, [&](char c) { text += c; });
  return text;
}

void compare_axes(json const& expected, std::span<tensor_row const> rows, bound_contract const& bound) {
  std::size_t index = 0;
  auto const symbols = bound.table->symbols;
  for_each_tensor(rows, bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
    REQUIRE(index < expected.size());
    json const& golden = expected[index++];
    INFO("tensor " << golden[0]);
    CHECK(name_of(row, layer) == golden[0].get<std::string>());
    std::set<std::string> listed;
    for (std::size_t i = 0; i < row.dims.size(); ++i) {
      dimension const& dim = row.dims[i];
      bool const is_listed = constexport::is_listed(dim, symbols);
      std::string const key = std::to_string(i);
      INFO("dimension " << i << ": " << print(dim, symbols));
      REQUIRE(golden[1].contains(key) == is_listed);
      if (!is_listed) continue;
      listed.insert(key);
      std::string const written = golden[1][key];
      if (!dim.name.empty()) {  // another name of a size
        CHECK(dim.name == written);
        continue;
      }
      using numbers_type = algebra<algebra_limits{64, 24, 8}>;
      auto const numbers = std::make_unique<numbers_type>();
      auto const ours = numbers->from(dim.size, [&](std::size_t symbol) {
        return symbols[symbol].is_axis ? numbers->symbol(symbol) : numbers->number(bound.values[symbol]);
      });
      CHECK(ours == numbers->from(parser(written, symbols).parse()));
      CHECK(numbers->ok());
    }
    CHECK(listed.size() == golden[1].size());
  });
  CHECK(index == expected.size());
}

// "past_key_values[3][0]" as the inputs call it; a layer that no input has is called like the first.
std::string past_name(std::string const& nested, std::vector<std::string> const& past, std::size_t index) {
  if (index < past.size()) return past[index];
  std::string const first = "past_key_values.0.";
  std::size_t of_a_layer = 0;
  for (std::string const& name : past) of_a_layer += name.starts_with(first);
  std::size_t const start = nested.find('[') + 1;
  return "past_key_values." + nested.substr(start, nested.find(']') - start) + "." +
         past.at(index % of_a_layer).substr(first.size());
}

// Names as in `inputs`, in Optimum's order: nested tuples flat, placeholders without a tensor left out.
std::vector<json> flat_dummies(json const& row) {
  std::vector<std::string> past;
  for (json const& input : row["inputs"])
    if (input[0].get<std::string>().starts_with("past_key_values")) past.push_back(input[0]);
  std::vector<json> result;
  std::size_t next_past = 0;
  for (json dummy : row["dummy_inputs"]) {
    std::string const name = dummy[0];
    if (dummy[1] == "NoneType") continue;
    if (name.starts_with("past_key_values"))
      dummy[0] = past_name(name, past, next_past++);
    else if (name.ends_with("[0]"))  // of a tuple of tensors
      dummy[0] = name.substr(0, name.find('['));
    else if (name.ends_with("]") &&
             !std::isdigit(static_cast<unsigned char>(name[name.size() - 2])))  // of a dictionary
      dummy[0] = name.substr(name.find('[') + 1, name.size() - name.find('[') - 2);
    result.push_back(dummy);
  }
  return result;
}

// The sizes that a row asks for, of those axes that the contract knows.
std::vector<setting> sizes_of(json const& shapes, contract const& table) {
  static std::map<std::string, symbol_row> followed;
  std::vector<setting> given;
  for (auto const& [name, size] : shapes.items()) {
    std::size_t const index = find_symbol(table.symbols, name, true);
    setting one;
    one.value = size;
    if (index < table.symbols.size()) one.symbol = &table.symbols[index];
    for (symbol_row const& axis : table.symbols)
      if (one.symbol == nullptr && axis.is_axis && axis.follows == name) {
        symbol_row& row = followed[name];
        row.name = axis.follows;
        row.is_axis = true;
        one.symbol = &row;
      }
    if (one.symbol != nullptr) given.push_back(one);
  }
  return given;
}

void compare_dummies(json const& row, bound_contract const& bound) {
  std::vector<setting> given;
  if (row.contains("config")) given = sizes_of(row["shapes"], *bound.table);
  dummy_sizes const sizes = size_axes(bound, given);
  REQUIRE(sizes.status.ok());
  std::vector<json> const expected = flat_dummies(row);
  std::size_t index = 0;
  for_each_dummy(*bound.table, bound.sizes(), [&](tensor_row const& input, std::int64_t layer) {
    REQUIRE(index < expected.size());
    json const& golden = expected[index++];
    INFO("dummy " << golden[0]);
    CHECK(name_of(input, layer) == golden[0].get<std::string>());
    CHECK(name_of(input.type) == golden[1].get<std::string>());
    json shape = json::array();
    for (dimension const& dim : input.dummy_dims) shape.push_back(evaluate(dim.size, sizes.of(*bound.table)));
    CHECK(shape == golden[2]);
  });
  CHECK(index == expected.size());
}

// The default configuration of a row's model: reading it changes nothing.
bound_contract read_default_config(json const& row, contract const& table) {
  std::string const file = row["library"].get<std::string>() + "__" + row["model_type"].get<std::string>() + ".json";
  std::ifstream config_file(std::string(CONSTEXPORT_TEST_DATA "/golden/configs/") + file);
  INFO(file);
  REQUIRE(config_file);
  bound_contract const bound = read_config(table, json::parse(config_file));
  for (std::size_t i = 0; i < table.symbols.size(); ++i) {
    INFO("parameter " << table.symbols[i].name);
    CHECK(bound.values[i] == table.symbols[i].value);
  }
  return bound;
}

bound_contract default_values(contract const& table) { return read_config(table, json::object()); }

void compare(json const& row, entry const& ours) {
  contract_identity const& identity = ours.table->identity;
  CHECK(identity.class_name == row["class"].get<std::string>());
  CHECK(identity.opset == row["opset"].get<int>());
  CHECK(identity.atol_for_validation == row["atol_for_validation"].get<double>());
  json const* const preprocessor = row.contains("preprocessor") ? &row["preprocessor"] : nullptr;
  bound_contract const bound = row.contains("config") ? read_config(*ours.table, row["config"], preprocessor)
                                                      : read_default_config(row, *ours.table);
  compare_axes(row["inputs"], ours.table->inputs, bound);
  compare_axes(row["outputs"], ours.table->outputs, bound);
  compare_dummies(row, bound);

  json overrides = json::object(), input_map = json::object(), output_map = json::object();
  for (value_override const& each : ours.overrides) overrides[std::string(each.name)] = each.value;
  for (name_pair const& each : ours.input_map) input_map[std::string(each.torch)] = each.onnx;
  for (name_pair const& each : ours.output_map) output_map[std::string(each.torch)] = each.onnx;
  CHECK(overrides == row.value("values_override", json::object()));
  CHECK(input_map == row.value("torch_to_onnx_input_map", json::object()));
  CHECK(output_map == row.value("torch_to_onnx_output_map", json::object()));
}

// Compares every row of a file whose model is in the catalogue, and strikes what it uses from `unused`. The number of
// rows.
std::size_t compare_rows(std::string const& path, catalogue const& all, std::set<std::string>& unused) {
  std::set<std::string> models;
  for (auto const& [key, ours] : all)
    models.insert(std::string(ours.table->identity.library) + "/" + std::string(ours.table->identity.model_type));
  std::ifstream file(CONSTEXPORT_TEST_DATA "/golden/" + path);
  REQUIRE(file);
  std::size_t rows = 0;
  for (std::string line; std::getline(file, line);) {
    json const row = json::parse(line);
    auto const text = [&](char const* name) {
      return row.contains(name) && row[name].is_string() ? row[name].get<std::string>() : std::string();
    };
    if (!models.contains(text("library") + "/" + text("model_type"))) continue;
    std::string task = text("task");
    if (task.ends_with("-with-past")) task.resize(task.size() - 10);
    // "decoder/10" is the part "decoder" with these past flags; a part without a behavior is no half of the model.
    std::string const part = text("part").substr(0, text("part").find('/'));
    std::string const behavior =
        !part.empty() && row["behavior"].is_null() &&
                all.contains(key_of(text("library"), text("model_type"), task, "monolith", part, text("variant"),
                                    row["use_past"], row["use_past_in_inputs"]))
            ? "monolith"
            : text("behavior");
    std::string const key = key_of(text("library"), text("model_type"), task, behavior, part, text("variant"),
                                   row["use_past"], row["use_past_in_inputs"]);
    ++rows;
    // No sections: each of them would read all rows again.
    INFO(text("id") << ", ours: " << key << " " << row.value("config", json::object()));
    CHECK(all.contains(key));
    try {
      if (!all.contains(key)) continue;
      if (row.contains("error"))  // Optimum's own failure: what comes before it is compared
        compare_axes(row["inputs"], all.at(key).table->inputs, default_values(*all.at(key).table));
      else
        compare(row, all.at(key));
    } catch (...) {  // a REQUIRE, which has been counted; the other rows are compared all the same
    }
    for (json const& variant : row.value("variants", json::array()))  // a variant that the table has no rows of
      if (variant != text("variant"))
        unused.erase(key_of(text("library"), text("model_type"), task, behavior, part, variant.get<std::string>(),
                            row["use_past"], row["use_past_in_inputs"]));
    unused.erase(key);
  }
  return rows;
}

}  // namespace

TEST_CASE("every golden row of the models of the catalogue") {
  catalogue const all = by_key();
  std::set<std::string> unused;
  for (auto const& [key, ours] : all) unused.insert(key);
  CHECK(compare_rows("optimum.jsonl", all, unused) >= 55);
  // Every configuration that can be made is one of Optimum's.
  for (std::string const& key : unused) {
    INFO("no golden row: " << key);
    CHECK(false);
  }
}

TEST_CASE("golden rows under other parameters and dummy shapes, by make_golden.py") {
  catalogue const all = by_key();
  std::set<std::string> unused;
  std::size_t rows = 0;
  for (auto const& file : std::filesystem::directory_iterator(CONSTEXPORT_TEST_DATA "/golden")) {
    std::string const name = file.path().filename().string();
    if (name.starts_with("varied_") && name.ends_with(".jsonl")) rows += compare_rows(name, all, unused);
  }
  CHECK(rows > 1000);
}
