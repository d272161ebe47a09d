/// tools/constexport_export/summary.hpp: what export and validate say at the end.
#pragma once

#include <constexport/export/export.hpp>
#include <constexport/export/verify.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace constexport::command {

/// Says on the terminal what goes on; nothing where the output is no terminal.
class progress {
 public:
  explicit progress(std::string name) : name_(std::move(name)), shown_(isatty(STDERR_FILENO) != 0) {}
  progress(progress const&) = delete;
  progress& operator=(progress const&) = delete;
  ~progress() { done(); }
  void operator()(std::string const& what) {
    done();
    if (!shown_) return;
    std::fprintf(stderr, "%s: %s ...", name_.c_str(), what.c_str());
    std::fflush(stderr);
    open_ = true;
  }
  void done() {
    if (std::exchange(open_, false)) std::fprintf(stderr, "\r\033[K");
  }

 private:
  std::string name_;
  bool shown_, open_ = false;
};

inline std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, seconds < 1 ? "%.0f ms" : "%.1f s", seconds < 1 ? seconds * 1000 : seconds);
  return text;
}
inline std::string bytes_text(std::uint64_t bytes) {
  char text[32];
  double const size = static_cast<double>(bytes);
  if (bytes < 10000)
    std::snprintf(text, sizeof text, "%u bytes", static_cast<unsigned>(bytes));
  else
    std::snprintf(text, sizeof text, size < 1e6 ? "%.1f kB" : "%.1f MB", size / (size < 1e6 ? 1e3 : 1e6));
  return text;
}

inline std::string summary(export_report const& report) {
  std::string text = report.path.string() + ": " + bytes_text(report.file_bytes) + ", " + std::to_string(report.nodes) +
                     " nodes, opset " + std::to_string(report.opset) + "\n";
  if (report.external_bytes > 0) text += "  weights beside it: " + bytes_text(report.external_bytes) + "\n";
  auto const list = [&](char const* what, std::vector<std::string> const& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) text += std::string(i == 0 ? what : "           ") + rows[i] + "\n";
  };
  list("  inputs   ", report.inputs);
  list("  outputs  ", report.outputs);
  std::vector<std::pair<std::string, std::size_t>> counts(report.node_counts.begin(), report.node_counts.end());
  std::stable_sort(counts.begin(), counts.end(), [](auto const& a, auto const& b) { return a.second > b.second; });
  text += "  nodes    ";
  std::size_t column = 11;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    std::string const word =
        counts[i].first + " " + std::to_string(counts[i].second) + (i + 1 < counts.size() ? ", " : "");
    if (column + word.size() > 100) {
      text += "\n           ";
      column = 11;
    }
    text += word;
    column += word.size();
  }
  text += "\n  recorded at " + (report.sizes.empty() ? std::string("fixed sizes") : report.sizes) + "\n";
  for (std::string const& each : report.assumptions) text += "  assumes  " + each + "\n";
  text += "  time     record " + seconds_text(report.record_seconds) + ", graph " +
          seconds_text(report.reconcile_seconds + report.optimise_seconds) + ", write " +
          seconds_text(report.write_seconds) + "\n";
  return text;
}

inline std::string summary(verification const& seen) {
  std::string text;
  for (verified_assignment const& each : seen.assignments) {
    text += "  at " + (each.sizes.empty() ? std::string("fixed sizes") : each.sizes) + ": ";
    if (!each.refused.empty()) {
      text += "not taken by the module (" + each.refused.substr(0, each.refused.find('\n')) + ")\n";
      continue;
    }
    double largest = 0;
    std::string wrong;
    auto const shape = [](std::vector<std::int64_t> const& sizes) {
      std::string list = "[";
      for (std::int64_t const size : sizes) list += (list.size() > 1 ? ", " : "") + std::to_string(size);
      return list + "]";
    };
    for (verified_output const& output : each.outputs) {
      largest = std::max(largest, output.largest_error);
      if (!output.within_tolerance) {
        char error[32];
        std::snprintf(error, sizeof error, "%.3g", output.largest_error);
        wrong += "\n    " + output.name + " differs from LibTorch by up to " + error;
      }
      if (!output.obeys_contract())
        wrong += "\n    " + output.name + " has the shape " + shape(output.shape) + ", the contract says " +
                 shape(output.declared);
    }
    char error[32];
    std::snprintf(error, sizeof error, "%.2g", largest);
    text += wrong.empty() ? "equal, largest error " + std::string(error) : "DIFFERENT" + wrong;
    text += "\n";
  }
  if (!seen.ok() && seen.largest_error() == 0) text += "  nothing could be compared\n";
  return text;
}

}  // namespace constexport::command
