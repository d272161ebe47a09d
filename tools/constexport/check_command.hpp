/// tools/constexport/check_command.hpp: `constexport check`.
#pragma once

#include "findings.hpp"
#include "onnx_file.hpp"
#include "output.hpp"
#include "selection.hpp"
#include <constexport/check/check.hpp>

#include <string>
#include <vector>

namespace constexport::command {

struct check_arguments {
  std::string file, target_name, at, format = "table";
  selection contract{};
  bool is_strict = false;
};

inline void add_check(CLI::App& to, check_arguments& given) {
  to.add_option("file", given.file, "The ONNX file; its weights are not read")->required()->type_name("FILE.onnx");
  add_selection(to, given.contract);
  to.add_option("--target", given.target_name, "A runtime whose limits count: onnxruntime-1.17, tensorrt, ...")
      ->type_name("NAME");
  to.add_flag("--strict", given.is_strict, "What the file leaves open is a difference, too");
  to.add_option("--format", given.format, "table (the default), json or sarif")
      ->check(CLI::IsMember({"table", "json", "sarif"}))
      ->type_name("FORMAT");
  to.add_option("--at", given.at, "With sarif: the place that a code host shows, as the line of the build file")
      ->type_name("FILE[:LINE]");
  to.footer(
      "Exit codes: 0 the file keeps the contract, 1 it differs, 2 something cannot be read.\n"
      "Without a contract the file is checked by itself.");
}

/// Whether the file keeps the contract: an exit code.
inline int run_check(check_arguments const& given, std::string_view version) {
  check_options options;
  if (!given.at.empty() && given.format != "sarif")
    throw usage_error("--at goes with --format sarif: the other formats have no place for it");
  source_place const at = parse_place(given.at);
  if (!given.target_name.empty()) {
    options.runtime = find_target(given.target_name);
    if (!options.runtime) {
      std::vector<std::string> names;
      for (target const& each : targets) names.emplace_back(each.name);
      throw usage_error("unknown target \"" + given.target_name +
                        "\"; there is: " + joined(nearest(given.target_name, names, 100), ", "));
    }
  }
  bool const has_contract = is_given(given.contract);
  chosen_contract chosen;
  if (has_contract) chosen = choose(given.contract);
  onnx_file const file(given.file);
  options.folder = file.folder();
  std::vector<file_finding> const findings =
      has_contract ? check(file.model(), chosen.bound(), options) : check(file.model(), options);
  level const least = given.is_strict ? level::warning : level::error;
  int const code = worst(findings) >= least && !findings.empty() ? 1 : 0;
  std::string text;
  if (given.format == "json") {
    text = dumped(to_json(given.file, findings));
  } else if (given.format == "sarif") {
    text = dumped(to_sarif(given.file, findings, at, version));
  } else {
    std::string const all = summary_of(findings);
    std::string const verdict = code != 0       ? all
                                : !has_contract ? "is sound" + (all.empty() ? "" : " (" + all + ")")
                                : all.empty()   ? "keeps the contract"
                                                : "keeps the contract (" + all + ")";
    text = constexport::detail::readable(given.file) + ": " + verdict + "\n" +
           to_table(findings, colours_of_output(), width_of_output());
  }
  int const written = put(text);
  return written != 0 ? 2 : code;
}

}  // namespace constexport::command
