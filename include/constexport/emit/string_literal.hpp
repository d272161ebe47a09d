/// emit/string_literal.hpp: names as string literals of the languages that are written.
///
/// Room: emit. Includes the standard library only. JSON and protobuf's text format take the same escapes for
/// what names consist of.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace constexport::detail {

/// A string in double quotes. What is not `plain` stands as `escape(byte)` says.
template <class Plain, class Escape>
std::string quoted(std::string_view text, Plain const& plain, Escape const& escape) {
  std::string result = "\"";
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') result += '\\';
    if (c == '"' || c == '\\' || plain(byte))
      result += c;
    else
      result += escape(byte);
  }
  return result + "\"";
}

/// No control character: UTF-8 stands as it is.
inline bool is_printed(unsigned char byte) { return byte >= 0x20; }

/// The length of the UTF-8 sequence at the beginning of a text that is not empty; 0: the byte begins none.
inline std::size_t utf8_length(std::string_view text) {
  auto const at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  unsigned const first = at(0), second = at(1);
  if (first < 0x80) return 1;
  std::size_t const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(i) & 0xc0) != 0x80) return 0;
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  bool const wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
                     (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90);
  return wrong ? 0 : length;
}

/// Two hexadecimal digits.
inline std::string hex(unsigned char byte) { return {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]}; }

/// A name of a file as a person can read it, in one line: control characters, bytes that are no UTF-8, and characters
/// that are not seen or turn the direction of writing stand as `\n` or `\x1b`, byte by byte. Terminals, messages and
/// comments get names in this form only.
inline std::string readable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    std::size_t const length = utf8_length(text);
    std::string_view const piece = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(piece.size());
    auto const first = static_cast<unsigned char>(piece[0]);
    auto const in = [&](std::string_view from, std::string_view to) { return piece >= from && piece <= to; };
    bool const is_unseen = length == 0 || first < 0x20 || first == 0x7f || in("\u0080", "\u009f") ||
                           piece == "\u061c" || in("\u200b", "\u200f") || in("\u2028", "\u202e") ||
                           in("\u2060", "\u206f") || piece == "\ufeff" || in("\U000e0000", "\U000e0fff");
    if (!is_unseen)
      result += piece;
    else if (piece == "\n" || piece == "\t" || piece == "\r")
      result += piece == "\n" ? "\\n" : piece == "\t" ? "\\t" : "\\r";
    else
      for (char const c : piece) result += "\\x" + hex(static_cast<unsigned char>(c));
  }
  return result;
}

/// The same of each line.
inline std::string readable_lines(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t const end = std::min(text.find('\n', at), text.size());
    result += readable(text.substr(at, end - at));
    if (end < text.size()) result += '\n';
    at = end + 1;
  }
  return result;
}

/// A string of JSON.
inline std::string string_literal(std::string_view text) {
  return quoted(text, is_printed, [](unsigned char byte) { return "\\u00" + hex(byte); });
}

/// `part` between neighbours.
inline void append(std::string& list, std::string_view between, std::string_view part) {
  if (!list.empty()) list += between;
  list += part;
}

}  // namespace constexport::detail
