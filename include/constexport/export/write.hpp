/// export/write.hpp: the graph as an ONNX file.
///
/// Room: export. Includes core, onnx/ and LibTorch's tensors. Weights go from tensor memory to the file, or to another
/// one beside it, without a second copy. Files get their names when they are whole: whatever goes wrong, existing ones
/// stay as they were.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/export/error.hpp>
#include <constexport/export/external_data.hpp>
#include <constexport/export/optimise.hpp>
#include <constexport/export/pending_file.hpp>
#include <constexport/onnx/contract_text.hpp>
#include <constexport/onnx/messages.hpp>
#include <constexport/onnx/metadata.hpp>
#include <constexport/onnx/versions.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport {

/// The metadata key of the names, separated by spaces, of weights that the file holds transposed: their last two
/// dimensions are the other way round in the module's `state_dict`.
inline constexpr std::string_view transposed_key = "constexport.transposed.v1";

namespace detail {

/// Gives every value and node of the graph a name: weights theirs in the module, inputs and outputs the contract's.
inline void name_graph(graph& g, std::vector<std::string> const& outputs) {
  std::set<std::string> used;
  for (value_id const id : g.inputs) used.insert(g[id].name);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    g[g.outputs[i]].name = outputs[i];
    used.insert(outputs[i]);
  }
  auto const unique = [&](std::string const& wanted) {
    std::string name = wanted;
    for (int i = 1; !used.insert(name).second; ++i) name = wanted + "_" + std::to_string(i);
    return name;
  };
  value_list const constants = constants_of(g);
  for (value_id const id : constants)
    if (!g[id].name.empty()) g[id].name = unique(g[id].name);
  std::size_t unnamed = 0;
  for (value_id const id : constants)
    if (g[id].name.empty()) g[id].name = unique("constant_" + std::to_string(unnamed++));
  for (std::size_t i = 0; i < g.nodes.size(); ++i) {
    graph_node& node = g.nodes[i];
    std::string scope = node.scope.empty() ? std::string() : node.scope + "/";
    for (value_id const input : node.inputs)
      if (scope.empty() && input != no_value && g[input].is_weight && g[input].name.find('.') != std::string::npos)
        scope = g[input].name.substr(0, g[input].name.rfind('.')) + "/";
    node.name = scope + node.op + "_" + std::to_string(i);
    for (std::size_t k = 0; k < node.outputs.size(); ++k)
      if (node.outputs[k] != no_value && g[node.outputs[k]].name.empty())
        g[node.outputs[k]].name = unique(node.name + (k == 0 ? "" : "." + std::to_string(k)));
  }
}

class graph_writer {
 public:
  graph_writer(graph const& g, bound_contract const& bound, dim_naming naming, external_data_plan const& external,
               std::string location)
      : g_(g), bound_(bound), naming_(naming), external_(external), location_(std::move(location)) {}

  template <wire::Sink S>
  void operator()(S& sink) {
    std::vector<wire::opset_id> opsets{{{}, g_.opset}};
    for (auto const& [domain, version] : g_.domains) opsets.push_back({domain, version});
    if (contract_.empty()) print_contract(bound_, [&](char c) { contract_ += c; });
    if (transposed_.empty())
      for (value_id const id : constants_of(g_))
        if (g_[id].note == transposed_note) transposed_ += (transposed_.empty() ? "" : " ") + g_[id].name;
    std::vector<wire::metadata_entry> metadata{{contract_key, contract_}};
    if (!transposed_.empty()) metadata.push_back({transposed_key, transposed_});
    wire::model(
        sink,
        {.ir_version = ir_version_of(g_.opset),
         .producer_name = producer_name,
         .producer_version = producer_version,
         .opsets = opsets,
         .metadata = metadata},
        [&](auto& body) { write_graph(body); }, [&](auto& body) { write_functions(body); });
  }

 private:
  template <wire::Sink S>
  void write_graph(S& sink) {
    for (graph_node const& node : g_.nodes) write_node(sink, node);
    std::string_view const model_type = bound_.table->identity.model_type;
    wire::graph_name(sink, model_type.empty() ? "graph" : model_type);
    for (value_id const id : constants_of(g_)) write_constant(sink, id);
    std::size_t index = 0;
    for_each_tensor(bound_.table->inputs, bound_.sizes(), [&](tensor_row const& row, std::int64_t) {
      wire::input(sink, g_[g_.inputs[index++]].name, row.type, declared_shape(row, bound_, naming_).dims());
    });
    index = 0;
    for_each_tensor(bound_.table->outputs, bound_.sizes(), [&](tensor_row const& row, std::int64_t) {
      wire::output(sink, g_[g_.outputs[index++]].name, row.type, declared_shape(row, bound_, naming_).dims());
    });
    for (graph_node const& node : g_.nodes)
      for (value_id const id : node.outputs)
        if (id != no_value && std::find(g_.outputs.begin(), g_.outputs.end(), id) == g_.outputs.end())
          wire::value_info(sink, g_[id].name, g_[id].type, shape(g_[id].dims));
  }

  template <wire::Sink S>
  void write_constant(S& sink, value_id id) {
    graph_value const& value = g_[id];
    wire::tensor_head const head{value.name, value.type, {value.data.sizes().data(), value.data.sizes().size()}};
    if (external_data_plan::place const* const outside = external_.find(id))
      wire::initializer(sink, head, wire::external_data{location_, outside->offset, outside->length});
    else
      wire::initializer(sink, head, value.data.nbytes(), [&](auto& to) { write_elements(to, value.data); });
  }

  // Those that a node or another function uses.
  std::set<std::pair<std::string, std::string>> used_functions() const {
    std::set<std::pair<std::string, std::string>> used;
    auto const use = [&](auto const& self, std::string const& domain, std::string const& name) -> void {
      auto const found = g_.functions.find({domain, name});
      if (found == g_.functions.end() || !used.emplace(domain, name).second) return;
      for (function_node const& node : found->second.nodes) self(self, node.domain, node.op);
    };
    for (graph_node const& node : g_.nodes) use(use, node.domain, node.op);
    return used;
  }

  template <wire::Sink S>
  void write_functions(S& sink) {
    for (auto const& key : used_functions()) {
      graph_function const& each = g_.functions.at(key);
      std::vector<wire::opset_id> opsets{{{}, g_.opset}};
      for (auto const& [domain, version] : g_.domains)
        for (function_node const& node : each.nodes)
          if (node.domain == domain && opsets.back().domain != domain) opsets.push_back({domain, version});
      wire::function(sink, {each.domain, each.name, opsets}, each.inputs, each.outputs, [&](auto& body) {
        for (function_node const& node : each.nodes)
          wire::function_node(body, {node.op, {}, node.domain}, node.inputs, node.outputs,
                              [&](auto& at) { write_attributes(at, node.attributes); });
      });
    }
  }

  static void write_attributes(auto& at, std::vector<attribute> const& attributes) {
    for (attribute const& each : attributes)
      std::visit([&](auto const& value) { write_attribute(at, each.name, value); }, each.value);
  }

  template <wire::Sink S>
  void write_node(S& sink, graph_node const& node) {
    auto const names = [&](value_list const& ids) {
      std::vector<std::string_view> result;
      for (value_id const id : ids) result.push_back(id == no_value ? std::string_view{} : g_[id].name);
      return result;
    };
    wire::node(sink, {node.op, node.name, node.domain}, names(node.inputs), names(node.outputs),
               [&](auto& at) { write_attributes(at, node.attributes); });
  }
  static void write_attribute(auto& at, std::string const& name, std::int64_t value) {
    wire::attribute_int(at, name, value);
  }
  static void write_attribute(auto& at, std::string const& name, double value) {
    wire::attribute_float(at, name, static_cast<float>(value));
  }
  static void write_attribute(auto& at, std::string const& name, std::string const& value) {
    wire::attribute_string(at, name, value);
  }
  static void write_attribute(auto& at, std::string const& name, std::vector<std::int64_t> const& value) {
    wire::attribute_ints(at, name, value);
  }
  static void write_attribute(auto& at, std::string const& name, std::vector<double> const& value) {
    wire::attribute_floats(at, name, std::vector<float>(value.begin(), value.end()));
  }
  static void write_attribute(auto& at, std::string const& name, std::vector<std::string> const& value) {
    wire::attribute_strings(at, name, value);
  }
  static void write_attribute(auto& at, std::string const& name, at::Tensor const& value) {
    at::Tensor const flat = value.contiguous();
    wire::attribute_tensor(at, name, {{}, to_dtype(flat.scalar_type()), {flat.sizes().data(), flat.sizes().size()}},
                           std::string_view(static_cast<char const*>(flat.data_ptr()), flat.nbytes()));
  }

  std::vector<wire::shape_dim> shape(dim_list const& sizes) {
    std::vector<wire::shape_dim> result;
    for (dim const size : sizes)
      if (g_.dims.is_number(size))
        result.push_back({g_.dims.value(size), {}});
      else
        result.push_back({-1, dim_name(size)});
    return result;
  }
  std::string const& dim_name(dim size) {
    auto const [at, made] = dim_names_.try_emplace(size.id);
    if (made) {
      std::vector<instruction> const code = g_.dims.code(size);
      auto const put = [&, name = &at->second](char c) { *name += c; };
      print_dim_param({program{code}, {}}, bound_, naming_, put);
    }
    return at->second;
  }

  graph const& g_;
  bound_contract const& bound_;
  dim_naming naming_;
  external_data_plan const& external_;
  std::string location_;
  std::string contract_, transposed_;
  std::map<std::uint32_t, std::string> dim_names_;
};

}  // namespace detail

/// Choices in writing.
struct write_options {
  dim_naming naming = dim_naming::identifiers;
  external_data_mode external_data = external_data_mode::automatic;
};

/// Bytes of the files that `write_graph` has written.
struct written_bytes {
  std::uint64_t model = 0;
  std::uint64_t external_data = 0;  ///< 0: there is no second file
};

/// Writes the graph to `path`, and to `external_data_path(path)` what goes there. Inputs and outputs stand in the file
/// as the contract declares them. Throws `write_error`.
inline written_bytes write_graph(graph& g, bound_contract const& bound, std::vector<std::string> const& outputs,
                                 std::filesystem::path const& path, write_options const& options = {}) {
  detail::name_graph(g, outputs);
  value_list const constants = constants_of(g);
  std::uint64_t weights = 0;
  for (value_id const id : constants) weights += g[id].data.nbytes();
  bool const outside = options.external_data == external_data_mode::always ||
                       (options.external_data == external_data_mode::automatic && weights > external_data_threshold);
  detail::external_data_plan const plan =
      outside ? detail::external_data_plan(g, constants) : detail::external_data_plan();
  detail::graph_writer writer(g, bound, options.naming, plan, external_data_path(path).filename().string());
  std::uint64_t const size = wire::size_of([&](auto& sink) { writer(sink); });
  if (size > wire::max_message_size)
    throw write_error("The model has " + std::to_string(size >> 20) + " MiB, but an ONNX file can have 2048 at most. " +
                      (outside ? "Split it."
                               : "Let its weights go into a file of their own (external data), or convert "
                                 "it to half precision."));
  detail::output_place const place = detail::place_of(path);
  if (place.is_stream && plan.size() > 0)
    throw write_error("\"" + path.string() + "\" is no regular file: its weights cannot lie beside it. Give the name " +
                      "of a file, or let them go into the model (external_data_mode::never).");
  detail::pending_file file(place);
  if (plan.size() == 0) {
    writer(file);
    file.commit();
    return {file.size(), 0};
  }
  detail::pending_file data(external_data_path(path));
  writer(file);
  plan.write(data);
  file.finish();
  data.finish();
  detail::commit_together({&file, &data});
  return {file.size(), data.size()};
}

}  // namespace constexport
