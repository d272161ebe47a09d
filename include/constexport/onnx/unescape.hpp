/// onnx/unescape.hpp: the characters that JSON's escapes stand for.
///
/// Room: onnx, private to it (namespace detail). Includes freestanding standard headers only. contract_reader.hpp
/// depends on it.
#pragma once

#include <constexport/onnx/part.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace constexport::detail {

/// Writes a string without its escapes, as UTF-8, into `put(char)`. False if an escape is malformed.
template <class Put>
constexpr bool unescape(std::string_view raw, Put&& put) {
  auto const hex = [&](std::size_t at, std::uint32_t& value) {
    value = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
      if (i >= raw.size()) return false;
      char const c = raw[i];
      int const digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    return true;
  };
  auto const byte = [&](std::uint32_t value) { put(static_cast<char>(value)); };
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      put(raw[i]);
      continue;
    }
    if (++i == raw.size()) return false;
    std::size_t const known = std::string_view{"\"\\/bfnrt"}.find(raw[i]);
    if (known != std::string_view::npos) {
      put("\"\\/\b\f\n\r\t"[known]);
      continue;
    }
    std::uint32_t code = 0, low = 0;
    if (raw[i] != 'u' || !hex(i + 1, code)) return false;
    i += 4;
    if (code >= 0xd800 && code < 0xdc00) {
      if (part(raw, i + 1, 2) != "\\u" || !hex(i + 3, low) || low < 0xdc00 || low > 0xdfff) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      i += 6;
    }
    if (code < 0x80) {
      byte(code);
    } else if (code < 0x800) {
      byte(0xc0 | code >> 6);
      byte(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      byte(0xe0 | code >> 12);
      byte(0x80 | (code >> 6 & 0x3f));
      byte(0x80 | (code & 0x3f));
    } else {
      byte(0xf0 | code >> 18);
      byte(0x80 | (code >> 12 & 0x3f));
      byte(0x80 | (code >> 6 & 0x3f));
      byte(0x80 | (code & 0x3f));
    }
  }
  return true;
}

}  // namespace constexport::detail
