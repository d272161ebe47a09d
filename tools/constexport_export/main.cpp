// `constexport export` and `constexport validate`: what needs LibTorch and ONNX Runtime, so that the other commands
// start in milliseconds. The command `constexport` starts this program.
#include "../constexport/axes.hpp"
#include "../constexport/onnx_file.hpp"
#include "../constexport/output.hpp"
#include "../constexport/selection.hpp"
#include "report.hpp"
#include "summary.hpp"
#include <constexport/export/child_process.hpp>
#include <constexport/export/export.hpp>
#include <constexport/export/torchscript.hpp>
#include <constexport/export/verify.hpp>
#include <constexport/onnx/contract_text.hpp>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace constexport;
using namespace constexport::command;

namespace {

constexpr int failed_exit_code = 1;

// One size is tried at most so long, in seconds.
double child_seconds = 120;

std::vector<std::string> input_names(bound_contract const& bound) {
  std::vector<std::string> result;
  for_each_tensor(bound.table->inputs, bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
    std::string name;
    tensor_name{row.name, layer}.print([&](char c) { name += c; });
    result.push_back(std::move(name));
  });
  return result;
}

// Loading runs code of the file's: a hostile or damaged one ends a child and not the command.
std::string const& loadable(std::string const& path) {
  child_outcome const tried = in_child([&] { torchscript_module const loaded(path); }, child_seconds);
  if (!tried.ended_itself)
    throw module_error("\"" + path + "\" cannot be loaded as TorchScript: the process that tried it: " + tried.message +
                       ". The file is damaged, or no TorchScript.");
  return path;
}

// The file is made and compared in a folder of its own beside its place, so that a file that is wrong never takes the
// place of another.
class staging {
 public:
  explicit staging(std::filesystem::path const& output)
      : place_(constexport::detail::place_of(output)),
        folder_(constexport::detail::unused_name(
            place_.is_stream ? std::filesystem::temp_directory_path() / output.filename() : place_.target)) {
    std::error_code error;
    std::filesystem::create_directory(folder_, error);
    if (error) place_.fail(error.message());
  }
  staging(staging const&) = delete;
  staging& operator=(staging const&) = delete;
  ~staging() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::filesystem::path path() const { return folder_ / place_.given.filename(); }
  /// Nothing can lie beside the file.
  bool is_stream() const { return place_.is_stream; }
  void commit() const {
    if (place_.is_stream) {
      constexport::detail::pending_file to(place_);
      std::string const bytes = read_text(path().string());
      to.write(bytes.data(), bytes.size());
      return to.commit();
    }
    std::deque<constexport::detail::staged_file> files;
    stage(files, path());
    for (auto const& each : std::filesystem::directory_iterator(folder_))
      if (each.path() != path()) stage(files, each.path());
    std::vector<constexport::detail::staged_file*> all;
    for (constexport::detail::staged_file& each : files) all.push_back(&each);
    constexport::detail::commit_together(all);
  }

 private:
  void stage(std::deque<constexport::detail::staged_file>& files, std::filesystem::path const& made) const {
    auto& file = files.emplace_back(constexport::detail::place_of(place_.given.parent_path() / made.filename()));
    if (!file.link(made)) file.copy(made);  // a link leads to another disk, or the disk has no second names
  }

  constexport::detail::output_place place_;
  std::filesystem::path folder_;
};

struct arguments {
  std::string module, output, report_file, test_data;
  std::vector<std::string> axes{};
  std::vector<std::string> lowerings{};
  selection contract;
  export_options options{};
  double atol = -1;
  bool verifies = true;
};

// Operators of a user's own must be known before a module that uses them is loaded.
void load_all_lowerings(arguments& given) {
  for (std::string const& each : given.lowerings) load_lowerings(each, given.options.lowerings);
}

// `--axis NAME=SIZE`: the axes that are meant.
std::vector<std::pair<std::size_t, std::int64_t>> fixed_axes(bound_contract const& bound,
                                                             std::vector<std::string> const& given) {
  std::vector<std::pair<std::size_t, std::int64_t>> result;
  for (std::string const& text : given) {
    axis_size const wanted = parse_axis(text);
    std::size_t const index = find_symbol(bound.table->symbols, wanted.name, true);
    if (index == bound.table->symbols.size()) throw usage_error(refusals::no_axis(wanted.name, bound));
    symbol_row const& row = bound.table->symbols[index];
    if (!is_legal_size(row, wanted.size)) throw usage_error(refusals::size_of_axis(row, wanted.size));
    result.emplace_back(index, wanted.size);
  }
  return result;
}

// A module and the contract that it is seen through.
struct opened {
  explicit opened(arguments const& given)
      : module(loadable(given.module)),
        chosen(choose(given.contract)),
        what(module.exportable_for(input_names(chosen.bound()))) {}

  torchscript_module module;
  chosen_contract chosen;
  exportable what;
};

int run_export(arguments const& given) {
  opened const open(given);
  selection const& read = given.contract;
  for (std::string const& each : {given.output, constexport::external_data_path(given.output).string()})
    keep_from(each, {given.module, read.contract_file, read.config, read.preprocessor});
  export_options options = given.options;
  options.child_seconds = child_seconds;
  progress say("constexport");
  say("recording " + given.module);
  staging const staged(given.output);
  if (staged.is_stream()) {
    if (options.external_data == external_data_mode::always)
      throw usage_error("-o " + given.output +
                        " is no regular file: no weights can lie beside it; take --external-data never");
    options.external_data = external_data_mode::never;
  }
  bound_contract bound = open.chosen.bound();
  for (auto const& [axis, size] : fixed_axes(bound, given.axes)) bound.values[axis] = size;
  export_report report = export_onnx(open.what, bound, staged.path(), options);
  report.path = given.output;
  say.done();
  std::string text = summary(report);
  bool ok = true;
  if (given.verifies) {
    say("comparing ONNX Runtime with LibTorch");
    verify_options how;
    how.atol = given.atol;
    how.data = report.data;
    how.child_seconds = child_seconds;
    verification const seen = verify(open.what, report.contract->bound(), staged.path(), how);
    say.done();
    text += summary(seen);
    ok = seen.ok();
  }
  if (report.answered) {
    text += "  contract ";
    print_contract(report.contract->bound(), [&](char c) { text += c; });
    text += "\n";
  }
  if (ok)
    staged.commit();
  else
    text += "  nothing was written: the file does not do what the module does\n";
  int const written = put(constexport::detail::readable_lines(text));
  return ok ? written : failed_exit_code;
}

// The file's nodes by type, the most frequent first.
std::vector<std::pair<std::string, std::size_t>> count_nodes(std::string const& path) {
  onnx_file const file(path);
  std::map<std::string, std::size_t> counts;
  for (auto const& node : file.model().graph.nodes()) ++counts[std::string(node.op_type)];
  std::vector<std::pair<std::string, std::size_t>> result(counts.begin(), counts.end());
  std::stable_sort(result.begin(), result.end(), [](auto const& a, auto const& b) { return a.second > b.second; });
  return result;
}

void write_report(arguments const& given, bound_contract const& bound, verification const& seen) {
  report_content const content{
      given.output, given.module, bound, &seen, read_profile(seen.profile), count_nodes(given.output)};
  put(report_page(content), given.report_file, {given.output, given.module});
}

int run_validate(arguments const& given) {
  opened const open(given);
  verify_options how;
  how.atol = given.atol;
  how.child_seconds = child_seconds;
  how.test_data = given.test_data;
  if (!given.report_file.empty())
    how.profile = (std::filesystem::temp_directory_path() / ("constexport-" + std::to_string(::getpid()))).string();
  bound_contract const bound = open.chosen.bound();
  how.fixed = fixed_axes(bound, given.axes);
  progress say("constexport");
  say("comparing ONNX Runtime with LibTorch");
  verification const seen = verify(open.what, bound, given.output, how);
  say.done();
  int const written = put(constexport::detail::readable_lines(summary(seen)));
  if (!given.report_file.empty()) write_report(given, bound, seen);
  return seen.ok() ? written : failed_exit_code;
}

int run(int argc, char** argv) {
  CLI::App app("From a TorchScript file to an ONNX file, and back to the comparison of the two.", "constexport");
  app.footer("Exit codes: 0 done, 1 it cannot be exported or differs, 2 wrong arguments.");
  app.require_subcommand(1);
  arguments given;

  CLI::App* const exports = app.add_subcommand("export", "Export a TorchScript file through a contract.");
  exports->add_option("module", given.module, "The file that torch.jit.save wrote")->required()->type_name("MODEL.pt");
  exports->add_option("-o,--output", given.output, "The ONNX file to write")->required()->type_name("OUT.onnx");
  exports->add_option("--opset", given.options.opset, "ONNX operator set, 17 to 23 (default: the contract's)")
      ->check(CLI::Range(17, 23))
      ->type_name("N");
  std::string external = "auto", type;
  exports->add_option("--external-data", external, "Weights in a file of their own: auto (from 1.5 GiB), always, never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  exports->add_option("--dtype", type, "Real type of the file (default: the contract's)")
      ->check(CLI::IsMember({"float16", "bfloat16", "float32", "float64"}));
  exports->add_flag("!--no-verify", given.verifies, "Do not run the file in ONNX Runtime");

  CLI::App* const validates = app.add_subcommand("validate", "Compare an ONNX file with the module it was made of.");
  validates->add_option("file", given.output, "The ONNX file")->required()->type_name("FILE.onnx");
  validates->add_option("--against", given.module, "The TorchScript file")->required()->type_name("MODEL.pt");
  exports->add_option("--axis", given.axes, "Fix an axis to this size; may be given several times")
      ->type_name("NAME=SIZE");
  validates->add_option("--axis", given.axes, "Compare at this size of an axis only; may be given several times")
      ->type_name("NAME=SIZE");
  validates->add_option("--report", given.report_file, "Write the comparison as a page")->type_name("FILE.html");
  validates
      ->add_option("--save-test-data", given.test_data, "Write inputs and expected outputs there, in ONNX's layout")
      ->type_name("DIR");
  for (CLI::App* const each : {exports, validates}) {
    add_selection(*each, given.contract);
    each->add_option("--lowerings", given.lowerings, "Shared objects with operators of your own and their lowerings")
        ->type_name("FILE.so");
    each->add_option("--time-limit", child_seconds, "Seconds after which the module is taken to run for ever (120)")
        ->check(CLI::PositiveNumber)
        ->type_name("SECONDS");
    each->add_option("--atol", given.atol, "Absolute tolerance of values (default: the contract's)")
        ->type_name("NUMBER");
  }
  refuse_empty(app);
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& error) {
    return app.exit(error) == 0 ? 0 : usage_exit_code;
  }
  given.options.external_data = external == "always"  ? external_data_mode::always
                                : external == "never" ? external_data_mode::never
                                                      : external_data_mode::automatic;
  for (dtype const each : {dtype::float16, dtype::bfloat16, dtype::float32, dtype::float64})
    if (name_of(each) == type) given.options.dtype = each;
  try {
    load_all_lowerings(given);
    return exports->parsed() ? run_export(given) : run_validate(given);
  } catch (usage_error const& error) {
    say(error);
    return usage_exit_code;
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (std::exception const& error) {
    say(error);
    return failed_exit_code;
  }
}
