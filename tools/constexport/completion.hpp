/// tools/constexport/completion.hpp: the completion script for bash. It holds the names of the catalogue, so that
/// completing starts no program.
#pragma once

#include "axes.hpp"
#include "emit_command.hpp"
#include "listing.hpp"
#include <constexport/check/target.hpp>

#include <set>

namespace constexport::command {

inline std::set<std::string> target_names() {
  std::set<std::string> names;
  for (target const& each : targets) names.emplace(each.name);
  return names;
}

inline std::string bash_completion(std::span<entry const> catalogue) {
  std::vector<listed_model> const models = list_models(catalogue, "", "");
  std::set<std::string> types, tasks, libraries, axes(std::begin(optimum_arguments), std::end(optimum_arguments));
  std::string per_model;
  std::set<std::string> done;
  for (listed_model const& model : models) {
    libraries.insert(model.library);
    types.insert(model.model_type);
    tasks.insert(model.tasks.begin(), model.tasks.end());
  }
  // A model type of two libraries has the tasks of both.
  for (std::string const& type : types) {
    std::set<std::string> own, parts, variants;
    for (listed_model const& model : models)
      if (model.model_type == type) {
        own.insert(model.tasks.begin(), model.tasks.end());
        parts.insert(model.parts.begin(), model.parts.end());
        variants.insert(model.variants.begin(), model.variants.end());
      }
    auto const line = [&](std::string const& option, std::set<std::string> const& names) {
      if (!names.empty())
        per_model +=
            "    '" + type + " " + option + "') names='" + joined({names.begin(), names.end()}, " ") + "' ;;\n";
    };
    line("--task", own);
    line("--part", parts);
    line("--variant", variants);
  }
  auto const all = [](std::set<std::string> const& names) { return joined({names.begin(), names.end()}, " "); };
  return R"(# Completion of constexport for bash: source <(constexport completion bash)
_constexport() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} names=
  local model= word=
  [[ $command == show && $COMP_CWORD -gt 2 && ${COMP_WORDS[2]} != -* ]] && model=${COMP_WORDS[2]}
  for ((word = 2; word + 1 < COMP_CWORD; ++word)); do
    [[ ${COMP_WORDS[word]} == --model-type ]] && model=${COMP_WORDS[word + 1]}
  done
  case "$model $previous" in
)" + per_model +
         R"(    *' --task') names=')" + all(tasks) + R"(' ;;
    *' --library') names=')" +
         all(libraries) + R"(' ;;
    *' --behavior') names='encoder decoder monolith' ;;
    *' --model-type') names=')" +
         all(types) + R"(' ;;
    *' --format')
      names='table json'
      case $command in show) names+=' contract' ;; check) names+=' sarif' ;; diff) names+=' markdown' ;; esac ;;
    *' --external-data') [[ $command == pin ]] && names='copy link' ;;
    *' --target') names=')" +
         all(target_names()) + R"(' ;;
    *' --axis') names=')" +
         all(axes) + R"('; compopt -o nospace; COMPREPLY=($(compgen -S = -W "$names" -- "$current")); return ;;
    *' --config' | *' --preprocessor' | *' --contract' | *' --test-data' | *' --output' | *' -o') compopt -o default; COMPREPLY=(); return ;;
  esac
  if [[ -z $names ]]; then
    if ((COMP_CWORD == 1)); then
      names='list show export validate check diff header emit pin completion --help --version'
    elif [[ $command == show && $COMP_CWORD -eq 2 && $current != -* ]]; then
      names=')" +
         all(types) + R"('
    elif [[ $command == show ]]; then
      names='--model-type --task --library --behavior --part --variant --no-past-in-inputs --config --preprocessor --contract --axis --format --help'
    elif [[ $command == check || $command == diff || $command == header || $command == pin ]] && [[ $current != -* ]]; then
      compopt -o default
      COMPREPLY=()
      return
    elif [[ $command == check ]]; then
      names='--model-type --task --library --behavior --part --variant --no-past-in-inputs --config --preprocessor --contract --target --strict --format --at --help'
    elif [[ $command == pin ]]; then
      names='--output --external-data --help'
    elif [[ $command == header ]]; then
      names='--output --namespace --help'
    elif [[ $command == emit && $COMP_CWORD -eq 2 && $current != -* ]]; then
      names=')" +
         all({std::begin(emit_formats), std::end(emit_formats)}) + R"('
    elif [[ $command == emit ]]; then
      names='--model-type --task --library --behavior --part --variant --no-past-in-inputs --config --preprocessor --contract --axis --limit --name --test-data --filename --output --help'
    elif [[ $command == diff ]]; then
      names='--format --help'
    elif [[ $command == list ]]; then
      names='--library --task --format --help'
    elif [[ $command == completion ]]; then
      names='bash --help'
    fi
  fi
  COMPREPLY=($(compgen -W "$names" -- "$current"))
}
complete -F _constexport constexport
)";
}

}  // namespace constexport::command
