// Lowerings from a shared object, so that one family can be tried without building all of them.
#include <constexport/export/lowering_table.hpp>

#include <dlfcn.h>

#include <stdexcept>
#include <string>

void add_lowerings_from(std::string const& path, constexport::lowering_table& table) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  auto* const add =
      reinterpret_cast<void (*)(constexport::lowering_table&)>(dlsym(library, "constexport_add_lowerings"));
  if (add == nullptr) throw std::runtime_error(dlerror());
  add(table);
}
