/// export/known_sizes.hpp: numbers without dimensions that are sizes, and LibTorch's arithmetic on them.
///
/// Room: export. Includes call.hpp and recorded_facts.hpp. reconcile.hpp asks before it looks for a lowering.
/// TorchScript makes such numbers of `x.size(0)`; what a trace computes from them (`ceil(size / 2)`) stays an exact
/// expression.
#pragma once

#include <constexport/export/call.hpp>
#include <constexport/export/recorded_facts.hpp>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace constexport::detail {

/// Follows sizes through calls. Ratios of sizes and whole numbers are exact.
class size_carrier {
 public:
  size_carrier(builder& b, std::vector<value_map>& values) : b_(b), dims_(b.g.dims), values_(values) {}

  /// An integer that no call made and that differs between runs; `held` are its contents. False if it is none.
  bool adopt(std::vector<at::Tensor> const& held, std::vector<at::Tensor> const& same, matched_call const& matched) {
    seen_values seen;
    for (at::Tensor const& each : held) {
      if (each.dim() != 0 || each.scalar_type() != at::kLong) return false;
      seen.push_back(each.item<std::int64_t>());
    }
    if (all_equal(seen)) return false;
    bind({call(b_, matched, values_).explained("an integer tensor", seen)}, at::kLong, same);
    return true;
  }

  /// A call on such numbers that gives one again. False if it does not, or is not known.
  bool carry(matched_call const& matched) {
    recorded_call const& first = *matched.runs[0];
    if (first.results.size() != 1 || !first.results[0].isTensor() || first.arguments.empty()) return false;
    at::Tensor const& result = first.results[0].toTensor();
    if (!result.defined() || result.dim() != 0) return false;
    bool const integral = result.scalar_type() == at::kLong;
    if (!integral && !result.is_floating_point()) return false;
    if (!is_of_sizes(first)) return false;
    std::string_view name = first.schema->name();
    if (!name.starts_with("aten::")) return false;
    name.remove_prefix(6);
    call given(b_, matched, values_);
    std::optional<size_ratio> made = apply(name, given);
    if (made && integral && made->divisor != 1) {
      if (name != "floor_divide" && !b_.proven_at_most(dims_.number(0), made->size)) return false;
      made = size_ratio{dims_.floor_divide(made->size, made->divisor)};
    }
    if (!made) return false;
    std::vector<at::Tensor> results;
    for (std::size_t run = 0; run < matched.runs.size(); ++run) {
      results.push_back(given.result(0, run));
      if (!agrees(*made, results[run], run)) return false;
    }
    bind(*made, result.scalar_type(), results);
    return true;
  }

  /// A number that the module reads out of such a value is known from now on.
  bool read(value_id value) {
    std::optional<size_ratio> const known = b_.g[value].known_ratio;
    if (!known) return false;
    if (known->divisor != 1) b_.known_sizes.push_back(dims_.floor_divide(known->size, known->divisor));
    return true;
  }

 private:
  bool is_of_sizes(recorded_call const& of) const {
    bool found = false;
    for (c10::IValue const& each : of.arguments)
      for_each_tensor_in(each, [&](at::Tensor const& t) {
        auto const value = values_[0].find(t.unsafeGetTensorImpl());
        found = found || (value != values_[0].end() && value->second != no_value && b_.g[value->second].known_ratio);
      });
    return found;
  }

  std::optional<size_ratio> known(value_id id) const {
    if (id == no_value) return std::nullopt;
    graph_value const& value = b_.g[id];
    if (value.known_ratio) return value.known_ratio;
    if (!b_.g.is_constant(id) || !value.dims.empty()) return std::nullopt;
    if (at::isIntegralType(value.data.scalar_type(), false))
      return size_ratio{dims_.number(value.data.item<std::int64_t>())};
    return value.data.is_floating_point() ? exact(value.data.item<double>()) : std::nullopt;
  }
  // A number as a ratio with a power of two.
  std::optional<size_ratio> exact(double number) const {
    for (std::int64_t divisor = 1; divisor <= 1024; divisor *= 2)
      if (double const scaled = number * static_cast<double>(divisor);
          scaled == std::trunc(scaled) && std::fabs(scaled) < 1e15)
        return size_ratio{dims_.number(static_cast<std::int64_t>(scaled)), divisor};
    return std::nullopt;
  }
  std::optional<size_ratio> argument(call& given, std::string_view name) const {
    if (given.is_none(name)) return std::nullopt;
    if (given.is_tensor(name)) return known(given.tensor(name));
    if (given.is_integer(name)) return size_ratio{given.size(name)};
    return given.is_real(name) && given.is_same(name) ? exact(given.real(name)) : std::nullopt;
  }

  size_ratio sum(size_ratio const& a, size_ratio const& b, std::int64_t sign) const {
    if (a.divisor == b.divisor) return {dims_.add(a.size, dims_.multiply(b.size, sign)), a.divisor};
    return {dims_.add(dims_.multiply(a.size, b.divisor), dims_.multiply(b.size, sign * a.divisor)),
            a.divisor * b.divisor};
  }
  size_ratio floor(size_ratio const& a) const { return {dims_.floor_divide(a.size, a.divisor)}; }
  // a / b for a number b that is not 0.
  std::optional<size_ratio> quotient(size_ratio const& a, size_ratio const& b) const {
    if (!dims_.is_number(b.size) || dims_.value(b.size) == 0) return std::nullopt;
    std::int64_t const by = dims_.value(b.size), sign = by < 0 ? -1 : 1;
    return size_ratio{dims_.multiply(a.size, sign * b.divisor), a.divisor * by * sign};
  }

  std::optional<size_ratio> apply(std::string_view name, call& given) const {
    std::optional<size_ratio> const a = argument(given, "self");
    if (!a) return std::nullopt;
    for (std::string_view const same :
         {"to", "_to_copy", "clone", "detach", "alias", "contiguous", "lift_fresh", "view", "reshape"})
      if (name == same) return a;
    if (name == "neg") return size_ratio{dims_.multiply(a->size, -1), a->divisor};
    if (name == "floor") return floor(*a);
    if (name == "ceil") return size_ratio{dims_.ceil_divide(a->size, a->divisor)};
    if (name == "trunc" && b_.proven_at_most(dims_.number(0), a->size)) return floor(*a);
    if (name == "clamp" || name == "clamp_min" || name == "clamp_max") {
      auto const least = argument(given, "min"), most = argument(given, "max");
      if ((given.has("min") && !given.is_none("min") && !least) || (given.has("max") && !given.is_none("max") && !most))
        return std::nullopt;
      std::optional<size_ratio> result = a;
      if (least) result = extreme(*result, *least, true);
      if (most) result = extreme(*result, *most, false);
      return result;
    }
    std::optional<size_ratio> b = argument(given, "other");
    if (!b) return std::nullopt;
    if ((name == "add" || name == "sub" || name == "rsub") && given.has("alpha")) {
      std::optional<size_ratio> const alpha = argument(given, "alpha");
      if (!alpha || alpha->divisor != 1) return std::nullopt;
      b->size = dims_.multiply(b->size, alpha->size);
    }
    if (name == "add") return sum(*a, *b, 1);
    if (name == "sub") return sum(*a, *b, -1);
    if (name == "rsub") return sum(*b, *a, -1);
    if (name == "mul") return size_ratio{dims_.multiply(a->size, b->size), a->divisor * b->divisor};
    if (name == "minimum" || name == "maximum") return extreme(*a, *b, name == "maximum");
    std::optional<size_ratio> const exactly = quotient(*a, *b);
    if (!exactly) return std::nullopt;
    if (name == "true_divide") return exactly;
    if (name == "floor_divide") return floor(*exactly);
    if (name == "remainder") {
      size_ratio const whole = floor(*exactly);
      return sum(*a, {dims_.multiply(whole.size, b->size), b->divisor}, -1);
    }
    if (name != "div") return std::nullopt;
    if (!given.has("rounding_mode") || given.is_none("rounding_mode")) return exactly;
    if (given.text("rounding_mode") == "floor" || b_.proven_at_most(dims_.number(0), exactly->size))
      return floor(*exactly);
    return std::nullopt;
  }
  size_ratio extreme(size_ratio const& a, size_ratio const& b, bool largest) const {
    dim const x = dims_.multiply(a.size, b.divisor), y = dims_.multiply(b.size, a.divisor);
    return {largest ? dims_.maximum(x, y) : dims_.minimum(x, y), a.divisor * b.divisor};
  }

  // What a run computed, where its memory is still there.
  bool agrees(size_ratio const& made, at::Tensor const& result, std::size_t run) const {
    if (!result.has_storage() || result.storage().nbytes() == 0) return true;
    double const ours =
                     static_cast<double>(dims_.evaluate(made.size, b_.runs()[run])) / static_cast<double>(made.divisor),
                 seen = result.item<double>();
    return std::fabs(ours - seen) <= 1e-6 * std::fabs(ours);
  }

  void bind(size_ratio const& made, at::ScalarType type, std::vector<at::Tensor> const& same) {
    value_id id = b_.cast(b_.size_scalar(made.size), to_dtype(type));
    if (made.divisor != 1) id = b_.broadcast("Div", {id, b_.scalar(made.divisor, to_dtype(type))});
    if (!b_.g[id].known_ratio) b_.g[id].known_ratio = made;
    for (std::size_t run = 0; run < same.size(); ++run) values_[run][same[run].unsafeGetTensorImpl()] = id;
    if (made.divisor == 1 && !dims_.is_number(made.size)) b_.known_sizes.push_back(made.size);
  }

  builder& b_;
  dim_table& dims_;
  std::vector<value_map>& values_;
};

}  // namespace constexport::detail
