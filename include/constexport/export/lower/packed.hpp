/// export/lower/packed.hpp: packed sequences.
///
/// Room: export/lower. Includes call.hpp. recurrent.hpp uses it and collects its lowerings. LibTorch keeps the steps of
/// sequences of unequal lengths without the padding, time first, and how many sequences there are at each step. ONNX
/// has the padded ones with their lengths, so both are known of every packed value, and the packed one goes if nobody
/// looks at it.
#pragma once

#include <constexport/export/call.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace constexport::lower {

/// [time * batch, ...] from [time, batch, ...].
inline value_id flat_steps(builder& b, value_id padded) {
  dim_list sizes = b.dims(padded);
  sizes[1] = b.g.dims.multiply(sizes[0], sizes[1]);
  sizes.erase(sizes.begin());
  return b.reshape(padded, sizes);
}

/// The `count` rows that are there.
inline value_id pack(builder& b, packed_rows const& rows, dim count) {
  value_id const all = flat_steps(b, rows.padded);
  dim_list sizes = b.dims(all);
  sizes[0] = count;
  value_id const made = b.node("Compress", {all, rows.mask}, {{"axis", std::int64_t{0}}}, b.type(all), sizes);
  b.packed[made] = rows;
  return made;
}

/// The padded sequences of packed rows. `batch` is the number of sequences, where `batch_sizes` comes from elsewhere.
inline packed_rows unpack(builder& b, value_id data, value_id batch_sizes, dim batch) {
  packed_rows rows;
  auto const known = b.packed.find(batch_sizes);
  if (known != b.packed.end()) {
    rows = known->second;
    batch = b.dim_of(rows.lengths, 0);
  } else {
    value_id const there = b.broadcast("Less", {b.range(batch), b.unsqueeze(batch_sizes, {1})}, dtype::boolean);
    rows.mask = b.reshape(there, {b.g.dims.multiply(b.dims(there)[0], b.dims(there)[1])});
    rows.lengths = b.reduce("ReduceSum", b.cast(there, dtype::int64), {0}, false);
  }
  auto const packed = b.packed.find(data);
  if (packed != b.packed.end() && packed->second.mask == rows.mask) return packed->second;
  // Something was computed with the packed rows: back to their places.
  dim_list sizes = b.dims(data), all = sizes;
  dim const steps = b.dims(rows.mask)[0];
  all[0] = steps;
  dim const count = sizes[0];
  value_id const places = b.node("NonZero", {rows.mask}, {}, dtype::int64, {b.g.dims.number(1), count});
  value_id const zeros = b.full(all, 0, b.type(data));
  value_id const scattered = b.node("ScatterND", {zeros, b.transpose(places, {1, 0}), data}, {}, b.type(data), all);
  sizes[0] = batch;
  dim const time = known != b.packed.end() ? b.dim_of(known->second.padded, 0) : b.dim_of(batch_sizes, 0);
  sizes.insert(sizes.begin(), time);
  rows.padded = b.reshape(scattered, sizes);
  rows.zero_after_end = true;
  return rows;
}

inline value_list pack_padded_sequence(call& c, builder& b) {
  value_id const x = c.tensor("input");
  packed_rows rows;
  rows.padded = c.flag("batch_first") ? b.swap(x, 0, 1) : x;
  rows.lengths = b.cast(c.tensor("lengths"), dtype::int64);
  dim const time = b.dim_of(rows.padded, 0), batch = b.dim_of(rows.padded, 1);
  value_id const there = b.broadcast("Less", {b.unsqueeze(b.range(time), {1}), rows.lengths}, dtype::boolean);
  rows.mask = b.reshape(there, {b.g.dims.multiply(time, batch)});
  dim count{}, longest{};
  if (b.g.is_constant(rows.lengths)) {
    at::Tensor const lengths = b.g[rows.lengths].data;
    count = b.g.dims.number(lengths.sum().item<std::int64_t>());
    longest = b.g.dims.number(lengths.max().item<std::int64_t>());
  } else {
    count = c.data_size(0, 0);
    longest = c.data_size(1, 0);
  }
  value_id const data = pack(b, rows, count);
  // How many sequences there are at each step, up to the longest one's last.
  value_id const sequences = b.reduce("ReduceSum", b.cast(there, dtype::int64), {1}, false);
  value_id const end = b.reduce("ReduceMax", rows.lengths, {0}, true);
  value_id const batch_sizes =
      b.node("Slice", {sequences, b.g.integers({0}), end, b.g.integers({0})}, {}, dtype::int64, {longest});
  b.packed[batch_sizes] = rows;
  return {data, batch_sizes};
}

/// Steps of `padding` at the end, up to `total`.
inline value_id pad_end(builder& b, value_id padded, dim total, at::Scalar const& padding) {
  dim const zero = b.g.dims.number(0);
  dim const missing = b.g.dims.subtract(total, b.dim_of(padded, 0));
  dim_list sizes = b.dims(padded), pads(2 * sizes.size(), zero);
  if (b.g.dims.is_number(missing, 0)) return padded;
  pads[sizes.size()] = b.proven_at_most(zero, missing) ? missing : b.g.dims.maximum(zero, missing);
  sizes[0] = total;
  return b.node("Pad", {padded, b.shape_tensor(pads), b.scalar(padding, b.type(padded))}, {}, b.type(padded), sizes);
}

/// Padded sequences, as long as the longest one or as asked for, and the lengths.
inline value_list pad_packed_sequence(call& c, builder& b) {
  value_id const data = c.tensor("data"), batch_sizes = c.tensor("batch_sizes");
  bool const batch_first = c.flag("batch_first");
  dim const longest = b.dim_of(batch_sizes, 0);
  dim batch = b.g.dims.number(0);
  if (b.packed.count(batch_sizes) == 0) batch = c.data_size(0, batch_first ? 0 : 1);
  packed_rows const rows = unpack(b, data, batch_sizes, batch);
  value_id padded = rows.padded;
  dim const time = b.dim_of(padded, 0);
  dtype const type = b.type(padded);
  at::Scalar const padding = c.scalar("padding_value");
  if (padding.toDouble() != 0 || !rows.zero_after_end) {
    dim_list there = b.dims(padded);
    for (std::size_t i = 2; i < there.size(); ++i) there[i] = b.g.dims.number(1);
    padded = b.node("Where", {b.reshape(rows.mask, there), padded, b.scalar(padding, type)}, {}, type, b.dims(padded));
  }
  // All steps may be as many as the longest sequence has in every run, but nobody asks for those.
  dim const total = c.was("total_length", time) ? time : c.size("total_length"), zero = b.g.dims.number(0);
  if (!b.seen_at_most(total, zero)) {
    if (!b.proven_at_most(time, total)) padded = b.slice(padded, 0, zero, total);
    if (!b.proven_at_most(total, time)) padded = pad_end(b, padded, total, padding);
  } else if (time != longest) {
    dim_list sizes = b.dims(padded);
    sizes[0] = longest;
    value_id const end = b.reduce("ReduceMax", rows.lengths, {0}, true);
    padded = b.node("Slice", {padded, b.g.integers({0}), end, b.g.integers({0})}, {}, type, sizes);
  }
  return {batch_first ? b.swap(padded, 0, 1) : padded, rows.lengths};
}

}  // namespace constexport::lower
