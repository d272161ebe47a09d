/// export/lower/indices.hpp: what the lowerings of views, indexing and scattering share: axes, ranges, index tensors.
///
/// Room: export/lower. Includes call.hpp. The families that count positions include it.
#pragma once

#include <constexport/export/call.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

namespace constexport::lower {

/// The axis that an argument names, counted from the front. A tensor without dimensions counts as having one.
inline std::int64_t axis_of(call& c, std::int64_t rank, char const* argument = "dim") {
  if (!c.is_integer(argument)) c.decline("named dimensions are not exported");
  std::int64_t const axis = c.integer(argument);
  return axis < 0 ? axis + std::max<std::int64_t>(rank, 1) : axis;
}

/// The same, for a list.
inline std::vector<std::int64_t> axes_of(call& c, std::int64_t rank, char const* argument = "dims") {
  std::vector<std::int64_t> axes = c.integers(argument);
  for (std::int64_t& axis : axes)
    if (axis < 0) axis += std::max<std::int64_t>(rank, 1);
  return axes;
}

/// The smaller of two sizes, as one of them if the contract's ranges tell which.
inline dim smaller(builder& b, dim x, dim y) {
  if (b.proven_at_most(x, y)) return x;
  return b.proven_at_most(y, x) ? y : b.g.dims.minimum(x, y);
}

/// "To the end" of an axis.
inline dim open_end(builder& b) { return b.g.dims.number(std::numeric_limits<std::int64_t>::max()); }

/// int64: `start`, `start + step`, ... before `end`; beyond it if the step is negative.
inline value_id range(builder& b, dim start, dim end, std::int64_t step = 1) {
  dim_table& d = b.g.dims;
  dim const distance = step > 0 ? d.subtract(end, start) : d.subtract(start, end);
  dim const length = d.ceil_divide(b.positive(distance), std::abs(step));
  constexpr std::int64_t worth_a_node = 1024;
  if (d.is_number(start) && d.is_number(length) && d.value(length) <= worth_a_node)
    return b.g.constant(at::arange(d.value(length), at::kLong) * step + d.value(start));
  return b.node("Range", {b.size_scalar(start), b.size_scalar(end), b.scalar(step, dtype::int64)}, {}, dtype::int64,
                {length});
}

/// `x` where the condition holds, else `y`; both of one type.
inline value_id where_else(builder& b, value_id condition, value_id x, value_id y) {
  return b.broadcast("Where", {condition, x, y}, b.type(x));
}

/// The elements in one row. Constants of indices stay constants.
inline value_id shaped(builder& b, value_id x, dim_list const& sizes) {
  bool numbers = b.g.is_constant(x) && !b.g[x].is_weight;
  std::vector<std::int64_t> known;
  for (dim const each : sizes) {
    numbers = numbers && b.g.dims.is_number(each);
    if (numbers) known.push_back(b.g.dims.value(each));
  }
  return numbers ? b.g.constant(b.g[x].data.reshape(known)) : b.reshape(x, sizes);
}
inline value_id flat(builder& b, value_id x) { return shaped(b, x, {b.g.dims.product(b.dims(x))}); }

/// A tensor with at least one dimension.
inline value_id with_axis(builder& b, value_id x) { return b.rank(x) == 0 ? shaped(b, x, {b.g.dims.number(1)}) : x; }

/// A vector of indices along `axis`, repeated to `sizes`.
inline value_id spread(builder& b, value_id index, dim_list const& sizes, std::int64_t axis) {
  dim_list column(sizes.size(), b.g.dims.number(1));
  column[static_cast<std::size_t>(axis)] = b.dims(index)[0];
  return b.expand(shaped(b, index, column), sizes);
}

/// Is the argument a tensor of booleans, of which LibTorch takes bytes as well?
inline bool is_mask(builder& b, value_id x) { return b.type(x) == dtype::boolean || b.type(x) == dtype::uint8; }

/// How many elements a mask picks, which the size of the call's result along an axis shows.
inline dim picked_by(call& c, builder& b, value_id mask, std::int64_t axis) {
  auto const known = b.nonzero_counts.find(mask);
  if (known != b.nonzero_counts.end()) return known->second;
  return b.nonzero_counts.emplace(mask, c.data_size(0, axis)).first->second;
}

}  // namespace constexport::lower
