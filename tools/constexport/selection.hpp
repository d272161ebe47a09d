/// tools/constexport/selection.hpp: the contract that a command works with: of a model type, or of a contract file.
#pragma once

#include "contract_file.hpp"

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

/// Adds `--model-type T --task TASK ... | --contract FILE` to a command. `positional`: the model type may also be given
/// without `--model-type`.
inline void add_selection(CLI::App& to, selection& given, bool positional = false) {
  CLI::Option* const type = to.add_option(positional ? "model_type,--model-type" : "--model-type",
                                          given.wanted.model_type, "The model type, as in config.json: bert, gpt2, ...")
                                ->type_name("MODEL_TYPE");
  CLI::Option* const of_models[] = {
      to.add_option("--task", given.wanted.task, "The task; ending in -with-past: with key/value cache")
          ->type_name("TASK"),
      to.add_option("--library", given.wanted.library,
                    "Where several libraries have the model type (default: transformers)")
          ->type_name("NAME"),
      to.add_option("--behavior", given.wanted.behavior, "Of an encoder-decoder model: encoder, decoder or monolith")
          ->type_name("BEHAVIOR"),
      to.add_option("--part", given.wanted.part, "Of a model that is exported in parts: which one (default: the first)")
          ->type_name("PART"),
      to.add_option("--variant", given.wanted.variant, "Which way to export it (default: the model's)")
          ->type_name("VARIANT"),
      to.add_flag("--no-past-in-inputs", given.without_past_inputs, "The cache is written but not read: the first run"),
      to.add_option("--config", given.config, "Take the parameters of this config.json")->type_name("FILE"),
      to.add_option("--preprocessor", given.preprocessor, "And of this preprocessor_config.json")->type_name("FILE")};
  CLI::Option* const file = to.add_option("--contract", given.contract_file,
                                          "A contract file, or an ONNX file's contract, in place of a model type")
                                ->type_name("FILE")
                                ->excludes(type);
  for (CLI::Option* const each : of_models) file->excludes(each);
}

/// Is any contract asked for?
inline bool is_given(selection const& given) {
  request const& wanted = given.wanted;
  return !given.contract_file.empty() || !wanted.model_type.empty() || !wanted.task.empty() ||
         !wanted.library.empty() || !wanted.behavior.empty() || !wanted.part.empty() || !wanted.variant.empty() ||
         !given.config.empty() || !given.preprocessor.empty();
}

/// A contract, what it points into, and where it is from.
class chosen_contract {
 public:
  bound_contract bound() const { return bound_; }
  /// Its entry in the catalogue; null of a contract file.
  entry const* found() const { return found_; }
  /// The task as it was asked for, or as the contract file has it.
  std::string const& task() const { return task_; }

 private:
  friend chosen_contract choose(selection const&);
  std::unique_ptr<contract_file> file_;
  entry const* found_ = nullptr;
  bound_contract bound_;
  std::string task_;
};

/// The contract that was asked for. Throws usage_error, and file_error of a model's configuration files.
inline chosen_contract choose(selection const& given) {
  chosen_contract result;
  if (!given.contract_file.empty()) {
    result.file_ = read_contract_file(given.contract_file);
    result.bound_ = result.file_->bound();
    result.task_ = task_of(result.bound_.table->identity);
    return result;
  }
  if (given.wanted.model_type.empty() && given.wanted.task.empty())
    throw usage_error("which contract? Give a model type and --task, or --contract FILE");
  if (given.wanted.model_type.empty()) throw usage_error("model_type is required, or --contract FILE");
  if (given.wanted.task.empty())
    throw usage_error("--task is required: what is " + given.wanted.model_type + " to do?");
  request wanted = given.wanted;
  wanted.past_in_inputs = !given.without_past_inputs;
  result.found_ = &select(catalogue(), wanted);
  result.bound_ = bind(*result.found_->table, given.config, given.preprocessor);
  result.task_ = wanted.task;
  return result;
}

}  // namespace constexport::command
