// Every golden row of the six model types: what Optimum answers for their default configurations.
#include <constexport/models.hpp>

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

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

struct entry {
  bound_contract bound;
  std::vector<value_override> overrides;
  std::vector<name_pair> input_map;
};

template <class Config>
entry describe(Config const& config = {}) {
  auto const overrides = config.values_override();
  auto const map = config.torch_to_onnx_input_map();
  static_assert(is_valid<Config>);
  return {config.bind(), {overrides.begin(), overrides.end()}, {map.begin(), map.end()}};
}

using catalogue = std::map<std::string, entry>;

// The ids are "library/model/task[/behavior][/past flags]".
template <template <auto...> class Model, auto Task, auto... Options>
void add(catalogue& all, std::string const& suffix) {
  using config = Model<Task, Options...>;
  std::string const past = config::template has<use_past> ? "-with-past" : "";
  all.emplace("transformers/" + std::string(config::model_type) + "/" + std::string(Task.name) + past + suffix,
              describe(config{}));
}

template <template <auto...> class Model, auto... Tasks>
void add_plain(catalogue& all) {
  (add<Model, Tasks>(all, ""), ...);
}

template <template <auto...> class Model, auto Task>
void add_decoder(catalogue& all) {
  add<Model, Task>(all, "/00");
  add<Model, Task, use_past>(all, "/10");
  add<Model, Task, use_past, use_past_in_inputs>(all, "/11");
}

template <template <auto...> class Model, auto Task>
void add_seq2seq(catalogue& all) {
  constexpr Model<Task> config{};
  std::string const id = "transformers/" + std::string(config.model_type) + "/" + std::string(Task.name);
  all.emplace(id + "/monolith/00", describe(config.template with_behavior<monolith>()));
  all.emplace(id + "/encoder/00", describe(config.template with_behavior<encoder>()));
  all.emplace(id + "/decoder/00", describe(config.template with_behavior<decoder>()));
}

template <template <auto...> class Model, auto Task>
void add_seq2seq_with_past(catalogue& all) {
  add_seq2seq<Model, Task>(all);
  constexpr Model<Task> config{};
  std::string const id = "transformers/" + std::string(config.model_type) + "/" + std::string(Task.name) + "-with-past";
  all.emplace(id + "/monolith/10", describe(config.template with_behavior<monolith, use_past>()));
  all.emplace(id + "/monolith/11", describe(config.template with_behavior<monolith, use_past, use_past_in_inputs>()));
  all.emplace(id + "/encoder/00", describe(config.template with_behavior<encoder>()));
  all.emplace(id + "/decoder/10", describe(config.template with_behavior<decoder, use_past>()));
  all.emplace(id + "/decoder/11", describe(config.template with_behavior<decoder, use_past, use_past_in_inputs>()));
}

catalogue make_catalogue() {
  catalogue all;
  add_plain<BertOnnxConfig, feature_extraction, fill_mask, multiple_choice, question_answering, text_classification,
            token_classification>(all);
  add_plain<ViTOnnxConfig, feature_extraction, image_classification, masked_im>(all);
  add_plain<CLIPOnnxConfig, feature_extraction, zero_shot_image_classification, image_classification>(all);
  add_decoder<GPT2OnnxConfig, feature_extraction>(all);
  add_decoder<GPT2OnnxConfig, text_generation>(all);
  add<GPT2OnnxConfig, text_classification>(all, "/00");
  add<GPT2OnnxConfig, token_classification>(all, "/00");
  add_seq2seq_with_past<T5OnnxConfig, feature_extraction>(all);
  add_seq2seq_with_past<T5OnnxConfig, text2text_generation>(all);
  add_seq2seq_with_past<WhisperOnnxConfig, feature_extraction>(all);
  add_seq2seq_with_past<WhisperOnnxConfig, automatic_speech_recognition>(all);
  add_seq2seq<WhisperOnnxConfig, audio_classification>(all);
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
      // A name that is another name of an axis of ours (CLIP's image batch).
      std::string const axis = word == "image_batch_size" ? "batch_size" : word;
      std::size_t const index = find_symbol(symbols_, axis, true);
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
      bool const is_listed = is_dynamic(dim, symbols) || !dim.name.empty();
      std::string const key = std::to_string(i);
      INFO("dimension " << i << ": " << print(dim, symbols));
      REQUIRE(golden[1].contains(key) == is_listed);
      if (!is_listed) continue;
      listed.insert(key);
      algebra<> numbers;
      CHECK(numbers.from(dim.size) == numbers.from(parser(golden[1][key].get<std::string>(), symbols).parse()));
      // Written as Optimum writes it.
      CHECK(print(dim, symbols) == golden[1][key].get<std::string>());
    }
    CHECK(listed.size() == golden[1].size());
  });
  CHECK(index == expected.size());
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
      dummy[0] = past.at(next_past++);
    else if (name == "encoder_outputs[0]")
      dummy[0] = "encoder_outputs";
    result.push_back(dummy);
  }
  return result;
}

void compare_dummies(json const& row, bound_contract const& bound) {
  symbol_values sizes = bound.values;
  for (std::size_t i = 0; i < bound.table->symbols.size(); ++i)
    if (sizes[i] == unknown) sizes[i] = bound.table->symbols[i].dummy;
  std::vector<json> const expected = flat_dummies(row);
  std::size_t index = 0;
  for_each_dummy(bound.table->inputs, bound.sizes(), [&](tensor_row const& input, std::int64_t layer) {
    REQUIRE(index < expected.size());
    json const& golden = expected[index++];
    INFO("dummy " << golden[0]);
    CHECK(name_of(input, layer) == golden[0].get<std::string>());
    CHECK(name_of(input.type) == golden[1].get<std::string>());
    json shape = json::array();
    for (dimension const& dim : input.dummy_dims) shape.push_back(evaluate(dim.size, sizes));
    CHECK(shape == golden[2]);
  });
  CHECK(index == expected.size());
}

void compare(json const& row, entry const& ours) {
  contract_identity const& identity = ours.bound.table->identity;
  CHECK(identity.class_name == row["class"].get<std::string>());
  CHECK(identity.library == row["library"].get<std::string>());
  CHECK(identity.model_type == row["model_type"].get<std::string>());
  CHECK(identity.opset == row["opset"].get<int>());
  CHECK(identity.atol_for_validation == row["atol_for_validation"].get<double>());
  CHECK(identity.use_past == row["use_past"].get<bool>());
  CHECK(identity.use_past_in_inputs == row["use_past_in_inputs"].get<bool>());
  if (!row["behavior"].is_null()) CHECK(identity.behavior == row["behavior"].get<std::string>());
  compare_axes(row["inputs"], ours.bound.table->inputs, ours.bound);
  compare_axes(row["outputs"], ours.bound.table->outputs, ours.bound);
  compare_dummies(row, ours.bound);

  json overrides = json::object(), input_map = json::object();
  for (value_override const& each : ours.overrides) overrides[std::string(each.name)] = each.value;
  for (name_pair const& each : ours.input_map) input_map[std::string(each.torch)] = each.onnx;
  CHECK(overrides == row.value("values_override", json::object()));
  CHECK(input_map == row.value("torch_to_onnx_input_map", json::object()));
  // The defaults of the parameters are those that Optimum read.
  for (symbol_row const& symbol : ours.bound.table->symbols)
    if (!symbol.is_axis && row["hyperparameters"].contains(std::string(symbol.field)))
      CHECK(symbol.value == row["hyperparameters"][std::string(symbol.field)].get<std::int64_t>());
}

}  // namespace

TEST_CASE("every golden row of BERT, GPT-2, T5, ViT, CLIP and Whisper") {
  catalogue all = make_catalogue();
  std::ifstream file(CONSTEXPORT_TEST_DATA "/golden/optimum.jsonl");
  REQUIRE(file);
  std::size_t rows = 0;
  for (std::string line; std::getline(file, line); ++rows) {
    json const row = json::parse(line);
    std::string const id = row["id"];
    DYNAMIC_SECTION(id) {
      REQUIRE(all.contains(id));
      compare(row, all.at(id));
    }
  }
  CHECK(rows == 55);
  CHECK(all.size() == rows);
}
