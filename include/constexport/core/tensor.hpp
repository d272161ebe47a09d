/// core/tensor.hpp: a tensor of a model's interface, as a type.
///
/// Room: core. Includes freestanding standard headers only. Tensors are the elements of the lists in tensor_list.hpp
/// and become rows of a contract (contract.hpp).
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/core/expression.hpp>

#include <cstdint>
#include <string_view>

namespace constexport {

/// A type list of expressions: the dimensions of a tensor.
template <class... E>
struct expressions {
  static constexpr std::size_t size = sizeof...(E);
};

/// Dimensions as an object: `sizes<num_channels, height, width>`.
template <auto... Size>
inline constexpr expressions<expression_of<Size>...> sizes{};

/// How the dummy values of a tensor are drawn (dummy/ says how exactly).
enum class value_kind : std::uint8_t {
  uniform,    ///< evenly from [lower, upper)
  mask,       ///< along the last dimension: ones, then zeros; at least one 1 in a row
  positions,  ///< 0, 1, 2, ... along the last dimension
  ended,      ///< evenly from [0, upper), but `lower` occurs once along the last dimension, not as the first
};

/// A value rule with its range, whose ends may depend on parameters: `uniform<0, vocab_size>`.
template <value_kind Kind, auto Lower, auto Upper>
struct values_from {
  static constexpr value_kind kind = Kind;
  using lower = expression_of<Lower>;
  using upper = expression_of<Upper>;
};
template <auto Lower, auto Upper>
inline constexpr values_from<value_kind::uniform, Lower, Upper> uniform{};
inline constexpr values_from<value_kind::mask, 0, 2> mask{};
inline constexpr values_from<value_kind::positions, 0, unbounded> positions{};
/// Ids of texts that have one end each: `ended<eos_token_id, vocab_size>`.
template <auto End, auto Upper>
inline constexpr values_from<value_kind::ended, End, Upper> ended{};

/// What part a tensor plays between two runs of a decoder.
enum class tensor_role : std::uint8_t {
  plain,
  past,     ///< read: what earlier runs have computed
  present,  ///< written: the next run's past
};

/// A tensor: its name, element type and dimensions (axes, parameters, expressions, integers). In a `repeat`, `*` in the
/// name stands for the number of the layer. Derive a named struct to give it another value rule:
/// `struct input_ids : tensor<"input_ids", int64, batch_size, sequence_length> { static constexpr auto values = ...;
/// };`
template <fixed_string Name, dtype Type, auto... Dims>
struct tensor {
  static constexpr std::string_view name = Name;
  static constexpr dtype type = Type;
  static constexpr tensor_role role = tensor_role::plain;
  using dims = expressions<expression_of<Dims>...>;
  using dummy_dims = dims;  ///< the shape of its dummy, where Optimum makes one that differs
  static constexpr auto values = uniform < 0, Type == dtype::boolean || !is_floating(Type) ? 2 : 1 > ;
};

/// `T` with other dimensions.
template <class T, class Dims>
struct reshaped : T {
  using dims = Dims;
  using dummy_dims = Dims;
};

/// `T` whose dummy has the shape `Dims...`, whatever its axes say.
template <class T, auto... Dims>
struct dummy_shaped : T {
  using dummy_dims = expressions<expression_of<Dims>...>;
};

/// `T` under another name.
template <class T, fixed_string Name>
struct renamed_tensor : T {
  static constexpr std::string_view name = Name;
};

/// `T` with another element type.
template <class T, dtype Type>
struct retyped : T {
  static constexpr dtype type = Type;
};

/// `T` in another role.
template <class T, tensor_role Role>
struct with_role : T {
  static constexpr tensor_role role = Role;
};

/// Tensors that occur once per layer: `repeat<num_layers, key, value>` is key 0, value 0, key 1, value 1, ...
template <auto Count, class... T>
struct repeat {
  using count = expression_of<Count>;
};

/// Tensors that are present only if `Condition` is not zero: `when<type_vocab_size, token_type_ids>`.
template <auto Condition, class... T>
struct when {
  using condition = expression_of<Condition>;
};

}  // namespace constexport
