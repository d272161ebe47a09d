/// export/lowering_library.hpp: lowerings of a user's own, at file scope or from a shared object.
///
/// Room: export. Includes call.hpp and POSIX's dlfcn.h. lower.hpp adds what is registered here to the library's own
/// lowerings; the command loads shared objects with it. A shared object includes this header and either registers at
/// file scope
///   `static constexport::register_lowering const r{"my::op", [](call& c, builder& b) -> value_list { ... }};`
/// or defines `extern "C" void constexport_add_lowerings(constexport::lowering_table& table)`.
#pragma once

#include <constexport/export/error.hpp>
#include <constexport/export/lowering_table.hpp>
#include <constexport/onnx/versions.hpp>

#include <dlfcn.h>
#include <torch/version.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace constexport {

namespace detail {

inline std::vector<std::pair<std::string, lowering>>& registered_lowerings() {
  static std::vector<std::pair<std::string, lowering>> all;
  return all;
}

}  // namespace detail

/// Registers a lowering for an operator's schema name, with overload or without, while the program starts or a shared
/// object is loaded. `default_lowerings()` has it from then on, in place of the library's own.
class register_lowering {
 public:
  register_lowering(std::string name, lowering how) {
    detail::registered_lowerings().emplace_back(std::move(name), std::move(how));
  }
};

/// What a shared object and the program that loads it must have in common: versions, and the sizes of what they share.
inline std::string lowerings_built_with() {
  return "constexport " + std::string(producer_version) + ", LibTorch " TORCH_VERSION ", layout " +
         std::to_string(sizeof(graph)) + "/" + std::to_string(sizeof(builder)) + "/" + std::to_string(sizeof(call)) +
         "/" + std::to_string(sizeof(lowering_table)) + "/" + std::to_string(sizeof(std::string));
}

/// Loads a shared object and adds its lowerings; operators that it registers with LibTorch are known from then on. It
/// stays loaded. Throws export_error if it cannot be loaded, was built against something else, or has no lowerings.
inline void load_lowerings(std::filesystem::path const& file, lowering_table& into) {
  std::string const name = "\"" + file.string() + "\"";
  auto const last_error = [] {
    char const* const text = ::dlerror();
    return std::string(text != nullptr ? text : "no reason is given");
  };
  // A name without a folder would be searched for elsewhere.
  void* const library = ::dlopen(std::filesystem::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw export_error(name + " cannot be loaded as a shared object: " + last_error());
  using mark_function = char const* (*)();
  auto* const mark = reinterpret_cast<mark_function>(::dlsym(library, "constexport_lowerings_built_with"));
  if (mark == nullptr)
    throw export_error(name +
                       " does not say what it was built with: include constexport/export/lowering_library.hpp in it.");
  if (mark() != lowerings_built_with())
    throw export_error(name + " was built with " + mark() + ", this program with " + lowerings_built_with() +
                       ". Build it again with the same.");
  using table_function = void (*)(lowering_table&);
  bool any = false;
  for (char const* const symbol : {"constexport_add_registered_lowerings", "constexport_add_lowerings"}) {
    auto* const add = reinterpret_cast<table_function>(::dlsym(library, symbol));
    if (add == nullptr) continue;
    std::size_t const before = into.changes();
    add(into);
    any = any || into.changes() > before;
  }
  if (!any)
    throw export_error(name +
                       " has no lowerings: define constexport_add_lowerings, or a register_lowering at file scope.");
}

}  // namespace constexport

// Every shared object has its own of these, whatever the program that loads it has.
extern "C" {
__attribute__((used, visibility("default"))) inline char const* constexport_lowerings_built_with() {
  static std::string const text = constexport::lowerings_built_with();
  return text.c_str();
}
__attribute__((used, visibility("default"))) inline void constexport_add_registered_lowerings(
    constexport::lowering_table& table) {
  for (auto const& [name, how] : constexport::detail::registered_lowerings()) table.add(name, how);
}
}
