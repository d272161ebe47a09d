/// tools/constexport/columns.hpp: text in aligned columns, in colour where a person looks at it, and in Markdown.
#pragma once

#include <constexport/emit/string_literal.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace constexport::command {

/// Text as a terminal gets it. Whatever it is made of is made readable, so that no name of a file steers the terminal
/// or breaks a line; only a palette puts codes of its own around it.
class shown_text {
 public:
  shown_text() = default;
  shown_text(std::string_view text) : text_(constexport::detail::readable(text)) {}
  shown_text(std::string const& text) : shown_text(std::string_view(text)) {}
  shown_text(char const* text) : shown_text(std::string_view(text)) {}

  std::string const& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  shown_text& operator+=(shown_text const& more) {
    text_ += more.text_;
    return *this;
  }
  friend shown_text operator+(shown_text left, shown_text const& right) { return left += right; }

 private:
  friend struct palette;
  std::string text_;
};

/// Colours of a terminal, or none.
struct palette {
  bool is_on = false;
  shown_text paint(std::string_view code, std::string_view text) const {
    shown_text result(text);
    if (is_on) result.text_ = "\033[" + std::string(code) + "m" + result.text_ + "\033[0m";
    return result;
  }
  shown_text heading(std::string_view text) const { return paint("1", text); }
  shown_text axis(std::string_view text) const { return paint("36", text); }
  shown_text minor(std::string_view text) const { return paint("2", text); }
};

/// A name in Markdown: code, also within a table, whatever the name consists of.
inline std::string markdown_code(std::string_view name) {
  std::string const text = constexport::detail::readable(name);
  if (text.empty()) return "";
  if (text.find_first_of("`|") == std::string::npos) return "`" + text + "`";
  // A code span has no escapes for these, and a table ends its cells before it looks for spans.
  std::string result = "<code>";
  for (char const c : text) {
    bool const is_plain = static_cast<unsigned char>(c) >= 0x80 || c == ' ' || (c >= '0' && c <= '9') ||
                          (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    result += is_plain ? std::string(1, c) : "&#" + std::to_string(static_cast<int>(c)) + ";";
  }
  return result + "</code>";
}

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

using rows_of_text = std::vector<std::vector<shown_text>>;

/// Rows in columns, two blanks apart. A column that is empty in all rows is left out; the last one is broken at blanks
/// where it would exceed `width` characters (0: never).
inline std::string aligned(rows_of_text const& rows, std::size_t indent = 0, std::size_t width = 0) {
  std::vector<std::size_t> widths;
  for (auto const& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], visible_size(row[i].text()));
    }
  std::string result;
  for (auto const& row : rows) {
    std::string line(indent, ' ');
    std::size_t column = indent;  // characters so far
    bool first = true;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths[i] == 0) continue;
      std::string const& cell = row[i].text();
      if (!first) line += "  ", column += 2;
      first = false;
      bool const breaks = i + 1 == row.size() && width > column + 20 && column + visible_size(cell) > width;
      if (!breaks) {
        line += cell;
        if (i + 1 < row.size()) line += std::string(widths[i] - visible_size(cell), ' ');
        column += widths[i];
        continue;
      }
      std::size_t at = column;
      std::string_view rest = cell;
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
