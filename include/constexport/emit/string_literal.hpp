/// emit/string_literal.hpp: names as string literals of the languages that are written.
///
/// Room: emit. Includes the standard library only. JSON and protobuf's text format take the same escapes for
/// what names consist of.
#pragma once

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

/// Two hexadecimal digits.
inline std::string hex(unsigned char byte) { return {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]}; }

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
