/// check/file_problems.hpp: what is wrong with an ONNX file, whatever it was made for.
///
/// Room: check. Includes core, onnx, finding.hpp, target.hpp and the standard library. check.hpp adds the comparison
/// with a contract. Weights are not looked at.
#pragma once

#include <constexport/check/external_files.hpp>
#include <constexport/check/finding.hpp>
#include <constexport/check/function_calls.hpp>
#include <constexport/check/target.hpp>
#include <constexport/check/tensor_data.hpp>
#include <constexport/onnx/reader.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace constexport {
namespace detail {

class file_inspector {
 public:
  file_inspector(wire::model_view const& model, std::filesystem::path const& folder,
                 std::optional<target> const& runtime)
      : model_(model), files_(folder), runtime_(runtime) {
    versions();
    metadata();
    import_set imported;
    imports(model.opsets(), "", imported);
    scope outer{.imported = &imported};
    inspect(model.graph, outer);
    // Readers pass over functions in files that are older than these.
    if (model.ir_version >= 8) functions();
    if (runtime) dtypes();
  }
  std::vector<file_finding> take() { return std::move(findings_); }

 private:
  using name_set = std::unordered_set<std::string_view>;
  using import_set = std::unordered_map<std::string_view, std::int64_t>;  // domains and versions
  struct scope {
    name_set values{};
    name_set used{};
    scope* outer = nullptr;
    import_set const* imported = nullptr;
    std::string within{};  // " of the function ..."
    bool is_function = false;
    int depth = 0;
  };

  void say(level severity, std::string_view id, std::string where, std::string message, std::string_view hint) {
    // A damaged file can have as many problems as bytes.
    constexpr std::size_t most = 1000;
    if (said_++ < most)
      add_finding(findings_, {severity, std::string(id), {std::move(where)}, std::move(message), std::string(hint)});
  }

  static std::string_view domain_of(std::string_view domain) { return domain == "ai.onnx" ? "" : domain; }

  void versions() {
    std::int64_t const ir = model_.ir_version;
    if (ir <= 0) say(level::error, "ir-missing", "ir_version", "the file states no IR version", "export it again");
    if (!runtime_ && ir > newest_known().max_ir)
      say(level::warning, "ir-unknown", "ir_version",
          "IR version " + std::to_string(ir) + " is newer than any known here, " +
              std::to_string(newest_known().max_ir),
          "name the runtime (--target), or export with an older opset");
    if (runtime_ && runtime_->max_ir > 0 && ir > runtime_->max_ir)
      say(level::error, "ir-too-new", "ir_version",
          "IR version " + std::to_string(ir) + "; " + std::string(runtime_->name) + " reads up to " +
              std::to_string(runtime_->max_ir),
          "export with an older opset, which has an older IR version, or use a newer runtime");
  }

  void metadata() {
    name_set keys;
    for (wire::entry_view const each : model_.metadata())
      if (!keys.insert(each.key).second)
        say(level::warning, "metadata-twice", std::string(each.key), "the file's metadata has this key twice",
            "remove one: readers take the first, the last, or refuse the file");
  }

  // The operator sets that the model, or one of its functions, imports.
  template <class Opsets>
  void imports(Opsets const& opsets, std::string const& within, import_set& into) {
    std::string const where = "opset_import" + within;
    for (wire::opset_view const each : opsets) {
      std::string_view const domain = domain_of(each.domain);
      if (!into.insert_or_assign(domain, each.version).second)
        say(level::warning, "opset-twice", where,
            "the operator set \"" + std::string(each.domain) + "\" is imported twice",
            "remove one: the last one counts");
      if (domain.empty()) opset(each.version, where);
    }
    if (into.empty()) say(level::error, "opset-missing", where, "no operator set is imported", "export it again");
  }

  void opset(std::int64_t version, std::string const& where) {
    if (!runtime_) {
      if (version > newest_known().max_opset)
        say(level::warning, "opset-unknown", where,
            "opset " + std::to_string(version) + " is newer than any known here, " +
                std::to_string(newest_known().max_opset),
            "name the runtime (--target), or export with an older opset");
      return;
    }
    std::string const name(runtime_->name);
    if (runtime_->max_opset > 0 && version > runtime_->max_opset)
      say(level::error, "opset-too-new", where,
          "opset " + std::to_string(version) + "; " + name + " knows up to " + std::to_string(runtime_->max_opset),
          "export with --opset " + std::to_string(runtime_->max_opset) + ", or use a newer runtime");
    if (version > 0 && version < runtime_->min_opset)
      say(level::warning, "opset-too-old", where,
          "opset " + std::to_string(version) + "; " + name + " promises to read " +
              std::to_string(runtime_->min_opset) + " and newer",
          "convert the file with ONNX's version converter");
  }

  void dtypes() {
    if (runtime_->dtypes.empty()) return;
    auto const each = [&](auto const& values) {
      for (wire::value_view const value : values)
        if (value.what == wire::value_type::tensor && is_dtype(value.type) &&
            std::ranges::find(runtime_->dtypes, value.type) == runtime_->dtypes.end())
          say(level::error, "dtype-of-target", std::string(value.name),
              std::string(name_of(value.type)) + " is no dtype of " + std::string(runtime_->name),
              "convert within the model (Cast)");
    };
    each(model_.graph.inputs());
    each(model_.graph.outputs());
  }

  static bool is_dtype(dtype type) { return name_of(type) != name_of(dtype::undefined); }

  static bool is_known(std::string_view name, scope* from) {
    for (scope* at = from; at != nullptr; at = at->outer)
      if (at->values.contains(name)) {
        at->used.insert(name);
        return true;
      }
    return false;
  }
  void define(std::string_view name, scope& in, std::string const& by, level severity = level::error) {
    if (name.empty()) return;
    if (!in.values.insert(name).second)
      say(severity, "name-twice", std::string(name), "the value is made twice, the second time by " + by,
          "rename one: a value has one origin");
  }
  void use(std::string_view name, scope& in, std::string const& by) {
    if (!name.empty() && !is_known(name, &in))
      say(level::error, "value-missing", std::string(name), "nothing makes the value that " + by + " takes",
          "the file is damaged, or its nodes stand in the wrong order");
  }
  // What a graph or function gives out must be of its own.
  void give(std::string_view name, scope& in, std::string const& by) {
    if (name.empty())
      say(level::error, "name-missing", by, "it has no name", "name it: it cannot be asked for");
    else if (!in.values.contains(name) && is_known(name, in.outer))
      say(level::error, "output-of-outer", std::string(name), by + " is a value of the graph around it",
          "give out a copy of it (Identity)");
    else
      use(name, in, by);
  }

  void inspect(wire::graph_view const& graph, scope& here) {
    bool const is_whole = here.depth == 0;
    if (graph.name.empty())
      say(is_whole ? level::warning : level::error, "name-missing", is_whole ? "graph" : "sub-graph", "it has no name",
          "name it: readers may refuse the file");
    std::unordered_map<std::string_view, wire::value_view> inputs;
    for (wire::value_view const each : graph.inputs()) {
      define(each.name, here, "an input");
      if (each.name.empty())
        say(level::error, "name-missing", is_whole ? "an input of the graph" : "an input of a sub-graph",
            "it has no name", "name it: it cannot be given a value");
      declared(each, is_whole, level::error);
      inputs.emplace(each.name, each);
    }
    name_set defaults;
    for (wire::stored_tensor const each : graph.initializers()) {
      initialized(each, defaults, inputs.contains(each.name), false, here);
      if (auto const input = inputs.find(each.name); input != inputs.end()) agrees(each, input->second);
    }
    for (wire::stored_sparse_tensor const each : graph.sparse_initializers()) {
      initialized(each.values, defaults, inputs.contains(each.values.name), true, here);
      stored(each.indices, level::error);
    }
    bool is_empty = true;
    for (wire::node_view const each : graph.nodes()) {
      node(each, here);
      is_empty = false;
    }
    if (is_whole && is_empty)
      say(level::note, "graph-empty", std::string(graph.name), "the graph has no nodes",
          "it describes a model and cannot be run");
    for (wire::value_view const each : graph.outputs()) {
      give(each.name, here, is_whole ? "an output of the graph" : "an output of a sub-graph");
      declared(each, is_whole, level::warning);
    }
    for (wire::value_view const each : graph.value_infos())
      if (!each.type_proto.empty() && here.values.contains(each.name) && !inputs.contains(each.name) &&
          !defaults.contains(each.name))
        type(each.type_proto, std::string(each.name), level::warning);
    for (std::string_view const each : defaults)
      if (!here.used.contains(each))
        say(level::warning, "initializer-unused", std::string(each), "no node uses this initialiser",
            "remove it: it takes space and time to load");
  }

  void initialized(wire::stored_tensor const& tensor, name_set& defaults, bool is_input, bool is_sparse, scope& here) {
    if (tensor.name.empty())
      say(is_sparse ? level::error : level::warning, "name-missing", "an initialiser", "it has no name",
          "name it, or remove it");
    // Before IR version 4 every initialiser was an input, too.
    if (!defaults.insert(tensor.name).second || !is_input) define(tensor.name, here, "an initialiser", level::warning);
    stored(tensor, level::error);
  }

  // An initialiser is the default of the input of its name.
  void agrees(wire::stored_tensor const& tensor, wire::value_view const& input) {
    if (input.what != wire::value_type::tensor || !is_dtype(tensor.type) || !is_dtype(input.type)) return;
    if (tensor.type != input.type)
      say(level::error, "default-differs", std::string(input.name),
          "the input is " + std::string(name_of(input.type)) + ", and its initialiser " +
              std::string(name_of(tensor.type)),
          "declare the input as its initialiser is");
    if (!input.has_shape) return;
    std::string shape;
    bool same = input.dims().size() == tensor.dims().size();
    auto declared = input.dims().begin();
    for (std::int64_t const size : tensor.dims()) {
      shape += (shape.empty() ? "" : ", ") + std::to_string(size);
      if (!same) continue;
      wire::dim_view const dim = *declared;
      ++declared;
      same = !dim.has_value || dim.value < 0 || dim.value == size;
    }
    if (!same)
      say(level::error, "default-differs", std::string(input.name),
          "the input is declared with other dimensions than its initialiser has, [" + shape + "]",
          "declare the input as its initialiser is");
  }

  void declared(wire::value_view const& value, bool is_whole, level untyped) {
    std::string const name(value.name);
    if (!value.type_proto.empty())
      type(value.type_proto, name, untyped);
    else if (is_whole)  // within a graph, types follow from those outside
      say(untyped, "type-missing", name, "no type is stated", "state its type");
    for (wire::dim_view const dim : value.dims())
      if (dim.has_value && dim.value < 0)
        say(level::warning, "size-negative", name, "a dimension is declared as " + std::to_string(dim.value),
            "leave it out where it varies");
  }

  // A TypeProto, and those within it.
  void type(std::string_view proto, std::string const& where, level untyped) {
    bool is_stated = false;
    wire::cursor fields{proto};
    for (wire::field each; fields.next(each);) switch (each.number) {
        case wire::type_field::tensor_type:
        case wire::type_field::sparse_tensor_type:
          is_stated = true;
          element(number_of(each.bytes, wire::tensor_type_field::elem_type), where);
          break;
        case wire::type_field::map_type:
          is_stated = true;
          element(number_of(each.bytes, wire::map_type_field::key_type), where);
          type(message_of(each.bytes, wire::map_type_field::value_type), where, level::error);
          break;
        case wire::type_field::sequence_type:
        case wire::type_field::optional_type:
          is_stated = true;
          type(message_of(each.bytes, wire::sequence_type_field::elem_type), where, level::error);
          break;
        case wire::type_field::opaque_type:
          is_stated = true;
          break;
        default:
          break;
      }
    if (!is_stated) say(untyped, "type-missing", where, "no type is stated", "state its type");
  }
  void element(std::int64_t number, std::string const& where) {
    if (number >= 0 && number <= 255 && is_dtype(static_cast<dtype>(number))) return;
    say(level::error, "dtype-unknown", where,
        number == 0 ? "the type of its elements is not stated"
                    : "ONNX has no element type " + std::to_string(number) + ", or it is newer than any known here",
        number == 0 ? "state it" : "export it again");
  }
  static std::int64_t number_of(std::string_view message, wire::field_number wanted) {
    std::int64_t result = 0;
    wire::cursor fields{message};
    for (wire::field each; fields.next(each);)
      if (each.number == wanted) result = each.integer();
    return result;
  }
  static std::string_view message_of(std::string_view message, wire::field_number wanted) {
    std::string_view result;
    wire::cursor fields{message};
    for (wire::field each; fields.next(each);)
      if (each.number == wanted) result = each.bytes;
    return result;
  }

  void node(wire::node_view const& each, scope& here) {
    std::string const name =
        std::string(each.op_type) + (each.name.empty() ? "" : " \"" + std::string(each.name) + "\"") + here.within;
    if (each.op_type.empty())
      say(level::error, "name-missing", "node" + name, "it names no operator", "export it again");
    std::string_view const domain = domain_of(each.domain);
    auto const imported = here.imported->find(domain);
    if (imported == here.imported->end() && !here.imported->empty())
      say(level::error, "domain-missing", name,
          "the operator is of \"" + std::string(domain) + "\", which " +
              (here.within.empty() ? "the file" : "the function") + " does not import",
          "add the domain's operator set to opset_import");
    if (imported != here.imported->end() && imported->second <= 0 && (domain.empty() || domain.starts_with("ai.onnx.")))
      say(level::error, "opset-missing", name, "the operator's set is imported without a version",
          "state the version in opset_import");
    if (here.is_function) calls_.call(function_calls::name_of(domain, each.op_type, each.overload));
    for (std::string_view const input : each.inputs()) use(input, here, name);
    name_set attributes;
    for (wire::attribute_view const attribute : each.attributes()) {
      if (attribute.name.empty())
        say(level::error, "name-missing", "an attribute of " + name, "it has no name", "export it again");
      else if (!attributes.insert(attribute.name).second)
        say(level::error, "attribute-twice", std::string(attribute.name), "the attribute is given twice to " + name,
            "remove one");
      value(attribute, here, name);
    }
    for (std::string_view const output : each.outputs()) {
      if (here.outer != nullptr && !here.values.contains(output) && is_made_outside(output, here))
        say(level::error, "name-twice", std::string(output), "a value of the graph around it is made again by " + name,
            "rename one: a value has one origin");
      define(output, here, name);
    }
  }
  static bool is_made_outside(std::string_view name, scope const& here) {
    for (scope const* at = here.outer; at != nullptr; at = at->outer)
      if (at->values.contains(name)) return true;
    return false;
  }

  void value(wire::attribute_view const& attribute, scope& here, std::string const& of) {
    std::string const name(attribute.name);
    bool is_other = false;
    wire::cursor fields{attribute.bytes};
    for (wire::field each; fields.next(each);) {
      wire::attribute_type const holds = wire::attribute_type_of(each.number);
      is_other = is_other || (holds != wire::attribute_type::undefined && holds != attribute.type);
      if (each.number == wire::attribute_field::t || each.number == wire::attribute_field::tensors)
        stored(wire::stored_tensor::read(each), level::warning);
      if (each.number != wire::attribute_field::g && each.number != wire::attribute_field::graphs) continue;
      if (here.depth > 30)
        continue;  // deeper than any model; the reader has bounded it, and names are all that is lost
      scope inner{.outer = &here,
                  .imported = here.imported,
                  .within = here.within,
                  .is_function = here.is_function,
                  .depth = here.depth + 1};
      inspect(wire::graph_view::of(each.bytes), inner);
    }
    if (attribute.type == wire::attribute_type::undefined)
      say(level::error, "attribute-type", name, "the attribute of " + of + " states no type", "export it again");
    else if (is_other)
      say(level::error, "attribute-type", name,
          "the attribute of " + of + " has a value of another type than it states", "export it again");
  }

  // `surplus`: how grave more data is than the dimensions ask for.
  void stored(wire::stored_tensor const& tensor, level surplus) {
    std::uint64_t elements = 1;
    bool fits = true;
    for (std::int64_t const dim : tensor.dims())
      fits = fits && dim >= 0 && !__builtin_mul_overflow(elements, static_cast<std::uint64_t>(dim), &elements);
    std::string const name(tensor.name);
    element(static_cast<std::int64_t>(tensor.type), name);
    if (!is_dtype(tensor.type)) return;
    std::uint64_t bytes = 0;
    fits = fits && !__builtin_mul_overflow(elements, bits_of(tensor.type), &bytes);
    bytes = bytes / 8 + (bytes % 8 != 0 ? 1 : 0);
    if (!fits) {
      say(level::error, "tensor-size", name, "its dimensions are negative or beyond any memory", "the file is damaged");
      return;
    }
    if (tensor.location == wire::data_location::external) {
      for (file_finding& each : files_.problems(tensor, bits_of(tensor.type) == 0 ? 0 : bytes))
        say(each.severity, each.id, name, each.message, each.hint);
      return;
    }
    using kind = data_problem::kind_type;
    data_problem const problem = tensor_data(tensor).compared_with(elements, bytes);
    if (problem.kind == kind::in_two_fields)
      say(level::warning, "tensor-data", name, "its data stands in two fields", "export it again");
    if (problem.kind == kind::in_another_field)
      say(level::error, "tensor-data", name,
          "its data stands in another field than that of " + std::string(name_of(tensor.type)), "export it again");
    if (problem.kind == kind::too_little || problem.kind == kind::too_much)
      say(problem.kind == kind::too_much ? surplus : level::error, "tensor-size", name,
          "has " + problem.found + " of data, and " + problem.expected + " by its dimensions", "the file is damaged");
  }

  // Functions are graphs whose values have no types.
  void functions() {
    for (wire::function_view const each : model_.functions()) {
      std::string const key = function_calls::name_of(domain_of(each.domain), each.name, each.overload);
      if (each.name.empty())
        say(level::warning, "name-missing", "function " + key, "it has no name", "name it, or remove it");
      if (!calls_.begin(key))
        say(level::error, "function-twice", key, "the file has two functions of this name", "rename one");
      import_set imported;
      scope here{.imported = &imported, .within = " of the function " + key, .is_function = true};
      imports(each.opsets(), here.within, imported);
      for (std::string_view const input : each.inputs()) define(input, here, "an input" + here.within);
      for (wire::node_view const node_of : each.nodes()) node(node_of, here);
      name_set outputs;
      for (std::string_view const output : each.outputs()) {
        give(output, here, "an output" + here.within);
        if (!outputs.insert(output).second)
          say(level::error, "name-twice", std::string(output), "it is given out twice by the function " + key,
              "rename one: a value has one origin");
      }
    }
    for (std::string const& each : calls_.circles())
      say(level::error, "function-recursive", each, "the function calls itself, or functions that do",
          "functions are put in the place of their calls, which must end");
  }

  wire::model_view const& model_;
  external_files files_;
  std::optional<target> const& runtime_;
  function_calls calls_;
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
