/// export/optimise/producers.hpp: which node makes a value, while a graph is built anew.
///
/// Room: export/optimise. Includes graph.hpp. The rules look up with it what comes before a node.
#pragma once

#include <constexport/export/graph.hpp>

#include <cstddef>
#include <string_view>
#include <unordered_map>

namespace constexport::optimise_rules {

/// Who made a value in the graph that is being built.
class producers {
 public:
  explicit producers(graph const& g) : g_(g) {}
  void update() {
    for (; seen_ < g_.nodes.size(); ++seen_)
      for (value_id const id : g_.nodes[seen_].outputs)
        if (id != no_value) by_[id] = seen_;
  }
  /// The node that makes `id` if it is an `op`.
  graph_node const* find(value_id id, std::string_view op) {
    update();
    auto const found = by_.find(id);
    if (found == by_.end() || g_.nodes[found->second].op != op || !g_.nodes[found->second].domain.empty())
      return nullptr;
    return &g_.nodes[found->second];
  }

 private:
  graph const& g_;
  std::size_t seen_ = 0;
  std::unordered_map<value_id, std::size_t> by_;
};

}  // namespace constexport::optimise_rules
