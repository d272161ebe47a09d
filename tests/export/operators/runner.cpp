// Operator cases: each line of the files that are named is compiled by LibTorch's own TorchScript compiler, exported,
// run in ONNX Runtime and compared with LibTorch at sizes and on data that were not recorded.
//   runner --names
//   runner [--record FILE] [--opset K]... [--spread] [--only TEXT] [--lowerings FILE.so] CASES.txt... MODULE.pt...
// A TorchScript file MODULE.pt has its contract beside it, MODULE.json. Every case runs in a process of its own, so
// that one that crashes is one that failed. With --spread a case is run at opset 18 and at one of the others that this
// ONNX Runtime reads, in turn. Prints one line a case. --names prints
// the operators that have lowerings, with their overloads; --record adds to FILE what became of each operator
// (tools/operators/make_table.py makes documentation of both).
#include "cases.hpp"
#include <constexport/check/target.hpp>
#include <constexport/export/child_process.hpp>
#include <constexport/export/export.hpp>
#include <constexport/export/lower.hpp>
#include <constexport/export/torchscript.hpp>
#include <constexport/export/verify.hpp>
#include <constexport/onnx/contract_reader.hpp>

#include <unistd.h>

#include <cctype>
#include <compare>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>

void add_lowerings_from(std::string const& path, constexport::lowering_table& table);

namespace {

using namespace constexport;
using namespace operator_cases;

struct outcome {
  std::string problem;  // empty: as it should be
  std::string skipped;  // why it was not run
};

// A contract's bounds are integers: for others the input is drawn within 0 and 1, and the module stretches it.
bool is_stretched(input const& of) { return (of.lower + of.upper).find_first_of(".e") != std::string::npos; }

// The form that contract_reader.hpp reads.
std::string contract_json(test_case const& wanted, int opset) {
  export_tests::axis_texts axes;
  if (auto const stated = wanted.options.find("axes"); stated != wanted.options.end())
    for (std::string const& line : stated->second)
      for (std::string const& each : split(line, " ")) axes.state(each);
  std::string inputs;
  for (input const& each : wanted.inputs) {
    bool const floating = each.dtype.find("float") != std::string::npos;  // whose largest value is left out
    inputs += std::string(inputs.empty() ? "" : ", ") + "{\"name\": \"" + each.name + "\", \"dtype\": \"" + each.dtype +
              "\", \"dims\": [" + axes.dims(each.dims) + "], \"values\": {\"min\": \"" +
              (is_stretched(each) ? "0" : each.lower) + "\", \"max\": \"" + (is_stretched(each) ? "1" : each.upper) +
              (floating ? "\"}}" : " - 1\"}}");
  }
  return "{\"opset\": " + std::to_string(opset) + ", \"atol\": " + wanted.option("atol", "1e-5") + ", \"axes\": {" +
         axes.json() + "}, \"inputs\": [" + inputs + "], \"outputs\": []}";
}

// LibTorch's compiler knows names of types, devices and formats only from Python; without it they are numbers, and
// every operator is an attribute of `torch`.
std::string without_python(std::string text) {
  std::pair<std::string, std::string> const names[] = {
      {"torch.ops.aten.", "torch."}, {"torch.float32", "6"},       {"torch.float64", "7"},
      {"torch.float16", "5"},        {"torch.bfloat16", "15"},     {"torch.int64", "4"},
      {"torch.int32", "3"},          {"torch.int16", "2"},         {"torch.int8", "1"},
      {"torch.uint8", "0"},          {"torch.bool", "11"},         {"torch.complex64", "9"},
      {"torch.complex128", "10"},    {"torch.channels_last", "2"}, {"torch.contiguous_format", "0"},
      {"torch.preserve_format", "1"}};
  for (auto const& [name, instead] : names)
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at))
      text.replace(at, name.size(), instead);
  return text;
}

torch::jit::Module compiled(test_case const& wanted) {
  torch::jit::Module module("case");
  module.register_attribute("training", c10::BoolType::get(), false);
  std::string source = "def forward(self";
  for (input const& each : wanted.inputs) source += ", " + each.name;
  source += "):\n";
  for (input const& each : wanted.inputs)
    if (is_stretched(each))
      source +=
          "  " + each.name + " = " + each.name + " * (" + each.upper + " - " + each.lower + ") + " + each.lower + "\n";
  for (std::string const& each : wanted.statements) source += "  " + without_python(each) + "\n";
  module.define(source);
  return module;
}

bool has_nodes(std::map<std::string, std::size_t> const& counts, std::string const& wanted, std::string& problem) {
  for (std::string const& each : split(wanted, ",")) {
    auto const parts = split(each, "=");
    auto const found = counts.find(parts[0]);
    std::size_t const count = found != counts.end() ? found->second : 0;
    if (parts.size() > 1 ? count != std::stoul(parts[1]) : count == 0)
      problem += "there are " + std::to_string(count) + " " + parts[0] + " in the graph; ";
  }
  return problem.empty();
}

struct version {
  int major, minor;
  auto operator<=>(version const&) const = default;
};
// "2", "1.21", "1.21.1"
version version_of(std::string const& text) {
  auto const parts = split(text, ".");
  return {std::stoi(parts[0]), parts.size() > 1 ? std::stoi(parts[1]) : 0};
}

// The ONNX Runtime that runs the cases, and the newest opset that it reads.
std::string runtime_version() { return OrtGetApiBase()->GetVersionString(); }
int newest_opset() {
  version const here = version_of(runtime_version());
  std::optional<target> const runtime =
      find_target("onnxruntime-" + std::to_string(here.major) + "." + std::to_string(here.minor));
  if (!runtime) throw std::runtime_error("check/target.hpp does not know ONNX Runtime " + runtime_version());
  return static_cast<int>(runtime->max_opset);
}

std::string const not_shown = "in LibTorch " TORCH_VERSION " this does not hold: ";

// Throws `not_shown` if an expression without inputs is false in LibTorch.
void show(std::string const& proof) {
  test_case of;
  of.statements = {"return bool(" + proof + ")"};
  if (!compiled(of).forward({}).toBool()) throw std::runtime_error(not_shown);
}

std::string read_text(std::string const& name) {
  std::ifstream file(name);
  if (!file) throw std::runtime_error(name + " cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

// What runs in a process of its own: throws what is wrong.
void compare(test_case const& wanted, int opset, lowering_table const& lowerings, std::string const& record_file) {
  std::filesystem::path const file =
      std::filesystem::temp_directory_path() / ("constexport-case-" + std::to_string(::getpid()) + ".onnx");
  struct removed_at_end {
    std::filesystem::path path;
    ~removed_at_end() {
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
    }
  } const remove{file};
  bool const is_file = !wanted.module_file.empty();
  std::string const text = is_file ? read_text(std::filesystem::path(wanted.module_file).replace_extension(".json"))
                                   : contract_json(wanted, opset);
  auto const storage = std::make_unique<contract_storage<>>();
  if (!read_contract(text, *storage)) throw std::logic_error("the case's contract is wrong: " + text);
  torchscript_module const module =
      is_file ? torchscript_module(std::filesystem::path(wanted.module_file)) : torchscript_module(compiled(wanted));
  std::vector<std::string> names;
  for (tensor_row const& row : storage->bound().table->inputs) names.emplace_back(row.name);
  exportable const what = module.exportable_for(names);
  export_options options;
  options.opset = opset;
  options.lowerings = lowerings;
  export_report const report = export_onnx(what, storage->bound(), file, options);
  if (!wanted.option("refused").empty())
    throw std::runtime_error("was exported, but should be refused: " + wanted.option("refused"));
  if (!record_file.empty()) {
    std::ofstream record(record_file, std::ios::app);
    for (auto const& [name, ops] : report.lowered) {
      record << name << '\t' << opset << '\t';
      for (std::string const& op : ops) record << op << ' ';
      record << '\n';
    }
  }
  std::string problem;
  if (std::string const nodes = wanted.option("nodes"); !nodes.empty()) has_nodes(report.node_counts, nodes, problem);
  verify_options how;
  how.data = report.data;
  verification const seen = verify(what, report.contract->bound(), file, how);
  bool compared = false;
  for (verified_assignment const& each : seen.assignments)
    for (verified_output const& output : each.outputs) {
      compared = true;
      if (!output.within_tolerance)
        problem += "WRONG at " + each.sizes + ", " + output.name + " differs by " +
                   std::to_string(output.largest_error) + "; ";
      if (!output.obeys_contract())
        problem += "WRONG at " + each.sizes + ", " + output.name + " has other dimensions; ";
    }
  if (!compared) problem += "nothing was compared: " + seen.assignments.at(0).refused;
  if (!problem.empty()) throw std::runtime_error(problem);
}

outcome run(test_case const& wanted, int opset, lowering_table const& lowerings, std::string const& record_file) {
  outcome result;
  if (int const newest = newest_opset(); opset > newest) {
    result.skipped = "ONNX Runtime " + runtime_version() + " reads opsets up to " + std::to_string(newest);
    return result;
  }
  if (std::string const since = wanted.option("runtime");
      !since.empty() && version_of(runtime_version()) < version_of(since)) {
    result.skipped = "ONNX Runtime " + runtime_version() + " does not compute it, " + since + " does";
    return result;
  }
  if (std::string const since = wanted.option("since");
      !since.empty() && version{TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR} < version_of(since)) {
    result.skipped = "LibTorch " TORCH_VERSION " does not have it";
    return result;
  }
  if (std::string const least = wanted.option("min_opset"); !least.empty() && opset < std::stoi(least)) {
    result.skipped = "from opset " + least;
    return result;
  }
  if (std::string const only = wanted.option("opset"); !only.empty() && opset != std::stoi(only)) {
    result.skipped = "opset " + only + " only";
    return result;
  }
  if (std::string const proof = wanted.option("if"); !proof.empty()) {
    child_outcome const shown = in_child([&] { show(proof); }, 120);
    if (shown.message == not_shown) result.skipped = not_shown + proof;
    if (!shown.ok && shown.message != not_shown) result.problem = "@if: " + shown.message;
    if (!shown.ok) return result;
  }
  std::string const refused = wanted.option("refused");
  child_outcome const seen = in_child(
      [&] {
        try {
          compare(wanted, opset, lowerings, record_file);
        } catch (c10::Error const& error) {
          throw std::runtime_error(error.what_without_backtrace());
        }
      },
      120);
  if (seen.ok || (!refused.empty() && seen.message.find(refused) != std::string::npos)) return result;
  result.problem = seen.message.empty() ? "no message" : seen.message;
  return result;
}

void print_names(lowering_table const& table) {
  std::map<std::string, std::set<std::string>> overloads;
  for (c10::OperatorName const& each : c10::Dispatcher::singleton().getAllOpNames())
    overloads[each.name].insert(each.overload_name.empty() ? "default" : each.overload_name);
  for (std::string const& name : table.names()) {
    std::string const base = name.substr(0, name.find('.'));
    std::printf("%s\t", name.c_str());
    for (std::string const& overload : overloads[base]) std::printf("%s ", overload.c_str());
    std::printf("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<int> opsets;
  bool spread = false;
  std::string only, lowerings, record_file;
  bool names = false;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    std::string const word = argv[i];
    if (word == "--spread" || word == "--names") {
      (word == "--names" ? names : spread) = true;
      continue;
    }
    if (word.starts_with("--") && i + 1 >= argc) return std::fprintf(stderr, "%s wants a value\n", argv[i]), 2;
    if (word == "--opset")
      opsets.push_back(std::stoi(argv[++i]));
    else if (word == "--only")
      only = argv[++i];
    else if (word == "--record")
      record_file = argv[++i];
    else if (word == "--lowerings")
      lowerings = argv[++i];
    else
      files.push_back(word);
  }
  if (opsets.empty()) opsets = {18};
  try {
    lowering_table table = default_lowerings();
    if (!lowerings.empty()) add_lowerings_from(lowerings, table);
    if (names) {
      print_names(table);
      return 0;
    }
    std::vector<test_case> cases;
    for (std::string const& name : files) {
      if (name.ends_with(".pt")) {
        test_case whole;
        whole.text = whole.module_file = name;
        cases.push_back(std::move(whole));
        continue;
      }
      std::ifstream file(name);
      if (!file) throw std::runtime_error(name + " cannot be read");
      for (std::string line; std::getline(file, line);)
        if (std::string const text = trimmed(line); !text.empty() && text.front() != '#')
          for (std::string const& each : expand(text))
            if (only.empty() || each.find(only) != std::string::npos) cases.push_back(parse_case(each));
    }
    std::printf("1..%zu\n", cases.size() * (spread ? 2 : opsets.size()));
    std::size_t number = 0, failed = 0, skipped = 0;
    std::vector<int> others{17, 20, 23, 19, 21, 22};
    std::erase_if(others, [](int opset) { return opset > newest_opset(); });
    for (std::size_t index = 0; index < cases.size(); ++index) {
      test_case const& each = cases[index];
      if (spread) opsets = {18, others[index % others.size()]};
      for (int const opset : opsets) {
        outcome const seen = run(each, opset, table, record_file);
        std::string what = each.text + " (opset " + std::to_string(opset) + ")";
        for (char& c : what)
          if (c == '#') c = ' ';
        ++number;
        failed += !seen.problem.empty();
        skipped += !seen.skipped.empty();
        std::printf("%s %zu - %s%s\n", seen.problem.empty() ? "ok" : "not ok", number, what.c_str(),
                    seen.skipped.empty() ? "" : (" # SKIP " + seen.skipped).c_str());
        if (!seen.problem.empty()) {
          std::string const lines = seen.problem;
          std::printf("# %s\n", lines.substr(0, lines.find('\n')).c_str());
          for (std::size_t at = lines.find('\n'); at != std::string::npos;) {
            std::size_t const next = lines.find('\n', at + 1);
            std::printf("#   %s\n", lines.substr(at + 1, next == std::string::npos ? next : next - at - 1).c_str());
            at = next;
          }
        }
        std::fflush(stdout);
      }
    }
    std::printf("%zu passed, %zu failed, %zu skipped\n", number - failed - skipped, failed, skipped);
    return failed == 0 ? 0 : 1;
  } catch (std::exception const& error) {
    std::printf("Bail out! %s\n", error.what());
    return 2;
  }
}
