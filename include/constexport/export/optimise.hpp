/// export/optimise.hpp: smaller graphs that compute the same.
///
/// Room: export. Includes build.hpp and the rules of export/optimise/. export.hpp runs it between reconciling and
/// writing.
#pragma once

#include <constexport/export/build.hpp>
#include <constexport/export/optimise/rules.hpp>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace constexport {

/// The constants that the graph uses, in the order of their first use.
inline value_list constants_of(graph const& g) {
  value_list result;
  std::vector<bool> seen(g.values.size());
  auto const add = [&](value_id id) {
    if (g.is_constant(id) && !seen[id]) {
      seen[id] = true;
      result.push_back(id);
    }
  };
  for (graph_node const& node : g.nodes)
    for (value_id const id : node.inputs) add(id);
  for (value_id const id : g.outputs) add(id);
  return result;
}

namespace detail {

/// What makes two nodes one: operator, inputs, attributes. Empty if the node cannot be shared.
inline std::string key_of(graph_node const& node) {
  std::string key = node.domain + ':' + node.op;
  for (value_id const id : node.inputs) key += ',' + std::to_string(id);
  key += '/' + std::to_string(node.outputs.size());
  for (attribute const& each : node.attributes) {
    key += ';' + each.name + '=';
    if (auto const* const integer = std::get_if<std::int64_t>(&each.value))
      key += std::to_string(*integer);
    else if (auto const* const number = std::get_if<double>(&each.value))
      key.append(reinterpret_cast<char const*>(number), sizeof *number);
    else if (auto const* const text = std::get_if<std::string>(&each.value))
      key += *text;
    else if (auto const* const integers = std::get_if<std::vector<std::int64_t>>(&each.value))
      for (std::int64_t const number_of : *integers) key += std::to_string(number_of) + ' ';
    else if (auto const* const texts = std::get_if<std::vector<std::string>>(&each.value))
      for (std::string const& text_of_it : *texts) key += text_of_it + ' ';
    else
      return {};
  }
  return key;
}

/// One round: rules and common subexpressions, in the order of the nodes. Was anything changed?
inline bool rewrite(graph& g, run_sizes& runs) {
  std::vector<graph_node> const before = std::exchange(g.nodes, {});
  builder b(g, runs);
  optimise_rules::producers from(g);
  std::unordered_map<value_id, value_id> replaced;
  std::unordered_map<std::string, std::size_t> known;
  bool changed = false;
  auto const resolve = [&](value_id id) {
    for (auto found = replaced.find(id); found != replaced.end(); found = replaced.find(id)) id = found->second;
    return id;
  };
  for (graph_node node : before) {
    for (value_id& input : node.inputs) input = resolve(input);
    if (std::string const key = key_of(node); !key.empty()) {
      auto const [other, is_new] = known.try_emplace(key, g.nodes.size());
      if (!is_new && g.nodes[other->second].outputs.size() == node.outputs.size()) {
        graph_node const& same = g.nodes[other->second];
        for (std::size_t i = 0; i < node.outputs.size(); ++i) replaced.emplace(node.outputs[i], same.outputs[i]);
        changed = true;
        continue;
      }
      known.erase(other);
    }
    std::size_t const first = g.nodes.size();
    value_id const instead = optimise_rules::apply(node, b, from);
    for (std::size_t i = first; i < g.nodes.size(); ++i) g.nodes[i].scope = node.scope;
    if (instead != no_value) {
      replaced.emplace(node.outputs[0], instead);
      changed = true;
      continue;
    }
    if (std::string const key = key_of(node); !key.empty()) known.emplace(key, g.nodes.size());
    g.nodes.push_back(std::move(node));
  }
  for (value_id& output : g.outputs) output = resolve(output);
  return changed;
}

/// Removes nodes whose results nobody uses, and optional outputs likewise.
inline void remove_dead(graph& g) {
  std::vector<bool> used(g.values.size());
  for (value_id const id : g.outputs) used[id] = true;
  std::vector<bool> kept(g.nodes.size());
  for (std::size_t i = g.nodes.size(); i-- > 0;) {
    for (value_id const id : g.nodes[i].outputs) kept[i] = kept[i] || (id != no_value && used[id]);
    if (!kept[i]) continue;
    for (value_id const id : g.nodes[i].inputs)
      if (id != no_value) used[id] = true;
  }
  std::size_t index = 0;
  std::erase_if(g.nodes, [&](graph_node const&) { return !kept[index++]; });
  for (graph_node& node : g.nodes) {
    bool const recurrent = node.op == "LSTM" || node.op == "GRU" || node.op == "RNN";
    if (!recurrent && node.op != "LayerNormalization" && node.op != "MaxPool") continue;
    auto const unused = [&](value_id id) { return id == no_value || !used[id]; };
    while (node.outputs.size() > 1 && unused(node.outputs.back())) node.outputs.pop_back();
    for (value_id& id : node.outputs)
      if (recurrent && unused(id)) id = no_value;
  }
}

/// A weight that is only ever used transposed is written transposed.
inline void merge_transposes(graph& g) {
  struct uses {
    std::vector<std::size_t> transposes;
    bool otherwise = false;
  };
  std::unordered_map<value_id, uses> of;
  for (std::size_t i = 0; i < g.nodes.size(); ++i)
    for (value_id const id : g.nodes[i].inputs)
      if (g.is_constant(id)) {
        if (g.nodes[i].op == "Transpose" && g.nodes[i].domain.empty())
          of[id].transposes.push_back(i);
        else
          of[id].otherwise = true;
      }
  for (value_id const id : g.outputs)
    if (g.is_constant(id)) of[id].otherwise = true;
  std::unordered_map<value_id, value_id> replaced;
  for (auto const& [id, use] : of) {
    if (use.otherwise || use.transposes.empty()) continue;
    std::vector<std::int64_t> const perm = g.nodes[use.transposes[0]].integers("perm");
    bool same = true;
    for (std::size_t const i : use.transposes) same = same && g.nodes[i].integers("perm") == perm;
    if (!same) continue;
    graph_value turned = g[id];
    turned.data = turned.data.permute(perm);
    turned.dims = g[g.nodes[use.transposes[0]].outputs[0]].dims;
    if (turned.is_weight) turned.note = transposed_note;
    value_id const made = g.add(std::move(turned));
    for (std::size_t const i : use.transposes) replaced.emplace(g.nodes[i].outputs[0], made);
  }
  for (graph_node& node : g.nodes)
    for (value_id& input : node.inputs)
      if (auto const found = replaced.find(input); found != replaced.end()) input = found->second;
  for (value_id& output : g.outputs)
    if (auto const found = replaced.find(output); found != replaced.end()) output = found->second;
  remove_dead(g);
}

/// In a file every output is made by a node of its own.
inline void separate_outputs(graph& g) {
  std::vector<bool> taken(g.values.size());
  for (value_id& output : g.outputs) {
    if (g[output].is == graph_value::kind::node_output && !taken[output]) {
      taken[output] = true;
      continue;
    }
    output = g.node("Identity", {output}, {}, {{g[output].type, g[output].dims}})[0];
    taken.resize(g.values.size());
    taken[output] = true;
  }
}

}  // namespace detail

/// Rewrites the graph until no rule applies. `runs` are the sizes at which it was recorded.
inline void optimise(graph& g, run_sizes& runs) {
  detail::remove_dead(g);
  for (int round = 0; round < 16 && detail::rewrite(g, runs); ++round) detail::remove_dead(g);
  detail::merge_transposes(g);
  detail::separate_outputs(g);
}

}  // namespace constexport
