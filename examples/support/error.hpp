/// support/error.hpp: errors that tell what, where and how to mend it.
///
/// Room: examples/support. May include the standard library only. Whatever reads a file in examples/ depends on it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace examples {

/// An error that its reader can act on. `what()` is one line: "<where>: <problem> (<remedy>)".
class user_error : public std::runtime_error {
 public:
  /// `where` names the file, and the tensor, key or line in it; `remedy` says how to mend it.
  user_error(std::string_view where, std::string_view problem, std::string_view remedy)
      : std::runtime_error(std::string(where) + ": " + std::string(problem) + " (" + std::string(remedy) + ")"),
        where_(where),
        problem_(problem),
        remedy_(remedy) {}

  /// File and place in it.
  [[nodiscard]] std::string const& where() const noexcept { return where_; }
  /// What is wrong there.
  [[nodiscard]] std::string const& problem() const noexcept { return problem_; }
  /// What the user can do about it.
  [[nodiscard]] std::string const& remedy() const noexcept { return remedy_; }

 private:
  std::string where_, problem_, remedy_;
};

/// A file that cannot be opened, mapped or read.
struct file_error : user_error {
  using user_error::user_error;
};

}  // namespace examples
