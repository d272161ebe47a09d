/// emit/genai.hpp: a contract as the `model` section of onnxruntime-genai's genai_config.json.
///
/// Room: emit. Includes core and emit. `constexport emit genai` writes it, of decoders with a key/value cache.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/emit/emit_error.hpp>
#include <constexport/emit/string_literal.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace constexport {

/// What the section has and a contract does not; what is not known is left out.
struct genai_settings {
  std::string filename = "model.onnx";
  std::int64_t context_length = unknown, bos_token_id = unknown, pad_token_id = unknown;
  std::vector<std::int64_t> eos_token_ids{};
};

namespace detail {

// Members of JSON objects with their indentation.
class json_members {
 public:
  explicit json_members(std::size_t depth) : indent_(2 * depth, ' ') {}
  void add(std::string_view name, std::string const& value) {
    append(text_, ",\n", indent_ + string_literal(name) + ": " + value);
  }
  void add(std::string_view name, std::int64_t value) {
    if (value != unknown) add(name, std::to_string(value));
  }
  void add(std::string_view name, json_members const& value) { add(name, value.text()); }
  std::string text() const { return "{\n" + text_ + "\n" + indent_.substr(2) + "}"; }

 private:
  std::string indent_, text_;
};

// `past_key_values.*.key` with the number of the layer as genai writes it.
inline std::string genai_pattern(std::string_view name) {
  std::string result;
  for (char const c : name) {
    if (c == '%')
      throw emit_error("\"" + std::string(name) + "\": genai cannot be given a name with a percent sign; rename it");
    if (c == '*')
      result += "%d";
    else
      result += c;
  }
  return string_literal(result);
}

inline std::int64_t parameter_value(bound_contract const& bound, std::string_view name) {
  std::size_t const index = find_symbol(bound.table->symbols, name, false);
  return index < bound.table->symbols.size() ? bound.values[index] : unknown;
}

}  // namespace detail

/// The section, as a whole file without `search`. Throws emit_error where the contract is not what genai can drive.
inline std::string genai_config(bound_contract const& bound, genai_settings const& settings = {}) {
  contract const& table = *bound.table;
  auto const fixed = [&](program size) { return evaluate(size, bound.sizes()); };
  std::string const needed =
      "genai drives decoders that have input_ids, logits, and per layer a key and a value of past "
      "(--task text-generation-with-past)";
  detail::json_members inputs(4), outputs(4), part(3), model(2), file(1);
  std::vector<tensor_row const*> past;
  bool has_ids = false;
  for (tensor_row const& row : table.inputs) {
    if (!row.condition.empty() && evaluate(row.condition, bound.sizes()) == 0) continue;
    if (row.role == tensor_role::past) {
      past.push_back(&row);
    } else if (row.name == "input_ids" || row.name == "attention_mask" || row.name == "position_ids") {
      has_ids = has_ids || row.name == "input_ids";
      inputs.add(row.name, detail::string_literal(row.name));
    } else {
      throw emit_error("input \"" + std::string(row.name) +
                       "\" is none of input_ids, attention_mask, position_ids, and " +
                       "no cache either: the contract does not say which output it becomes. Say it (\"past\" in a "
                       "contract file), or give --model-type and --task in place of --contract; " +
                       needed);
    }
  }
  tensor_row const* logits = nullptr;
  for (tensor_row const& row : table.outputs)
    if (row.name == "logits") logits = &row;
  if (!has_ids || logits == nullptr || logits->dims.empty()) throw emit_error(needed);
  if (past.size() != 2 || past[0]->group == 0 || past[0]->group != past[1]->group || past[0]->pair == no_row ||
      past[1]->pair == no_row)
    throw emit_error("the cache has another form: " + needed);
  tensor_row const& key = *past[0];
  for (tensor_row const* const row : past)
    if (row->dims.size() != 4 || fixed(row->dims[1].size) == unknown || fixed(row->dims[3].size) == unknown)
      throw emit_error("\"" + std::string(row->name) +
                       "\": genai's cache is batch, heads, length, size of a head, heads and size as "
                       "numbers; give them values (--config config.json)");
  inputs.add("past_key_names", detail::genai_pattern(key.name));
  inputs.add("past_value_names", detail::genai_pattern(past[1]->name));
  outputs.add("logits", detail::string_literal("logits"));
  outputs.add("present_key_names", detail::genai_pattern(table.outputs[key.pair].name));
  outputs.add("present_value_names", detail::genai_pattern(table.outputs[past[1]->pair].name));
  part.add("filename", detail::string_literal(settings.filename));
  part.add("head_size", fixed(key.dims[3].size));
  part.add("hidden_size", detail::parameter_value(bound, "hidden_size"));
  part.add("num_attention_heads", detail::parameter_value(bound, "num_attention_heads"));
  part.add("num_hidden_layers", evaluate(key.repeat, bound.sizes()));
  part.add("num_key_value_heads", fixed(key.dims[1].size));
  part.add("inputs", inputs);
  part.add("outputs", outputs);
  model.add("type", detail::string_literal(table.identity.model_type));
  model.add("vocab_size", fixed(logits->dims.back().size));
  model.add("context_length", settings.context_length);
  model.add("bos_token_id", settings.bos_token_id);
  std::string ends;
  for (std::int64_t const id : settings.eos_token_ids) detail::append(ends, ", ", std::to_string(id));
  if (!ends.empty()) model.add("eos_token_id", settings.eos_token_ids.size() == 1 ? ends : "[" + ends + "]");
  model.add("pad_token_id", settings.pad_token_id);
  model.add("decoder", part);
  file.add("model", model);
  return file.text() + "\n";
}

}  // namespace constexport
