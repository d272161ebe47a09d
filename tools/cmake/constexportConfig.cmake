# find_package(constexport) gives the target constexport::constexport: its headers, C++20 and Boost's headers (Hana), and
# the function constexport_check (constexportCheck.cmake).
include(CMakeFindDependencyMacro)
find_dependency(Boost)

if(NOT TARGET constexport::constexport)
  get_filename_component(_constexport_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
  add_library(constexport::constexport INTERFACE IMPORTED)
  set_target_properties(constexport::constexport PROPERTIES
    INTERFACE_COMPILE_FEATURES cxx_std_20
    INTERFACE_INCLUDE_DIRECTORIES "${_constexport_prefix}/include;${Boost_INCLUDE_DIRS}")
  unset(_constexport_prefix)
endif()

get_filename_component(CONSTEXPORT_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
include("${CMAKE_CURRENT_LIST_DIR}/constexportCheck.cmake")
