/// core/contract.hpp: the contract, the one table that every client reads. The narrow waist of the library.
///
/// Room: core. Includes freestanding standard headers only; no templates of models, no heap. In front of it there are
/// types (table.hpp makes a contract of them), behind it only values: dummy/, onnx/, check/, emit/, export/ and the
/// adapters take a contract and never see a model. A contract read from a file has the same form.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/core/program.hpp>
#include <constexport/core/symbol.hpp>
#include <constexport/core/tensor.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

/// One dimension: its size as a program over the contract's symbols, and the name under which it is written, if it has
/// one of its own (`alias`).
struct dimension {
  program size;
  std::string_view name{};
  bool is_unlisted = false;  ///< varies, but Optimum does not say so (`unlisted`)
};

/// How a tensor's dummy values are drawn.
struct value_rule {
  value_kind kind = value_kind::uniform;
  program lower;
  program upper;
};

/// Index of a row that is not there.
inline constexpr std::uint16_t no_row = 0xffff;

/// One tensor, or one tensor per layer. Layers stay folded: a row with a `repeat` stands for as many tensors as its
/// program says, `*` in its name being the number of the layer; neighbouring rows of one `group` take turns.
struct tensor_row {
  std::string_view name;
  dtype type = dtype::undefined;  ///< undefined: not stated, in a contract that was written by hand
  std::span<dimension const> dims;
  std::span<dimension const> dummy_dims;  ///< the same span, unless Optimum's dummy differs
  value_rule values;
  program repeat{};     ///< how many layers; empty: one tensor, not numbered
  program condition{};  ///< present only if not zero; empty: always
  std::uint16_t group = 0;
  tensor_role role = tensor_role::plain;
  std::uint16_t pair = no_row;  ///< of a present, the input row that it becomes; of a past, the output row
  bool is_unstated = false;     ///< the contract does not say its rank: `dims` is empty and means nothing
};

/// The name of one tensor: the pattern of its row, and the number of the layer, or -1.
struct tensor_name {
  std::string_view pattern;
  std::int64_t layer = -1;

  /// Writes the name, character by character.
  template <class Put>
  constexpr void print(Put&& put) const {
    for (char const c : pattern) {
      if (c != '*' || layer < 0)
        put(c);
      else
        constexport::print(
            std::array{instruction{operation::constant, layer}}, [](std::size_t) { return std::string_view{}; }, put);
    }
  }
  /// Number of characters.
  constexpr std::size_t size() const {
    std::size_t count = 0;
    print([&](char) { ++count; });
    return count;
  }
  friend constexpr bool operator==(tensor_name name, std::string_view text) {
    std::size_t at = 0;
    bool same = true;
    name.print([&](char c) {
      same = same && at < text.size() && text[at] == c;
      ++at;
    });
    return same && at == text.size();
  }
};

/// What a configuration is called, and the flags it was made with.
struct contract_identity {
  std::string_view class_name;  ///< "GPT2OnnxConfig"
  std::string_view library;     ///< "transformers"
  std::string_view model_type;  ///< "gpt2"
  std::string_view task;        ///< "text-generation"
  std::string_view behavior;    ///< "encoder", "decoder", "monolith", or empty
  bool use_past = false;
  bool use_past_in_inputs = false;
  int opset = 18;
  double atol_for_validation = 1e-5;
  std::string_view part{};     ///< which of the files of a model that is exported in parts
  std::string_view variant{};  ///< which of the ways to export it, "default" where there is one
};

/// All input and output tensors of one configuration over its symbols. It owns nothing: the spans point into constants
/// (of a configuration) or into storage of whoever read it (from a file).
struct contract {
  contract_identity identity;
  std::span<symbol_row const> symbols;
  std::span<tensor_row const> inputs;
  std::span<tensor_row const> outputs;
  /// What Optimum makes dummies of, where that is not the inputs; empty where it is.
  std::span<tensor_row const> dummies{};
};

/// The most symbols that a contract may have.
inline constexpr std::size_t max_symbols = 48;

/// One value per symbol of a contract, `unknown` where it is free.
using symbol_values = std::array<std::int64_t, max_symbols>;

/// A contract whose parameters have values; its axes are free (`unknown`) or fixed.
struct bound_contract {
  contract const* table = nullptr;
  symbol_values values{};

  constexpr std::span<std::int64_t const> sizes() const { return {values.data(), table->symbols.size()}; }
};

/// Index of the axis or the parameter called `name`, or the number of symbols. (CLIP has an axis and a parameter of one
/// name, `num_channels`.)
constexpr std::size_t find_symbol(std::span<symbol_row const> symbols, std::string_view name, bool is_axis) {
  std::size_t index = 0;
  while (index < symbols.size() && !(symbols[index].is_axis == is_axis && symbols[index].name == name)) ++index;
  return index;
}

/// Computes the parameters that follow from others, except those that are `given`: `head_dim` of
/// `hidden_size / num_attention_heads`.
constexpr void derive(std::span<symbol_row const> symbols, symbol_values& values,
                      std::array<bool, max_symbols> const& given) {
  for (std::size_t i = 0; i < symbols.size(); ++i)
    if (symbols[i].is_derived && !given[i]) values[i] = evaluate(symbols[i].fallback, {values.data(), symbols.size()});
}

/// Calls `visit(row, layer)` for every tensor that is present under `values`, in order; `layer` is -1 outside repeats.
template <class Visit>
constexpr void for_each_tensor(std::span<tensor_row const> rows, std::span<std::int64_t const> values, Visit&& visit) {
  auto const present = [&](tensor_row const& row) {
    return row.condition.empty() || evaluate(row.condition, values) != 0;
  };
  for (std::size_t first = 0; first < rows.size();) {
    std::size_t last = first + 1;
    if (rows[first].group == 0) {
      if (present(rows[first])) visit(rows[first], std::int64_t{-1});
    } else {
      while (last < rows.size() && rows[last].group == rows[first].group) ++last;
      std::int64_t const layers = evaluate(rows[first].repeat, values);
      for (std::int64_t layer = 0; layer < layers; ++layer)
        for (std::size_t index = first; index < last; ++index)
          if (present(rows[index])) visit(rows[index], layer);
    }
    first = last;
  }
}

/// Number of tensors that are present under `values`.
constexpr std::size_t count_tensors(std::span<tensor_row const> rows, std::span<std::int64_t const> values) {
  std::size_t count = 0;
  for_each_tensor(rows, values, [&](tensor_row const&, std::int64_t) { ++count; });
  return count;
}

/// Calls `visit(row, layer)` for every dummy of a contract, in the order in which Optimum makes them: the past comes
/// last.
template <class Visit>
constexpr void for_each_dummy(contract const& table, std::span<std::int64_t const> values, Visit&& visit) {
  for (bool const past : {false, true})
    for_each_tensor(table.dummies.empty() ? table.inputs : table.dummies, values,
                    [&](tensor_row const& row, std::int64_t layer) {
                      if ((row.role == tensor_role::past) == past) visit(row, layer);
                    });
}

/// One dimension as text, written into `put(char)`: its own name, or its expression.
template <class Put>
constexpr void print(dimension const& dim, std::span<symbol_row const> symbols, Put&& put) {
  if (dim.name.empty())
    print(
        dim.size, [&](std::size_t index) { return symbols[index].name; }, put);
  else
    for (char const c : dim.name) put(c);
}

/// Does the dimension vary at run time? A dimension of numbers and parameters does not.
constexpr bool is_dynamic(dimension const& dim, std::span<symbol_row const> symbols) {
  for (instruction const step : dim.size)
    if (step.code == operation::symbol && symbols[static_cast<std::size_t>(step.value)].is_axis) return true;
  return false;
}

/// Does Optimum list the dimension among the tensor's dynamic axes?
constexpr bool is_listed(dimension const& dim, std::span<symbol_row const> symbols) {
  return !dim.is_unlisted && (!dim.name.empty() || is_dynamic(dim, symbols));
}

/// The dimensions of a tensor as text that compares with a string: "batch_size, sequence_length".
struct dims_text {
  std::span<dimension const> dims;
  std::span<symbol_row const> symbols;

  template <class Put>
  constexpr void print(Put&& put) const {
    for (std::size_t i = 0; i < dims.size(); ++i) {
      if (i > 0)
        for (char const c : std::string_view{", "}) put(c);
      constexport::print(dims[i], symbols, put);
    }
  }
  friend constexpr bool operator==(dims_text const& text, std::string_view expected) {
    std::size_t at = 0;
    bool same = true;
    text.print([&](char c) {
      same = same && at < expected.size() && expected[at] == c;
      ++at;
    });
    return same && at == expected.size();
  }
};

/// A row together with the symbols that its programs mean.
struct tensor_view {
  tensor_row const* row = nullptr;
  std::span<symbol_row const> symbols;

  constexpr std::string_view name() const { return row->name; }
  constexpr dtype type() const { return row->type; }
  constexpr std::size_t rank() const { return row->dims.size(); }
  constexpr dims_text axes() const { return {row->dims, symbols}; }
};

}  // namespace constexport
