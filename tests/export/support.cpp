#include "support.hpp"

#include "axis_texts.hpp"
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

// The interface as the JSON text that files carry, so that it becomes a contract in the same way.
std::string contract_json(interface const& shape) {
  axis_texts axes;
  for (std::string const& each : shape.axes) axes.state(each);
  auto const tensors = [&](std::vector<std::string> const& all, bool inputs) {
    std::string text;
    for (std::string const& each : all) {
      std::size_t const bracket = each.find('[');
      auto const words = split(each.substr(0, bracket), " ");
      std::string type = words.at(1), values;
      if (std::size_t const limit = type.find('<'); limit != std::string::npos) {
        values = type.substr(limit + 1, type.size() - limit - 2);
        type.resize(limit);
      }
      std::string const dims = axes.dims(split(each.substr(bracket + 1, each.size() - bracket - 2), ","));
      text += (text.empty() ? "" : ", ") + std::string("{\"name\": \"") + words.at(0) + "\", \"dtype\": \"" + type +
              "\", \"dims\": [" + dims + "]";
      bool const floating = type.starts_with("float") || type.starts_with("bfloat");
      if (inputs && !values.empty()) text += ", \"values\": {\"max\": \"" + values + (floating ? "\"}" : " - 1\"}");
      text += "}";
    }
    return text;
  };
  std::string const inputs = tensors(shape.inputs, true), outputs = tensors(shape.outputs, false);
  return "{\"opset\": 18, \"atol\": 1e-5, \"axes\": {" + axes.json() + "}, \"inputs\": [" + inputs +
         "], \"outputs\": [" + outputs + "]}";
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
