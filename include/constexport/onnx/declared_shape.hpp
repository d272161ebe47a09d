/// onnx/declared_shape.hpp: the shape of a contract's tensor as a file declares it.
///
/// Room: onnx. Includes core and freestanding standard headers; no heap, no exceptions. metadata.hpp and export/ write
/// inputs and outputs with it; the names are those of dim_names.hpp.
#pragma once

#include <constexport/core/canonical.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/onnx/dim_names.hpp>
#include <constexport/onnx/value_message.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

/// The most dimensions of a tensor in a file.
inline constexpr std::size_t max_rank = 32;

/// Has `name` one meaning in the contract: no symbol and no other dimension is called so, unless it is the same size?
/// Only then can a dimension's own name be a dim_param.
constexpr bool is_unambiguous(dimension const& dim, contract const& table) {
  auto const same = [&](program other) {
    if (dim.size.size() == other.size()) {
      std::size_t i = 0;
      while (i < other.size() && dim.size[i] == other[i]) ++i;
      if (i == other.size()) return true;
    }
    algebra<> sizes;
    return sizes.from(dim.size) == sizes.from(other) && sizes.ok();
  };
  for (std::size_t i = 0; i < table.symbols.size(); ++i) {
    std::array const own{instruction{operation::symbol, static_cast<std::int64_t>(i)}};
    if (table.symbols[i].name == dim.name && !same(own)) return false;
  }
  for (std::span<tensor_row const> const rows : {table.inputs, table.outputs})
    for (tensor_row const& row : rows)
      for (dimension const& other : row.dims)
        if (other.name == dim.name && !same(other.size)) return false;
  return true;
}

/// Writes the dim_param of a dimension that varies into `put(char)`.
template <class Put>
constexpr void print_dim_param(dimension const& dim, bound_contract const& bound, dim_naming naming, Put&& put) {
  if (naming == dim_naming::optimum) return print(dim, bound.table->symbols, put);
  if (is_identifier(dim.name) && is_unambiguous(dim, *bound.table)) {
    for (char const c : dim.name) put(c);
    return;
  }
  print_dim_identifier(dim.size, bound.table->symbols, bound.sizes(), put);
}

/// The shape of one row as it is declared in a file. It owns the names that it makes.
class declared_shape {
 public:
  constexpr declared_shape(tensor_row const& row, bound_contract const& bound, dim_naming naming)
      : ok_(!row.is_unstated && row.type != dtype::undefined) {
    for (dimension const& dim : row.dims) {
      if (rank_ == max_rank) {
        ok_ = false;
        return;
      }
      std::int64_t const size = evaluate(dim.size, bound.sizes());
      std::size_t const first = used_;
      if (size == unknown && is_dynamic(dim, bound.table->symbols))  // what is unknown but static has no name
        print_dim_param(dim, bound, naming, [&](char c) {
          if (used_ < names_.size())
            names_[used_++] = c;
          else
            ok_ = false;
        });
      dims_[rank_++] = {size, {names_.data() + first, used_ - first}};
    }
  }
  declared_shape(declared_shape const&) = delete;
  declared_shape& operator=(declared_shape const&) = delete;

  constexpr std::span<wire::shape_dim const> dims() const { return {dims_.data(), rank_}; }
  /// False if the contract does not state the tensor's rank or dtype, if it has more than `max_rank` dimensions, or if
  /// its names do not fit.
  constexpr bool ok() const { return ok_; }

 private:
  std::array<wire::shape_dim, max_rank> dims_{};
  std::array<char, 2048> names_{};
  std::size_t rank_ = 0;
  std::size_t used_ = 0;
  bool ok_;
};

}  // namespace constexport
