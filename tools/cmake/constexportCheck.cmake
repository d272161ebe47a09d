# constexport_check(TARGET target MODEL file.onnx CONFIG configuration INCLUDE header [NAMESPACE name])
#
# Compiling `target` fails, with the first difference in the message, when the file and the configuration disagree.
# CONFIG: a type (constexport::BertOnnxConfig<>) or a constant of one, declared in INCLUDE or in the library; in quotes, if
# it has blanks. The target is linked to the library, and can include the header that is made of the file, "<name>.hpp"
# (default: the file's name and "_io"). Both are made again when the file changes. CONSTEXPORT_COMMAND names the command,
# where it is not found beside the library or in PATH.
function(constexport_check)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "TARGET;MODEL;CONFIG;INCLUDE;NAMESPACE" "")
  foreach(needed TARGET MODEL CONFIG INCLUDE)
    if(NOT arg_${needed})
      message(FATAL_ERROR "constexport_check: ${needed} is missing: constexport_check(TARGET app MODEL model.onnx CONFIG constexport::BertOnnxConfig<> INCLUDE constexport/models/bert.hpp)")
    endif()
  endforeach()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "constexport_check: unknown arguments: ${arg_UNPARSED_ARGUMENTS} (a CONFIG with blanks stands in quotes)")
  endif()
  if(NOT TARGET ${arg_TARGET})
    message(FATAL_ERROR "constexport_check: there is no target ${arg_TARGET} yet")
  endif()
  get_target_property(folder ${arg_TARGET} SOURCE_DIR)
  if(NOT folder STREQUAL CMAKE_CURRENT_SOURCE_DIR)
    message(FATAL_ERROR "constexport_check: ${arg_TARGET} is made in ${folder}; call constexport_check there, where what makes its sources is seen")
  endif()
  if(NOT arg_NAMESPACE)
    get_filename_component(arg_NAMESPACE "${arg_MODEL}" NAME_WLE)
    # As the command makes a namespace of a header's name: of names with __ or _A the compiler has its own.
    string(REGEX REPLACE "[^A-Za-z0-9]+" "_" arg_NAMESPACE "${arg_NAMESPACE}_io")
    string(REGEX REPLACE "^_" "io_" arg_NAMESPACE "${arg_NAMESPACE}")
    string(REGEX REPLACE "^([0-9])" "_\\1" arg_NAMESPACE "${arg_NAMESPACE}")
  endif()
  find_program(CONSTEXPORT_COMMAND constexport HINTS "${CONSTEXPORT_PREFIX}/bin")
  if(NOT CONSTEXPORT_COMMAND)
    message(FATAL_ERROR "constexport_check: the command constexport is not found; set CONSTEXPORT_COMMAND")
  endif()
  get_filename_component(model "${arg_MODEL}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/constexport/${arg_TARGET}")
  string(REPLACE "::" "_" name "${arg_NAMESPACE}")
  get_target_property(checked ${arg_TARGET} CONSTEXPORT_CHECKED)
  if(name IN_LIST checked)
    message(FATAL_ERROR "constexport_check: ${arg_TARGET} has a ${name}.hpp already; give this file another NAMESPACE")
  endif()
  set_property(TARGET ${arg_TARGET} APPEND PROPERTY CONSTEXPORT_CHECKED "${name}")
  set(header "${folder}/${name}.hpp")
  set(source "${folder}/${name}_check.cpp")
  file(MAKE_DIRECTORY "${folder}")
  add_custom_command(
    OUTPUT "${header}"
    COMMAND "${CONSTEXPORT_COMMAND}" header "${model}" -o "${header}" --namespace "${arg_NAMESPACE}"
    # The command leaves a header alone that would be the same; for the build it is new all the same.
    COMMAND "${CMAKE_COMMAND}" -E touch "${header}"
    DEPENDS "${model}" "${CONSTEXPORT_COMMAND}"
    COMMENT "Describing ${arg_MODEL}"
    VERBATIM)
  file(GENERATE OUTPUT "${source}" CONTENT
"// Made by constexport_check.
#include \"${name}.hpp\"
#include <${arg_INCLUDE}>
#include <constexport/check/matches.hpp>

namespace {
using namespace constexport;
static_assert(constexport::matches<${arg_CONFIG}>(::${arg_NAMESPACE}::contract));
}  // namespace
")
  target_sources(${arg_TARGET} PRIVATE "${header}" "${source}")
  # Not by target_link_libraries, whose form with PRIVATE and the one without exclude each other in one target.
  set_property(TARGET ${arg_TARGET} APPEND PROPERTY LINK_LIBRARIES constexport::constexport)
  target_include_directories(${arg_TARGET} PRIVATE "${folder}" "${CMAKE_CURRENT_SOURCE_DIR}")
endfunction()
