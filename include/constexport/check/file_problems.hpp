/// check/file_problems.hpp: what is wrong with an ONNX file, whatever it was made for.
///
/// Room: check. Includes core, onnx, finding.hpp, target.hpp and the standard library. check.hpp adds the comparison
/// with a contract. Weights are not looked at.
#pragma once

#include <constexport/check/external_files.hpp>
#include <constexport/check/finding.hpp>
#include <constexport/check/target.hpp>
#include <constexport/onnx/reader.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace constexport {
namespace detail {

class file_inspector {
 public:
  file_inspector(wire::model_view const& model, std::filesystem::path const& folder,
                 std::optional<target> const& runtime)
      : model_(model), files_(folder) {
    versions(runtime);
    scope outer;
    inspect(model.graph, outer, nullptr, 0);
    if (runtime) dtypes(*runtime);
  }
  std::vector<file_finding> take() { return std::move(findings_); }

 private:
  using name_set = std::unordered_set<std::string_view>;
  struct scope {
    name_set values{};
    name_set used{};
    scope* outer = nullptr;
  };

  void say(level severity, std::string_view id, std::string where, std::string message, std::string_view hint) {
    // A damaged file can have as many problems as bytes.
    constexpr std::size_t most = 1000;
    if (said_++ < most)
      add_finding(findings_, {severity, std::string(id), {std::move(where)}, std::move(message), std::string(hint)});
  }

  void versions(std::optional<target> const& runtime) {
    std::int64_t const opset = model_.opset(), ir = model_.ir_version;
    if (ir <= 0) say(level::error, "ir-missing", "ir_version", "the file states no IR version", "export it again");
    if (model_.opsets().size() == 0)
      say(level::error, "opset-missing", "opset_import", "the file imports no operator set", "export it again");
    for (wire::opset_view const each : model_.opsets())
      if (!domains_.insert(each.domain == "ai.onnx" ? std::string_view{} : each.domain).second)
        say(level::error, "opset-twice", "opset_import",
            "the operator set \"" + std::string(each.domain) + "\" is imported twice", "export it again");
    if (!runtime) return;
    std::string const name(runtime->name);
    if (runtime->max_ir > 0 && ir > runtime->max_ir)
      say(level::error, "ir-too-new", "ir_version",
          "IR version " + std::to_string(ir) + "; " + name + " reads up to " + std::to_string(runtime->max_ir),
          "export with an older opset, which has an older IR version, or use a newer runtime");
    if (runtime->max_opset > 0 && opset > runtime->max_opset)
      say(level::error, "opset-too-new", "opset_import",
          "opset " + std::to_string(opset) + "; " + name + " knows up to " + std::to_string(runtime->max_opset),
          "export with --opset " + std::to_string(runtime->max_opset) + ", or use a newer runtime");
    if (opset > 0 && opset < runtime->min_opset)
      say(level::error, "opset-too-old", "opset_import",
          "opset " + std::to_string(opset) + "; " + name + " begins at " + std::to_string(runtime->min_opset),
          "convert the file with ONNX's version converter");
  }

  void dtypes(target const& runtime) {
    if (runtime.dtypes.empty()) return;
    auto const each = [&](auto const& values) {
      for (wire::value_view const value : values)
        if (value.what == wire::value_type::tensor &&
            std::ranges::find(runtime.dtypes, value.type) == runtime.dtypes.end())
          say(level::error, "dtype-of-target", std::string(value.name),
              std::string(name_of(value.type)) + " is no dtype of " + std::string(runtime.name),
              "convert within the model (Cast)");
    };
    each(model_.graph.inputs());
    each(model_.graph.outputs());
  }

  static bool is_known(std::string_view name, scope& from) {
    for (scope* at = &from; at != nullptr; at = at->outer)
      if (at->values.contains(name)) {
        at->used.insert(name);
        return true;
      }
    return false;
  }
  void define(std::string_view name, scope& in, std::string const& by) {
    if (name.empty()) return;
    if (!in.values.insert(name).second)
      say(level::error, "name-twice", std::string(name), "the value is made twice, the second time by " + by,
          "rename one: a value has one origin");
  }
  void use(std::string_view name, scope& in, std::string const& by) {
    if (!name.empty() && !is_known(name, in))
      say(level::error, "value-missing", std::string(name), "nothing makes the value that " + by + " takes",
          "the file is damaged, or its nodes stand in the wrong order");
  }

  void inspect(wire::graph_view const& graph, scope& here, scope* outer, int depth) {
    here.outer = outer;
    name_set defaults;
    for (wire::stored_tensor const each : graph.initializers()) defaults.insert(each.name);
    for (wire::value_view const each : graph.inputs()) {
      define(each.name, here, "an input");
      if (depth == 0) declared(each);
    }
    for (wire::stored_tensor const each : graph.initializers()) {
      // Before IR version 4 every initialiser was an input, too.
      if (!here.values.contains(each.name)) define(each.name, here, "an initialiser");
      stored(each);
    }
    for (wire::node_view const each : graph.nodes()) node(each, here, depth);
    bool const is_empty = depth == 0 && graph.nodes().begin() == graph.nodes().end();
    if (is_empty)
      say(level::note, "graph-empty", std::string(graph.name), "the graph has no nodes",
          "it describes a model and cannot be run");
    for (wire::value_view const each : graph.outputs()) {
      if (!is_empty) use(each.name, here, depth == 0 ? "an output of the graph" : "an output of a sub-graph");
      if (depth == 0) declared(each);
    }
    for (std::string_view const each : defaults)
      if (!here.used.contains(each))
        say(level::warning, "initializer-unused", std::string(each), "no node uses this initialiser",
            "remove it: it takes space and time to load");
  }

  void declared(wire::value_view const& value) {
    for (wire::dim_view const dim : value.dims())
      if (dim.has_value && dim.value < 0)
        say(level::error, "size-negative", std::string(value.name),
            "a dimension is declared as " + std::to_string(dim.value), "leave it out where it varies");
  }

  void node(wire::node_view const& each, scope& here, int depth) {
    std::string const name =
        std::string(each.op_type) + (each.name.empty() ? "" : " \"" + std::string(each.name) + "\"");
    std::string_view const domain = each.domain == "ai.onnx" ? std::string_view{} : each.domain;
    if (!domains_.contains(domain) && model_.opsets().size() > 0)
      say(level::error, "domain-missing", name,
          "the operator is of \"" + std::string(domain) + "\", which the file does not import",
          "add the domain's operator set to the file's opset_import");
    for (std::string_view const input : each.inputs()) use(input, here, name);
    for (wire::attribute_view const attribute : each.attributes()) {
      if (attribute.type == wire::attribute_type::tensor_value) stored(attribute.t);
      if (attribute.graph.empty()) continue;
      if (depth > 30) continue;  // deeper than any model; the reader has bounded it, and names are all that is lost
      scope inner;
      inspect(wire::graph_view::of(attribute.graph), inner, &here, depth + 1);
    }
    for (std::string_view const output : each.outputs()) define(output, here, name);
  }

  void stored(wire::stored_tensor const& tensor) {
    std::uint64_t elements = 1;
    bool fits = true;
    for (std::int64_t const dim : tensor.dims())
      fits = fits && dim >= 0 && !__builtin_mul_overflow(elements, static_cast<std::uint64_t>(dim), &elements);
    std::string const name(tensor.name);
    std::uint64_t bytes = 0;
    fits = fits && !__builtin_mul_overflow(elements, bits_of(tensor.type), &bytes);
    bytes = bytes / 8 + (bytes % 8 != 0 ? 1 : 0);
    if (!fits) {
      say(level::error, "tensor-size", name, "its dimensions are negative or beyond any memory", "the file is damaged");
      return;
    }
    if (tensor.location == wire::data_location::external)
      for (file_finding& each : files_.problems(tensor, bits_of(tensor.type) == 0 ? 0 : bytes))
        say(each.severity, each.id, name, each.message, each.hint);
    else if (!tensor.raw_data.empty() && bits_of(tensor.type) != 0 && tensor.raw_data.size() != bytes)
      say(level::error, "tensor-size", name,
          "has " + std::to_string(tensor.raw_data.size()) + " bytes of data, and " + std::to_string(bytes) +
              " by its dimensions",
          "the file is damaged");
  }

  wire::model_view const& model_;
  external_files files_;
  name_set domains_;  // that are imported
  std::vector<file_finding> findings_;
  std::size_t said_ = 0;
};

}  // namespace detail

/// Versions, names, initialisers and external data of a model. `folder`: where the file lies, as external data is
/// beside it.
inline std::vector<file_finding> problems_of(wire::model_view const& model, std::filesystem::path const& folder,
                                             std::optional<target> const& runtime = {}) {
  return detail::file_inspector(model, folder, runtime).take();
}

}  // namespace constexport
