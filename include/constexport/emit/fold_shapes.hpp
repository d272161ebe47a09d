/// emit/fold_shapes.hpp: shape arithmetic that is constant once axes are fixed.
///
/// Room: emit. Includes core, onnx and the standard library. pin.hpp replaces nodes by what it finds. Only a model's
/// own graph is looked at, and only integers of at most one dimension, of which sizes are made: what `Shape` and `Size`
/// give and what small operators make of it. Sizes that are not known pass through: one known element of a shape is
/// enough for what takes that element alone.
#pragma once

#include <constexport/core/program.hpp>
#include <constexport/onnx/node_message.hpp>
#include <constexport/onnx/reader.hpp>
#include <constexport/onnx/tensor_elements.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport::detail {

/// New bytes for fields of a graph, by the first byte of their content: empty where the field is left out.
using replaced_fields = std::map<char const*, std::string>;

class shape_folder {
 public:
  using sizes = std::vector<std::int64_t>;  // `unknown` where a size varies

  /// `shapes`: the dimensions of values, as they are to be.
  shape_folder(wire::model_view const& model, std::map<std::string_view, sizes> const& shapes)
      : graph_(model.graph), shapes_(shapes) {
    for (wire::value_view const each : graph_.inputs()) given_.insert(each.name);
    for (wire::stored_tensor const each : graph_.initializers())
      if (!given_.contains(each.name))  // what may be given is no constant
        if (auto found = constant(each)) values_.emplace(each.name, std::move(*found));
    for (wire::node_view const each : graph_.nodes()) nodes_.push_back(each);
    for (wire::node_view const& each : nodes_) follow(each);
    sweep();
  }
  replaced_fields take() { return std::move(replaced_); }

 private:
  struct value {
    sizes data{};
    bool is_scalar = false;
    bool is_computed = false;  // of a shape, and no constant of the file already
  };
  using result = std::optional<value>;
  static constexpr std::size_t most = 64;  // elements; shapes have fewer

  static result constant(wire::stored_tensor const& tensor) {
    std::size_t rank = 0;
    std::int64_t count = 1;
    for (std::int64_t const dim : tensor.dims()) {
      ++rank;
      count = dim;
    }
    if (tensor.type != dtype::int64 || rank > 1 || count < 0 || count > static_cast<std::int64_t>(most)) return {};
    if (tensor.location != wire::data_location::in_file) return {};
    value made{std::vector<std::int64_t>(static_cast<std::size_t>(count)), rank == 0, false};
    if (!wire::read_elements(tensor, std::as_writable_bytes(std::span(made.data)))) return {};
    return made;
  }

  static wire::attribute_view attribute(wire::node_view const& node, std::string_view name) {
    for (wire::attribute_view const each : node.attributes())
      if (each.name == name) return each;
    return {};
  }
  static std::int64_t integer(wire::node_view const& node, std::string_view name, std::int64_t otherwise) {
    wire::attribute_view const found = attribute(node, name);
    return found.name.empty() ? otherwise : found.i;
  }
  static bool is_in_onnx(wire::node_view const& node) { return node.domain.empty() || node.domain == "ai.onnx"; }

  value const* known(std::string_view name) const {
    auto const at = values_.find(name);
    return at == values_.end() ? nullptr : &at->second;
  }

  void follow(wire::node_view const& node) {
    std::vector<std::string_view> inputs, outputs;
    for (std::string_view const each : node.inputs()) inputs.push_back(each);
    for (std::string_view const each : node.outputs()) outputs.push_back(each);
    if (!is_in_onnx(node) || outputs.size() != 1 || given_.contains(outputs[0])) return;
    result made = evaluate(node, inputs);
    if (!made || made->data.size() > most) return;
    for (std::string_view const each : inputs)
      if (value const* const from = known(each)) made->is_computed = made->is_computed || from->is_computed;
    values_.insert_or_assign(outputs[0], std::move(*made));
  }

  result evaluate(wire::node_view const& node, std::vector<std::string_view> const& inputs) const {
    std::string_view const op = node.op_type;
    if (op == "Constant") return constant_node(node);
    if (op == "Shape" || op == "Size") return inputs.size() == 1 ? of_shape(node, inputs[0]) : result{};
    std::vector<value const*> from;
    for (std::string_view const each : inputs) {
      from.push_back(each.empty() ? nullptr : known(each));
      if (!each.empty() && from.back() == nullptr) return {};
    }
    if (from.empty() || from[0] == nullptr) return {};
    value const& first = *from[0];
    if (op == "Identity" && from.size() == 1) return first;
    if (op == "Cast" && from.size() == 1 && integer(node, "to", 0) == static_cast<int>(dtype::int64)) return first;
    if (op == "Concat") return concatenated(node, from);
    if (op == "Gather" && from.size() == 2) return gathered(node, first, from[1]);
    if (op == "Slice") return sliced(first, from);
    if (op == "Unsqueeze" && first.is_scalar && is_first_axis(node, from, false)) return value{first.data, false};
    if (op == "Squeeze" && !first.is_scalar && first.data.size() == 1 && is_first_axis(node, from, true))
      return value{first.data, true};
    if (from.size() == 2 && from[1] != nullptr)
      for (auto const& [name, code] : {std::pair<std::string_view, operation>{"Add", operation::add},
                                       {"Sub", operation::subtract},
                                       {"Mul", operation::multiply},
                                       {"Div", operation::floor_divide}})
        if (op == name) return computed(code, first, *from[1]);
    return {};
  }

  static result constant_node(wire::node_view const& node) {
    if (auto const tensor = attribute(node, "value"); tensor.type == wire::attribute_type::tensor_value)
      return constant(tensor.t);
    if (auto const number = attribute(node, "value_int"); number.type == wire::attribute_type::int_value)
      return value{{number.i}, true};
    if (auto const list = attribute(node, "value_ints"); list.type == wire::attribute_type::ints) {
      value made;
      for (std::int64_t const each : list.ints()) made.data.push_back(each);
      return made;
    }
    return {};
  }

  result of_shape(wire::node_view const& node, std::string_view name) const {
    auto const at = shapes_.find(name);
    if (at == shapes_.end()) return {};
    sizes const& dims = at->second;
    if (node.op_type == "Size") {
      std::int64_t count = 1;
      for (std::int64_t const each : dims) count = apply(operation::multiply, count, each);
      return value{{count}, true, true};
    }
    auto const rank = static_cast<std::int64_t>(dims.size());
    auto const place = [&](std::int64_t at_) { return std::clamp<std::int64_t>(at_ < 0 ? at_ + rank : at_, 0, rank); };
    std::int64_t const start = place(integer(node, "start", 0)), end = place(integer(node, "end", rank));
    value made{{}, false, true};
    for (std::int64_t i = start; i < end; ++i) made.data.push_back(dims[static_cast<std::size_t>(i)]);
    return made;
  }

  static bool is_axis_0(std::int64_t axis) { return axis == 0 || axis == -1; }

  // Of Squeeze and Unsqueeze: an attribute before opset 13, an input since.
  static bool is_first_axis(wire::node_view const& node, std::vector<value const*> const& from, bool may_be_left_out) {
    sizes axes;
    for (std::int64_t const each : attribute(node, "axes").ints()) axes.push_back(each);
    if (from.size() > 1 && from[1] != nullptr) axes = from[1]->data;
    return axes.empty() ? may_be_left_out : axes.size() == 1 && is_axis_0(axes[0]);
  }

  static result concatenated(wire::node_view const& node, std::vector<value const*> const& from) {
    if (!is_axis_0(integer(node, "axis", 1))) return {};
    value made;
    for (value const* const each : from) {
      if (each == nullptr || each->is_scalar) return {};
      made.data.insert(made.data.end(), each->data.begin(), each->data.end());
    }
    return made;
  }

  static result gathered(wire::node_view const& node, value const& data, value const* indices) {
    if (indices == nullptr || data.is_scalar || !is_axis_0(integer(node, "axis", 0))) return {};
    auto const count = static_cast<std::int64_t>(data.data.size());
    value made{{}, indices->is_scalar};
    for (std::int64_t const each : indices->data) {
      std::int64_t const at = each < 0 && each != unknown ? each + count : each;
      if (at < 0 || at >= count) return {};
      made.data.push_back(data.data[static_cast<std::size_t>(at)]);
    }
    return made;
  }

  // data, starts, ends, axes, steps, as inputs since opset 10.
  static result sliced(value const& data, std::vector<value const*> const& from) {
    if (data.is_scalar || from.size() < 3 || from.size() > 5) return {};
    for (std::size_t i = 1; i < from.size(); ++i)
      if (from[i] != nullptr && (from[i]->data.size() != 1 || from[i]->data[0] == unknown)) return {};
    if (from[1] == nullptr || from[2] == nullptr) return {};
    if (from.size() > 3 && from[3] != nullptr && !is_axis_0(from[3]->data[0])) return {};
    if (from.size() > 4 && from[4] != nullptr && from[4]->data[0] != 1) return {};
    auto const count = static_cast<std::int64_t>(data.data.size());
    auto const place = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + count : at, 0, count); };
    value made;
    for (std::int64_t i = place(from[1]->data[0]); i < place(from[2]->data[0]); ++i)
      made.data.push_back(data.data[static_cast<std::size_t>(i)]);
    return made;
  }

  static result computed(operation code, value const& a, value const& b) {
    std::size_t const count = std::max(a.data.size(), b.data.size());
    if (a.data.empty() || b.data.empty()) return {};
    if ((a.data.size() != count && a.data.size() != 1) || (b.data.size() != count && b.data.size() != 1)) return {};
    value made{{}, a.is_scalar && b.is_scalar};
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t const x = a.data[a.data.size() == 1 ? 0 : i], y = b.data[b.data.size() == 1 ? 0 : i];
      // ONNX's division rounds towards zero, as ours does of what is not negative; by zero, it fails when it runs.
      if (code == operation::floor_divide && (y <= 0 || (x < 0 && x != unknown))) return {};
      made.data.push_back(apply(code, x, y));
    }
    return made;
  }

  // Everything that a node reads, in its sub-graphs too.
  static void add_uses(wire::node_view const& node, std::set<std::string_view>& used) {
    for (std::string_view const each : node.inputs()) used.insert(each);
    for (wire::attribute_view const each : node.attributes()) {
      if (!each.graph.empty()) add_uses(wire::graph_view::of(each.graph), used);
      for (std::string_view const more : wire::repeated<wire::text_view, wire::attribute_field::graphs>{each.bytes})
        add_uses(wire::graph_view::of(more), used);
    }
  }
  static void add_uses(wire::graph_view const& graph, std::set<std::string_view>& used) {
    for (wire::node_view const each : graph.nodes()) add_uses(each, used);
    for (wire::value_view const each : graph.outputs()) used.insert(each.name);
  }

  // From the last node to the first, so that what nothing needs any more is seen before what it needed.
  void sweep() {
    std::set<std::string_view> used, left, gone;
    for (wire::value_view const each : graph_.outputs()) used.insert(each.name);
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      wire::node_view const& node = nodes_[i];
      std::string_view output;
      for (std::string_view const each : node.outputs()) output = each;
      value const* const found = is_in_onnx(node) && node.outputs().size() == 1 ? known(output) : nullptr;
      bool const is_needed = used.contains(output);
      bool const is_known = found != nullptr && std::ranges::find(found->data, unknown) == found->data.end();
      // What nothing needed before stays as it is.
      bool const goes = is_needed ? found != nullptr && found->is_computed && is_known : left.contains(output);
      if (found == nullptr || !goes) {
        add_uses(node, used);
        continue;
      }
      for (std::string_view const each : node.inputs()) left.insert(each);
      replaced_.emplace(node.bytes.data(), is_needed ? constant_field(node, output, *found) : std::string());
      if (!is_needed) gone.insert(output);
    }
    wire::cursor fields{graph_.bytes};
    for (wire::field each; fields.next(each);)
      if (each.number == wire::graph_field::value_info && gone.contains(wire::value_view::read(each).name))
        replaced_.emplace(each.bytes.data(), std::string());
    for (wire::stored_tensor const each : graph_.initializers())
      if (left.contains(each.name) && !used.contains(each.name) && known(each.name) != nullptr)
        replaced_.emplace(each.bytes.data(), std::string());
  }

  static std::string constant_field(wire::node_view const& node, std::string_view output, value const& made) {
    std::string data;
    for (std::int64_t const each : made.data)
      for (int shift = 0; shift < 64; shift += 8) data += static_cast<char>(static_cast<std::uint64_t>(each) >> shift);
    sizes const dims = made.is_scalar ? sizes{} : sizes{static_cast<std::int64_t>(made.data.size())};
    std::string result;
    wire::callback_sink sink{[&](char const* bytes, std::size_t size) { result.append(bytes, size); }};
    std::span<std::string_view const> const none;
    wire::node(sink, {"Constant", node.name}, none, std::span{&output, 1}, [&](auto& at) {
      wire::attribute_tensor(at, "value", {{}, dtype::int64, dims}, std::string_view(data));
    });
    return result;
  }

  wire::graph_view graph_;
  std::map<std::string_view, sizes> const& shapes_;
  std::set<std::string_view> given_;
  std::vector<wire::node_view> nodes_;
  std::map<std::string_view, value> values_;
  replaced_fields replaced_;
};

}  // namespace constexport::detail
