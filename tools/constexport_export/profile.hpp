/// tools/constexport_export/profile.hpp: which node types took how long, from the file that ONNX Runtime's profiler
/// wrote.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace constexport::command {

/// All nodes of one type.
struct node_time {
  std::string type;
  std::size_t runs = 0;  ///< how often one was computed
  double seconds = 0;
};

/// The slowest node types first. The file is removed. Nodes are those that ONNX Runtime made of the file's.
inline std::vector<node_time> read_profile(std::filesystem::path const& path) {
  std::map<std::string, node_time> times;
  {
    std::ifstream file(path);
    nlohmann::json const events = nlohmann::json::parse(file, nullptr, false);
    if (events.is_array())
      for (nlohmann::json const& event : events) {
        if (!event.is_object() || event.value("cat", "") != "Node") continue;
        std::string const name = event.value("name", "");
        if (!name.ends_with("_kernel_time") || !event.contains("args")) continue;
        std::string const type = event["args"].value("op_name", "");
        node_time& of = times[type];
        of.type = type;
        ++of.runs;
        of.seconds += event.value("dur", 0.0) * 1e-6;
      }
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  std::vector<node_time> result;
  for (auto const& [type, time] : times) result.push_back(time);
  std::stable_sort(result.begin(), result.end(), [](auto const& a, auto const& b) { return a.seconds > b.seconds; });
  return result;
}

}  // namespace constexport::command
