/// onnx/metadata.hpp: the inputs and outputs of a bound contract as a ModelProto without nodes.
///
/// Room: onnx. Includes core and freestanding standard headers; no heap, no exceptions. graph_metadata.hpp makes
/// constants with it; at run time it writes into memory or a stream. The dimensions follow dim_names.hpp; what ONNX
/// cannot say stands in `metadata_props` (contract_text.hpp).
#pragma once

#include <constexport/core/contract.hpp>
#include <constexport/onnx/contract_text.hpp>
#include <constexport/onnx/declared_shape.hpp>
#include <constexport/onnx/dim_names.hpp>
#include <constexport/onnx/messages.hpp>
#include <constexport/onnx/versions.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

/// Choices in writing a contract into a file.
struct metadata_options {
  dim_naming naming = dim_naming::identifiers;
  bool contract_entry = true;  ///< write the contract's text into `metadata_props`?
};

namespace detail {

// Layers of one repeat differ in their names alone, and the compiler is slow with bytes: the type of every row is
// encoded once, and each tensor of the row copies it.
class encoded_types {
 public:
  static constexpr std::size_t max_rows = 128;

  constexpr encoded_types(bound_contract const& bound, dim_naming naming) {
    wire::span_sink sink{bytes_};
    for (std::span<tensor_row const> const rows : {bound.table->inputs, bound.table->outputs})
      for (tensor_row const& row : rows) {
        if (count_ == ends_.size()) {
          ok_ = false;
          return;
        }
        declared_shape const shape{row, bound, naming};
        wire::tensor_type(sink, row.type, shape.dims());
        for (char const c : row.name) stars_[count_] = static_cast<std::uint8_t>(stars_[count_] + (c == '*' ? 1 : 0));
        ends_[count_++] = static_cast<std::uint16_t>(sink.size());
        ok_ = ok_ && shape.ok();
      }
    ok_ = ok_ && sink.ok();
  }
  constexpr std::string_view operator[](std::size_t row) const {
    std::size_t const first = row == 0 ? 0 : ends_[row - 1];
    return {bytes_.data() + first, ends_[row] - first};
  }
  /// How often the number of the layer stands in the name.
  constexpr std::size_t stars(std::size_t row) const { return stars_[row]; }
  constexpr bool ok() const { return ok_; }

 private:
  std::array<char, 16384> bytes_{};
  std::array<std::uint8_t, max_rows> stars_{};
  std::array<std::uint16_t, max_rows> ends_{};
  std::size_t count_ = 0;
  bool ok_ = true;
};

// The name of one tensor in pieces: around each `*`, and the number of the layer.
class layer_text {
 public:
  constexpr layer_text(std::string_view pattern, std::size_t stars, std::int64_t layer)
      : pattern_(pattern), stars_(layer < 0 ? 0 : stars), number_(layer < 0 ? 0 : static_cast<std::uint64_t>(layer)) {}
  constexpr std::size_t size() const { return pattern_.size() + stars_ * number_.count - stars_; }
  constexpr void write_to(auto& sink) const {
    std::size_t from = 0;
    for (std::size_t i = 0; i < stars_; ++i) {
      std::size_t const star = pattern_.find('*', from);
      wire::detail::write(sink, pattern_.data() + from, star - from);
      wire::detail::write(sink, number_.digits, number_.count);
      from = star + 1;
    }
    wire::detail::write(sink, pattern_.data() + from, pattern_.size() - from);
  }

 private:
  std::string_view pattern_;
  std::size_t stars_;
  wire::detail::decimal number_;
};

// A contract that is ready to be written: what takes work is done once, not in each pass over the file.
struct metadata_writer {
  bound_contract const& bound;
  metadata_options options;
  encoded_types types;
  std::uint64_t text_size = 0;

  constexpr metadata_writer(bound_contract const& what, metadata_options how)
      : bound(what), options(how), types(what, how.naming) {
    if (options.contract_entry) print_contract(bound, [&](char) { ++text_size; });
  }

  template <wire::Sink S>
  constexpr void tensors(S& sink, wire::field_number field, std::span<tensor_row const> rows, std::size_t first) const {
    if constexpr (requires { sink.begin_repeat(field, std::int64_t{}); })
      fold(sink, field, rows, first);
    else
      write_each(sink, field, rows, first);
  }

  // One row of each repeat in place of its layers (folded_metadata.hpp).
  template <class S>
  constexpr void fold(S& sink, wire::field_number field, std::span<tensor_row const> rows, std::size_t first) const {
    for (std::size_t from = 0, to = 0; from < rows.size(); from = to) {
      to = from + 1;
      if (rows[from].group == 0) {
        write_each(sink, field, rows.subspan(from, 1), first + from);
        continue;
      }
      while (to < rows.size() && rows[to].group == rows[from].group) ++to;
      sink.begin_repeat(field, evaluate(rows[from].repeat, bound.sizes()));
      for (std::size_t i = from; i < to; ++i)
        if (rows[i].condition.empty() || evaluate(rows[i].condition, bound.sizes()) != 0)
          sink.add_row(rows[i].name, types.stars(first + i), first + i);
    }
  }

  template <wire::Sink S>
  constexpr void write_each(S& sink, wire::field_number field, std::span<tensor_row const> rows,
                            std::size_t first) const {
    for_each_tensor(rows, bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
      std::size_t const index = first + static_cast<std::size_t>(&row - rows.data());
      layer_text const name{row.name, types.stars(index), layer};
      std::string_view const type = types[index];
      wire::message(sink, field, [&](auto& info) {
        wire::text(info, wire::value_info_field::name, name);
        wire::text(info, wire::value_info_field::type, type);
      });
    });
  }

  template <wire::Sink S>
  constexpr void operator()(S& sink) const {
    contract_identity const& id = bound.table->identity;
    std::array const opsets{wire::opset_id{{}, id.opset}};
    wire::model(sink,
                {.ir_version = ir_version_of(id.opset),
                 .producer_name = producer_name,
                 .producer_version = producer_version,
                 .opsets = opsets},
                [&](auto& graph) {
                  wire::graph_name(graph, id.model_type.empty() ? std::string_view{"graph"} : id.model_type);
                  tensors(graph, wire::graph_field::input, bound.table->inputs, 0);
                  tensors(graph, wire::graph_field::output, bound.table->outputs, bound.table->inputs.size());
                });
    if (options.contract_entry)
      wire::message(sink, wire::model_field::metadata_props, [&](auto& entry) {
        wire::text(entry, wire::entry_field::key, contract_key);
        wire::produced(entry, wire::entry_field::value, text_size,
                       [&](auto& text) { print_contract(bound, [&](char c) { wire::detail::put(text, c); }); });
      });
  }
};

}  // namespace detail

/// Writes the ModelProto of a bound contract into `sink`: `std::ofstream file{...}; write_metadata(file,
/// config.bind());`. Returns false and writes nothing if a tensor has more than `max_rank` dimensions or an unstated
/// rank or dtype, or the tensors' shapes do not fit into 16 KiB (about 400 dimensions in rows of the table).
template <wire::Sink S>
constexpr bool write_metadata(S& sink, bound_contract const& bound, metadata_options options = {}) {
  detail::metadata_writer const writer{bound, options};
  if (!writer.types.ok()) return false;
  writer(sink);
  return true;
}

/// Bytes that `write_metadata` writes; 0 where it would return false.
constexpr std::uint64_t metadata_size(bound_contract const& bound, metadata_options options = {}) {
  wire::counter bytes;
  write_metadata(bytes, bound, options);
  return bytes.size;
}

}  // namespace constexport
