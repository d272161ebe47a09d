#pragma once
// Tests write contracts as text: words and dimensions of it, and the axes that they name, as contract files have them.
#include <cctype>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace export_tests {

inline std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

// Parts between `at`, outside of brackets; an empty last one is none.
inline std::vector<std::string> split(std::string_view text, std::string_view at) {
  std::vector<std::string> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '(' || text[i] == '[' ? 1 : text[i] == ')' || text[i] == ']' ? -1 : 0;
    if (depth == 0 && text.substr(i, at.size()) == at) {
      parts.push_back(trimmed(text.substr(start, i - start)));
      start = i + at.size();
      i = start - 1;
    }
  }
  if (std::string const last = trimmed(text.substr(start)); !last.empty()) parts.push_back(last);
  return parts;
}

class axis_texts {
 public:
  // "length:16:1:512:8": size in dummies, minimum, maximum, multiple.
  void state(std::string const& text) {
    char const* const keys[] = {"default", "min", "max", "multiple"};
    auto const parts = split(text, ":");
    std::string members;
    for (std::size_t i = 1; i < parts.size() && i < 5; ++i)
      members += std::string(i > 1 ? ", \"" : "\"") + keys[i - 1] + "\": " + parts[i];
    add(parts.at(0), members);
  }
  // The elements of "dims"; every name in them is an axis.
  std::string dims(std::vector<std::string> const& sizes) {
    std::string result;
    for (std::string const& size : sizes) {
      result += (result.empty() ? "\"" : ", \"") + size + "\"";
      std::string name;
      for (char const c : size + " ")
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
          name += c;
        } else {
          if (!name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 && name != "min" && name != "max")
            add(name, "\"default\": 6");
          name.clear();
        }
    }
    return result;
  }
  // The members of "axes".
  std::string json() const {
    std::string result;
    for (std::string const& name : order_)
      result += (result.empty() ? "\"" : ", \"") + name + "\": {" + members_.at(name) + "}";
    return result;
  }

 private:
  // What is said first counts.
  void add(std::string const& name, std::string const& members) {
    if (members_.emplace(name, members).second) order_.push_back(name);
  }

  std::map<std::string, std::string> members_;
  std::vector<std::string> order_;
};

}  // namespace export_tests
