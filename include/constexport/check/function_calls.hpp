/// check/function_calls.hpp: which functions of a file call which.
///
/// Room: check, private to file_problems.hpp (namespace detail). Includes the standard library only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace constexport::detail {

class function_calls {
 public:
  /// What a function is called by: its domain, name and overload.
  static std::string name_of(std::string_view domain, std::string_view name, std::string_view overload) {
    std::string result = std::string(domain) + "." + std::string(name);
    return overload.empty() ? result : result + ":" + std::string(overload);
  }

  /// The calls that follow are made by this function. False if there was one of this name.
  bool begin(std::string const& name) {
    bool const is_new = places_.emplace(name, names_.size()).second;
    names_.push_back(name);
    calls_.emplace_back();
    return is_new;
  }
  /// Of a function, or of any other operator.
  void call(std::string name) { calls_.back().push_back(std::move(name)); }

  /// The functions whose calls never end.
  std::vector<std::string> circles() const {
    std::vector<std::vector<std::size_t>> callers(names_.size());
    std::vector<std::size_t> open(names_.size()), ready;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      for (std::string const& each : calls_[i])
        if (auto const callee = places_.find(each); callee != places_.end()) {
          callers[callee->second].push_back(i);
          ++open[i];
        }
      if (open[i] == 0) ready.push_back(i);
    }
    // Those that call none of the rest are taken away, until circles are left and who calls into them.
    while (!ready.empty()) {
      std::size_t const done = ready.back();
      ready.pop_back();
      for (std::size_t const each : callers[done])
        if (--open[each] == 0) ready.push_back(each);
    }
    std::vector<std::string> result;
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (open[i] > 0) result.push_back(names_[i]);
    return result;
  }

 private:
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> calls_;
};

}  // namespace constexport::detail
