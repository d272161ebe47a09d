/// tools/constexport/nearest.hpp: the names that somebody may have meant.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport::command {

/// How many letters must be inserted, removed or replaced to make `a` of `b`.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t const replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row[b.size()];
}

/// The `count` names nearest to `wanted`, best first. A name that contains it, or is contained in it, is near.
inline std::vector<std::string> nearest(std::string_view wanted, std::vector<std::string> const& names,
                                        std::size_t count = 5) {
  std::vector<std::pair<std::size_t, std::string>> rated;
  for (std::string const& name : names) {
    bool const contains = name.find(wanted) != std::string::npos || wanted.find(name) != std::string_view::npos;
    std::size_t const distance = edit_distance(wanted, name);
    rated.emplace_back(contains && !wanted.empty() ? std::min<std::size_t>(distance, 2) : distance, name);
  }
  std::ranges::stable_sort(rated, {}, [](auto const& each) { return each.first; });
  std::vector<std::string> result;
  for (auto const& [distance, name] : rated)
    if (result.size() < count && std::ranges::find(result, name) == result.end()) result.push_back(name);
  return result;
}

/// "a, b, c"
inline std::string joined(std::vector<std::string> const& texts, std::string_view between) {
  std::string result;
  for (std::string const& text : texts) {
    if (!result.empty()) result += between;
    result += text;
  }
  return result;
}

}  // namespace constexport::command
