# find_package(constexport) gives the target constexport::constexport: its headers, C++20 and Boost's headers (Hana), and
# the function constexport_check (constexportCheck.cmake).
get_filename_component(CONSTEXPORT_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET constexport::constexport)
  # Headers are all that is needed, and CMake's own module for Boost is on its way out (policy CMP0167).
  find_package(Boost QUIET CONFIG)
  if(TARGET Boost::headers)
    set(_constexport_boost Boost::headers)
  else()
    find_path(CONSTEXPORT_BOOST boost/hana.hpp HINTS ${Boost_INCLUDE_DIRS} ${BOOST_ROOT} $ENV{BOOST_ROOT} PATH_SUFFIXES include)
    if(NOT CONSTEXPORT_BOOST)
      set(constexport_FOUND FALSE)
      set(constexport_NOT_FOUND_MESSAGE "Boost's headers (Hana) were not found: install libboost-dev, or set BOOST_ROOT")
      return()
    endif()
    add_library(constexport::boost INTERFACE IMPORTED)
    set_target_properties(constexport::boost PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${CONSTEXPORT_BOOST}")
    set(_constexport_boost constexport::boost)
  endif()
  add_library(constexport::constexport INTERFACE IMPORTED)
  set_target_properties(constexport::constexport PROPERTIES
    INTERFACE_COMPILE_FEATURES cxx_std_20
    INTERFACE_INCLUDE_DIRECTORIES "${CONSTEXPORT_PREFIX}/include"
    INTERFACE_LINK_LIBRARIES "${_constexport_boost}")
  unset(_constexport_boost)
endif()

include("${CMAKE_CURRENT_LIST_DIR}/constexportCheck.cmake")
