// The command `constexport`: looks at the catalogue. Everything that it prints is made in the headers beside it.
#include "check_command.hpp"
#include "completion.hpp"
#include "contract_table.hpp"
#include "diff_command.hpp"
#include "emit_command.hpp"
#include "files.hpp"
#include "header_command.hpp"
#include "listing.hpp"
#include "output.hpp"
#include "pin_command.hpp"
#include "selection.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

using namespace constexport::command;

namespace {

int list(std::string const& library, std::string const& task, std::string const& format) {
  std::vector<listed_model> const models = list_models(catalogue(), library, task);
  return put(format == "json" ? dumped(to_json(models)) : to_table(models, colours_of_output(), width_of_output()));
}

// The contract with the sizes of its dummies as the defaults of its axes.
std::string with_defaults(answer const& given) {
  constexport::contract table = *given.bound.table;
  std::vector<constexport::symbol_row> symbols(table.symbols.begin(), table.symbols.end());
  for (std::size_t i = 0; i < symbols.size(); ++i)
    if (symbols[i].is_axis && given.bound.values[i] == constexport::unknown) symbols[i].dummy = given.sizes.values[i];
  table.symbols = symbols;
  return to_contract_file({&table, given.bound.values});
}

int show(selection const& wanted, std::vector<std::string> const& axes, std::string const& format) {
  chosen_contract const chosen = choose(wanted);
  answer given{chosen.task(), wanted.wanted.part, chosen.found(), chosen.bound(), {}};
  std::vector<axis_size> sizes;
  for (std::string const& text : axes) sizes.push_back(parse_axis(text));
  std::vector<std::string> ignored;
  given.sizes = size_axes(given.bound, sizes, ignored);
  for (std::string const& name : ignored) say("--axis " + name + " changes nothing here: no dummy input depends on it");
  return put(format == "json"       ? dumped(to_json(given))
             : format == "contract" ? with_defaults(given)
                                    : to_table(given, colours_of_output(), width_of_output()));
}

// `export` and `validate` are a program of their own, which needs LibTorch: it takes this one's place.
int start_exporter(char** argv) {
  std::error_code error;
  std::filesystem::path const here = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  std::string const program = (here / "constexport-export").string();
  execv(program.c_str(), argv);
  say(program + " cannot be started (" + std::strerror(errno) + "). \"" + argv[1] +
      "\" needs LibTorch and ONNX Runtime: run tools/setup, or give -Dlibtorch_root=FOLDER and "
      "-Donnxruntime_root=FOLDER to meson setup, and build again");
  return file_exit_code;
}

int run(int argc, char** argv) {
  if (argc > 1 && (std::string_view(argv[1]) == "export" || std::string_view(argv[1]) == "validate"))
    return start_exporter(argv);
  CLI::App app(
      "ONNX interfaces of models: inputs, outputs, axes and dummy inputs of every configuration of the library.",
      "constexport");
  app.footer("Exit codes: 0 done, 1 a file cannot be used, 2 wrong arguments.");
  app.set_version_flag("--version", "constexport " CONSTEXPORT_VERSION);
  app.require_subcommand(1);
  CLI::IsMember const formats({"table", "json"});

  std::string library, task, format = "table";
  CLI::App* const lists = app.add_subcommand("list", "List the models of the catalogue with their tasks.");
  lists->add_option("--library", library, "Only models of this library, for example transformers")->type_name("NAME");
  lists->add_option("--task", task, "Only models that have this task, for example text-generation-with-past")
      ->type_name("TASK");
  lists->add_option("--format", format, "table (the default) or json")->check(formats)->type_name("FORMAT");

  selection wanted;
  std::string shell = "bash";
  std::vector<std::string> axes;
  CLI::App* const shows = app.add_subcommand("show", "Show the contract of one configuration, or of a contract file.");
  add_selection(*shows, wanted, true);
  shows->add_option("--axis", axes, "Size of an axis in dummy inputs; may be given several times")
      ->type_name("NAME=SIZE")
      ->expected(1)
      ->take_all();
  shows->add_option("--format", format, "table (the default), json, or contract: a contract file")
      ->check(CLI::IsMember({"table", "json", "contract"}))
      ->type_name("FORMAT");

  check_arguments checked;
  CLI::App* const checks = app.add_subcommand("check", "Check an ONNX file against a contract.");
  add_check(*checks, checked);

  diff_arguments compared;
  CLI::App* const diffs = app.add_subcommand("diff", "Compare two contracts: what breaks who uses the old one?");
  add_diff(*diffs, compared);

  header_arguments described;
  CLI::App* const headers = app.add_subcommand("header", "Write what a file declares as a C++ header.");
  add_header(*headers, described);

  emit_arguments emitted;
  CLI::App* const emits = app.add_subcommand("emit", "Write what another tool needs to know of the axes.");
  add_emit(*emits, emitted);

  pin_arguments pinned;
  CLI::App* const pins = app.add_subcommand("pin", "Write an ONNX file with some of its axes fixed.");
  add_pin(*pins, pinned);

  CLI::App* const completion = app.add_subcommand("completion", "Print the completion script of a shell.");
  completion->add_option("shell", shell, "bash (the default)")->check(CLI::IsMember({"bash"}))->type_name("SHELL");

  for (CLI::App* const each : {lists, shows, completion})
    each->footer(each == shows ? "Example: constexport show gpt2 --task text-generation-with-past --axis batch_size=4"
                               : "");
  // Of a wrong word the parser only says that a command is missing.
  std::vector<std::string> const commands{"list", "show",   "export", "validate", "check",
                                          "diff", "header", "emit",   "pin",      "completion"};
  if (std::string const first = argc > 1 ? argv[1] : "";
      !first.empty() && first[0] != '-' && std::ranges::find(commands, first) == commands.end()) {
    say("unknown command \"" + first + "\"; nearest: " + joined(nearest(first, commands), ", "));
    return usage_exit_code;
  }
  refuse_empty(app);
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& error) {
    return app.exit(error) == 0 ? 0 : usage_exit_code;
  }
  try {
    if (lists->parsed()) return list(library, task, format);
    if (completion->parsed()) return put(bash_completion(catalogue()));
    if (checks->parsed()) return run_check(checked, CONSTEXPORT_VERSION);
    if (diffs->parsed()) return run_diff(compared);
    if (headers->parsed()) return run_header(described);
    if (emits->parsed()) return run_emit(emitted);
    if (pins->parsed()) return run_pin(pinned);
    return show(wanted, axes, format);
  } catch (usage_error const& error) {
    say(error);
    return usage_exit_code;
  } catch (file_error const& error) {
    say(error);
    return checks->parsed() || diffs->parsed() ? usage_exit_code : file_exit_code;  // theirs means that things differ
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (std::exception const& error) {
    say(error);
    return file_exit_code;
  }
}
