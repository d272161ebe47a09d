/// onnx/contract_storage.hpp: memory for a contract that is read.
///
/// Room: onnx. Includes core and freestanding standard headers; no heap. contract_reader.hpp fills it.
#pragma once

#include <constexport/core/contract.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace constexport {

/// How much a `contract_storage` holds. The defaults are those of contracts made by the compiler.
struct contract_limits {
  std::size_t rows = 64;
  std::size_t dims = 256;
  std::size_t instructions = 1024;
  std::size_t text = 1024;  ///< characters of names with JSON escapes; other names stay in the file
};

/// More layers than any model has: a file that asks for more is refused, so that walking over its tensors ends.
inline constexpr std::int64_t max_layers = 100000;

/// Memory for one contract. It points into itself and into the text that it was read from; both must stay where they
/// are.
template <contract_limits Limits = contract_limits{}>
struct contract_storage {
  constexpr contract_storage() = default;
  contract_storage(contract_storage const&) = delete;
  contract_storage& operator=(contract_storage const&) = delete;

  contract table;
  symbol_values values{};

  constexpr bound_contract bound() const { return {&table, values}; }

  std::array<symbol_row, max_symbols> symbols{};
  std::array<tensor_row, Limits.rows> rows{};
  std::array<dimension, Limits.dims> dims{};
  std::array<instruction, Limits.instructions> code{};
  std::array<char, Limits.text> text{};
};

}  // namespace constexport
