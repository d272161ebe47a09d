/// emit/string_literal.hpp: names as string literals of the languages that are written.
///
/// Room: emit. Includes the standard library only. JSON and protobuf's text format take the same escapes for
/// what names consist of.
#pragma once

#include <string>
#include <string_view>

namespace constexport::detail {

/// A string in double quotes, UTF-8 as it is.
inline std::string string_literal(std::string_view text) {
  std::string result = "\"";
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte >= 0x20) {
      result += c;
    } else {
      result += "\\u00";
      for (int const shift : {4, 0}) result += "0123456789abcdef"[(byte >> shift) & 15];
    }
  }
  return result + "\"";
}

/// `part` between neighbours.
inline void append(std::string& list, std::string_view between, std::string_view part) {
  if (!list.empty()) list += between;
  list += part;
}

}  // namespace constexport::detail
