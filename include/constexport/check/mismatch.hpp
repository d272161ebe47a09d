/// check/mismatch.hpp: the first difference between a bound contract and a described file, as a value.
///
/// Room: check. Includes core, onnx and freestanding standard headers; no heap, no exceptions, so that the compiler and
/// a microcontroller can look for it. matches.hpp turns it into a compile-time message.
#pragma once

#include <constexport/check/described_file.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/onnx/declared_shape.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

enum class mismatch_kind : std::uint8_t {
  none,
  input_missing,
  input_unexpected,
  output_missing,
  output_unexpected,
  name,
  dtype,
  rank,
  size,
  fixed_axis,
  other_axis,
};

/// A difference. A structural value: it is shown in diagnostics.
struct mismatch {
  mismatch_kind kind = mismatch_kind::none;
  char where[64]{};     ///< "input_ids[1]"
  char expected[80]{};  ///< by the contract
  char found[80]{};     ///< in the file
};

namespace detail {

// Text into one of the places of a mismatch; what does not fit is cut off.
template <std::size_t Size>
class text_into {
 public:
  explicit constexpr text_into(char (&text)[Size]) : text_(text) {}
  constexpr void operator()(char c) {
    if (length_ + 1 < Size) text_[length_++] = c;
  }
  constexpr text_into& text(std::string_view characters) {
    for (char const c : characters) (*this)(c);
    return *this;
  }
  constexpr text_into& number(std::int64_t value) {
    constexport::print(
        std::array{instruction{operation::constant, value}}, [](std::size_t) { return std::string_view{}; }, *this);
    return *this;
  }

 private:
  char (&text_)[Size];
  std::size_t length_ = 0;
};

class mismatch_finder {
 public:
  constexpr mismatch_finder(bound_contract const& bound, described_file const& file) : bound_(bound) {
    list(bound.table->inputs, file.inputs, true);
    list(bound.table->outputs, file.outputs, false);
  }
  constexpr mismatch result() const { return result_; }

 private:
  constexpr void list(std::span<tensor_row const> rows, std::span<described_tensor const> tensors, bool inputs) {
    std::size_t index = 0;
    for_each_tensor(rows, bound_.sizes(), [&](tensor_row const& row, std::int64_t layer) {
      if (result_.kind != mismatch_kind::none) return;
      tensor_name const name{row.name, layer};
      if (index == tensors.size()) {
        result_.kind = inputs ? mismatch_kind::input_missing : mismatch_kind::output_missing;
        name.print(text_into{result_.where});
        return;
      }
      tensor(row, name, tensors[index++]);
    });
    if (result_.kind != mismatch_kind::none || index == tensors.size()) return;
    result_.kind = inputs ? mismatch_kind::input_unexpected : mismatch_kind::output_unexpected;
    text_into{result_.where}.text(tensors[index].name);
  }

  constexpr void tensor(tensor_row const& row, tensor_name name, described_tensor const& found) {
    if (!(name == found.name)) {
      result_.kind = mismatch_kind::name;
      name.print(text_into{result_.where});
      name.print(text_into{result_.expected});
      text_into{result_.found}.text(found.name);
    } else if (row.type != dtype::undefined && row.type != found.type) {
      result_.kind = mismatch_kind::dtype;
      name.print(text_into{result_.where});
      text_into{result_.expected}.text(name_of(row.type));
      text_into{result_.found}.text(name_of(found.type));
    } else if (!row.is_unstated && found.is_ranked && row.dims.size() != found.dims.size()) {
      result_.kind = mismatch_kind::rank;
      name.print(text_into{result_.where});
      text_into{result_.expected}.number(static_cast<std::int64_t>(row.dims.size())).text(" dimensions");
      text_into{result_.found}.number(static_cast<std::int64_t>(found.dims.size())).text(" dimensions");
    } else if (!row.is_unstated && found.is_ranked) {
      for (std::size_t i = 0; i < row.dims.size() && result_.kind == mismatch_kind::none; ++i)
        size(row.dims[i], found.dims[i], name, i);
    }
  }

  // What neither side states is not compared.
  constexpr void size(dimension const& wanted, described_dim const& found, tensor_name name, std::size_t index) {
    std::int64_t const number = evaluate(wanted.size, bound_.sizes());
    bool const varies = number == unknown && is_dynamic(wanted, bound_.table->symbols);
    if (found.size < 0 && found.param.empty()) return;
    if (number == unknown && !varies) return;
    mismatch_kind kind = mismatch_kind::none;
    if (varies && found.size >= 0)
      kind = mismatch_kind::fixed_axis;
    else if (!varies && found.size != number)
      kind = mismatch_kind::size;
    else if (varies && !is_called(wanted, found.param))
      kind = mismatch_kind::other_axis;
    if (kind == mismatch_kind::none) return;
    result_.kind = kind;
    text_into where{result_.where};
    name.print(where);
    where('[');
    where.number(static_cast<std::int64_t>(index));
    where(']');
    text_into expected{result_.expected};
    if (varies)
      constexport::print(wanted, bound_.table->symbols, expected);
    else
      expected.number(number);
    if (found.size >= 0)
      text_into{result_.found}.number(found.size);
    else
      text_into{result_.found}.text(found.param);
  }

  constexpr bool is_called(dimension const& wanted, std::string_view param) const {
    for (dim_naming const naming : {dim_naming::identifiers, dim_naming::optimum}) {
      std::size_t at = 0;
      bool same = true;
      print_dim_param(wanted, bound_, naming, [&](char c) {
        same = same && at < param.size() && param[at] == c;
        ++at;
      });
      if (same && at == param.size()) return true;
    }
    return false;
  }

  bound_contract const& bound_;
  mismatch result_;
};

}  // namespace detail

/// The first difference between what a contract promises and what a file declares: names and order, dtypes, ranks,
/// sizes, and the names of axes as this library or Optimum writes them.
constexpr mismatch find_mismatch(bound_contract const& bound, described_file const& file) {
  return detail::mismatch_finder(bound, file).result();
}

}  // namespace constexport
