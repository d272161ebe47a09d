/// check/described_sizes.hpp: a bound contract and a described file as the sides of a comparison, without a heap.
///
/// Room: check, private to mismatch.hpp (namespace detail). Includes core, onnx, described_file.hpp, param_meaning.hpp,
/// size_matching.hpp and freestanding standard headers; no heap, no exceptions. Layers have the same few sizes: what is
/// compared are the pairs of sizes that occur, each with the first place at which it does.
#pragma once

#include <constexport/check/described_file.hpp>
#include <constexport/check/param_meaning.hpp>
#include <constexport/check/size_matching.hpp>
#include <constexport/core/contract.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

/// How much can be compared without a heap; more is said, not passed over.
struct mismatch_limits {
  std::size_t rows = 128;   ///< of the contract
  std::size_t dims = 256;   ///< of its rows together
  std::size_t names = 128;  ///< that the file gives to dimensions
  std::size_t pairs = 256;  ///< of a size of the contract and one of the file
};

namespace detail {

/// The sides of a size_matching.
template <mismatch_limits Limits>
class described_sizes {
 public:
  struct before_size {
    std::size_t index = 0;  // of sizes_
    std::size_t place = 0;  // of a size that is not stated: each may be another one
    friend constexpr bool operator==(before_size, before_size) = default;
  };
  struct after_size {
    std::size_t name = no_axis;  // of names_; none: a number
    std::int64_t number = 0;
    friend constexpr bool operator==(after_size, after_size) = default;
  };
  /// Two sizes at one place, and the first such place.
  struct pair {
    before_size before{};
    after_size after{};
    bool input = false;
    tensor_name tensor{};
    std::size_t dim = 0;
  };

  explicit constexpr described_sizes(bound_contract const& bound) : bound_(bound) {
    // Elements of arrays are assigned before use: GCC 12 loses their default values when it evaluates a call again.
    for (auto& each : before_axes()) each = {};
    std::size_t dims = 0;
    for (std::span<tensor_row const> const rows : {bound.table->inputs, bound.table->outputs})
      for (tensor_row const& row : rows) {
        if (row_count_ == Limits.rows || dims + row.dims.size() > Limits.dims) {
          fits_ = false;
          return;
        }
        first_dims_[row_count_++] = dims;
        for (dimension const& dim : row.dims) size_of_dims_[dims++] = index_of(dim);
      }
  }

  /// A dimension of a present row, and what the file has at its place; null if its tensor has no rank.
  template <class Dim>
  constexpr void add_place(std::size_t row, std::size_t dim, tensor_name tensor, Dim const* found, bool input) {
    if (!fits_) return;
    before_size before{size_of_dims_[first_dims_[row] + dim]};
    sizes_[before.index].is_present = true;
    sizes_[before.index].is_input = sizes_[before.index].is_input || input;
    if (input && facts(before).is(size_form::unstated)) before.place = ++place_count_;
    if (found == nullptr || (found->size < 0 && found->param.empty())) return;
    after_size const after =
        found->size >= 0 ? after_size{no_axis, found->size} : after_size{add_name(found->param, input, true), 0};
    for (std::size_t i = 0; i < pair_count_; ++i)
      if (pairs_[i].before == before && pairs_[i].after == after && pairs_[i].input == input) return;
    if (fits_ && pair_count_ < Limits.pairs)
      pairs_[pair_count_++] = {before, after, input, tensor, dim};
    else
      fits_ = false;
  }

  /// The names of a tensor that is compared with none. `given`: do callers give it, if it is an input?
  constexpr void add_names_of(auto const& tensor, bool input, bool given) {
    for (auto const& dim : tensor.dims)
      if (dim.size < 0 && !dim.param.empty()) add_name(dim.param, input, given);
  }

  /// After all places: what the names mean.
  constexpr void read_names() {
    std::size_t const count = name_count_;
    find_sizes_of_names();
    for (std::size_t i = 0; fits_ && i < count; ++i) read_name(i);
    if (!fits_) return;
    for (contract_size const& each : std::span(sizes_.data(), size_count_))
      for_each_symbol(each.is_present ? each.symbols : 0, [&](std::size_t symbol) {
        before_axes_[symbol].is_bound = before_axes_[symbol].is_bound || each.is_input;
        std::size_t const name = find_name(bound_.table->symbols[symbol].name);
        if (name == name_count_ || !names_[name].is_axis) return;
        before_axes_[symbol].namesake = name;
        after_axes_[name].namesake = symbol;
      });
  }

  constexpr bool fits() const { return fits_; }
  constexpr std::span<pair const> pairs() const { return {pairs_.data(), pair_count_}; }
  constexpr dimension const& dim(before_size of) const { return *sizes_[of.index].dim; }
  constexpr std::string_view name(after_size of) const { return names_[of.name].text; }

  constexpr std::span<matched_axis<before_size, after_size>> before_axes() {
    return {before_axes_.data(), bound_.table->symbols.size()};
  }
  constexpr std::span<matched_axis<after_size, before_size>> after_axes() { return {after_axes_.data(), name_count_}; }
  constexpr legal_sizes before_range(std::size_t axis) const {
    symbol_row const& row = bound_.table->symbols[axis];
    return {true, row.minimum, row.maximum, row.multiple};
  }
  constexpr legal_sizes after_range(std::size_t) const { return {}; }

  constexpr size_facts facts(before_size of) const { return sizes_[of.index].facts; }
  constexpr size_facts facts(after_size of) const {
    return of.name == no_axis ? size_facts{size_form::number, of.number} : names_[of.name].facts;
  }

  template <class Visit>
  constexpr auto read(before_size of, Visit const& visit) const {
    return visit(sizes_[of.index].dim->size, [&](std::int64_t symbol) {
      std::int64_t const value = bound_.values[static_cast<std::size_t>(symbol)];
      return value == unknown ? size_facts{size_form::axis, symbol} : size_facts{size_form::number, value};
    });
  }
  template <class Visit>
  constexpr auto read(after_size of, Visit const& visit) const {
    // One way to call it, whatever the name is: each makes the visitor anew.
    written code;
    program steps{};
    file_name const& name = names_[of.name];
    if (name.kind == param_kind::expression) {
      code = written(name.text);
      steps = code.steps();
    } else if (name.kind == param_kind::size_of_contract) {
      steps = sizes_[name.size].dim->size;
    } else {
      code.code[0] = {operation::symbol, name.facts.value};
      steps = {code.code.data(), 1};
    }
    return visit(steps, [&](std::int64_t symbol) {
      auto const index = static_cast<std::size_t>(symbol);
      if (name.kind == param_kind::axis) return name.facts;
      if (name.kind == param_kind::expression) return axis_facts(find_name(code.names[index]));
      if (bound_.values[index] != unknown) return size_facts{size_form::number, bound_.values[index]};
      // A symbol that cancels has any size.
      if ((sizes_[name.size].symbols >> index & 1) == 0) return size_facts{size_form::number, 1};
      return axis_facts(find_name(bound_.table->symbols[index].name));
    });
  }

  template <class Visit>
  constexpr void for_each_place(bool inputs, Visit const& visit) const {
    for (pair const& each : pairs())
      if (each.input == inputs) visit(each.before, each.after);
  }

 private:
  static_assert(max_symbols <= 64);

  struct contract_size {
    dimension const* dim = nullptr;
    size_facts facts{};
    std::uint64_t symbols = 0;  // on which it depends
    bool is_present = false, is_input = false;
  };
  struct file_name {
    std::string_view text{};
    param_kind kind = param_kind::axis;
    size_facts facts{};
    std::size_t size = no_axis;  // of the contract, that is called so
    bool is_input = false;       // does an input have it?
    bool is_given = false;       // one that callers give?
    bool is_axis = false;
  };

  static constexpr size_facts axis_facts(std::size_t name) {
    return {size_form::axis, static_cast<std::int64_t>(name)};
  }

  constexpr std::size_t index_of(dimension const& dim) {
    auto const is_same = [&](dimension const& other) {
      bool same = other.size.size() == dim.size.size();
      for (std::size_t i = 0; same && i < dim.size.size(); ++i) same = other.size[i] == dim.size[i];
      return same && other.name == dim.name;
    };
    for (std::size_t i = 0; i < size_count_; ++i)
      if (is_same(*sizes_[i].dim)) return i;
    contract_size& made = sizes_[size_count_];
    made.dim = &dim;
    made.facts = facts_of(dim.size, bound_, [&](std::size_t symbol) { made.symbols |= std::uint64_t{1} << symbol; });
    return size_count_++;
  }

  constexpr std::size_t find_name(std::string_view text) const {
    std::size_t index = 0;
    while (index < name_count_ && names_[index].text != text) ++index;
    return index;
  }
  constexpr std::size_t add_name(std::string_view text, bool input, bool given) {
    std::size_t const index = find_name(text);
    if (index == name_count_) {
      if (index == Limits.names) {
        fits_ = false;
        return 0;
      }
      names_[name_count_] = file_name{text};
      after_axes_[name_count_++] = {};
    }
    names_[index].is_input = names_[index].is_input || input;
    names_[index].is_given = names_[index].is_given || (input && given);
    return index;
  }

  template <class Visit>
  static constexpr void for_each_symbol(std::uint64_t symbols, Visit const& visit) {
    for (std::size_t i = 0; symbols != 0; ++i, symbols >>= 1)
      if ((symbols & 1) != 0) visit(i);
  }

  // Of one name, an axis is meant: it cannot be the name of another size. Else the first size that is called so.
  constexpr void find_sizes_of_names() {
    std::uint64_t symbols = 0;
    for (contract_size const& each : std::span(sizes_.data(), size_count_)) symbols |= each.symbols;
    std::array<bool, Limits.names> known{};
    std::size_t left = name_count_;
    for_each_symbol(symbols, [&](std::size_t symbol) {
      std::size_t const name = find_name(bound_.table->symbols[symbol].name);
      if (name == name_count_ || known[name]) return;
      known[name] = true;
      --left;
    });
    for (std::size_t i = 0; left > 0 && i < size_count_; ++i) {
      if (sizes_[i].symbols == 0) continue;
      for_each_param_of(*sizes_[i].dim, bound_, [&](std::string_view param) {
        std::size_t const name = find_name(param);
        if (name == name_count_ || known[name]) return;
        known[name] = true;
        --left;
        names_[name].size = i;
      });
    }
  }

  // Makes the name an axis of the file.
  constexpr std::size_t axis(std::string_view name, bool bound) {
    std::size_t const index = add_name(name, false, false);
    names_[index].is_axis = true;
    after_axes_[index].is_bound = after_axes_[index].is_bound || bound;
    return index;
  }

  constexpr void read_name(std::size_t index) {
    file_name& name = names_[index];
    size_facts const known = name.size == no_axis ? size_facts{} : sizes_[name.size].facts;
    std::uint64_t const symbols = name.size == no_axis ? 0 : sizes_[name.size].symbols;
    written code;
    name.kind = kind_of_param(
        name.text, known,
        [&] {
          bool all = true;
          for_each_symbol(symbols, [&](std::size_t symbol) {
            std::size_t const at = find_name(bound_.table->symbols[symbol].name);
            all = all && at < name_count_ && names_[at].is_input;
          });
          return all;
        },
        code);
    std::size_t last = index;
    if (name.kind == param_kind::axis) {
      axis(name.text, name.is_given);
    } else if (name.kind == param_kind::size_of_contract) {
      for_each_symbol(symbols,
                      [&](std::size_t symbol) { last = axis(bound_.table->symbols[symbol].name, name.is_given); });
    } else {
      for (std::size_t i = 0; i < code.count; ++i) last = axis(code.names[i], name.is_given);
    }
    bool const is_axis = name.kind == param_kind::axis || known.is(size_form::axis) || code.size == 1;
    name.facts = is_axis ? axis_facts(last) : size_facts{size_form::expression, 0};
  }

  bound_contract const& bound_;
  std::array<std::size_t, Limits.rows> first_dims_{};
  std::array<std::size_t, Limits.dims> size_of_dims_{};
  std::array<contract_size, Limits.dims> sizes_{};
  std::array<file_name, Limits.names> names_{};
  std::array<pair, Limits.pairs> pairs_{};
  std::array<matched_axis<before_size, after_size>, max_symbols> before_axes_{};
  std::array<matched_axis<after_size, before_size>, Limits.names> after_axes_{};
  std::size_t row_count_ = 0, size_count_ = 0, name_count_ = 0, pair_count_ = 0, place_count_ = 0;
  bool fits_ = true;
};

}  // namespace detail

}  // namespace constexport
