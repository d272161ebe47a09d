/// export/assignment.hpp: the sizes at which a module is recorded, and its inputs at these sizes.
///
/// Room: export. Includes core, dims.hpp and adapters/torch.hpp. export.hpp records at them. Sizes are primes that
/// differ between axes and runs wherever the contract's ranges allow it, so that equal numbers mean equal axes.
#pragma once

#include <constexport/adapters/torch.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/export/explain.hpp>
#include <constexport/export/reconcile.hpp>
#include <constexport/export/usual_size.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace constexport {

/// The inputs or outputs that a contract declares under its parameters. `same` says which axes are one (same_axes):
inline std::vector<declared_tensor> declared(std::span<tensor_row const> rows, bound_contract const& bound,
                                             std::vector<std::size_t> const& same, dim_table& dims) {
  std::vector<declared_tensor> result;
  for_each_tensor(rows, bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
    declared_tensor tensor{{}, row.type, {}, row.is_unstated};
    tensor_name{row.name, layer}.print([&](char c) { tensor.name += c; });
    for (dimension const& each : row.dims) tensor.dims.push_back(dims.from(each.size, bound.sizes(), same));
    result.push_back(std::move(tensor));
  });
  return result;
}

/// The axes without a size of their own that some input depends on, as indices of the contract's symbols.
inline std::vector<std::size_t> free_axes(bound_contract const& bound) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < bound.table->symbols.size(); ++i) {
    bool used = false;
    for_each_tensor(bound.table->inputs, bound.sizes(), [&](tensor_row const& row, std::int64_t) {
      for (dimension const& each : row.dims)
        for (instruction const step : each.size)
          used = used || (step.code == operation::symbol && step.value == static_cast<std::int64_t>(i));
    });
    if (used && bound.table->symbols[i].is_axis && bound.values[i] == unknown) result.push_back(i);
  }
  return result;
}

/// What integer inputs hold; tried in this order where the module refuses what the contract says.
enum class data_family : std::uint8_t {
  declared,          ///< as the contract says
  small,             ///< 0 and 1
  lengths_of_rows,   ///< vectors: descending lengths, at most the second size of the first input that has one
  lengths_of_steps,  ///< the same with its first size
};
inline constexpr data_family data_families[] = {data_family::declared, data_family::small, data_family::lengths_of_rows,
                                                data_family::lengths_of_steps};

namespace detail {

/// The longest length is the whole in every other run only, so that it is not taken for an axis.
inline void change_data(std::vector<at::Tensor>& inputs, data_family family, std::uint64_t seed) {
  if (family == data_family::declared) return;
  std::int64_t longest = 0;
  for (at::Tensor const& each : inputs)
    if (each.dim() >= 2 && longest == 0) longest = each.size(family == data_family::lengths_of_rows ? 1 : 0);
  for (at::Tensor& each : inputs) {
    if (!at::isIntegralType(each.scalar_type(), false)) continue;
    if (family == data_family::small) {
      each = each.remainder(2);
    } else if (each.dim() == 1 && longest > 0) {
      std::int64_t const first = std::max<std::int64_t>(1, longest - static_cast<std::int64_t>(seed % 2));
      each = (first - at::arange(each.size(0), each.options())).clamp_min(1);
    }
  }
}

}  // namespace detail

/// The module's inputs in the contract's order. `seed` varies the data.
inline std::vector<at::Tensor> make_inputs(bound_contract bound, symbol_values const& sizes, std::uint64_t seed,
                                           data_family family = data_family::declared) {
  bound.values = sizes;
  std::vector<at::Tensor> result;
  for (named_tensor const& each : make_tensors(bound, {}, seed)) result.push_back(each.value);
  detail::change_data(result, family, seed);
  return result;
}

/// How sizes are chosen; they are tried in this order until the module takes them.
enum class size_family : std::uint8_t {
  above_large_defaults,      ///< small primes, but where defaults are large (images, sound) far enough above these
  primes_one_large,          ///< different small primes, and larger ones in the last run
  primes,                    ///< different small primes
  near_default,              ///< defaults plus different primes
  multiples_of_default,      ///< windows and patches need multiples of their size
  equal_where_defaults_are,  ///< small primes, one for all axes with one default: these axes are one
  one_at_a_time,             ///< defaults, but for one axis, in turn
};
inline constexpr size_family size_families[] = {
    size_family::above_large_defaults, size_family::primes_one_large,     size_family::primes,
    size_family::near_default,         size_family::multiples_of_default, size_family::equal_where_defaults_are,
    size_family::one_at_a_time};

namespace detail {

inline constexpr std::int64_t primes[] = {2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31,  37,  41,  43,  47,
                                          53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113};

/// The smallest legal size that is at least `wanted`; the largest legal one if there is none.
inline std::int64_t legal_size(symbol_row const& axis, std::int64_t wanted) {
  std::int64_t size = std::max(wanted, axis.minimum);
  size = (size + axis.multiple - 1) / axis.multiple * axis.multiple;
  return size > axis.maximum ? axis.maximum / axis.multiple * axis.multiple : size;
}

}  // namespace detail

/// The bound contract with a size for every axis that can have one size only.
inline bound_contract without_single_sizes(bound_contract bound) {
  for (std::size_t const axis : free_axes(bound)) {
    symbol_row const& row = bound.table->symbols[axis];
    if (std::int64_t const only = detail::legal_size(row, row.minimum); detail::legal_size(row, only + 1) == only)
      bound.values[axis] = only;
  }
  return bound;
}

namespace detail {

/// Defaults in the first run, then every axis in turn at two other sizes.
inline run_sizes one_at_a_time(bound_contract const& bound) {
  symbol_values defaults = bound.values;
  for (std::size_t const axis : free_axes(bound))
    defaults[axis] = legal_size(bound.table->symbols[axis], std::max<std::int64_t>(usual_size_of(bound, axis).size, 2));
  run_sizes result{defaults};
  for (std::size_t const axis : free_axes(bound))
    for (std::int64_t const factor : {1, 3}) {
      symbol_row const& row = bound.table->symbols[axis];
      symbol_values sizes = defaults;
      sizes[axis] = legal_size(row, defaults[axis] + factor * row.multiple);
      result.push_back(sizes);
    }
  while (result.size() < 3) result.push_back(defaults);
  return result;
}

}  // namespace detail

/// Which axis each symbol is: itself, or under `equal_where_defaults_are` the first one with the same default.
inline std::vector<std::size_t> same_axes(bound_contract const& bound, size_family family) {
  std::vector<std::size_t> result(bound.table->symbols.size());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = i;
  if (family != size_family::equal_where_defaults_are) return result;
  std::vector<std::size_t> const axes = free_axes(bound);
  for (std::size_t const axis : axes)
    for (std::size_t const other : axes)
      if (other < result[axis] && bound.table->symbols[other].dummy == bound.table->symbols[axis].dummy)
        result[axis] = other;
  return result;
}

/// Sizes of `count` runs, all different where the ranges allow it; no axis is a straight line of another.
inline run_sizes choose_sizes(bound_contract const& bound, std::size_t count, size_family family) {
  if (family == size_family::one_at_a_time) return detail::one_at_a_time(bound);
  constexpr std::size_t orders[][4] = {{1, 0, 2, 3}, {0, 2, 1, 3}, {2, 0, 3, 1}, {3, 1, 0, 2}};
  run_sizes result(count, bound.values);
  std::vector<std::int64_t> blocks;  // default size of the axes that have primes of their own
  for (std::size_t const axis : free_axes(bound)) {
    symbol_row const& row = bound.table->symbols[axis];
    std::size_t block = blocks.size();
    if (family == size_family::equal_where_defaults_are)
      block = static_cast<std::size_t>(std::find(blocks.begin(), blocks.end(), row.dummy) - blocks.begin());
    if (block == blocks.size()) blocks.push_back(row.dummy);
    for (std::size_t run = 0; run < count; ++run) {
      std::size_t const order = run < 4 ? orders[block % 4][run] : run;
      std::int64_t prime = detail::primes[(block * 3 + order) % std::size(detail::primes)];
      std::int64_t const usual = usual_size_of(bound, axis).size;
      bool const is_long = usual > 8;
      // Networks halve such an axis several times: of small sizes, or of sizes that are near, nothing different is
      // left.
      bool const is_large = family == size_family::above_large_defaults && usual >= 32;
      std::int64_t const above = usual + prime * std::max<std::int64_t>(1, usual / 8);
      if (family <= size_family::primes_one_large && run + 1 == count)
        prime = is_long ? detail::primes[18 + block % 8] : detail::primes[block % 3];
      // Different sizes stay different within the range, wherever it begins and however narrow it is.
      std::int64_t const smallest = detail::primes[block * 3 % std::size(detail::primes)] * row.multiple;
      std::int64_t wanted = prime * row.multiple + std::max<std::int64_t>(0, row.minimum - smallest);
      if (wanted > row.maximum) {
        std::int64_t const steps = (row.maximum - row.minimum) / row.multiple;
        wanted = row.minimum + static_cast<std::int64_t>(order) * std::max<std::int64_t>(1, steps / 3) * row.multiple;
      }
      // Far enough apart that strides do not make them one: a second of sound has 49 frames, and some more samples too.
      if (family == size_family::near_default && is_long)
        wanted = usual + prime * std::max<std::int64_t>(1, usual / 64);
      if (family == size_family::multiples_of_default && is_long)
        wanted = usual * (1 + static_cast<std::int64_t>(order));
      result[run][axis] = detail::legal_size(row, is_large ? above : wanted);
    }
  }
  return result;
}

/// "batch_size 3, 2, 5 and 7".
inline std::string sizes_text(bound_contract const& bound, run_sizes const& runs) {
  std::string result;
  for (std::size_t const axis : free_axes(bound)) {
    seen_values values;
    for (symbol_values const& run : runs) values.push_back(run[axis]);
    result += (result.empty() ? "" : "; ") + std::string(bound.table->symbols[axis].name) + " " + text_of(values);
  }
  return result;
}

}  // namespace constexport
