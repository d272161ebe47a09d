/// export/dims.hpp: sizes as expressions over the contract's axes.
///
/// Room: export. Includes core/canonical.hpp and the standard library. The graph, the lowerings and the reconciler
/// compute with these; equal expressions are one `dim`, so that comparing sizes is comparing two numbers.
#pragma once

#include <constexport/core/canonical.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/export/error.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace constexport {

/// A size: an integer expression over axes, as an index into its graph's `dim_table`.
struct dim {
  std::uint32_t id = 0;
  friend constexpr bool operator==(dim, dim) = default;
};

/// A lowering asked for a dimension that a tensor does not have.
struct no_such_dimension : export_error {
  using export_error::export_error;
};

/// Sizes of one tensor. To ask for one that it does not have is an error and not a crash: lowerings meet ranks that
/// their author did not think of.
class dim_list : public std::vector<dim> {
 public:
  using std::vector<dim>::vector;
  dim& operator[](std::size_t index) { return begin()[checked(index)]; }
  dim const& operator[](std::size_t index) const { return begin()[checked(index)]; }
  dim& back() { return (*this)[size() - 1]; }
  dim const& back() const { return (*this)[size() - 1]; }

 private:
  std::ptrdiff_t checked(std::size_t index) const {
    if (index >= size())
      throw no_such_dimension("A lowering asks for dimension " + std::to_string(static_cast<std::ptrdiff_t>(index)) +
                              " of a tensor that has " + std::to_string(size()) + ".");
    return static_cast<std::ptrdiff_t>(index);
  }
};

/// All sizes of one graph, each once. Arithmetic is exact; results are canonical.
class dim_table {
 public:
  using algebra_type = algebra<algebra_limits{256, 16, 6}>;
  using polynomial = algebra_type::polynomial;

  explicit dim_table(std::span<symbol_row const> symbols)
      : symbols_(symbols.begin(), symbols.end()), algebra_(std::make_unique<algebra_type>()) {}

  dim number(std::int64_t value) { return intern(algebra_->number(value)); }
  dim symbol(std::size_t index) { return intern(algebra_->symbol(index)); }
  /// A new symbol: a size that data decide, from 0 on. At most `max_symbols` with those of the contract.
  dim data_symbol(std::string name) {
    if (symbols_.size() == max_symbols)
      throw export_error("The model has more than " + std::to_string(max_symbols) +
                         " axes and sizes that depend on data; a contract cannot hold more.");
    symbol_row row;
    row.name = names_.emplace_back(std::move(name));
    row.is_axis = row.is_free = true;
    row.minimum = 0;
    symbols_.push_back(row);
    return symbol(symbols_.size() - 1);
  }
  /// On how many symbols a size depends.
  std::size_t symbol_count(dim of_size) const {
    std::set<std::int64_t> found;
    for (instruction const step : code(of_size))
      if (step.code == operation::symbol) found.insert(step.value);
    return found.size();
  }
  /// Does a size depend on symbols that data decide?
  bool depends_on_data(dim of_size) const {
    for (instruction const step : code(of_size))
      if (step.code == operation::symbol && static_cast<std::size_t>(step.value) >= of_contract_) return true;
    return false;
  }
  /// The symbol that a size is, or no value if it is no single symbol.
  std::optional<std::size_t> as_symbol(dim of_size) const {
    std::vector<instruction> const steps = code(of_size);
    if (steps.size() != 1 || steps[0].code != operation::symbol) return std::nullopt;
    return static_cast<std::size_t>(steps[0].value);
  }
  dim add(dim a, dim b) { return intern(algebra_->add(of(a), of(b))); }
  dim add(dim a, std::int64_t b) { return b == 0 ? a : add(a, number(b)); }
  dim subtract(dim a, dim b) { return intern(algebra_->subtract(of(a), of(b))); }
  dim multiply(dim a, dim b) { return intern(algebra_->multiply(of(a), of(b))); }
  dim multiply(dim a, std::int64_t b) { return b == 1 ? a : multiply(a, number(b)); }
  dim floor_divide(dim a, dim b) { return intern(algebra_->floor_divide(of(a), of(b))); }
  /// A quotient of a quotient is one: floor((floor(p / m) + c) / n) = floor((p + c m) / (m n)).
  dim floor_divide(dim a, std::int64_t b) {
    if (b == 1) return a;
    for (auto const& [quotient, of] : quotients_)
      if (b > 0 && depends_alike(a, quotient))
        if (dim const rest = subtract(a, quotient); is_number(rest)) {
          auto const [numerator, divisor] = of;
          return floor_divide(add(numerator, value(rest) * divisor), divisor * b);
        }
    dim const result = floor_divide(a, number(b));
    if (b > 0 && !is_number(a) && !is_number(result)) quotients_.emplace(result, std::pair(a, b));
    return result;
  }
  /// Rounded up; both positive.
  dim ceil_divide(dim a, std::int64_t b) { return floor_divide(add(a, b - 1), b); }
  dim minimum(dim a, dim b) { return intern(algebra_->minimum(of(a), of(b))); }
  dim maximum(dim a, dim b) { return intern(algebra_->maximum(of(a), of(b))); }

  /// The size that a contract's program means under `values` (`unknown`: the symbol stays), with symbol `same[i]` for
  /// symbol i.
  dim from(program code, std::span<std::int64_t const> values, std::span<std::size_t const> same) {
    auto const leaf = [&](std::size_t index) {
      return values[index] == unknown ? algebra_->symbol(same[index]) : algebra_->number(values[index]);
    };
    std::vector<dim> stack;
    for (instruction const step : code) {
      if (step.code == operation::constant) {
        stack.push_back(number(step.value));
        continue;
      }
      if (step.code == operation::symbol) {
        stack.push_back(intern(leaf(static_cast<std::size_t>(step.value))));
        continue;
      }
      dim const b = stack.back();
      stack.pop_back();
      dim& a = stack.back();
      if (step.code == operation::add)
        a = add(a, b);
      else if (step.code == operation::subtract)
        a = subtract(a, b);
      else if (step.code == operation::multiply)
        a = multiply(a, b);
      else if (step.code == operation::floor_divide)
        a = is_number(b) ? floor_divide(a, value(b)) : floor_divide(a, b);
      else if (step.code == operation::minimum)
        a = minimum(a, b);
      else if (step.code == operation::maximum)
        a = maximum(a, b);
      else
        return intern(algebra_->from(code, leaf));  // what sizes seldom are
    }
    return stack.back();
  }

  dim product(dim_list const& sizes) {
    dim result = number(1);
    for (dim const size : sizes) result = multiply(result, size);
    return result;
  }

  bool is_number(dim of_size) const { return of(of_size).is_constant(); }
  bool is_number(dim of_size, std::int64_t value) const {
    return is_number(of_size) && of(of_size).constant() == value;
  }
  /// The value of a size that is a number.
  std::int64_t value(dim of_size) const { return of(of_size).constant(); }
  std::int64_t evaluate(dim of_size, std::span<std::int64_t const> values) const {
    return algebra_->evaluate(of(of_size), values);
  }

  std::vector<instruction> code(dim of_size) const {
    std::vector<instruction> result;
    algebra_->write(of(of_size), [&](instruction step) { result.push_back(step); });
    return result;
  }
  std::string text(dim of_size) const {
    std::vector<instruction> const steps = code(of_size);
    std::string result;
    print(
        program{steps}, [&](std::size_t index) { return symbols_[index].name; }, [&](char c) { result += c; });
    return result;
  }
  std::string text(dim_list const& sizes) const {
    std::string result = "[";
    for (std::size_t i = 0; i < sizes.size(); ++i) result += (i > 0 ? ", " : "") + text(sizes[i]);
    return result + "]";
  }

  /// The factor of symbol `index` if the size is linear in it: size = factor * symbol + what does not depend on it.
  /// Else 0.
  std::int64_t linear_in(dim of_size, std::size_t index) {
    polynomial const alone = algebra_->symbol(index);
    polynomial const& size = of(of_size);
    std::int64_t factor = 0;
    for (std::size_t i = 0; i < size.size; ++i)
      if (size.terms[i].atoms == alone.terms[0].atoms) factor = size.terms[i].coefficient;
    if (factor == 0) return 0;
    bool elsewhere = false;
    algebra_->symbols(algebra_->subtract(size, algebra_->multiply(alone, algebra_->number(factor))),
                      [&](std::size_t other) { elsewhere = elsewhere || other == index; });
    return elsewhere ? 0 : factor;
  }

  polynomial const& of(dim size) const { return table_[size.id]; }
  std::span<symbol_row const> symbols() const { return symbols_; }

 private:
  dim intern(polynomial const& wanted) {
    if (!algebra_->ok())
      throw export_error(
          "A size of the model is too large an expression: it depends on more axes, divisions or terms "
          "than the exporter follows. Fix some of the axes in the configuration.");
    for (std::size_t i = 0; i < table_.size(); ++i)
      if (table_[i] == wanted) return {static_cast<std::uint32_t>(i)};
    table_.push_back(wanted);
    return {static_cast<std::uint32_t>(table_.size() - 1)};
  }

  // Could their difference be a number? Cheap to say no.
  bool depends_alike(dim a, dim b) const { return symbol_count(a) == symbol_count(b); }

  struct by_id {
    bool operator()(dim a, dim b) const { return a.id < b.id; }
  };

  std::map<dim, std::pair<dim, std::int64_t>, by_id> quotients_;  // numerator and divisor
  std::vector<symbol_row> symbols_;
  std::size_t of_contract_ = symbols_.size();  // the others were added
  std::deque<std::string> names_;              // of the symbols that were added
  std::unique_ptr<algebra_type> algebra_;
  std::vector<polynomial> table_;
};

}  // namespace constexport
