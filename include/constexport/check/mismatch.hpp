/// check/mismatch.hpp: the first difference between a bound contract and a described file, as a value.
///
/// Room: check. Includes core, onnx and freestanding standard headers; no heap, no exceptions, so that the compiler and
/// a microcontroller can look for it. matches.hpp turns it into a compile-time message.
#pragma once

#include <constexport/check/change_kind.hpp>
#include <constexport/check/described_file.hpp>
#include <constexport/check/described_sizes.hpp>
#include <constexport/check/size_matching.hpp>
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
  too_large,  ///< more than can be compared without a heap: `mismatch_limits`
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

template <FileDescription File, mismatch_limits Limits>
class mismatch_finder {
 public:
  constexpr mismatch_finder(bound_contract const& bound, File const& file) : bound_(bound), sizes_(bound) {
    list(bound.table->inputs, file.inputs, true);
    list(bound.table->outputs, file.outputs, false);
    if (result_.kind == mismatch_kind::none) compare_sizes();
  }
  constexpr mismatch result() const { return result_; }

 private:
  // Tensors by their order. Inputs with a default are passed over where they are not asked for.
  constexpr void list(std::span<tensor_row const> rows, auto const& tensors, bool input) {
    std::size_t index = 0;
    std::size_t const first_row = input ? 0 : bound_.table->inputs.size();
    for_each_tensor(rows, bound_.sizes(), [&](tensor_row const& row, std::int64_t layer) {
      if (result_.kind != mismatch_kind::none) return;
      tensor_name const name{row.name, layer};
      while (input && index < tensors.size() && tensors[index].has_default && !(name == tensors[index].name) &&
             !is_asked_for(rows, tensors, index))
        sizes_.add_names_of(tensors[index++], input, false);
      if (index < tensors.size())
        return tensor(row, first_row + static_cast<std::size_t>(&row - rows.data()), name, tensors[index++], input);
      result_.kind = input ? mismatch_kind::input_missing : mismatch_kind::output_missing;
      name.print(text_into{result_.where});
    });
    // Who asks for outputs by name or place never meets those behind.
    for (; result_.kind == mismatch_kind::none && index < tensors.size(); ++index) {
      sizes_.add_names_of(tensors[index], input, !tensors[index].has_default);
      if (!input || tensors[index].has_default) continue;
      result_.kind = mismatch_kind::input_unexpected;
      text_into{result_.where}.text(tensors[index].name);
    }
  }

  // Of several inputs of one name, only the first is.
  constexpr bool is_asked_for(std::span<tensor_row const> rows, auto const& tensors, std::size_t index) const {
    bool asked = false;
    for_each_tensor(rows, bound_.sizes(), [&](tensor_row const& row, std::int64_t layer) {
      asked = asked || tensor_name{row.name, layer} == tensors[index].name;
    });
    for (std::size_t i = 0; asked && i < index; ++i) asked = tensors[i].name != tensors[index].name;
    return asked;
  }

  constexpr void tensor(tensor_row const& row, std::size_t index, tensor_name name, auto const& found, bool input) {
    auto const type = static_cast<dtype>(found.type);
    if (!(name == found.name)) {
      result_.kind = mismatch_kind::name;
      name.print(text_into{result_.where});
      name.print(text_into{result_.expected});
      text_into{result_.found}.text(found.name);
    } else if (dtype_verdict(row.type, type).is_error()) {
      result_.kind = mismatch_kind::dtype;
      name.print(text_into{result_.where});
      text_into{result_.expected}.text(name_of(row.type));
      text_into{result_.found}.text(name_of(type));
    } else if (rank_verdict(!row.is_unstated, row.dims.size(), found.is_ranked, found.dims.size(), input).is_error()) {
      result_.kind = mismatch_kind::rank;
      name.print(text_into{result_.where});
      if (row.is_unstated)
        text_into{result_.expected}.text("any number of dimensions");
      else
        text_into{result_.expected}.number(static_cast<std::int64_t>(row.dims.size())).text(" dimensions");
      text_into{result_.found}.number(static_cast<std::int64_t>(found.dims.size())).text(" dimensions");
    } else if (row.is_unstated) {
      sizes_.add_names_of(found, input, true);
    } else {
      for (std::size_t i = 0; i < row.dims.size(); ++i)
        sizes_.add_place(index, i, name, found.is_ranked ? &found.dims[i] : nullptr, input);
    }
  }

  constexpr void compare_sizes() {
    sizes_.read_names();
    if (!sizes_.fits()) {
      result_.kind = mismatch_kind::too_large;
      return;
    }
    size_matching const matching{sizes_};
    for (auto const& each : sizes_.pairs()) {
      verdict const found = matching.judge(each.before, each.after, each.input);
      if (found.is_error() || matching.merges(each.before, each.after))
        return size(each, found.kind == change_kind::axis_fixed);
    }
  }

  constexpr void size(auto const& pair, bool is_fixed) {
    size_facts const wanted = sizes_.facts(pair.before), found = sizes_.facts(pair.after);
    bool const varies = wanted.is(size_form::axis) || wanted.is(size_form::expression);
    result_.kind = !varies ? mismatch_kind::size : is_fixed ? mismatch_kind::fixed_axis : mismatch_kind::other_axis;
    text_into where{result_.where};
    pair.tensor.print(where);
    where('[');
    where.number(static_cast<std::int64_t>(pair.dim));
    where(']');
    text_into expected{result_.expected};
    if (varies)
      constexport::print(sizes_.dim(pair.before), bound_.table->symbols, expected);
    else if (wanted.is(size_form::number))
      expected.number(wanted.value);
    else
      expected.text("any size");
    if (found.is(size_form::number))
      text_into{result_.found}.number(found.value);
    else
      text_into{result_.found}.text(sizes_.name(pair.after));
  }

  bound_contract const& bound_;
  described_sizes<Limits> sizes_;
  mismatch result_;
};

}  // namespace detail

/// The first difference between what a contract promises and what a file declares: names and order, dtypes and ranks,
/// then sizes. It is one if and only if `check` (check.hpp) finds an error of these: both compare by one rule.
template <mismatch_limits Limits = mismatch_limits{}, FileDescription File>
constexpr mismatch find_mismatch(bound_contract const& bound, File const& file) {
  detail::mismatch_finder<File, Limits> const finder(bound, file);
  return finder.result();
}

}  // namespace constexport
