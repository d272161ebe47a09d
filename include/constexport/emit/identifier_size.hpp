/// emit/identifier_size.hpp: the size that an identifier of onnx/dim_names.hpp stands for.
///
/// Room: emit. Includes core, onnx and the standard library. pin.hpp needs it for inner values, of whose sizes a
/// contract says nothing. An identifier is taken apart in the obvious way, and the size counts only if it is written as
/// that very identifier: what could be read in two ways, or is a hash, is not guessed.
#pragma once

#include <constexport/core/program.hpp>
#include <constexport/core/symbol.hpp>
#include <constexport/onnx/dim_names.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace constexport {
namespace detail {

class identifier_reader {
 public:
  identifier_reader(std::string_view text, std::span<symbol_row const> symbols) : rest_(text), symbols_(symbols) {
    // An identifier does not begin with a digit.
    if (rest_.size() > 1 && rest_[0] == '_' && rest_[1] >= '0' && rest_[1] <= '9') rest_.remove_prefix(1);
  }
  std::optional<std::vector<instruction>> read() {
    if (!sum() || !rest_.empty() || !is_well_formed(code_, symbols_.size())) return {};
    return std::move(code_);
  }

 private:
  bool eat(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool then(bool ok, operation code) {
    if (ok) code_.push_back({code});
    return ok;
  }
  bool sum() {
    bool ok = product();
    for (bool more = true; ok && more;)
      if (eat("_plus_"))
        ok = then(product(), operation::add);
      else if (eat("_minus_"))
        ok = then(product(), operation::subtract);
      else
        more = false;
    return ok;
  }
  bool product() {
    bool ok = atom();
    for (bool more = true; ok && more;)
      if (eat("_times_"))
        ok = then(atom(), operation::multiply);
      else if (eat("_div_"))
        ok = then(atom(), operation::floor_divide);
      else if (eat("_mod_"))
        ok = then(atom(), operation::modulo);
      else
        more = false;
    return ok;
  }
  bool atom() {
    if (axis()) return true;
    if (eat("open_")) return sum() && eat("_close");
    for (operation const code : {operation::minimum, operation::maximum})
      if (eat(code == operation::minimum ? "min_of_" : "max_of_")) return atom() && eat("_and_") && then(atom(), code);
    bool const is_negative = eat("minus_");
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{} || value < 0) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    code_.push_back({operation::constant, is_negative ? -value : value});
    return true;
  }
  // The longest name that ends where a word does.
  bool axis() {
    std::size_t found = symbols_.size(), length = 0;
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
      std::string_view const name = symbols_[i].name;
      bool const ends = rest_.size() == name.size() || (rest_.size() > name.size() && rest_[name.size()] == '_');
      if (!symbols_[i].is_axis || name.size() <= length || !ends || !rest_.starts_with(name)) continue;
      found = i;
      length = name.size();
    }
    if (found == symbols_.size()) return false;
    rest_.remove_prefix(length);
    code_.push_back({operation::symbol, static_cast<std::int64_t>(found)});
    return true;
  }

  std::string_view rest_;
  std::span<symbol_row const> symbols_;
  std::vector<instruction> code_;
};

}  // namespace detail

/// The size that is called `identifier` in a file in which the symbols have these values (`unknown`: free); nothing
/// where that is not sure.
inline std::optional<std::vector<instruction>> size_of_identifier(std::string_view identifier,
                                                                  std::span<symbol_row const> symbols,
                                                                  std::span<std::int64_t const> values) {
  if (identifier.size() > max_dim_identifier) return {};
  auto code = detail::identifier_reader(identifier, symbols).read();
  std::string written;
  if (code) print_dim_identifier(*code, symbols, values, [&](char c) { written += c; });
  if (written != identifier) code.reset();
  return code;
}

}  // namespace constexport
