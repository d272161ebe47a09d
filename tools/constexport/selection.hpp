/// tools/constexport/selection.hpp: the contract that a command works with: of a model type, or of a contract file.
#pragma once

#include "files.hpp"
#include "request.hpp"
#include <constexport/onnx/contract_reader.hpp>

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace constexport::command {

/// What was given on the command line.
struct selection {
  request wanted{};
  bool without_past_inputs = false;
  std::string config{}, preprocessor{};
  std::string contract_file{};
};

/// Adds `--model-type ... | --contract FILE` to a command.
inline void add_selection(CLI::App& to, selection& given) {
  CLI::Option* const type = to.add_option("--model-type", given.wanted.model_type, "The model type, as in config.json")
                                ->type_name("MODEL_TYPE");
  to.add_option("--task", given.wanted.task, "The task; ending in -with-past: with key/value cache")->type_name("TASK");
  to.add_option("--library", given.wanted.library, "Where several libraries have the model type")->type_name("NAME");
  to.add_option("--behavior", given.wanted.behavior, "Of an encoder-decoder model: encoder, decoder or monolith")
      ->type_name("BEHAVIOR");
  to.add_option("--part", given.wanted.part, "Of a model that is exported in parts: which one")->type_name("PART");
  to.add_option("--variant", given.wanted.variant, "Which way to export it")->type_name("VARIANT");
  to.add_flag("--no-past-in-inputs", given.without_past_inputs, "The cache is written but not read: the first run");
  to.add_option("--config", given.config, "Take the parameters of this config.json")->type_name("FILE");
  to.add_option("--preprocessor", given.preprocessor, "And of this preprocessor_config.json")->type_name("FILE");
  to.add_option("--contract", given.contract_file, "A contract file instead of a model type")
      ->excludes(type)
      ->type_name("FILE");
}

/// A contract and what it points into.
class chosen_contract {
 public:
  bound_contract bound() const { return bound_; }

 private:
  friend chosen_contract choose(selection const&);
  std::unique_ptr<std::string> text_;
  std::unique_ptr<contract_storage<>> storage_;
  bound_contract bound_;
};

/// The contract that was asked for. Throws usage_error and file_error.
inline chosen_contract choose(selection const& given) {
  chosen_contract result;
  if (given.contract_file.empty()) {
    if (given.wanted.model_type.empty() || given.wanted.task.empty())
      throw usage_error("which contract? Give --model-type and --task, or --contract FILE");
    request wanted = given.wanted;
    wanted.past_in_inputs = !given.without_past_inputs;
    result.bound_ = bind(*select(catalogue(), wanted).table, given.config, given.preprocessor);
    return result;
  }
  result.text_ = std::make_unique<std::string>(read_text(given.contract_file));
  result.storage_ = std::make_unique<contract_storage<>>();
  if (read_status const status = read_contract(*result.text_, *result.storage_); !status)
    throw file_error(given.contract_file, "is no contract: at character " + std::to_string(status.offset));
  result.bound_ = result.storage_->bound();
  return result;
}

}  // namespace constexport::command
