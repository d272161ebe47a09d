#include "support.hpp"

#include <constexport/export/export.hpp>
#include <constexport/export/verify.hpp>
#include <constexport/onnx/contract_reader.hpp>

#include <unistd.h>

#include <atomic>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <stdexcept>

namespace export_tests {
namespace {

using namespace constexport;

std::string trimmed(std::string text) {
  while (!text.empty() && text.front() == ' ') text.erase(0, 1);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::vector<std::string> split(std::string const& text, char at) {
  std::vector<std::string> parts;
  std::string part;
  int depth = 0;
  for (char const c : text) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == at && depth == 0)
      parts.push_back(trimmed(std::exchange(part, {})));
    else
      part += c;
  }
  if (!trimmed(part).empty()) parts.push_back(trimmed(part));
  return parts;
}

// The interface as the JSON text that files carry, so that it becomes a contract in the same way.
std::string contract_json(interface const& shape) {
  std::map<std::string, std::string> axes;
  std::vector<std::string> order;
  auto const add_axis = [&](std::string const& name, std::string const& more) {
    if (axes.emplace(name, more).second) order.push_back(name);
  };
  for (std::string const& each : shape.axes) {
    auto const parts = split(each, ':');
    char const* const keys[] = {"default", "min", "max", "multiple"};
    std::string more;
    for (std::size_t i = 1; i < parts.size(); ++i)
      more += (i > 1 ? ", \"" : "\"") + std::string(keys[i - 1]) + "\": " + parts[i];
    add_axis(parts.at(0), more);
  }
  auto const tensors = [&](std::vector<std::string> const& all, bool inputs) {
    std::string text;
    for (std::string const& each : all) {
      std::size_t const bracket = each.find('[');
      auto const words = split(each.substr(0, bracket), ' ');
      std::string type = words.at(1), values;
      if (std::size_t const limit = type.find('<'); limit != std::string::npos) {
        values = type.substr(limit + 1, type.size() - limit - 2);
        type.resize(limit);
      }
      std::string dims;
      for (std::string const& dim : split(each.substr(bracket + 1, each.size() - bracket - 2), ',')) {
        dims += (dims.empty() ? "\"" : ", \"") + dim + "\"";
        std::string name;
        for (char const c : dim + " ") {
          if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
            name += c;
          } else {
            if (!name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 && name != "min" &&
                name != "max")
              add_axis(name, "\"default\": 6");
            name.clear();
          }
        }
      }
      text += (text.empty() ? "" : ", ") + std::string("{\"name\": \"") + words.at(0) + "\", \"dtype\": \"" + type +
              "\", \"dims\": [" + dims + "]";
      bool const floating = type.starts_with("float") || type.starts_with("bfloat");
      if (inputs && !values.empty()) text += ", \"values\": {\"max\": \"" + values + (floating ? "\"}" : " - 1\"}");
      text += "}";
    }
    return text;
  };
  std::string const inputs = tensors(shape.inputs, true), outputs = tensors(shape.outputs, false);
  std::string symbols;
  for (std::string const& name : order)
    symbols += (symbols.empty() ? "\"" : ", \"") + name + "\": {" + axes[name] + "}";
  return "{\"opset\": 18, \"atol\": 1e-5, \"axes\": {" + symbols + "}, \"inputs\": [" + inputs + "], \"outputs\": [" +
         outputs + "]}";
}

std::filesystem::path temporary_file() {
  static std::atomic<int> counter{0};
  return std::filesystem::temp_directory_path() /
         ("constexport-test-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".onnx");
}

struct removed_at_end {
  std::filesystem::path path;
  ~removed_at_end() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
};

template <class Error>
bool is_a(std::exception const& error) {
  return dynamic_cast<Error const*>(&error) != nullptr;
}

std::string class_of(std::exception const& error) {
  return is_a<unsupported_operator>(error) ? "unsupported_operator"
         : is_a<baked_value>(error)        ? "baked_value"
         : is_a<not_reproducible>(error)   ? "not_reproducible"
         : is_a<contract_mismatch>(error)  ? "contract_mismatch"
         : is_a<module_error>(error)       ? "module_error"
         : is_a<write_error>(error)        ? "write_error"
         : is_a<export_error>(error)       ? "export_error"
                                           : "other";
}

dtype type_called(std::string const& name) {
  for (dtype const each : {dtype::float16, dtype::bfloat16, dtype::float32, dtype::float64})
    if (name_of(each) == name) return each;
  return dtype::undefined;
}

// Files are also given to the official checker, in a process of its own, where there is one.
std::string checked(std::filesystem::path const& path) {
  char const* const checker = std::getenv("CONSTEXPORT_ONNX_CHECK");
  if (checker == nullptr) return {};
  bool const valid = std::system((std::string(checker) + " " + path.string() + " >/dev/null").c_str()) == 0;
  return valid ? "" : "the official checker refuses the file; ";
}

outcome run(bound_contract const& contract, exportable const& what, int opset, std::string const& type) {
  outcome result;
  removed_at_end const file{temporary_file()};
  try {
    export_options options;
    options.opset = opset;
    options.dtype = type_called(type);
    export_report const report = export_onnx(what, contract, file.path, options);
    result.nodes = report.nodes;
    result.node_counts = report.node_counts;
    result.assumptions = report.assumptions;
    if (report.types.written != dtype::undefined) result.type = name_of(report.types.written);
    result.kept = report.converted.kept;
    result.clamped = report.converted.clamped;
    if (report.types.written != report.types.recorded) result.error = checked(file.path);
    verification const seen = verify(what, contract, file.path);
    result.largest_error = seen.largest_error();
    bool compared = false;
    for (verified_assignment const& each : seen.assignments)
      for (verified_output const& output : each.outputs) {
        compared = true;
        if (!output.within_tolerance)
          result.error +=
              "at " + each.sizes + ", " + output.name + " differs by " + std::to_string(output.largest_error) + "; ";
        if (!output.obeys_contract())
          result.error += "at " + each.sizes + ", " + output.name + " has other dimensions; ";
      }
    if (!compared) result.error += "nothing was compared: " + seen.assignments.at(0).refused;
  } catch (std::exception const& error) {
    result.error = class_of(error) + ": " + error.what();
  }
  return result;
}

outcome run(interface const& shape, exportable const& what, int opset, std::string const& type) {
  std::string const text = contract_json(shape);
  auto const storage = std::make_unique<contract_storage<>>();
  if (!read_contract(text, *storage)) throw std::logic_error("the test's interface is wrong: " + text);
  return run(storage->bound(), what, opset, type);
}

}  // namespace

outcome run_export(interface const& shape, function const& forward, int opset, std::string const& type) {
  return run(shape, {forward, nullptr}, opset, type);
}

outcome run_export(interface const& shape, torch::nn::Module& module, function const& forward, int opset,
                   std::string const& type) {
  return run(shape, {forward, &module}, opset, type);
}

outcome run_export(bound_contract const& contract, torch::nn::Module& module, function const& forward, int opset) {
  return run(contract, {forward, &module}, opset, {});
}

}  // namespace export_tests
