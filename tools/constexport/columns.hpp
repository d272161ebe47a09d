/// tools/constexport/columns.hpp: text in aligned columns, in colour where a person looks at it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace constexport::command {

/// Colours of a terminal, or none.
struct palette {
  bool is_on = false;
  std::string paint(std::string_view code, std::string_view text) const {
    return is_on ? "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m" : std::string(text);
  }
  std::string heading(std::string_view text) const { return paint("1", text); }
  std::string axis(std::string_view text) const { return paint("36", text); }
  std::string minor(std::string_view text) const { return paint("2", text); }
};

/// Number of characters that a terminal shows: without the codes of colours, bytes that continue a character not
/// counted.
inline std::size_t visible_size(std::string_view text) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033') {
      while (i < text.size() && text[i] != 'm') ++i;
    } else if ((static_cast<unsigned char>(text[i]) & 0xc0u) != 0x80u) {
      ++size;
    }
  }
  return size;
}

using rows_of_text = std::vector<std::vector<std::string>>;

/// Rows in columns, two blanks apart. A column that is empty in all rows is left out; the last one is broken at blanks
/// where it would exceed `width` characters (0: never).
inline std::string aligned(rows_of_text const& rows, std::size_t indent = 0, std::size_t width = 0) {
  std::vector<std::size_t> widths;
  for (auto const& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], visible_size(row[i]));
    }
  std::string result;
  for (auto const& row : rows) {
    std::string line(indent, ' ');
    std::size_t column = indent;  // characters so far
    bool first = true;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths[i] == 0) continue;
      if (!first) line += "  ", column += 2;
      first = false;
      bool const breaks = i + 1 == row.size() && width > column + 20 && column + visible_size(row[i]) > width;
      if (!breaks) {
        line += row[i];
        if (i + 1 < row.size()) line += std::string(widths[i] - visible_size(row[i]), ' ');
        column += widths[i];
        continue;
      }
      std::size_t at = column;
      std::string_view rest = row[i];
      while (!rest.empty()) {
        std::string_view const word = rest.substr(0, rest.find(' '));
        if (at > column && at + 1 + visible_size(word) > width) {
          line += "\n" + std::string(column, ' ');
          at = column;
        } else if (at > column) {
          line += ' ';
          ++at;
        }
        line += word;
        at += visible_size(word);
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
      }
    }
    while (line.ends_with(' ')) line.pop_back();
    result += line + "\n";
  }
  return result;
}

}  // namespace constexport::command
