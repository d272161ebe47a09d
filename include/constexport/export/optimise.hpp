/// export/optimise.hpp: smaller graphs that compute the same.
///
/// Room: export. Includes graph.hpp and the passes of export/optimise/. export.hpp runs it between reconciling and writing.
#pragma once

#include <constexport/export/graph.hpp>

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

inline void optimise(graph&) {}

}  // namespace constexport
