/// onnx/errors.hpp: what can be wrong with bytes that were read.
///
/// Room: onnx. Includes freestanding standard headers only. cursor.hpp, reader.hpp and contract_reader.hpp report with
/// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace constexport {

/// Why reading stopped.
enum class read_error : std::uint8_t {
  none,
  // protobuf
  truncated,
  bad_varint,
  bad_tag,
  group,
  wrong_wire_type,
  too_deep,
  twice,
  no_graph,
  wrong_count,
  // the contract's text: JSON
  syntax,
  no_object,
  no_list,
  no_string,
  no_integer,
  no_number,
  no_boolean,
  // its members
  unknown_member,
  given_twice,
  no_inputs,
  no_outputs,
  no_name,
  no_dims,
  no_dtype,
  no_repeat,
  unknown_dtype,
  unknown_word,
  // its names and sizes
  unknown_symbol,
  unknown_input,
  bad_expression,
  two_of_one_name,
  number_as_name,
  bad_axis,
  out_of_range,
  empty_range,
  bad_default,
  negative_size,
  unused_axis,
  unbound_axis,
  // the storage's limits
  too_many_symbols,
  too_many_tensors,
  too_many_dims,
  too_much_arithmetic,
  too_much_text,
  too_many_layers,
};

/// The result of reading: an error and the offset of the byte at which it was noticed. True if there is none.
struct read_status {
  read_error error = read_error::none;
  std::size_t offset = 0;
  constexpr explicit operator bool() const { return error == read_error::none; }
  friend constexpr bool operator==(read_status const&, read_status const&) = default;
};

/// What an error means and how to mend it, for a message: "... at byte 1234".
constexpr std::string_view text_of(read_error error) {
  switch (error) {
    case read_error::none:
      return "no error";
    case read_error::truncated:
      return "the file is cut off, or a length is larger than what it is in";
    case read_error::bad_varint:
      return "a number takes more than 64 bits";
    case read_error::bad_tag:
      return "no protobuf field can begin here; this is not an ONNX file, or it is damaged";
    case read_error::group:
      return "a protobuf group, which ONNX does not use; this is not an ONNX file, or it is damaged";
    case read_error::wrong_wire_type:
      return "a field has another type than ONNX gives it";
    case read_error::too_deep:
      return "messages or expressions are nested too deeply";
    case read_error::twice:
      return "a message that can occur once occurs twice";
    case read_error::no_graph:
      return "there is no graph; this is not an ONNX model";
    case read_error::wrong_count:
      return "a tensor has more or fewer elements than its shape asks for";
    case read_error::syntax:
      return "this is not JSON: a comma, colon, bracket or quotation mark is missing, or one is too many";
    case read_error::no_object:
      return "an object is expected here: {...}";
    case read_error::no_list:
      return "a list is expected here: [...]";
    case read_error::no_string:
      return "a string is expected here, in quotation marks";
    case read_error::no_integer:
      return "a whole number is expected here";
    case read_error::no_number:
      return "a number is expected here";
    case read_error::no_boolean:
      return "true or false is expected here";
    case read_error::unknown_member:
      return "a contract has no member of this name here; correct its spelling or remove it";
    case read_error::given_twice:
      return "this member is given twice; keep one of them";
    case read_error::no_inputs:
      return "the contract has no \"inputs\"; add the list of them, [] if there are none";
    case read_error::no_outputs:
      return "the contract has no \"outputs\"; add the list of them, [] where all are to be derived";
    case read_error::no_name:
      return "this tensor has no \"name\"; add it";
    case read_error::no_dims:
      return "this tensor has no \"dims\"; add the list of them, [] for a scalar, or null where the rank is not stated";
    case read_error::no_dtype:
      return "this input has no \"dtype\"; add it (only that of outputs can be derived)";
    case read_error::no_repeat:
      return "a tensor with a \"group\" has no \"repeat\"; add how often it occurs";
    case read_error::unknown_dtype:
      return "there is no such dtype; they are spelled as in NumPy: float32, int64, bool";
    case read_error::unknown_word:
      return "this word is not one of those that are known here (kinds of values: uniform, mask, positions, ended; "
             "roles: plain, past, present)";
    case read_error::unknown_symbol:
      return "there is no such axis or parameter; only the dims of inputs may name an axis that \"axes\" does not have";
    case read_error::unknown_input:
      return "there is no input of this name; \"past\" names the input that the output becomes";
    case read_error::bad_expression:
      return "this is no expression: write names, whole numbers, + - * // % ** min(a, b) max(a, b) and brackets";
    case read_error::two_of_one_name:
      return "two tensors, or two symbols, have this name; rename one";
    case read_error::number_as_name:
      return "a number cannot be the name of an axis or a parameter; give it a word";
    case read_error::bad_axis:
      return "an axis is an object: {\"default\": 4} for the size of its dummies, {\"value\": 4} for its only size";
    case read_error::out_of_range:
      return "this number is smaller or larger than what is possible here";
    case read_error::empty_range:
      return "no size lies in the range of this axis; correct \"min\", \"max\" or \"multiple\"";
    case read_error::bad_default:
      return "the default is no size that the axis may have; correct it, or \"min\", \"max\" or \"multiple\"";
    case read_error::negative_size:
      return "a dimension cannot be negative; write \"?\" for one that the exporter is to find out";
    case read_error::unused_axis:
      return "no tensor has this axis; correct its spelling here or in the dims, or remove it";
    case read_error::unbound_axis:
      return "no input has this axis, so that its size is unknown; use the inputs' axes, or say in \"axes\" that data "
             "decides it: {\"free\": true}";
    case read_error::too_many_symbols:
      return "the contract has more axes and parameters together than the storage holds (48)";
    case read_error::too_many_tensors:
      return "the contract has more tensors than the storage holds (contract_limits::rows); layers are one row with "
             "\"repeat\"";
    case read_error::too_many_dims:
      return "the contract has more dimensions than the storage holds (contract_limits::dims)";
    case read_error::too_much_arithmetic:
      return "the contract's expressions are longer than the storage holds (contract_limits::instructions)";
    case read_error::too_much_text:
      return "the names with escapes or made for \"?\" are longer than the storage holds (contract_limits::text)";
    case read_error::too_many_layers:
      return "a tensor is repeated more often than any model has layers (100000)";
  }
  return "unknown error";
}

}  // namespace constexport
