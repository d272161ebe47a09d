// The value rules of all dummies of the catalogue: printed as the table of docs/dummy_values.md, or drawn from.
//
//   dummy_values          prints the table
//   dummy_values --draw   draws values of every rule and checks their ranges; the last line is `N passed, N failed`
#include "../constexport/catalogue.hpp"
#include <constexport/dummy/fill.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace {

using namespace constexport;

std::string text_of(program code, contract const& table) {
  std::string text;
  print(
      code, [&](std::size_t index) { return table.symbols[index].name; }, [&](char c) { text += c; });
  return text;
}

std::string rule_text(value_rule const& rule, dtype type, contract const& table) {
  switch (rule.kind) {
    case value_kind::mask:
      return "a row of ones, then zeros; at least one 1";
    case value_kind::positions:
      return "0, 1, 2, ... along the last dimension";
    case value_kind::ended:
      return "integers evenly from [0, " + text_of(rule.upper, table) + "), one " + text_of(rule.lower, table) +
             " a row, not as the first";
    case value_kind::uniform:
      return std::string(is_floating(type) ? "reals" : "integers") + " evenly from [" + text_of(rule.lower, table) +
             ", " + text_of(rule.upper, table) + ")";
  }
  return "";
}

// The class of optimum/utils/input_generators.py that makes a dummy, by the beginning of its name.
struct generator {
  std::string_view prefix, name;
};
constexpr generator generators[] = {
    {"actions", "DummyDecisionTransformerInputGenerator"},
    {"attention_mask", "DummyTextInputGenerator"},
    {"audio_codes", "DummyEncodecInputGenerator"},
    {"bbox", "DummyBboxInputGenerator"},
    {"decoder_", "DummySeq2SeqDecoderTextInputGenerator"},
    {"encoder_attention_mask", "DummyTextInputGenerator"},
    {"encoder_", "DummySeq2SeqDecoderTextInputGenerator"},
    {"flattened_patches", "DummyPix2StructInputGenerator"},
    {"global_attention_mask", "LongformerDummyTextInputGenerator"},
    {"guidance", "DummyFluxTransformerTextInputGenerator"},
    {"hidden_states", "DummyTransformerVisionInputGenerator"},
    {"image_", "DummyVisionEmbeddingsGenerator"},
    {"img_ids", "DummyFluxTransformerVisionInputGenerator"},
    {"input_features", "DummyAudioInputGenerator"},
    {"input_ids", "DummyTextInputGenerator"},
    {"input_values", "DummyAudioInputGenerator"},
    {"input_", "DummyPointsGenerator"},
    {"latent_sample", "DummyVisionInputGenerator"},
    {"max_length", "DummyIntGenerator"},
    {"output_sequence", "DummySpeechT5InputGenerator"},
    {"pad_token_id", "DummyIntGenerator"},
    {"past_key_values", "DummyPastKeyValuesGenerator"},
    {"past_values", "DummyPatchTSTInputGenerator"},
    {"pixel_values", "DummyVisionInputGenerator"},
    {"pooled_projections", "DummyTransformerTextInputGenerator"},
    {"position_ids", "DummyTextInputGenerator"},
    {"returns_to_go", "DummyDecisionTransformerInputGenerator"},
    {"sample", "DummyVisionInputGenerator"},
    {"speaker_embeddings", "DummySpeechT5InputGenerator"},
    {"spectrogram", "DummySpeechT5InputGenerator"},
    {"states", "DummyDecisionTransformerInputGenerator"},
    {"text_embeds", "DummyTimestepInputGenerator"},
    {"timesteps", "DummyDecisionTransformerInputGenerator"},
    {"time", "DummyTimestepInputGenerator"},
    {"token_type_ids", "DummyTextInputGenerator"},
    {"txt_ids", "DummyFluxTransformerTextInputGenerator"},
    {"visual_", "DummyVisionInputGenerator"},
    {"xpath_", "DummyXPathSeqInputGenerator"},
};

std::string_view generator_of(std::string_view name, dtype type) {
  if (name == "attention_mask" && is_floating(type)) return generators[0].name;
  for (generator const& each : generators)
    if (name.starts_with(each.prefix)) return each.name;
  return "";
}

std::span<tensor_row const> dummies_of(contract const& table) {
  return table.dummies.empty() ? table.inputs : table.dummies;
}

void print_table() {
  struct row {
    std::string name, type, rule, generator;
    auto operator<=>(row const&) const = default;
  };
  std::map<row, std::set<std::string>> rows;
  for (command::entry const& each : command::catalogue())
    for (tensor_row const& tensor : dummies_of(*each.table))
      rows[{std::string(tensor.name), std::string(name_of(tensor.type)),
            rule_text(tensor.values, tensor.type, *each.table), std::string(generator_of(tensor.name, tensor.type))}]
          .insert(std::string(each.table->identity.model_type));
  std::printf("| dummy | dtype | values | as Optimum's | models |\n|---|---|---|---|---|\n");
  for (auto const& [row, models] : rows) {
    std::string shown;
    std::size_t count = 0;
    for (std::string const& model : models)
      if (++count <= 3) shown += (shown.empty() ? "" : ", ") + model;
    if (models.size() > 3) shown += " and " + std::to_string(models.size() - 3) + " more";
    std::printf("| `%s` | %s | %s | %s | %s |\n", row.name.c_str(), row.type.c_str(), row.rule.c_str(),
                row.generator.c_str(), shown.c_str());
  }
}

// A few thousand values from the beginning and from far inside; both must obey the rule.
template <class T>
bool obeys(dummy_tensor const& tensor, std::string& problem) {
  auto const elements = static_cast<std::uint64_t>(tensor.shape.elements());
  auto const last = static_cast<std::uint64_t>(tensor.shape.rank == 0 ? 1 : tensor.shape.last());
  bool seen_low = false;
  for (std::uint64_t const first : {std::uint64_t{0}, elements / 2}) {
    auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(elements - first, 4096));
    auto const memory = std::make_unique<T[]>(size);
    std::span<T> const values(memory.get(), size);
    if (dummy_status const status = fill<T>(values, tensor, first); !status.ok()) {
      status.print([&](char c) { problem += c; });
      return false;
    }
    int ends = -1;  // of the row, where it is seen from its beginning
    for (std::size_t i = 0; i < values.size(); ++i) {
      double const value = static_cast<double>(values[i]);
      std::uint64_t const column = (first + i) % last;
      bool right = false;
      switch (tensor.kind) {
        case value_kind::uniform:
          right = value >= static_cast<double>(tensor.lower) && value < static_cast<double>(tensor.upper);
          seen_low = seen_low || value < (static_cast<double>(tensor.lower) + static_cast<double>(tensor.upper)) / 2;
          break;
        case value_kind::mask:
          right = (value == 0 || value == 1) && (column != 0 || value == 1) &&
                  (i == 0 || column == 0 || value <= static_cast<double>(values[i - 1]));
          break;
        case value_kind::positions:
          right = value == static_cast<double>(column);
          break;
        case value_kind::ended:
          if (column == 0) ends = 0;
          if (ends >= 0 && value == static_cast<double>(tensor.lower)) ++ends;
          right = value >= 0 && value < static_cast<double>(tensor.upper) && ends <= 1 &&
                  (column + 1 < last || last == 1 || ends != 0) &&
                  (column != 0 || last == 1 || value != static_cast<double>(tensor.lower));
          break;
      }
      if (!right) {
        problem = "element " + std::to_string(first + i) + " is " + std::to_string(value);
        return false;
      }
    }
  }
  if (tensor.kind == value_kind::uniform && elements > 64 && !seen_low) problem = "no value in the lower half";
  return problem.empty();
}

bool draw(dummy_tensor const& tensor, std::string& problem) {
  switch (tensor.type) {
    case dtype::float32:
      return obeys<float>(tensor, problem);
    case dtype::int64:
      return obeys<std::int64_t>(tensor, problem);
    case dtype::boolean:
      return obeys<bool>(tensor, problem);
    default:
      problem = "this test does not draw " + std::string(name_of(tensor.type));
      return false;
  }
}

int draw_all() {
  std::size_t passed = 0, failed = 0;
  for (command::entry const& each : command::catalogue()) {
    contract_identity const& identity = each.table->identity;
    bound_contract bound{each.table, {}};
    bound.values.fill(unknown);
    for (std::size_t i = 0; i < each.table->symbols.size(); ++i) bound.values[i] = each.table->symbols[i].value;
    std::string last_pattern, problem;
    bool right = true;
    dummy_status const status =
        for_each_dummy_tensor(bound, {}, 20261124, shape_source::dummy, [&](dummy_tensor const& tensor) {
          // One layer stands for all.
          if (tensor.name.layer > 0 || !right) return;
          right = draw(tensor, problem);
          if (!right) problem = std::string(tensor.name.pattern) + ": " + problem;
        });
    if (!status.ok()) {
      right = false;
      status.print([&](char c) { problem += c; });
    }
    ++(right ? passed : failed);
    if (!right)
      std::printf("FAILED %s %s %s: %s\n", std::string(identity.model_type).c_str(), std::string(identity.task).c_str(),
                  std::string(identity.behavior).c_str(), problem.c_str());
  }
  std::printf("%zu passed, %zu failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "--draw") == 0) return draw_all();
  print_table();
}
