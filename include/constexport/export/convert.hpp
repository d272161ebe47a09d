/// export/convert.hpp: a graph in one real type becomes a graph in another: float32 to float16, for example.
///
/// Room: export. Includes build.hpp. export.hpp runs it between lowering and optimising. Where half precision is known
/// to lose what matters, float32 stays: angles of positions, and sums of squares.
#pragma once

#include <constexport/export/build.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace constexport {

/// What a conversion did besides changing types.
struct conversion {
  std::map<std::string, std::size_t> kept;  ///< nodes that compute in the old type, by operator
  std::size_t clamped = 0;  ///< constants with finite numbers beyond the new type's range, now its largest or lowest
};

namespace detail {

/// A constant in another type. Finite numbers stay finite: masks of -3.4e38 would else become -inf, and a row that is
/// masked as a whole not a number. A single number that is not 0 (an epsilon) stays so.
inline at::Tensor converted(at::Tensor const& data, dtype to, std::size_t& clamped) {
  real_range const range = range_of(to);
  at::Tensor source = data;
  if (data.numel() > 0 && range.largest < range_of(to_dtype(data.scalar_type())).largest) {
    at::Tensor const beyond = data.isfinite().logical_and(data.abs() > range.largest);
    if (beyond.any().item<bool>()) {
      ++clamped;
      source = at::where(beyond, data.clamp(-range.largest, range.largest), data);
    }
  }
  at::Tensor result = source.to(to_scalar_type(to));
  if (data.numel() == 1) {
    double const number = data.item<double>();
    if (number != 0 && result.item<double>() == 0)
      result.fill_(number < 0 ? -range.smallest_normal : range.smallest_normal);
  }
  return result;
}

class converter {
 public:
  converter(graph& g, run_sizes& runs, dtype from, dtype to) : g_(g), runs_(runs), from_(from), to_(to) {}

  conversion operator()() {
    kept_.assign(g_.nodes.size(), false);
    for (graph_value const& each : g_.values) is_changed_.push_back(each.type == from_);
    keep_functions();
    if (bits_of(to_) < bits_of(from_)) {
      keep_angles();
      keep_squares();
    }
    rewrite();
    return std::move(result_);
  }

 private:
  static bool is_any(std::string_view op, std::initializer_list<std::string_view> ops) {
    for (std::string_view const each : ops)
      if (each == op) return true;
    return false;
  }

  // Operators of other domains are somebody's own: which types they take is not known. Of ONNX's, these take no half.
  void keep_functions() {
    bool const to_half = to_ == dtype::float16 || to_ == dtype::bfloat16;
    for (std::size_t i = 0; i < g_.nodes.size(); ++i)
      kept_[i] = !g_.nodes[i].domain.empty() ||
                 (to_half && is_any(g_.nodes[i].op, {"Range", "Celu", "IsInf", "NonMaxSuppression"}));
  }
  // The scales of Resize are float32, whatever it resizes.
  static bool is_always_float32(graph_node const& node, std::size_t input) {
    return node.op == "Resize" && node.domain.empty() && input == 2;
  }

  // Positions are whole numbers, and float16 has none of these beyond 2,048 that are exact: what leads to a sine or a
  // cosine and to nothing else stays.
  void keep_angles() {
    std::vector<std::size_t> uses(g_.values.size()), kept_uses(g_.values.size());
    for (graph_node const& node : g_.nodes)
      for (value_id const id : node.inputs)
        if (id != no_value) ++uses[id];
    for (value_id const id : g_.outputs) ++uses[id];
    for (std::size_t i = g_.nodes.size(); i-- > 0;) {
      graph_node const& node = g_.nodes[i];
      bool keep = node.domain.empty() && is_any(node.op, {"Cos", "Sin"});
      if (!keep && is_any(node.op, {"Cast", "Mul", "Add", "Sub", "Div", "Neg", "Reshape", "Unsqueeze", "Squeeze",
                                    "Transpose", "Concat", "Expand", "Slice", "MatMul", "Identity", "Range"})) {
        keep = true;
        for (value_id const id : node.outputs) keep = keep && uses[id] > 0 && kept_uses[id] == uses[id];
        for (value_id const id : node.inputs)
          keep = keep && !(id != no_value && g_[id].is_weight && g_[id].dims.size() > 1);
      }
      if (!keep) continue;
      kept_[i] = true;
      for (value_id const id : node.inputs)
        if (id != no_value) ++kept_uses[id];
    }
  }

  // A square overflows float16 from 256 on, and its mean is what normalisations divide by.
  void keep_squares() {
    std::unordered_map<value_id, std::size_t> maker;
    for (std::size_t i = 0; i < g_.nodes.size(); ++i)
      for (value_id const id : g_.nodes[i].outputs) maker.emplace(id, i);
    std::unordered_map<value_id, bool> scale;  // sums of squares, and what follows from them alone
    for (std::size_t i = 0; i < g_.nodes.size(); ++i) {
      graph_node const& node = g_.nodes[i];
      if (!node.domain.empty() || node.outputs.size() != 1) continue;
      if (is_any(node.op, {"ReduceMean", "ReduceSum"})) {
        auto const square = maker.find(node.inputs[0]);
        if (square == maker.end()) continue;
        graph_node const& product = g_.nodes[square->second];
        bool const is_square = (product.op == "Mul" && product.inputs[0] == product.inputs[1]) || product.op == "Pow";
        if (!is_square || !product.domain.empty()) continue;
        kept_[square->second] = kept_[i] = true;
        scale[node.outputs[0]] = true;
      } else if (is_any(node.op, {"ReduceL2", "ReduceSumSquare"})) {
        kept_[i] = true;
        scale[node.outputs[0]] = true;
      } else if (is_any(node.op, {"Add", "Mul", "Div", "Max", "Sqrt", "Reciprocal", "Pow", "Clip"})) {
        bool follows = false, alone = true;
        for (value_id const id : node.inputs) {
          if (id == no_value) continue;
          follows = follows || scale.count(id) > 0;
          alone = alone && (scale.count(id) > 0 || (g_.is_constant(id) && !g_[id].is_weight));
        }
        if (!follows || !alone) continue;
        kept_[i] = true;
        scale[node.outputs[0]] = true;
      }
    }
  }

  void rewrite() {
    std::vector<graph_node> const before = std::exchange(g_.nodes, {});
    for (value_id const id : g_.inputs)
      if (g_[id].type == from_) g_[id].type = to_;
    for (std::size_t i = 0; i < before.size(); ++i) {
      graph_node node = before[i];
      dtype const type = kept_[i] ? from_ : to_;
      if (kept_[i]) ++result_.kept[node.op];
      for (std::size_t k = 0; k < node.inputs.size(); ++k)
        if (node.inputs[k] != no_value && !is_always_float32(node, k)) node.inputs[k] = in(node.inputs[k], type);
      if (!kept_[i]) {
        for (value_id const id : node.outputs)
          if (id != no_value && g_[id].type == from_) g_[id].type = to_;
        for (attribute& each : node.attributes) change(each);
      }
      g_.nodes.push_back(std::move(node));
    }
    for (value_id& id : g_.outputs) id = in(id, to_);
  }

  void change(attribute& each) {
    if (std::int64_t* const code = std::get_if<std::int64_t>(&each.value)) {
      bool const names_type = is_any(each.name, {"to", "dtype", "output_datatype"});
      if (names_type && *code == static_cast<std::int64_t>(from_)) *code = static_cast<std::int64_t>(to_);
    } else if (at::Tensor* const data = std::get_if<at::Tensor>(&each.value)) {
      if (to_dtype(data->scalar_type()) == from_) *data = converted(*data, to_, result_.clamped);
    }
  }

  // The value in a type, if it is one of those that change.
  value_id in(value_id id, dtype type) {
    if (!is_changed_[id] || g_[id].type == type) return id;
    if (!g_.is_constant(id) || g_[id].type != from_) {
      auto const [found, is_new] = cast_.try_emplace({id, type}, no_value);
      if (is_new) found->second = builder(g_, runs_).cast(id, type);
      return found->second;
    }
    auto const [found, is_new] = constant_.try_emplace(id, no_value);
    if (is_new) {
      graph_value changed = g_[id];
      changed.data = converted(changed.data, to_, result_.clamped);
      changed.type = to_;
      found->second = changed.is_weight ? g_.add(std::move(changed)) : g_.constant(changed.data, changed.name);
    }
    return found->second;
  }

  graph& g_;
  run_sizes& runs_;
  dtype from_, to_;
  std::vector<bool> kept_, is_changed_;
  std::map<std::pair<value_id, dtype>, value_id> cast_;
  std::unordered_map<value_id, value_id> constant_;
  conversion result_;
};

}  // namespace detail

/// Changes the type of every real value from `from` to `to`: inputs, outputs, constants, the targets of casts. Nodes
/// that stay in the old type have casts around them.
inline conversion convert_reals(graph& g, run_sizes& runs, dtype from, dtype to) {
  return detail::converter(g, runs, from, to)();
}

}  // namespace constexport
