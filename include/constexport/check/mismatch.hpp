/// check/mismatch.hpp: the first difference between a bound contract and a described file, as a value.
///
/// Room: check. Includes core, onnx and freestanding standard headers; no heap, no exceptions, so that the compiler and
/// a microcontroller can look for it. matches.hpp turns it into a compile-time message.
#pragma once

#include <constexport/check/described_file.hpp>
#include <constexport/check/dim_params.hpp>
#include <constexport/core/contract.hpp>

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

template <FileDescription File>
class mismatch_finder {
 public:
  constexpr mismatch_finder(bound_contract const& bound, File const& file) : bound_(bound), params_(bound, file) {
    list(bound.table->inputs, file.inputs, true);
    list(bound.table->outputs, file.outputs, false);
  }
  constexpr mismatch result() const { return result_; }

 private:
  constexpr void list(std::span<tensor_row const> rows, auto const& tensors, bool inputs) {
    if (result_.kind != mismatch_kind::none) return;
    std::size_t const rest = for_each_pair(
        rows, bound_.sizes(), tensors, [&](tensor_row const& row, tensor_name const& name, auto const* found) {
          if (result_.kind != mismatch_kind::none) return;
          if (found != nullptr) return tensor(row, name, *found, inputs);
          result_.kind = inputs ? mismatch_kind::input_missing : mismatch_kind::output_missing;
          name.print(text_into{result_.where});
        });
    // Who asks for outputs by name or place never meets those behind.
    if (result_.kind != mismatch_kind::none || !inputs || rest == tensors.size()) return;
    result_.kind = mismatch_kind::input_unexpected;
    text_into{result_.where}.text(tensors[rest].name);
  }

  constexpr void tensor(tensor_row const& row, tensor_name name, auto const& found, bool input) {
    auto const type = static_cast<dtype>(found.type);
    if (!(name == found.name)) {
      result_.kind = mismatch_kind::name;
      name.print(text_into{result_.where});
      name.print(text_into{result_.expected});
      text_into{result_.found}.text(found.name);
    } else if (row.type != dtype::undefined && type != dtype::undefined && row.type != type) {
      result_.kind = mismatch_kind::dtype;
      name.print(text_into{result_.where});
      text_into{result_.expected}.text(name_of(row.type));
      text_into{result_.found}.text(name_of(type));
    } else if (!row.is_unstated && found.is_ranked && row.dims.size() != found.dims.size()) {
      result_.kind = mismatch_kind::rank;
      name.print(text_into{result_.where});
      text_into{result_.expected}.number(static_cast<std::int64_t>(row.dims.size())).text(" dimensions");
      text_into{result_.found}.number(static_cast<std::int64_t>(found.dims.size())).text(" dimensions");
    } else if (!row.is_unstated && found.is_ranked) {
      for (std::size_t i = 0; i < row.dims.size() && result_.kind == mismatch_kind::none; ++i)
        size(row.dims[i], found.dims[i], name, i, input);
    }
  }

  // What the file does not state is not compared.
  constexpr void size(dimension const& wanted, auto const& found, tensor_name name, std::size_t index, bool input) {
    if (found.size < 0 && found.param.empty()) return;
    std::int64_t const number = evaluate(wanted.size, bound_.sizes());
    bool const varies = params_.varies(wanted);
    mismatch_kind kind = mismatch_kind::none;
    if (varies && found.size >= 0)
      kind = mismatch_kind::fixed_axis;
    else if (varies && !params_.is(wanted, found, input))
      kind = mismatch_kind::other_axis;
    else if (!varies && differs(number, found, input))
      kind = mismatch_kind::size;
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
    else if (number == unknown)
      expected.text("any size");
    else
      expected.number(number);
    if (found.size >= 0)
      text_into{result_.found}.number(found.size);
    else
      text_into{result_.found}.text(found.param);
  }

  // An input that takes any size takes the contract's; an input that takes one size takes not any.
  constexpr bool differs(std::int64_t wanted, auto const& found, bool input) const {
    if (found.size < 0) return wanted != unknown && !(input && params_.is_axis(found.param));
    return wanted == unknown ? input : found.size != wanted;
  }

  bound_contract const& bound_;
  dim_params<File> params_;
  mismatch result_;
};

}  // namespace detail

/// The first difference between what a contract promises and what a file declares: names and order, dtypes, ranks and
/// sizes, by the rules of `check` (check.hpp): what breaks nobody is no difference.
template <FileDescription File>
constexpr mismatch find_mismatch(bound_contract const& bound, File const& file) {
  return detail::mismatch_finder<File>(bound, file).result();
}

}  // namespace constexport
