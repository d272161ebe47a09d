/// adapters/config_json.hpp: the parameters of a contract, read from a Hugging Face `config.json`.
///
/// Room: adapters. Includes core/contract.hpp, nlohmann-json and the standard library. The command and programs that
/// configure themselves at run time include it.
///
/// The field of a parameter (`symbol_row::field`) says where its value is:
///
///     hidden_size                    a field
///     text_config.vocab_size         a field of an object
///     n_layer|num_hidden_layers      the first of several that is there and not null
///     image_size[1]                  an element of an array; a number is an array of itself; beyond the end: 1
///     hidden_sizes[-1]               the last element of an array
///     down_block_types#              the number of elements of an array or object
///     mask_ratio*1000                a real number times an integer, rounded down
///     addition_embed_type=text_time  1 if the field is this text, or one of several with commas between, else 0
///     @image_processor.max_patches   a field of the preprocessor's configuration
///     @size.height                   the same; a number is the height and the width of itself
///
/// true and false are 1 and 0. What is missing or null takes the model's default, or follows from other parameters
/// where the model says so (`symbol_row::fallback`); unknown fields are ignored.
#pragma once

#include <constexport/core/contract.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace constexport {

/// A field of a wrong type, or an impossible value. The message names the path.
class config_error : public std::runtime_error {
 public:
  config_error(std::string_view path, std::string const& problem)
      : std::runtime_error("field \"" + std::string(path) + "\": " + problem), path_(path) {}
  /// The path of the field: "text_config.vocab_size".
  std::string const& path() const { return path_; }

 private:
  std::string path_;
};

namespace detail {

using nlohmann::json;

inline std::string shown(json const& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

// The value at a path of object fields, or nullptr; `is_null` tells what is null from what is missing.
inline json const* walk(json const* at, std::string_view path, bool& is_null) {
  std::string_view const whole = path;
  while (!path.empty()) {
    std::size_t const dot = path.find('.');
    std::string const name(path.substr(0, dot));
    if (at->is_null()) return nullptr;
    if (at->is_number() && (path == "height" || path == "width")) return at;  // the side of a square
    if (!at->is_object())
      throw config_error(path.size() == whole.size() ? path : whole.substr(0, whole.size() - path.size() - 1),
                         "expected an object, found " + shown(*at));
    auto const found = at->find(name);
    if (found == at->end() || found->is_null()) {
      is_null = is_null || (found != at->end() && name.size() == path.size());
      return nullptr;
    }
    at = &*found;
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return at;
}

inline std::int64_t to_integer(json const& value, std::string_view path) {
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{0x7fffffffffffffff})
    throw config_error(path, "the integer " + shown(value) + " is too large");
  if (value.is_number_integer()) return value.get<std::int64_t>();
  throw config_error(path, "expected an integer, found " + shown(value));
}

inline std::int64_t digits(std::string_view text) {
  std::int64_t number = 0;
  for (char const c : text) number = number * 10 + (c - '0');
  return number;
}

// One alternative of a field's notation; `unknown` if it is not there.
inline std::int64_t read_field(std::string_view field, json const& config, json const* preprocessor, bool& is_null) {
  json const* root = &config;
  if (field.starts_with('@')) {
    if (preprocessor == nullptr) return unknown;
    root = preprocessor;
    field.remove_prefix(1);
  }
  std::string_view const whole = field;
  std::string_view text;
  bool const compares = field.find('=') != std::string_view::npos;
  if (compares) {
    text = field.substr(field.find('=') + 1);
    field = field.substr(0, field.find('='));
  }
  std::int64_t scale = 0;
  if (std::size_t const star = field.find('*'); star != std::string_view::npos) {
    scale = digits(field.substr(star + 1));
    field = field.substr(0, star);
  }
  bool const counts = field.ends_with('#');
  if (counts) field.remove_suffix(1);
  std::size_t const bracket = field.find('[');
  bool const indexes = bracket != std::string_view::npos;
  std::string_view const index = indexes ? field.substr(bracket + 1, field.size() - bracket - 2) : std::string_view{};
  field = field.substr(0, bracket);
  json const* value = walk(root, field, is_null);
  if (value == nullptr) return unknown;
  if (compares) {
    if (!value->is_string()) throw config_error(field, "expected a text, found " + shown(*value));
    for (std::size_t start = 0; start <= text.size();) {
      std::size_t const end = std::min(text.find(',', start), text.size());
      if (value->get_ref<std::string const&>() == text.substr(start, end - start)) return 1;
      start = end + 1;
    }
    return 0;
  }
  if (counts) {
    if (!value->is_array() && !value->is_object())
      throw config_error(field, "expected an array, found " + shown(*value));
    return static_cast<std::int64_t>(value->size());
  }
  if (indexes && value->is_array()) {
    std::size_t const last = value->size() - 1;  // the largest number for an empty array: all is beyond its end
    std::size_t const at = index == "-1" ? last : static_cast<std::size_t>(digits(index));
    if (at >= value->size()) return 1;
    return to_integer((*value)[at], whole);
  }
  if (scale != 0) {
    if (!value->is_number()) throw config_error(field, "expected a number, found " + shown(*value));
    double const scaled = value->get<double>() * static_cast<double>(scale);
    // Beyond these the conversion is not defined; no size is so large.
    if (!(scaled > -1e15 && scaled < 1e15)) throw config_error(field, "the number " + shown(*value) + " is too large");
    return static_cast<std::int64_t>(std::floor(scaled));
  }
  return to_integer(*value, whole);
}

}  // namespace detail

/// The contract with the parameters of a model's `config.json` and, where the model needs it, of its preprocessor.
/// Throws config_error, which names the path.
inline bound_contract read_config(contract const& table, nlohmann::json const& config,
                                  nlohmann::json const* preprocessor = nullptr) {
  if (!config.is_object()) throw config_error("", "the configuration is no JSON object, but " + detail::shown(config));
  bound_contract bound{&table, {}};
  bound.values.fill(unknown);
  std::array<bool, max_symbols> given{};
  std::vector<std::size_t> null;  // parameters that the configuration leaves to other parameters
  for (std::size_t i = 0; i < table.symbols.size(); ++i) {
    symbol_row const& symbol = table.symbols[i];
    bound.values[i] = symbol.value;
    if (symbol.is_axis) continue;
    bool is_null = false;
    for (std::string_view rest = symbol.field; !rest.empty();) {
      std::size_t const bar = rest.find('|');
      std::string_view const field = rest.substr(0, bar);
      rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
      std::int64_t const value = detail::read_field(field, config, preprocessor, is_null);
      if (value == unknown) continue;
      if (value < symbol.minimum || value > symbol.maximum)
        throw config_error(field, "the value " + std::to_string(value) + " is impossible; it must be at least " +
                                      std::to_string(symbol.minimum));
      bound.values[i] = value;
      given[i] = true;
      break;
    }
    if (!given[i] && is_null && !symbol.is_derived && !symbol.fallback.empty()) null.push_back(i);
  }
  for (std::size_t const i : null) bound.values[i] = evaluate(table.symbols[i].fallback, bound.sizes());
  derive(table.symbols, bound.values, given);
  for (std::size_t i = 0; i < table.symbols.size(); ++i)
    if (symbol_row const& symbol = table.symbols[i]; !symbol.fallback.empty() && bound.values[i] < symbol.minimum)
      throw config_error(symbol.field, "is missing or null, and what follows from the other fields is impossible" +
                                           (bound.values[i] == unknown ? "" : ": " + std::to_string(bound.values[i])));
  return bound;
}

}  // namespace constexport
