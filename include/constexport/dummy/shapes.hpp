/// dummy/shapes.hpp: which dummy tensors a bound contract has, with which shapes.
///
/// Room: dummy. Includes core/contract.hpp, values.hpp (which element types there are) and freestanding standard
/// headers only; no heap. fill.hpp makes the values; the adapters and the exporter take both together.
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/dummy/values.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

/// Why dummy tensors cannot be made.
enum class dummy_error : std::uint8_t {
  none,
  foreign_axis,         ///< a size is given for an axis that the contract does not have
  axis_given_twice,     ///< two sizes for one axis
  size_of_a_parameter,  ///< a size is given for a parameter
  axis_is_fixed,        ///< another size than the one that the configuration fixes
  size_out_of_range,    ///< below the axis's minimum, above its maximum, or not a multiple of what it must be
  size_unknown,         ///< a dimension depends on a symbol without a value
  rank_unknown,         ///< the contract does not state how many dimensions the tensor has
  size_negative,        ///< a dimension comes out negative
  rank_too_high,        ///< more than `max_dummy_rank` dimensions
  too_many_elements,    ///< the number of bytes does not fit into 63 bits
  unsupported_dtype,    ///< no dummy values for this element type (string, complex, 4- and 8-bit floats)
  range_not_in_dtype,   ///< the element type cannot hold the range of the tensor's value rule
  wrong_element_type,   ///< the memory to be filled has another element type than the tensor
  out_of_bounds,        ///< the memory to be filled reaches beyond the tensor's end
  wrong_shape,          ///< what is to be filled has another shape than the tensor
};

/// What went wrong, in words, with what to do about it.
constexpr std::string_view message_of(dummy_error error) {
  switch (error) {
    case dummy_error::none:
      return "no error";
    case dummy_error::foreign_axis:
      return "this contract has no such axis; remove its size";
    case dummy_error::axis_given_twice:
      return "the size of an axis is given twice; keep one of them";
    case dummy_error::size_of_a_parameter:
      return "a parameter is not an axis; give its value to the configuration";
    case dummy_error::axis_is_fixed:
      return "the configuration fixes this axis at another size; remove its size";
    case dummy_error::size_out_of_range:
      return "the size is not one that the axis may have";
    case dummy_error::size_unknown:
      return "a dimension depends on a symbol without a value; give it one";
    case dummy_error::rank_unknown:
      return "the contract does not state the rank of this tensor; state its dimensions";
    case dummy_error::size_negative:
      return "a dimension comes out negative; give other axis sizes";
    case dummy_error::rank_too_high:
      return "dummy tensors have at most 8 dimensions";
    case dummy_error::too_many_elements:
      return "the tensor is larger than any memory; give smaller axis sizes";
    case dummy_error::unsupported_dtype:
      return "there are no dummy values for this element type; use another dtype";
    case dummy_error::range_not_in_dtype:
      return "the element type cannot hold the range of the dummy values";
    case dummy_error::wrong_element_type:
      return "the memory's element type is not the tensor's";
    case dummy_error::out_of_bounds:
      return "the memory reaches beyond the end of the tensor";
    case dummy_error::wrong_shape:
      return "what is to be filled has another shape; resize it first";
  }
  return "";
}

/// An error with the tensor (empty if none is meant), the axis or parameter, and the size that it is about.
struct dummy_status {
  dummy_error error = dummy_error::none;
  tensor_name tensor{};
  std::string_view symbol{};
  std::int64_t size = unknown;

  constexpr bool ok() const { return error == dummy_error::none; }

  /// Writes one line, character by character: `tensor "input_ids", axis "batch_size" = 0: the size is not one ...`.
  template <class Put>
  constexpr void print(Put&& put) const {
    auto const text = [&](std::string_view characters) {
      for (char const c : characters) put(c);
    };
    if (!tensor.pattern.empty()) {
      text("tensor \"");
      tensor.print(put);
      text(symbol.empty() ? "\"" : "\", ");
    }
    if (!symbol.empty()) {
      text("symbol \"");
      text(symbol);
      put('"');
    }
    if (size != unknown) {
      text(" = ");
      constexport::print(
          std::array{instruction{operation::constant, size}}, [](std::size_t) { return std::string_view{}; }, put);
    }
    if (!tensor.pattern.empty() || !symbol.empty()) text(": ");
    text(message_of(error));
  }
};

namespace detail {

// A name of its own, so that the message of a failed assertion shows the enumerator.
template <dummy_error Error>
inline constexpr bool no_dummy_error = Error == dummy_error::none;

}  // namespace detail

/// One size per symbol of a contract, or what is wrong with the sizes that were given.
struct dummy_sizes {
  symbol_values values{};
  dummy_status status{};

  /// The sizes of the symbols of `table`.
  constexpr std::span<std::int64_t const> of(contract const& table) const {
    return {values.data(), table.symbols.size()};
  }
};

/// May the axis have this size?
constexpr bool is_legal_size(symbol_row const& axis, std::int64_t size) {
  return size >= axis.minimum && size <= axis.maximum && size % axis.multiple == 0;
}

/// The size of every axis: the one given; else the one that the configuration fixes; else the one given for the axis
/// that it follows (a past length follows the sequence length); else the axis's default. Optimum's shape arguments work
/// so.
constexpr dummy_sizes size_axes(bound_contract const& bound, std::span<setting const> given) {
  std::span<symbol_row const> const symbols = bound.table->symbols;
  dummy_sizes result{bound.values, {}};
  auto const follows = [&](symbol_row const& axis, setting const& each) {
    return axis.is_axis && !axis.follows.empty() && axis.follows == each.symbol->name;
  };
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i].symbol == nullptr) continue;
    symbol_row const& symbol = *given[i].symbol;
    auto const failed = [&](dummy_error error) {
      return dummy_sizes{bound.values, {error, {}, symbol.name, given[i].value}};
    };
    if (!symbol.is_axis) return failed(dummy_error::size_of_a_parameter);
    for (std::size_t j = 0; j < i; ++j)
      if (given[j].symbol != nullptr && given[j].symbol->is_axis && given[j].symbol->name == symbol.name)
        return failed(dummy_error::axis_given_twice);
    if (!is_legal_size(symbol, given[i].value)) return failed(dummy_error::size_out_of_range);
    std::size_t const index = find_symbol(symbols, symbol.name, true);
    bool used = index < symbols.size();
    if (used) {
      std::int64_t const fixed = bound.values[index];
      if (fixed != unknown && fixed != given[i].value) return failed(dummy_error::axis_is_fixed);
      if (!is_legal_size(symbols[index], given[i].value)) return failed(dummy_error::size_out_of_range);
      result.values[index] = given[i].value;
    }
    for (symbol_row const& axis : symbols) used = used || follows(axis, given[i]);
    if (!used) return failed(dummy_error::foreign_axis);
  }
  for (std::size_t index = 0; index < symbols.size(); ++index) {
    if (!symbols[index].is_axis || result.values[index] != unknown) continue;
    result.values[index] = symbols[index].dummy;
    for (setting const& each : given) {
      if (each.symbol == nullptr || !follows(symbols[index], each)) continue;
      if (!is_legal_size(symbols[index], each.value))
        return {bound.values, {dummy_error::size_out_of_range, {}, symbols[index].name, each.value}};
      result.values[index] = each.value;
    }
  }
  return result;
}

/// The most dimensions that a dummy tensor may have.
inline constexpr std::size_t max_dummy_rank = 8;

/// The sizes of a tensor's dimensions, outermost first.
struct dummy_shape {
  std::array<std::int64_t, max_dummy_rank> sizes{};
  std::size_t rank = 0;

  constexpr std::span<std::int64_t const> span() const { return {sizes.data(), rank}; }
  /// Size of the last dimension; 1 for a scalar.
  constexpr std::int64_t last() const { return rank == 0 ? 1 : sizes[rank - 1]; }
  /// Number of elements.
  constexpr std::int64_t elements() const {
    std::int64_t count = 1;
    for (std::size_t i = 0; i < rank; ++i) count *= sizes[i];
    return count;
  }
  friend constexpr bool operator==(dummy_shape const&, dummy_shape const&) = default;
};

/// Which shapes a tensor has.
enum class shape_source : std::uint8_t {
  dummy,     ///< `tensor_row::dummy_dims`: Optimum's dummies, which differ from the axes here and there
  contract,  ///< `tensor_row::dims`: what the contract says; for export and verification
};

/// All that is needed to make a tensor's dummy values, or any slice of them. fill.hpp takes it.
struct dummy_tensor {
  tensor_name name;
  dtype type = dtype::undefined;
  dummy_shape shape;
  value_kind kind = value_kind::uniform;
  std::int64_t lower = 0;  ///< uniform: smallest value; ended: the one that ends a row
  std::int64_t upper = 0;  ///< uniform, ended: what all values are below
  std::uint64_t seed = 0;
  std::uint64_t identity = 0;  ///< tells the tensor from all others: a hash of its name

  constexpr std::size_t elements() const { return static_cast<std::size_t>(shape.elements()); }
  constexpr std::size_t bytes() const { return bytes_of(type, elements()); }
};

/// A tensor's identity: FNV-1a (64 bits) of its name, the layer's number included. It does not depend on the other
/// tensors, and it is the same for a contract that was read from a file.
constexpr std::uint64_t identity_of(tensor_name name) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  name.print([&](char c) { hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u; });
  return hash;
}

namespace detail {

constexpr std::string_view first_unknown(program code, std::span<symbol_row const> symbols,
                                         std::span<std::int64_t const> values) {
  for (instruction const step : code)
    if (step.code == operation::symbol && values[static_cast<std::size_t>(step.value)] == unknown)
      return symbols[static_cast<std::size_t>(step.value)].name;
  return {};
}

struct dummy_result {
  dummy_tensor tensor;
  dummy_status status;
};

// Without the range of values, which an output may lack.
constexpr dummy_result describe_shape(tensor_row const& row, std::int64_t layer, contract const& table,
                                      std::span<std::int64_t const> values, std::uint64_t seed, shape_source source) {
  tensor_name const name{row.name, layer};
  dummy_result result{{name, row.type, {}, row.values.kind, 0, 0, seed, identity_of(name)}, {}};
  auto const failed = [&](dummy_error error, std::string_view symbol = {}, std::int64_t size = unknown) {
    result.status = {error, name, symbol, size};
    return result;
  };
  std::span<dimension const> const dims = source == shape_source::dummy ? row.dummy_dims : row.dims;
  if (row.is_unstated) return failed(dummy_error::rank_unknown);
  if (dims.size() > max_dummy_rank) return failed(dummy_error::rank_too_high);
  if (!with_element_type(row.type, []<class>() {})) return failed(dummy_error::unsupported_dtype);
  std::int64_t bits = static_cast<std::int64_t>(bits_of(row.type));
  bool empty = false;
  for (dimension const& dim : dims) {
    std::int64_t const size = evaluate(dim.size, values);
    if (size == unknown) return failed(dummy_error::size_unknown, first_unknown(dim.size, table.symbols, values));
    if (size < 0) return failed(dummy_error::size_negative, dim.name, size);
    result.tensor.shape.sizes[result.tensor.shape.rank++] = size;
    empty = empty || size == 0;
    // An empty tensor may have large dimensions next to the one that is 0.
    if (!empty && __builtin_mul_overflow(bits, size, &bits)) return failed(dummy_error::too_many_elements);
  }
  if (empty)
    for (std::int64_t count = 1; std::int64_t const size : result.tensor.shape.span())
      if (size != 0 && __builtin_mul_overflow(count, size, &count)) return failed(dummy_error::too_many_elements);
  return result;
}

constexpr dummy_result describe(tensor_row const& row, std::int64_t layer, contract const& table,
                                std::span<std::int64_t const> values, std::uint64_t seed, shape_source source) {
  dummy_result result = describe_shape(row, layer, table, values, seed, source);
  if (result.status.ok() && (row.values.kind == value_kind::uniform || row.values.kind == value_kind::ended)) {
    result.tensor.lower = evaluate(row.values.lower, values);
    result.tensor.upper = evaluate(row.values.upper, values);
    for (program const end : {row.values.lower, row.values.upper})
      if (result.status.ok() && evaluate(end, values) == unknown)
        result.status = {dummy_error::size_unknown, result.tensor.name, first_unknown(end, table.symbols, values)};
  }
  return result;
}

}  // namespace detail

/// Calls `visit(dummy_tensor const&)` for every input, in Optimum's order of dummies (`shape_source::dummy`) or in the
/// contract's (`shape_source::contract`). Nothing is visited if a size is wrong; an error of a tensor ends the walk.
template <class Visit>
constexpr dummy_status for_each_dummy_tensor(bound_contract const& bound, std::span<setting const> given,
                                             std::uint64_t seed, shape_source source, Visit&& visit) {
  dummy_sizes const sizes = size_axes(bound, given);
  if (!sizes.status.ok()) return sizes.status;
  std::span<std::int64_t const> const values = sizes.of(*bound.table);
  for (tensor_row const& row : bound.table->inputs)
    for (program const code : {row.repeat, row.condition})
      if (!code.empty() && evaluate(code, values) == unknown)
        return {dummy_error::size_unknown, {row.name}, detail::first_unknown(code, bound.table->symbols, values)};
  dummy_status status{};
  auto const each = [&](tensor_row const& row, std::int64_t layer) {
    if (!status.ok()) return;
    detail::dummy_result const made = detail::describe(row, layer, *bound.table, values, seed, source);
    status = made.status;
    if (status.ok()) visit(made.tensor);
  };
  if (source == shape_source::dummy)
    for_each_dummy(*bound.table, values, each);
  else
    for_each_tensor(bound.table->inputs, values, each);
  return status;
}

/// Number and bytes of all dummy tensors together.
struct dummy_total {
  std::size_t tensors = 0;
  std::size_t bytes = 0;
  dummy_status status{};
};

/// What the dummies of `bound` take at these axis sizes: a budget can be checked before anything is allocated.
constexpr dummy_total count_dummies(bound_contract const& bound, std::span<setting const> given = {},
                                    shape_source source = shape_source::dummy) {
  dummy_total total;
  bool fits = true;
  total.status = for_each_dummy_tensor(bound, given, 0, source, [&](dummy_tensor const& tensor) {
    ++total.tensors;
    fits = fits && !__builtin_add_overflow(total.bytes, tensor.bytes(), &total.bytes);
  });
  if (total.status.ok() && !fits) total.status = {dummy_error::too_many_elements};
  return total;
}

}  // namespace constexport
