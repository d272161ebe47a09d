/// check/finding.hpp: what a check found, ready to be reported.
///
/// Room: check. Includes the standard library only. file_problems.hpp and check.hpp make findings.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport {

/// `error`: the file is not what was promised, or cannot be used. `warning`: it does not state what was promised.
/// `note`: it differs in a way that no consumer meets.
enum class level : std::uint8_t { note, warning, error };

constexpr std::string_view name_of(level of) {
  return of == level::error ? "error" : of == level::warning ? "warning" : "note";
}

/// One finding.
struct file_finding {
  level severity = level::error;
  std::string id;                     ///< "axis-fixed"
  std::vector<std::string> places{};  ///< "input_ids[0]", "axis batch_size"; one message may hold in many
  std::string message{};              ///< one line: what is there, and what was expected
  std::string hint{};                 ///< what to do
};

/// "input_ids[0], attention_mask[0]"; of more than `most` places, the first and the number of the others.
inline std::string places_text(std::vector<std::string> const& places, std::size_t most = 4) {
  std::string result;
  std::size_t const shown = places.size() <= most + 1 ? places.size() : most;
  for (std::size_t i = 0; i < shown; ++i) result += (i > 0 ? ", " : "") + places[i];
  if (shown < places.size()) result += " and " + std::to_string(places.size() - shown) + " more";
  return result;
}

/// Adds a finding, or its places to one that says the same.
inline void add_finding(std::vector<file_finding>& to, file_finding found) {
  for (file_finding& each : to)
    if (each.severity == found.severity && each.id == found.id && each.message == found.message &&
        each.hint == found.hint) {
      each.places.insert(each.places.end(), found.places.begin(), found.places.end());
      return;
    }
  to.push_back(std::move(found));
}

/// The gravest of all; `note` if there is none.
inline level worst(std::vector<file_finding> const& findings) {
  level result = level::note;
  for (file_finding const& each : findings) result = std::max(result, each.severity);
  return result;
}

}  // namespace constexport
