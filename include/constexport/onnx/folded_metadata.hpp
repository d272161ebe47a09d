/// onnx/folded_metadata.hpp: the ModelProto of a configuration as a constant whose layers stay folded.
///
/// Room: onnx. Includes graph_metadata.hpp (whose bytes it writes), core and freestanding standard headers; no heap.
/// For programs that count the bytes of their flash: the tensors of a repeat differ in the number of the layer alone,
/// so one layer is kept, and the others are made while the file is written.
#pragma once

#include <constexport/onnx/graph_metadata.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

/// A row of a repeat: the pattern of its name, and its encoded type.
struct folded_row {
  std::string_view name;
  std::uint16_t type_at = 0;
  std::uint16_t type_size = 0;
  std::uint8_t stars = 0;  ///< how often the number of the layer stands in the name
};

/// A repeat, and where it stands between the bytes of the file.
struct folded_repeat {
  std::uint16_t at = 0;
  std::uint16_t layers = 0;
  std::uint8_t rows = 0;
  std::uint8_t field = 0;  ///< of the graph: input or output
};

/// A ModelProto with folded layers: `write_metadata(sink, folded_metadata<gpt2>)`.
struct folded_model {
  std::string_view bytes;  ///< what stands outside the repeats, then the types of their rows
  std::span<folded_row const> rows;
  std::span<folded_repeat const> repeats;
  std::uint16_t end = 0;  ///< where the types begin
};

namespace detail {

// What metadata_writer hands its repeats to instead of writing them layer by layer.
template <std::size_t Capacity>
struct folding_sink {
  std::array<char, Capacity> bytes{};
  std::array<folded_row, encoded_types::max_rows> rows{};
  std::array<folded_repeat, encoded_types::max_rows> repeats{};
  std::size_t size = 0, row_count = 0, repeat_count = 0;

  constexpr void put(char byte) { bytes[size++] = byte; }
  constexpr void write(char const* data, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) bytes[size++] = data[i];
  }
  constexpr void begin_repeat(wire::field_number field, std::int64_t layers) {
    repeats[repeat_count++] = {static_cast<std::uint16_t>(size), static_cast<std::uint16_t>(layers), 0,
                               static_cast<std::uint8_t>(field)};
  }
  // The type's place is its row in the table until all other bytes are there.
  constexpr void add_row(std::string_view name, std::size_t stars, std::size_t row) {
    rows[row_count++] = {name, static_cast<std::uint16_t>(row), 0, static_cast<std::uint8_t>(stars)};
    ++repeats[repeat_count - 1].rows;
  }
};

template <auto Config, metadata_options Options>
struct folded_constant {
  using whole = metadata_constant<Config, Options>;

  static constexpr auto folded = [] {
    // One layer is written in place of all, so the whole file is room enough.
    folding_sink<whole::bytes.size()> sink;
    whole::writer(sink);
    return sink;
  }();
  static constexpr std::size_t types_size = [] {
    std::size_t size = 0;
    for (std::size_t i = 0; i < folded.row_count; ++i) size += whole::writer.types[folded.rows[i].type_at].size();
    return size;
  }();
  struct parts {
    std::array<char, folded.size + types_size> bytes{};
    std::array<folded_row, folded.row_count> rows{};
    std::array<folded_repeat, folded.repeat_count> repeats{};
  };
  static constexpr parts made = [] {
    parts result;
    for (std::size_t i = 0; i < folded.size; ++i) result.bytes[i] = folded.bytes[i];
    for (std::size_t i = 0; i < folded.repeat_count; ++i) result.repeats[i] = folded.repeats[i];
    std::size_t at = folded.size;
    for (std::size_t i = 0; i < folded.row_count; ++i) {
      folded_row row = folded.rows[i];
      std::string_view const type = whole::writer.types[row.type_at];
      row.type_at = static_cast<std::uint16_t>(at);
      row.type_size = static_cast<std::uint16_t>(type.size());
      for (char const c : type) result.bytes[at++] = c;
      result.rows[i] = row;
    }
    return result;
  }();
  static_assert(made.bytes.size() <= 0xffff, "constexport: the folded file has more than 64 KiB; use graph_metadata");
  static constexpr folded_model value{std::string_view(made.bytes.data(), made.bytes.size()), made.rows, made.repeats,
                                      static_cast<std::uint16_t>(folded.size)};
};

inline constexpr folded_model nothing_folded{};

template <auto Config, metadata_options Options>
consteval folded_model const& checked_folded() {
  if constexpr (is_right<Config>())
    return folded_constant<Config, Options>::value;
  else
    return nothing_folded;
}

}  // namespace detail

/// The ModelProto of a configuration with its layers folded. `write_metadata` makes the bytes of `graph_metadata` of
/// it.
template <auto Config, metadata_options Options = metadata_options{}>
inline constexpr folded_model const& folded_metadata = detail::checked_folded<Config, Options>();

/// Writes the file into `sink`, piece by piece: no memory for the whole is needed.
template <wire::Sink S>
constexpr void write_metadata(S& sink, folded_model const& model) {
  std::size_t at = 0;
  std::span<folded_row const> rows = model.rows;
  for (folded_repeat const& repeat : model.repeats) {
    wire::detail::write(sink, model.bytes.data() + at, repeat.at - at);
    at = repeat.at;
    for (std::uint16_t layer = 0; layer < repeat.layers; ++layer)
      for (folded_row const& row : rows.first(repeat.rows)) {
        detail::layer_text const name{row.name, row.stars, layer};
        wire::message(sink, repeat.field, [&](auto& info) {
          wire::text(info, wire::value_info_field::name, name);
          wire::text(info, wire::value_info_field::type,
                     std::string_view(model.bytes.data() + row.type_at, row.type_size));
        });
      }
    rows = rows.subspan(repeat.rows);
  }
  wire::detail::write(sink, model.bytes.data() + at, model.end - at);
}

}  // namespace constexport
