#pragma once
// Operator cases as text: what a line of the files in this folder says. README.md beside it describes the form.
#include "../axis_texts.hpp"

#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace operator_cases {

struct input {
  std::string name, dtype, lower, upper;
  std::vector<std::string> dims;
};

struct test_case {
  std::string text;  // as it stands in the file, one alternative chosen in every group
  std::vector<input> inputs;
  std::vector<std::string> statements;  // the last one returns
  std::map<std::string, std::vector<std::string>> options;
  std::string module_file{};  // instead of inputs and statements: a TorchScript file, with its contract beside it

  std::string option(std::string const& name, std::string const& otherwise = {}) const {
    auto const found = options.find(name);
    return found != options.end() ? found->second.front() : otherwise;
  }
};

using export_tests::split;
using export_tests::trimmed;

// One text for every way to choose alternatives in `{a,b}`; an alternative may hold commas within brackets and quotes.
inline std::vector<std::string> expand(std::string const& text) {
  std::size_t const open = text.find('{');
  if (open == std::string::npos) return {text};
  std::size_t close = open;
  bool quoted = false;
  for (int depth = 0; close < text.size(); ++close) {
    if (text[close] == '"') quoted = !quoted;
    if (quoted) continue;
    depth += text[close] == '{' ? 1 : text[close] == '}' ? -1 : 0;
    if (depth == 0) break;
  }
  if (close >= text.size()) throw std::runtime_error("a group of alternatives is not closed: " + text);
  std::string inside = text.substr(open + 1, close - open - 1);
  std::vector<std::string> alternatives;
  int depth = 0;
  std::string current;
  for (char const c : inside) {
    if (c == '"') quoted = !quoted;
    depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
    if (c == ',' && depth == 0 && !quoted)
      alternatives.push_back(std::exchange(current, {}));
    else
      current += c;
  }
  alternatives.push_back(current);
  std::vector<std::string> result;
  for (std::string const& each : alternatives)
    for (std::string& whole : expand(text.substr(0, open) + each + text.substr(close + 1)))
      result.push_back(std::move(whole));
  return result;
}

// "x float32<-1:1> [n, 3]"
inline input parse_input(std::string const& text) {
  std::size_t const bracket = text.find('['), space = text.find(' ');
  if (bracket == std::string::npos || space == std::string::npos)
    throw std::runtime_error("an input is written \"name dtype [dims]\": " + text);
  input result;
  result.name = text.substr(0, space);
  result.dtype = trimmed(text.substr(space, bracket - space));
  bool const floating = result.dtype.find("float") != std::string::npos;
  result.lower = floating ? "-2" : result.dtype == "bool" ? "0" : result.dtype == "uint8" ? "0" : "-5";
  result.upper = floating ? "2" : result.dtype == "bool" ? "2" : "5";
  if (std::size_t const range = result.dtype.find('<'); range != std::string::npos) {
    std::string const limits = result.dtype.substr(range + 1, result.dtype.size() - range - 2);
    result.dtype.resize(range);
    std::size_t const colon = limits.find(':');
    if (colon == std::string::npos) throw std::runtime_error("a range is written \"<lower:upper>\": " + text);
    result.lower = limits.substr(0, colon);
    result.upper = limits.substr(colon + 1);
  }
  result.dims = split(text.substr(bracket + 1, text.rfind(']') - bracket - 1), ",");
  return result;
}

inline test_case parse_case(std::string const& text) {
  test_case result;
  result.text = text;
  std::size_t const arrow = text.find("->");
  if (arrow == std::string::npos) throw std::runtime_error("a case has no \"->\": " + text);
  for (std::string const& each : split(text.substr(0, arrow), ";")) result.inputs.push_back(parse_input(each));
  std::string body = text.substr(arrow + 2);
  // Options begin with " @" outside of brackets; a quoted value may hold anything.
  std::size_t start = std::string::npos;
  for (std::size_t i = 1; i < body.size() && start == std::string::npos; ++i)
    if (body[i] == '@' && body[i - 1] == ' ' && i + 1 < body.size() && body[i + 1] != ' ') start = i;
  if (start != std::string::npos) {
    std::string options = body.substr(start);
    body.resize(start);
    for (std::size_t at = 0; at < options.size();) {
      std::size_t const space = options.find(' ', at);
      std::string const name = options.substr(at + 1, space == std::string::npos ? space : space - at - 1);
      std::size_t next = space == std::string::npos ? options.size() : options.find(" @", space);
      std::string value = space == std::string::npos
                              ? std::string()
                              : trimmed(std::string_view(options).substr(
                                    space, next == std::string::npos ? std::string::npos : next - space));
      if (value.size() > 1 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
      result.options[name].push_back(value);
      at = next == std::string::npos ? options.size() : next + 1;
    }
  }
  std::size_t from = 0;
  for (std::size_t at = body.find(";;"); at != std::string::npos; at = body.find(";;", from)) {
    result.statements.push_back(trimmed(body.substr(from, at - from)));
    from = at + 2;
  }
  std::string last = trimmed(body.substr(from));
  if (!last.starts_with("return ")) last = "return " + last;
  result.statements.push_back(last);
  return result;
}

}  // namespace operator_cases
