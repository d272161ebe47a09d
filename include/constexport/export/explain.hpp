/// export/explain.hpp: finds the expression over axes that an integer stands for, from its values in several runs.
///
/// Room: export. Includes dims.hpp. call.hpp asks for every integer argument that differs between runs. C++ code hands
/// plain numbers to LibTorch (`x.size(0) * 2`); where they come from is recovered here, or refused.
#pragma once

#include <constexport/export/dims.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace constexport {

/// The sizes of all symbols in each run, `unknown` where a symbol does not matter.
using run_sizes = std::vector<symbol_values>;

/// One value per run.
using seen_values = std::vector<std::int64_t>;

/// The value of a size in every run.
inline seen_values evaluate(dim_table const& dims, dim size, run_sizes const& runs) {
  seen_values result;
  for (symbol_values const& values : runs) result.push_back(dims.evaluate(size, values));
  return result;
}

inline bool all_equal(seen_values const& values) {
  for (std::int64_t const each : values)
    if (each != values.front()) return false;
  return true;
}

inline std::string text_of(seen_values const& values) {
  std::string result;
  for (std::size_t i = 0; i < values.size(); ++i)
    result += (i == 0 ? "" : i + 1 < values.size() ? ", " : " and ") + std::to_string(values[i]);
  return result;
}

/// Outcome of a search: an expression, or several that all fit, or none.
struct explanation {
  std::optional<dim> found;
  std::vector<dim> rivals;  ///< two different expressions, if more than one fits
};

/// Searches by families, plain ones first. Within one family the fit must be unique.
class explainer {
 public:
  explainer(dim_table& dims, run_sizes const& runs) : dims_(dims), runs_(runs) {}

  /// `own`: sizes of the call's own tensors; `inputs`: of the module's inputs; `earlier`: of all earlier values.
  explanation operator()(seen_values const& seen, dim_list const& own, dim_list const& inputs,
                         dim_list const& earlier) {
    if (all_equal(seen)) return {dims_.number(seen.front()), {}};
    for (dim_list const* sources : {&own, &inputs, &earlier})
      if (auto result = among(seen, *sources); decided(result)) return result;
    dim_list const near = joined(own, inputs);
    for (dim_list const* sources : {&near, &earlier}) {
      begin();
      for (dim const source : *sources) affine(seen, source);
      if (auto result = end(); decided(result)) return result;
    }
    begin();
    for (std::size_t i = 0; i < near.size(); ++i)
      for (std::size_t j = i; j < near.size(); ++j) pair(seen, near[i], near[j]);
    if (auto result = end(); decided(result)) return result;
    begin();
    for (dim const source : near) quotient(seen, source);
    return end();
  }

  /// Only sources that have these values themselves.
  explanation among(seen_values const& seen, dim_list const& sources) {
    begin();
    for (dim const source : sources)
      if (evaluate(dims_, source, runs_) == seen) fit(source);
    return end();
  }

 private:
  static bool decided(explanation const& result) { return result.found || !result.rivals.empty(); }

  void begin() { fits_.clear(); }
  explanation end() const {
    if (fits_.size() == 1) return {fits_.front(), {}};
    return {std::nullopt, fits_};
  }
  void fit(dim candidate) {
    for (dim const known : fits_)
      if (known == candidate) return;
    fits_.push_back(candidate);
  }

  dim_list joined(dim_list const& a, dim_list const& b) const {
    dim_list result;
    for (dim_list const* from : {&a, &b})
      for (dim const each : *from) {
        bool known = dims_.is_number(each);
        for (dim const other : result) known = known || other == each;
        if (!known) result.push_back(each);
      }
    return result;
  }

  // seen = factor * source + offset, whole numbers.
  void affine(seen_values const& seen, dim source) {
    seen_values const values = evaluate(dims_, source, runs_);
    for (std::size_t i = 1; i < seen.size(); ++i) {
      if (values[i] == values[0]) continue;
      if ((seen[i] - seen[0]) % (values[i] - values[0]) != 0) return;
      std::int64_t const factor = (seen[i] - seen[0]) / (values[i] - values[0]);
      std::int64_t const offset = seen[0] - factor * values[0];
      for (std::size_t j = 0; j < seen.size(); ++j)
        if (seen[j] != factor * values[j] + offset) return;
      return fit(dims_.add(dims_.multiply(source, factor), offset));
    }
  }

  // seen = factor * a * b, or a + b + offset, a - b + offset, b - a + offset.
  void pair(seen_values const& seen, dim a, dim b) {
    seen_values const first = evaluate(dims_, a, runs_), second = evaluate(dims_, b, runs_);
    auto const constant = [&](auto&& of) -> std::optional<std::int64_t> {
      std::optional<std::int64_t> const value = of(0);
      for (std::size_t i = 0; i < seen.size(); ++i)
        if (!value || of(i) != value) return std::nullopt;
      return value;
    };
    if (auto const factor = constant([&](std::size_t i) -> std::optional<std::int64_t> {
          std::int64_t const product = first[i] * second[i];
          return product != 0 && seen[i] % product == 0 ? std::optional(seen[i] / product) : std::nullopt;
        }))
      fit(dims_.multiply(dims_.multiply(a, b), *factor));
    using optional = std::optional<std::int64_t>;
    if (auto const offset = constant([&](std::size_t i) { return optional(seen[i] - first[i] - second[i]); }))
      fit(dims_.add(dims_.add(a, b), *offset));
    if (auto const offset = constant([&](std::size_t i) { return optional(seen[i] - first[i] + second[i]); }))
      fit(dims_.add(dims_.subtract(a, b), *offset));
    if (auto const offset = constant([&](std::size_t i) { return optional(seen[i] - second[i] + first[i]); }))
      fit(dims_.add(dims_.subtract(b, a), *offset));
  }

  // seen = floor(source / divisor), or rounded up.
  void quotient(seen_values const& seen, dim source) {
    seen_values const values = evaluate(dims_, source, runs_);
    for (std::int64_t divisor = 2; divisor <= 64; ++divisor) {
      bool down = true, up = true;
      for (std::size_t i = 0; i < seen.size(); ++i) {
        down = down && seen[i] == detail::floor_divide(values[i], divisor);
        up = up && seen[i] == detail::floor_divide(values[i] + divisor - 1, divisor);
      }
      if (down) fit(dims_.floor_divide(source, divisor));
      if (up) fit(dims_.ceil_divide(source, divisor));
    }
  }

  dim_table& dims_;
  run_sizes const& runs_;
  dim_list fits_;
};

}  // namespace constexport
