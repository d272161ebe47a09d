/// tools/constexport/contract_file.hpp: contract files (docs/contracts.md), read with messages that show the place, and
/// written as a person would.
#pragma once

#include "contract_of_onnx.hpp"
#include "files.hpp"
#include "nearest.hpp"
#include "request.hpp"
#include <constexport/config/checks.hpp>
#include <constexport/onnx/contract_reader.hpp>
#include <constexport/onnx/contract_text.hpp>

#include <algorithm>
#include <memory>
#include <string>

namespace constexport::command {

/// A contract that was read, and the text that it points into.
struct contract_file {
  std::string text;
  contract_storage<contract_limits{512, 2048, 8192, 8192}> storage;
  bound_contract bound() const { return storage.bound(); }
};

namespace detail {

// "FILE:3:14: message", the line, and a mark beneath the place.
inline usage_error at_place(std::string const& path, std::string const& text, std::size_t offset,
                            std::string const& message) {
  offset = std::min(offset, text.size());
  std::size_t const line_break = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
  std::size_t const start = line_break == std::string::npos ? 0 : line_break + 1;
  auto const line = std::ranges::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n') + 1;
  std::string shown = text.substr(start, text.find('\n', start) - start);
  std::size_t column = offset - start;
  std::string const place = path + ":" + std::to_string(line) + ":" + std::to_string(column + 1) + ": " + message;
  // Of a long line, what is around the place.
  constexpr std::size_t width = 100;
  if (shown.size() > width) {
    std::size_t const from = column > width / 2 ? column - width / 2 : 0;
    shown = shown.substr(from, width);
    column -= from;
  }
  std::ranges::replace_if(
      shown, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  std::string const before = constexport::detail::readable(shown.substr(0, column));
  return usage_error(place, "  " + before +
                                constexport::detail::readable(shown.substr(std::min(column, shown.size()))) + "\n  " +
                                std::string(visible_size(before), ' ') + "^\n");
}

// The word at a place, for a hint.
inline std::string word_at(std::string const& text, std::size_t offset) {
  std::size_t const end = text.find_first_of("\"\\\n", offset);
  return text.substr(std::min(offset, text.size()), end == std::string::npos ? end : end - offset);
}

inline std::vector<std::string> known_words(read_error error) {
  std::vector<std::string> words;
  auto const add = [&](auto const& names) {
    for (std::string_view const name : names)
      if (std::ranges::find(words, name) == words.end()) words.emplace_back(name);
  };
  if (error == read_error::unknown_member) {
    add(contract_members);
    add(tensor_members);
    add(axis_members);
    add(parameter_members);
    add(values_members);
  }
  if (error == read_error::unknown_word) {
    add(constexport::detail::value_kind_names);
    add(constexport::detail::role_names);
  }
  if (error == read_error::unknown_dtype)
    for (constexport::detail::dtype_row const& row : constexport::detail::dtype_rows)
      if (row.type != dtype::undefined) words.emplace_back(row.name);
  return words;
}

// What is wrong with a contract as a whole, in the words of a file; empty for what does not matter in files.
inline std::string_view words_of(problem kind) {
  switch (kind) {
    case problem::output_axis_that_no_input_binds:
      return text_of(read_error::unbound_axis);
    case problem::axis_only_inside_an_expression:
      return "this axis occurs only inside expressions, so that no shape tells its size; give an input a dimension "
             "that is the axis alone, or fix it: {\"value\": 1}";
    case problem::present_without_past:
      return "this output has the role present and no \"past\"; name the input that it becomes, or remove "
             "\"use_past_in_inputs\"";
    case problem::present_with_other_axes_than_past:
      return "this output and its past input may differ in one dimension only, and not in their dtype";
    case problem::dtype_that_the_opset_lacks:
      return "the operator set has no such dtype; give a newer \"opset\", or another dtype";
    case problem::parameter_without_a_value:
      return "this parameter has no \"value\"; give it one";
    case problem::parameter_out_of_range:
      return "the value of this parameter is below its \"min\"; correct one of them";
    default:
      return {};
  }
}

inline finding whole_problem(contract const& table) {
  for (auto const check :
       {constexport::detail::check_axes, constexport::detail::check_cache, constexport::detail::check_dtypes})
    if (finding const found = check(table); !words_of(found.kind).empty()) return found;
  return {};
}

}  // namespace detail

/// Reads a contract file, or the contract of an ONNX file. Throws usage_error with the file, the line, the column and
/// what to do.
inline std::unique_ptr<contract_file> read_contract_file(std::string const& path) {
  auto result = std::make_unique<contract_file>();
  if (path.ends_with(".onnx")) {
    contract_of_onnx const read = read_contract_of_onnx(path);
    result->text = read.text;
    read_status const status = read_contract(result->text, result->storage);
    std::string const word = detail::word_at(result->text, status.offset);
    if (!status)
      throw usage_error(path + ": as a contract: " + (word.empty() ? "" : "\"" + word + "\": ") +
                        std::string(text_of(status.error)));
    return result;
  }
  try {
    result->text = read_text(path);
  } catch (file_error const& error) {
    throw usage_error(error.what());
  }
  std::string const& text = result->text;
  if (read_status const status = read_contract(text, result->storage, unknown_members::refused); !status) {
    std::string message(text_of(status.error));
    if (std::vector<std::string> const words = detail::known_words(status.error); !words.empty())
      message += "; nearest: " + joined(nearest(detail::word_at(text, status.offset), words, 3), ", ");
    throw detail::at_place(path, text, status.offset, message);
  }
  if (finding const found = detail::whole_problem(result->storage.table); found.kind != problem::none) {
    std::size_t at = text.find("\"" + std::string(found.where) + "\"");
    at = at == std::string::npos ? text.find(found.where) : at + 1;
    throw detail::at_place(path, text, at == std::string::npos ? 0 : at,
                           "\"" + std::string(found.where) + "\": " + std::string(detail::words_of(found.kind)));
  }
  return result;
}

/// A bound contract as a contract file: a line for each tensor, axis and parameter.
inline std::string to_contract_file(bound_contract const& bound) {
  std::string compact, result;
  print_contract(bound, [&](char c) { compact += c; });
  std::size_t depth = 0;
  bool quoted = false;
  auto const new_line = [&] { result += "\n" + std::string(2 * depth, ' '); };
  for (std::size_t i = 0; i < compact.size(); ++i) {
    char const c = compact[i];
    if (quoted || c == '"') {
      result += c;
      if (c == '\\') result += compact[++i];
      if (c == '"') quoted = !quoted;
    } else if (c == '{' || c == '[') {
      result += c;
      ++depth;
      bool const empty = compact[i + 1] == '}' || compact[i + 1] == ']';
      if (depth <= 2 && !empty) new_line();
    } else if (c == '}' || c == ']') {
      bool const empty = compact[i - 1] == '{' || compact[i - 1] == '[';
      bool const long_one = depth <= 2 && !empty;
      --depth;
      if (long_one) new_line();
      result += c;
    } else {
      result += c;
      if (c == ',' && depth <= 2)
        new_line();
      else if (c == ',' || c == ':')
        result += ' ';
    }
  }
  return result + "\n";
}

}  // namespace constexport::command
