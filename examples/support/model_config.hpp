/// support/model_config.hpp: reading a model's config.json.
///
/// Room: examples/support. May include the standard library, nlohmann-json and error.hpp. The models depend on it.
#pragma once

#include "support/error.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace examples {

/// A `config.json` that cannot be read, or that asks for something the model here does not do.
struct config_error : user_error {
  using user_error::user_error;
};

/// A model's `config.json`, with errors that name the key. Throws `config_error` if the file is missing or not JSON.
class model_config {
 public:
  explicit model_config(std::filesystem::path const& path) : path_(path.string()) {
    std::ifstream stream(path);
    if (!stream) throw config_error(path_, "cannot be opened", "give the folder that holds the model's config.json");
    try {
      values_ = nlohmann::json::parse(stream);
    } catch (nlohmann::json::exception const& error) {
      throw config_error(path_, "is not JSON: " + std::string(error.what()), "fetch it again");
    }
    if (!values_.is_object()) throw config_error(path_, "is not a JSON object", "fetch it again");
  }

  /// The natural number `key`, at least 1.
  [[nodiscard]] std::int64_t size(std::string const& key) const {
    nlohmann::json const& value = at(key);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() == 0 || value.get<std::uint64_t>() > INT32_MAX)
      fail(key, "must be a whole number from 1 to 2147483647, but is " + value.dump());
    return value.get<std::int64_t>();
  }

  /// The number `key`, or `fallback` if the file does not have it.
  [[nodiscard]] double number(std::string const& key, double fallback) const {
    if (!values_.contains(key)) return fallback;
    if (!values_[key].is_number()) fail(key, "must be a number, but is " + values_[key].dump());
    return values_[key].get<double>();
  }

  /// Throws unless the text `key` is `expected` (or is absent and `optional`).
  void require(std::string const& key, std::string_view expected, bool optional = false) const {
    if (optional && !values_.contains(key)) return;
    nlohmann::json const& value = at(key);
    if (!value.is_string() || value.get<std::string>() != expected)
      fail(key, "is " + value.dump() + "; only \"" + std::string(expected) + "\" is supported");
  }

  /// Throws unless `heads` divides `width`, as multi-head attention needs.
  void require_divisible(std::string const& width, std::string const& heads) const {
    if (size(width) % size(heads) != 0)
      fail(heads, "is " + std::to_string(size(heads)) + ", which does not divide '" + width +
                      "' = " + std::to_string(size(width)));
  }

 private:
  [[noreturn]] void fail(std::string const& key, std::string const& problem) const {
    throw config_error(path_ + ", key '" + key + "'", problem, "use a model of the supported kind");
  }
  [[nodiscard]] nlohmann::json const& at(std::string const& key) const {
    if (!values_.contains(key)) fail(key, "is missing");
    return values_[key];
  }

  std::string path_;
  nlohmann::json values_;
};

}  // namespace examples
