/// export/unsupported.hpp: the operators of a module that cannot be exported, all of them, before anything is written.
///
/// Room: export. Includes error.hpp. reconcile.hpp collects them.
#pragma once

#include <constexport/export/error.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace constexport::detail {

class unsupported_operators {
 public:
  /// `where` names the module that calls it.
  void add(std::string const& name, std::string const& reason, std::string const& where) {
    uses& known = found_.try_emplace(name, uses{reason, {}}).first->second;
    known.places.push_back(where);
  }
  /// Throws unsupported_operator if there are any.
  void refuse() const {
    if (found_.empty()) return;
    constexpr std::size_t shown = 4;
    std::string message = "The module uses operators that cannot be exported:";
    std::vector<std::string> names;
    for (auto const& [name, use] : found_) {
      message += "\n  " + name + ": " + use.reason + ", at ";
      for (std::size_t i = 0; i < use.places.size() && i < shown; ++i) message += (i > 0 ? "; " : "") + use.places[i];
      if (use.places.size() > shown) message += "; and " + std::to_string(use.places.size() - shown) + " more";
      names.push_back(name);
    }
    throw unsupported_operator(message +
                                   "\nReplace them by other operators, or register lowerings for them "
                                   "(export_options::lowerings; --lowerings FILE.so).",
                               std::move(names));
  }

 private:
  struct uses {
    std::string reason;
    std::vector<std::string> places;
  };
  std::map<std::string, uses> found_;
};

}  // namespace constexport::detail
