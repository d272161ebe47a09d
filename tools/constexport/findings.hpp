/// tools/constexport/findings.hpp: what `check` found, as a table, JSON or SARIF.
#pragma once

#include "columns.hpp"
#include "text_file.hpp"
#include <constexport/check/finding.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace constexport::command {

/// Where a code host shows a finding: a file, or a line of it.
struct source_place {
  std::string file{};
  int line = 0;
};

/// "Makefile:12", or a file alone. Throws usage_error.
inline source_place parse_place(std::string const& text) {
  std::size_t const colon = text.rfind(':');
  if (colon == std::string::npos) return {text, 0};
  source_place result{text.substr(0, colon), 0};
  auto const [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), result.line);
  if (colon == 0 || error != std::errc{} || end != text.data() + text.size() || result.line < 1)
    throw usage_error("--at \"" + text + "\": expected FILE:LINE with a line from 1, for example meson.build:12");
  return result;
}

inline std::string counted(std::size_t count, std::string_view word) {
  return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

/// "2 errors, 1 warning"
inline std::string summary_of(std::vector<file_finding> const& findings) {
  std::string result;
  for (level const each : {level::error, level::warning, level::note}) {
    auto const count = static_cast<std::size_t>(
        std::ranges::count_if(findings, [&](file_finding const& found) { return found.severity == each; }));
    if (count > 0) result += (result.empty() ? "" : ", ") + counted(count, name_of(each));
  }
  return result;
}

inline std::string to_table(std::vector<file_finding> const& findings, palette const& colours, std::size_t width) {
  rows_of_text rows;
  for (file_finding const& each : findings) {
    std::string const severity(name_of(each.severity));
    std::string const code = each.severity == level::error ? "31" : each.severity == level::warning ? "33" : "2";
    rows.push_back({colours.paint(code, severity), each.id, colours.axis(places_text(each.places)),
                    each.message + (each.hint.empty() ? "" : "; " + each.hint)});
  }
  return aligned(rows, 2, width);
}

inline nlohmann::ordered_json to_json(std::string const& file, std::vector<file_finding> const& findings) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (file_finding const& each : findings)
    list.push_back({{"level", name_of(each.severity)},
                    {"id", each.id},
                    {"places", each.places},
                    {"message", each.message},
                    {"hint", each.hint}});
  return {{"file", file}, {"findings", std::move(list)}};
}

/// A path as SARIF wants it: a relative URI reference.
inline std::string uri_of(std::string const& path) {
  std::string result;
  for (char const c : path) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      result += c;
    } else {
      result += '%';
      result += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4];
      result += "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15];
    }
  }
  return result;
}

/// The log of one run in SARIF 2.1.0.
inline nlohmann::ordered_json to_sarif(std::string const& file, std::vector<file_finding> const& findings,
                                       source_place const& at, std::string_view version) {
  using json = nlohmann::ordered_json;
  json rules = json::array(), results = json::array();
  std::map<std::string, std::size_t> index;
  for (file_finding const& each : findings) {
    auto const [rule, is_new] = index.emplace(each.id, rules.size());
    if (is_new)
      rules.push_back({{"id", each.id},
                       {"shortDescription", {{"text", each.message.substr(0, each.message.find(": "))}}},
                       {"help", {{"text", each.hint.empty() ? each.message : each.hint}}}});
    json place = {{"artifactLocation", {{"uri", uri_of(at.file.empty() ? file : at.file)}}}};
    if (at.line > 0) place["region"] = {{"startLine", at.line}};
    std::string const where = places_text(each.places);
    std::string const text =
        file + ": " + (where.empty() ? "" : where + ": ") + each.message + (each.hint.empty() ? "" : "; " + each.hint);
    json location = {{"physicalLocation", std::move(place)}};
    for (std::string const& name : each.places)
      if (!name.empty()) location["logicalLocations"].push_back({{"fullyQualifiedName", name}});
    results.push_back({{"ruleId", each.id},
                       {"ruleIndex", rule->second},
                       {"level", name_of(each.severity)},
                       {"message", {{"text", text}}},
                       {"locations", json::array({std::move(location)})}});
  }
  return {{"version", "2.1.0"},
          {"runs",
           json::array(
               {{{"tool", {{"driver", {{"name", "constexport"}, {"version", version}, {"rules", std::move(rules)}}}}},
                 {"results", std::move(results)}}})}};
}

/// JSON text; names in files need not be UTF-8.
inline std::string dumped(nlohmann::ordered_json const& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace constexport::command
