/// check/change_kind.hpp: what a difference between two interfaces can be, and the verdict on one dtype and one rank.
///
/// Room: check. Includes core and freestanding standard headers; no heap, no exceptions: compare.hpp and mismatch.hpp
/// both ask it. docs/checking.md lists the kinds.
#pragma once

#include <constexport/core/dtype.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace constexport {

enum class change_kind : std::uint8_t {
  input_removed,
  input_added,
  input_optional,
  input_renamed,
  inputs_reordered,
  output_removed,
  output_added,
  output_renamed,
  outputs_reordered,
  kind_changed,
  dtype_changed,
  dtype_unstated,
  rank_changed,
  rank_unstated,
  rank_stated,
  size_changed,
  size_unstated,
  size_stated,
  relation_lost,
  axis_fixed,
  axis_freed,
  axis_renamed,
  axes_exchanged,
  axis_split,
  axes_merged,
  range_narrowed,
  range_widened,
  range_unstated,
  values_narrowed,
  values_widened,
  pairing_changed,
  contract_gone,
  opset_raised,
  opset_lowered,
};

struct change_row {
  std::string_view id;    // as reports name the kind
  std::string_view what;  // one line
  std::string_view hint;  // what to do
};

/// The kind in words.
constexpr change_row row_of(change_kind kind) {
  switch (kind) {
    case change_kind::input_removed:
      return {"input-removed", "an input is gone",
              "feeding it is an error now: remove it from the callers, or keep it"};
    case change_kind::input_added:
      return {"input-added", "there is an input more",
              "every run must give it: add it to the callers, or give it a default"};
    case change_kind::input_optional:
      return {"input-optional", "an input may be left out", "nothing"};
    case change_kind::input_renamed:
      return {"input-renamed", "an input has another name", "inputs are given by name: keep the old one"};
    case change_kind::inputs_reordered:
      return {"inputs-reordered", "the inputs stand in another order",
              "callers that go by position break: keep the order"};
    case change_kind::output_removed:
      return {"output-removed", "an output is gone", "asking for it is an error now: keep it"};
    case change_kind::output_added:
      return {"output-added", "there is an output more", "add outputs at the end, where they move no other"};
    case change_kind::output_renamed:
      return {"output-renamed", "an output has another name", "outputs are asked for by name: keep the old one"};
    case change_kind::outputs_reordered:
      return {"outputs-reordered", "the outputs stand in another order",
              "callers that go by position break: keep the order"};
    case change_kind::kind_changed:
      return {"kind-changed", "a tensor is a value of another kind",
              "contracts hold tensors: give the value as tensors"};
    case change_kind::dtype_changed:
      return {"dtype-changed", "a tensor has another dtype", "convert within the model (Cast), or change the contract"};
    case change_kind::dtype_unstated:
      return {"dtype-unstated", "the dtype is not stated", "state it"};
    case change_kind::rank_changed:
      return {"rank-changed", "a tensor has another number of dimensions",
              "change the model's forward, or the contract"};
    case change_kind::rank_unstated:
      return {"rank-unstated", "the number of dimensions is not stated", "run shape inference, or declare the shape"};
    case change_kind::rank_stated:
      return {"rank-stated", "a number of dimensions is stated that was open", "if others occur, leave it open"};
    case change_kind::size_changed:
      return {"size-changed", "a dimension has another size",
              "give the contract the model's parameters, or export again"};
    case change_kind::size_unstated:
      return {"size-unstated", "a size is not stated", "declare it: nothing can be allocated or checked without it"};
    case change_kind::size_stated:
      return {"size-stated", "a size is stated that was open", "if others occur, leave it open"};
    case change_kind::relation_lost:
      return {"relation-lost", "a size is no longer said to follow from the inputs",
              "name the dimension after the axis or expression that it is"};
    case change_kind::axis_fixed:
      return {"axis-fixed", "an axis has one size only", "other sizes are refused now: export with this axis dynamic"};
    case change_kind::axis_freed:
      return {"axis-freed", "a size that was fixed varies", "callers that relied on the number must look at the shape"};
    case change_kind::axis_renamed:
      return {"axis-renamed", "an axis has another name", "matters where axes are overridden by name: keep it there"};
    case change_kind::axes_exchanged:
      return {"axes-exchanged", "an axis has the name of another one",
              "no call breaks, but see that the data are laid out as before: by the names they are not"};
    case change_kind::axis_split:
      return {"axis-split", "sizes that were one axis are several", "name dimensions alike that must be equal"};
    case change_kind::axes_merged:
      return {"axes-merged", "sizes that could differ must be equal", "name dimensions differently that may differ"};
    case change_kind::range_narrowed:
      return {"range-narrowed", "an axis may have fewer sizes",
              "sizes that were legal are refused now: keep the range"};
    case change_kind::range_widened:
      return {"range-widened", "an axis may have more sizes", "nothing, unless a buffer was made for the largest"};
    case change_kind::range_unstated:
      return {"range-unstated", "the sizes of an axis are no longer stated", "state them in the contract"};
    case change_kind::values_narrowed:
      return {"values-narrowed", "an input takes fewer values", "values that were legal are wrong now: keep the range"};
    case change_kind::values_widened:
      return {"values-widened", "an input takes more values", "nothing"};
    case change_kind::pairing_changed:
      return {"pairing-changed", "an output becomes another input in the next run",
              "a decoding loop would feed the wrong tensor: keep past and present in pairs"};
    case change_kind::contract_gone:
      return {"contract-gone", "the file carries no contract any more",
              "nothing states ranges, values and pairs of caches now: export with the metadata"};
    case change_kind::opset_raised:
      return {"opset-raised", "a newer operator set", "see that the oldest runtime in use knows it (--target)"};
    case change_kind::opset_lowered:
      return {"opset-lowered", "an older operator set", "nothing"};
  }
  return {};
}

/// Is the change a promise that is not kept, or only one that is not made?
constexpr bool is_only_unstated(change_kind kind) {
  return kind == change_kind::dtype_unstated || kind == change_kind::rank_unstated ||
         kind == change_kind::size_unstated || kind == change_kind::range_unstated ||
         kind == change_kind::relation_lost;
}

namespace detail {

/// What the comparison of one property comes to.
struct verdict {
  bool differs = false;
  change_kind kind{};
  bool is_breaking = false;

  static constexpr verdict of(change_kind kind, bool is_breaking) { return {true, kind, is_breaking}; }
  /// Is a promise not kept?
  constexpr bool is_error() const { return differs && is_breaking && !is_only_unstated(kind); }
};

constexpr verdict dtype_verdict(dtype before, dtype after) {
  if (before == after || before == dtype::undefined) return {};
  return verdict::of(after == dtype::undefined ? change_kind::dtype_unstated : change_kind::dtype_changed, true);
}

/// Of two tensors with their numbers of dimensions, where these are stated.
constexpr verdict rank_verdict(bool is_stated_before, std::size_t before, bool is_stated_after, std::size_t after,
                               bool input) {
  if (!is_stated_before) return is_stated_after ? verdict::of(change_kind::rank_stated, input) : verdict{};
  if (!is_stated_after) return verdict::of(change_kind::rank_unstated, !input);
  return before == after ? verdict{} : verdict::of(change_kind::rank_changed, true);
}

}  // namespace detail

}  // namespace constexport
