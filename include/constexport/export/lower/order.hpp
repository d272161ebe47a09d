/// export/lower/order.hpp: elements repeated or in another order along their axes.
///
/// Room: export/lower. Includes indices.hpp. shape.hpp collects it.
#pragma once

#include <constexport/export/lower/indices.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace constexport::lower {

inline value_list repeat(call& c, builder& b) {
  value_id x = c.tensor("self");
  dim_list times = c.sizes(c.has("repeats") ? "repeats" : "dims");
  if (times.size() < b.dims(x).size()) times.insert(times.begin(), b.dims(x).size() - times.size(), b.g.dims.number(1));
  std::vector<std::int64_t> added(times.size() - b.dims(x).size());
  std::iota(added.begin(), added.end(), 0);
  x = b.unsqueeze(x, added);
  dim_list sizes = b.dims(x);
  for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = b.g.dims.multiply(sizes[i], times[i]);
  if (sizes == b.dims(x)) return {x};
  return {b.node("Tile", {x, b.shape_tensor(times)}, {}, b.type(x), sizes)};
}

/// Every index as often as `repeats`, a vector, says: [1, 0, 2] gives [0, 2, 2].
inline value_id repeated_indices(builder& b, value_id repeats, dim total) {
  dim_list const count = b.dims(repeats);
  dim const one = b.g.dims.number(1);
  dtype const type = dtype::int64;
  value_id const ends = b.node("CumSum", {b.cast(repeats, type), b.scalar(0, type)}, {}, type, count);
  // The index grows by one wherever a run of equal ones ends.
  value_id const sum = b.reduce("ReduceSum", b.cast(repeats, type), {0}, true);
  value_id const places = b.node("Add", {sum, b.g.integers({1})}, {}, type, {one});
  value_id const zeros = b.node("Expand", {b.scalar(0, type), places}, {}, type, {b.g.dims.add(total, 1)});
  value_id const steps =
      b.node("ScatterElements", {zeros, ends, b.full(count, 1, type)},
             {{"axis", std::int64_t{0}}, {"reduction", std::string("add")}}, type, {b.g.dims.add(total, 1)});
  value_id const inner = b.node("Slice", {steps, b.g.integers({0}), b.g.integers({-1})}, {}, type, {total});
  return b.node("CumSum", {inner, b.scalar(0, type)}, {}, type, {total});
}

inline value_list repeat_interleave(call& c, builder& b) {
  bool const of_tensor = c.has("self");
  value_id x = of_tensor ? c.tensor("self") : no_value;
  std::int64_t axis = 0;
  if (of_tensor && c.is_none("dim"))
    x = flat(b, x);
  else if (of_tensor)
    axis = axis_of(c, b.rank(x));
  if (of_tensor && b.rank(x) == 0) x = flat(b, x);
  if (!c.is_tensor("repeats")) {
    dim const times = c.size("repeats");
    dim_list sizes = b.dims(x);
    dim const size = sizes[static_cast<std::size_t>(axis)];
    x = b.unsqueeze(x, {axis + 1});
    sizes.insert(sizes.begin() + axis + 1, times);
    x = b.expand(x, sizes);
    sizes.erase(sizes.begin() + axis + 1);
    sizes[static_cast<std::size_t>(axis)] = b.g.dims.multiply(size, times);
    return {b.reshape(x, sizes)};
  }
  value_id repeats = flat(b, c.tensor("repeats"));
  if (of_tensor) repeats = b.expand(repeats, {b.dim_of(x, axis)});
  bool const constant = b.g.is_constant(repeats);
  dim const total = constant                    ? b.g.dims.number(b.g[repeats].data.sum().item<std::int64_t>())
                    : !c.is_none("output_size") ? c.size("output_size")
                                                : c.data_size(0, axis);
  value_id const indices =
      constant ? b.g.constant(at::repeat_interleave(b.g[repeats].data)) : repeated_indices(b, repeats, total);
  return {of_tensor ? b.gather(x, indices, axis) : b.cast(indices, c.result_type())};
}

/// The axes backwards.
inline value_id reversed(builder& b, value_id x, std::vector<std::int64_t> const& axes) {
  if (axes.empty() || b.rank(x) == 0) return x;
  std::size_t const count = axes.size();
  std::vector<std::int64_t> const last(count, -1), before_first(count, std::numeric_limits<std::int64_t>::min());
  return b.node("Slice", {x, b.g.integers(last), b.g.integers(before_first), b.g.integers(axes), b.g.integers(last)},
                {}, b.type(x), b.dims(x));
}

inline value_list flip(call& c, builder& b) {
  value_id const x = c.tensor("self");
  return {reversed(b, x, axes_of(c, b.rank(x)))};
}

inline value_list fliplr(call& c, builder& b) { return {reversed(b, c.tensor("self"), {1})}; }
inline value_list flipud(call& c, builder& b) { return {reversed(b, c.tensor("self"), {0})}; }

/// A quarter turn is a reversed axis and a transposition.
inline value_list rot90(call& c, builder& b) {
  value_id const x = c.tensor("self");
  std::vector<std::int64_t> const axes = axes_of(c, b.rank(x));
  switch (((c.integer("k") % 4) + 4) % 4) {
    case 1:
      return {b.swap(reversed(b, x, {axes[1]}), axes[0], axes[1])};
    case 2:
      return {reversed(b, x, axes)};
    case 3:
      return {b.swap(reversed(b, x, {axes[0]}), axes[0], axes[1])};
    default:
      return {x};
  }
}

/// Elements moved by `shift` along an axis; those that leave it come in at the other end.
inline value_id rolled(builder& b, value_id x, std::int64_t axis, dim shift) {
  dim_table& d = b.g.dims;
  dim const size = b.dim_of(x, axis), zero = d.number(0);
  if (d.is_number(size) && d.value(size) > 0 && d.is_number(shift))
    shift = d.number(((d.value(shift) % d.value(size)) + d.value(size)) % d.value(size));
  if (shift == zero || d.is_number(size, 0)) return x;
  bool const short_way = d.is_number(shift) && b.proven_at_most(d.number(std::abs(d.value(shift))), size);
  if (short_way) {
    dim const cut = d.number(-d.value(shift));
    dim_list last = b.dims(x), first = b.dims(x);
    return b.concat({b.slice(x, axis, cut, open_end(b)), b.slice(x, axis, zero, cut)}, axis);
  }
  // The places from which the elements come. A remainder has the sign of its divisor; nothing divides by 0.
  value_id const moved = b.broadcast("Sub", {range(b, zero, size), b.size_scalar(shift)});
  value_id divisor = b.size_scalar(size);
  if (!b.proven_at_most(d.number(1), size)) divisor = b.broadcast("Max", {divisor, b.scalar(1, dtype::int64)});
  return b.gather(x, b.broadcast("Mod", {moved, divisor}), axis);
}

inline value_list roll(call& c, builder& b) {
  value_id x = c.tensor("self");
  dim_list const shifts = c.sizes("shifts"), sizes = b.dims(x);
  if (sizes.empty()) return {x};
  std::vector<std::int64_t> const axes = axes_of(c, b.rank(x));
  if (axes.empty()) return {b.reshape(rolled(b, flat(b, x), 0, shifts[0]), sizes)};
  for (std::size_t i = 0; i < axes.size(); ++i) x = rolled(b, x, axes[i], shifts[i]);
  return {x};
}

inline void add_order(lowering_table& table) {
  table.add({"aten::repeat", "aten::tile"}, repeat);
  table.add({"aten::repeat_interleave"}, repeat_interleave);
  table.add({"aten::flip"}, flip);
  table.add({"aten::fliplr"}, fliplr);
  table.add({"aten::flipud"}, flipud);
  table.add({"aten::rot90"}, rot90);
  table.add({"aten::roll"}, roll);
}

}  // namespace constexport::lower
