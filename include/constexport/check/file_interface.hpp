/// check/file_interface.hpp: the interface that an ONNX file declares.
///
/// Room: check. Includes core, onnx, contract_interface.hpp, compare.hpp, param_meaning.hpp and the standard library. A
/// file that carries its contract as metadata is read through it, if the two agree.
#pragma once

#include <constexport/check/compare.hpp>
#include <constexport/check/contract_interface.hpp>
#include <constexport/check/model_interface.hpp>
#include <constexport/check/param_meaning.hpp>
#include <constexport/onnx/contract_reader.hpp>
#include <constexport/onnx/reader.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport {
namespace detail {

// The names that a contract's dimensions have in files, and their sizes over the contract's interface.
struct dim_param_names {
  std::vector<interface_axis> axes{};
  std::map<std::string, interface_dim, std::less<>> sizes{};

  dim_param_names() = default;
  explicit dim_param_names(bound_contract const& bound) {
    contract_interface_maker maker(bound);
    for (auto const rows : {bound.table->inputs, bound.table->outputs})
      for (tensor_row const& row : rows)
        for (dimension const& each : row.dims) {
          interface_dim const size = maker.dim(each.size);
          if (size.code.empty()) continue;
          for_each_param_of(each, bound, [&](std::string_view name) { sizes.emplace(name, size); });
        }
    axes = maker.take().axes;
    // Of one name, an axis is meant: it cannot be the name of another size.
    for (std::size_t i = 0; i < axes.size(); ++i)
      sizes.insert_or_assign(axes[i].name,
                             interface_dim{{}, {{operation::symbol, static_cast<std::int64_t>(i)}}, axes[i].name});
  }
};

class file_interface_maker {
 public:
  file_interface_maker(wire::model_view const& model, dim_param_names const& known) : known_(known) {
    result_.title = std::string(model.graph.name);
    result_.opset = model.opset();
    std::set<std::string_view> defaults;
    for (wire::stored_tensor const each : model.graph.initializers()) defaults.insert(each.name);
    for (wire::value_view const each : model.graph.inputs())
      for (wire::dim_view const dim : each.dims()) params_.insert(dim.param);
    for (wire::value_view const each : model.graph.inputs()) {
      result_.inputs.push_back(tensor(each));
      result_.inputs.back().has_default = defaults.contains(each.name);
    }
    for (wire::value_view const each : model.graph.outputs()) result_.outputs.push_back(tensor(each));
  }
  model_interface take() { return std::move(result_); }

 private:
  std::size_t axis(std::string_view name) {
    auto const [at, is_new] = places_.emplace(name, result_.axes.size());
    if (is_new) result_.axes.push_back({std::string(name)});
    return at->second;
  }

  interface_tensor tensor(wire::value_view const& value) {
    interface_tensor result;
    result.name = std::string(value.name);
    result.what = value.what;
    result.type = value.type;
    result.is_ranked = value.has_shape;
    if (value.what == wire::value_type::tensor)
      for (wire::dim_view const each : value.dims()) result.dims.push_back(dim(each));
    else
      result.kind = text_of_type(value.type_proto);
    return result;
  }

  // A type of any kind, whole: "sequence(float32[N, 3])".
  static std::string text_of_type(std::string_view type) {
    std::string text;
    wire::cursor fields{type};
    for (wire::field each; fields.next(each);) switch (each.number) {
        case wire::type_field::tensor_type:
          text = text_of_tensor(each.bytes);
          break;
        case wire::type_field::sparse_tensor_type:
          text = "sparse_tensor(" + text_of_tensor(each.bytes) + ")";
          break;
        case wire::type_field::sequence_type:
          text = "sequence(" + text_of_elements(each.bytes) + ")";
          break;
        case wire::type_field::optional_type:
          text = "optional(" + text_of_elements(each.bytes) + ")";
          break;
        case wire::type_field::map_type:
          text = "map(" + text_of_elements(each.bytes) + ")";
          break;
        case wire::type_field::opaque_type:
          text = "opaque";
          break;
        default:
          break;
      }
    return text;
  }
  // The key of a map is its first field; the type of elements is the first one of a sequence, the second one of a map.
  static std::string text_of_elements(std::string_view of) {
    std::string text;
    wire::cursor fields{of};
    for (wire::field each; fields.next(each);) {
      if (!text.empty()) text += ", ";
      text += each.type == wire::wire_type::varint ? std::string(name_of(static_cast<dtype>(each.integer())))
                                                   : text_of_type(each.bytes);
    }
    return text;
  }
  static std::string text_of_tensor(std::string_view tensor) {
    std::string type, shape;
    wire::cursor fields{tensor};
    for (wire::field each; fields.next(each);) {
      if (each.number == wire::tensor_type_field::elem_type) type = name_of(static_cast<dtype>(each.integer()));
      if (each.number != wire::tensor_type_field::shape) continue;
      shape = "[";
      for (wire::dim_view const dim : wire::repeated<wire::dim_view, wire::shape_field::dim>{each.bytes})
        shape += (shape.size() > 1 ? ", " : "") + (dim.has_value && dim.value >= 0 ? std::to_string(dim.value)
                                                   : dim.param.empty()             ? "?"
                                                                                   : std::string(dim.param));
      shape += "]";
    }
    return type + shape;
  }

  interface_dim dim(wire::dim_view const& declared) {
    interface_dim result;
    result.text = "?";
    if (declared.has_value && declared.value >= 0) {
      result.number = declared.value;
      result.text = std::to_string(declared.value);
    } else if (!declared.has_value && !declared.param.empty()) {
      named(declared.param, result);
    }
    return result;
  }

  void named(std::string_view param, interface_dim& into) {
    into.text = std::string(param);
    auto const known = known_.sizes.find(param);
    bool const is_known = known != known_.sizes.end();
    written code;
    switch (kind_of_param(
        param, is_known ? facts_of(known->second) : size_facts{}, [&] { return has_axes_of(known->second); }, code)) {
      case param_kind::axis:
        into.code = {{operation::symbol, static_cast<std::int64_t>(axis(param))}};
        break;
      case param_kind::size_of_contract:
        translate(
            known->second.code, [&](std::size_t index) { return known_.axes[index].name; }, into);
        into.text = text_of_code(into.code, result_.axes);
        break;
      case param_kind::expression:
        translate(
            code.steps(), [&](std::size_t index) { return code.names[index]; }, into);
        break;
    }
  }

  void translate(program code, auto const& name_of_symbol, interface_dim& into) {
    for (instruction step : code) {
      if (step.code == operation::symbol)
        step.value = static_cast<std::int64_t>(axis(name_of_symbol(static_cast<std::size_t>(step.value))));
      into.code.push_back(step);
    }
  }

  bool has_axes_of(interface_dim const& size) const {
    for (instruction const step : size.code)
      if (step.code == operation::symbol && !params_.contains(known_.axes[static_cast<std::size_t>(step.value)].name))
        return false;
    return true;
  }

  dim_param_names const& known_;
  std::set<std::string_view> params_;  // of inputs
  model_interface result_;
  std::map<std::string, std::size_t, std::less<>> places_;
};

/// A contract in a file is larger than one that the compiler made at most.
using large_contract_storage = contract_storage<contract_limits{512, 2048, 8192, 8192}>;

}  // namespace detail

/// What a file declares.
struct file_interface {
  model_interface shown;                 ///< through its metadata, where that agrees with the graph
  std::vector<change> contradictions{};  ///< from the metadata to the graph; the graph counts
  read_status metadata{};                ///< of the contract in the metadata; no error if there is none
  bool has_metadata = false;
};

/// Reads a file's interface. `guide`: the contract whose names of dimensions the file may use, if one is known.
inline file_interface interface_of(wire::model_view const& model, bound_contract const* guide = nullptr) {
  file_interface result;
  std::string_view const text = model.find_metadata(contract_key);
  auto const graph_by = [&](bound_contract const* names) {
    detail::dim_param_names const known =
        names != nullptr ? detail::dim_param_names(*names) : detail::dim_param_names();
    return detail::file_interface_maker(model, known).take();
  };
  if (!text.empty()) {
    auto const storage = std::make_unique<detail::large_contract_storage>();
    result.metadata = read_contract(text, *storage);
    if (result.metadata) {
      bound_contract const bound = storage->bound();
      model_interface promised = interface_of(bound);
      promised.opset = model.opset();
      for (change& each : compare(promised, graph_by(&bound)))
        if (each.is_breaking && !is_only_unstated(each.kind)) result.contradictions.push_back(std::move(each));
      if (result.contradictions.empty()) {
        result.has_metadata = true;
        result.shown = std::move(promised);
        return result;
      }
    }
  }
  result.shown = graph_by(guide);
  return result;
}

}  // namespace constexport
