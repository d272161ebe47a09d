/// tools/constexport/files.hpp: JSON files that are read for parameters.
#pragma once

#include "text_file.hpp"
#include <constexport/adapters/config_json.hpp>
#include <constexport/config/checks.hpp>

#include <optional>
#include <string>

namespace constexport::command {

inline nlohmann::json read_json(std::string const& path) {
  std::string const text = read_text(path);
  try {
    return nlohmann::json::parse(text);
  } catch (nlohmann::json::exception const& error) {
    std::string what = error.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    if (std::size_t const end = what.find("] "); end != std::string::npos) what.erase(0, end + 2);
    throw file_error(path, "is no JSON: " + what);
  }
}

/// The contract with the parameters of a model's configuration files; empty paths: the model's defaults.
inline bound_contract bind(contract const& table, std::string const& config_path,
                           std::string const& preprocessor_path) {
  nlohmann::json const config = config_path.empty() ? nlohmann::json::object() : read_json(config_path);
  std::optional<nlohmann::json> preprocessor;
  if (!preprocessor_path.empty()) {
    preprocessor = read_json(preprocessor_path);
    if (!preprocessor->is_object())
      throw file_error(preprocessor_path, "is no JSON object; give the preprocessor_config.json of the model");
  }
  std::string const paths = config_path.empty() || preprocessor_path.empty() ? config_path + preprocessor_path
                                                                             : config_path + ", " + preprocessor_path;
  bound_contract bound;
  try {
    bound = read_config(table, config, preprocessor ? &*preprocessor : nullptr);
  } catch (config_error const& error) {
    throw file_error(paths, error.what());
  }
  finding const found = find_problem(bound);
  if (found.kind == problem::division_with_a_remainder)
    throw file_error(paths,
                     "a size of the tensor \"" + std::string(found.where) +
                         "\" leaves a remainder where it is divided, as if a hidden size were no multiple of the "
                         "number of heads");
  if (found.kind != problem::none)
    throw file_error(paths, "the parameter \"" + std::string(found.where) +
                                "\" comes out too small; correct the fields that it follows from");
  return bound;
}

}  // namespace constexport::command
