/// adapters/session_table.hpp: the tensors of a session one by one, with their names, as constants.
///
/// Room: adapters. Includes config's messages (a configuration that is a template argument is checked by the compiler),
/// core and freestanding standard headers. session.hpp and what it is made of read it. Layers are unfolded here, since
/// ONNX Runtime wants every name with a zero behind it.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/config/onnx_config.hpp>
#include <constexport/core/contract.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport::detail {

/// One input or output of a session.
struct session_tensor {
  std::uint32_t name = 0;       // where its name begins among all names
  std::uint32_t first_dim = 0;  // where its sizes are among those of all tensors of the list
  std::uint16_t row = 0;
  std::uint16_t pair = no_row;  // of a present, the number of the input that it becomes; of a past, of the output
  dtype type = dtype::undefined;
  tensor_role role = tensor_role::plain;
};

/// The inputs, or the outputs.
struct session_list {
  std::span<tensor_row const> rows;
  std::span<session_tensor const> tensors;
  char const* names = nullptr;
  std::size_t dim_count = 0;

  constexpr char const* name(std::size_t index) const { return names + tensors[index].name; }
  constexpr tensor_row const& row(std::size_t index) const { return rows[tensors[index].row]; }
  /// The number of the tensor called `wanted`, or the number of tensors.
  constexpr std::size_t find(std::string_view wanted) const {
    std::size_t index = 0;
    while (index < tensors.size() && std::string_view{name(index)} != wanted) ++index;
    return index;
  }
};

/// What a session knows of its configuration.
struct session_table {
  bound_contract const* bound = nullptr;
  session_list inputs, outputs;
};

constexpr std::size_t count_name_characters(std::span<tensor_row const> rows, std::span<std::int64_t const> sizes) {
  std::size_t count = 0;
  for_each_tensor(rows, sizes, [&](tensor_row const& row, std::int64_t layer) {
    count += tensor_name{row.name, layer}.size() + 1;
  });
  return count;
}

template <std::size_t Tensors, std::size_t Characters>
struct session_tensors {
  std::array<session_tensor, Tensors> tensors{};
  std::array<std::int64_t, Tensors> layers{};
  std::array<char, Characters> names{};
  std::size_t dim_count = 0;
};

template <std::size_t Tensors, std::size_t Characters>
constexpr auto make_session_tensors(std::span<tensor_row const> rows, std::span<std::int64_t const> sizes) {
  session_tensors<Tensors, Characters> result;
  std::size_t at = 0, character = 0;
  for_each_tensor(rows, sizes, [&](tensor_row const& row, std::int64_t layer) {
    session_tensor& each = result.tensors[at];
    each.name = static_cast<std::uint32_t>(character);
    each.first_dim = static_cast<std::uint32_t>(result.dim_count);
    each.row = static_cast<std::uint16_t>(&row - rows.data());
    each.type = row.type;
    each.role = row.role;
    result.layers[at++] = layer;
    result.dim_count += row.dims.size();
    tensor_name{row.name, layer}.print([&](char c) { result.names[character++] = c; });
    ++character;
  });
  return result;
}

// The contract pairs rows; a session pairs tensors.
template <class From, class To>
constexpr void pair_session_tensors(From& from, std::span<tensor_row const> rows, To const& to) {
  for (std::size_t i = 0; i < from.tensors.size(); ++i) {
    std::uint16_t const wanted = rows[from.tensors[i].row].pair;
    if (wanted == no_row) continue;
    for (std::size_t j = 0; j < to.tensors.size(); ++j)
      if (to.tensors[j].row == wanted && to.layers[j] == from.layers[i])
        from.tensors[i].pair = static_cast<std::uint16_t>(j);
  }
}

template <auto Config>
struct session_constants {
  static constexpr bound_contract bound = constexport::bound<Config>;
  static constexpr std::span<tensor_row const> input_rows = bound.table->inputs, output_rows = bound.table->outputs;

  static constexpr auto unpaired_inputs =
      make_session_tensors<count_tensors(input_rows, bound.sizes()), count_name_characters(input_rows, bound.sizes())>(
          input_rows, bound.sizes());
  static constexpr auto unpaired_outputs =
      make_session_tensors<count_tensors(output_rows, bound.sizes()),
                           count_name_characters(output_rows, bound.sizes())>(output_rows, bound.sizes());
  static constexpr auto inputs = [] {
    auto result = unpaired_inputs;
    pair_session_tensors(result, input_rows, unpaired_outputs);
    return result;
  }();
  static constexpr auto outputs = [] {
    auto result = unpaired_outputs;
    pair_session_tensors(result, output_rows, unpaired_inputs);
    return result;
  }();

  static constexpr session_table table{&bound,
                                       {input_rows, inputs.tensors, inputs.names.data(), inputs.dim_count},
                                       {output_rows, outputs.tensors, outputs.names.data(), outputs.dim_count}};
};

}  // namespace constexport::detail
