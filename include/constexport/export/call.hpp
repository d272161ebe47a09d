/// export/call.hpp: one call of the module as its lowering sees it, with sizes as expressions.
///
/// Room: export. Includes LibTorch, record.hpp and build.hpp. reconcile.hpp makes calls, lowerings read them. A
/// lowering asks for arguments by the names in the operator's schema; an integer that differs between runs comes back
/// as an expression, and asking for a fixed number where the runs differ is an error that shows the values.
#pragma once

#include <constexport/export/build.hpp>
#include <constexport/export/record.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace constexport {

/// Thrown by `call::decline`: this lowering does not cover the case, so the call's own calls are tried.
struct declined {
  std::string reason;
};

/// Which value of the graph a recorded tensor is, for one run.
using value_map = std::unordered_map<void const*, value_id>;

/// The same call in every run.
struct matched_call {
  std::vector<recorded_call const*> runs;
  std::string where;  ///< "call 12, after encoder.layer.0.attention"
};

/// What a lowering is given.
class call {
 public:
  call(builder& b, matched_call const& matched, std::vector<value_map> const& values)
      : b_(b), matched_(matched), values_(values) {}

  /// "aten::add.Tensor".
  std::string name() const { return name_of(first()); }
  std::string const& where() const { return matched_.where; }

  // ---- arguments, by name

  bool has(std::string_view argument) const { return find(argument) >= 0; }
  bool is_none(std::string_view argument) const {
    std::int64_t const index = find(argument);
    if (index < 0) return true;
    c10::IValue const& value = at(0, index);
    return value.isNone() || (value.isTensor() && !value.toTensor().defined());
  }
  bool is_tensor(std::string_view argument) const { return has(argument) && get(argument).isTensor(); }
  bool is_real(std::string_view argument) const { return has(argument) && get(argument).isDouble(); }
  bool is_integer(std::string_view argument) const { return has(argument) && get(argument).isInt(); }
  bool is_list(std::string_view argument) const { return has(argument) && get(argument).isList(); }
  bool is_text(std::string_view argument) const { return has(argument) && get(argument).isString(); }
  value_id tensor(std::string_view argument) { return value_of(argument, -1); }
  value_id optional_tensor(std::string_view argument) { return is_none(argument) ? no_value : tensor(argument); }
  value_list tensors(std::string_view argument) {
    value_list result;
    std::size_t const count = get(argument).toListRef().size();
    for (std::size_t i = 0; i < count; ++i) result.push_back(value_of(argument, static_cast<std::int64_t>(i)));
    return result;
  }
  /// The tensor as it was in the first run: for its type, never for its values or sizes.
  at::Tensor example(std::string_view argument) const { return get(argument).toTensor(); }

  at::Scalar example_number(std::string_view argument) const { return get(argument).toScalar(); }

  /// An integer as an expression.
  dim size(std::string_view argument) {
    seen_values seen;
    for (std::size_t run = 0; run < matched_.runs.size(); ++run) seen.push_back(get(argument, run).toInt());
    return explain(argument, seen);
  }
  dim_list sizes(std::string_view argument) {
    std::vector<std::vector<std::int64_t>> seen;
    for (std::size_t run = 0; run < matched_.runs.size(); ++run) {
      c10::IValue const& value = get(argument, run);
      seen.push_back(value.isInt() ? std::vector<std::int64_t>{value.toInt()} : value.toIntVector());
      if (seen.back().size() != seen.front().size())
        fail("argument \"" + std::string(argument) + "\" has " + std::to_string(seen.front().size()) +
             " numbers in one run and " + std::to_string(seen.back().size()) +
             " in another; fix the axis that decides it");
    }
    dim_list result;
    for (std::size_t i = 0; i < seen.front().size(); ++i) {
      seen_values column;
      for (auto const& row : seen) column.push_back(row[i]);
      result.push_back(explain(std::string(argument) + "[" + std::to_string(i) + "]", column));
    }
    return result;
  }
  /// Was an integer this size in every run?
  bool was(std::string_view argument, dim wanted) {
    for (std::size_t run = 0; run < matched_.runs.size(); ++run)
      if (get(argument, run).toInt() != b_.g.dims.evaluate(wanted, b_.runs()[run])) return false;
    return true;
  }
  /// An integer that must be the same at all sizes.
  std::int64_t integer(std::string_view argument) { return fixed(argument, size(argument)); }
  std::int64_t integer(std::string_view argument, std::int64_t otherwise) {
    return is_none(argument) ? otherwise : integer(argument);
  }
  std::vector<std::int64_t> integers(std::string_view argument) {
    std::vector<std::int64_t> result;
    if (is_none(argument)) return result;
    for (dim const each : sizes(argument)) result.push_back(fixed(argument, each));
    return result;
  }
  bool flag(std::string_view argument) {
    for (std::size_t run = 1; run < matched_.runs.size(); ++run)
      if (get(argument, run).toBool() != get(argument).toBool()) bake(argument, "true in one run and false in another");
    return get(argument).toBool();
  }
  /// A number that must be the same in all runs.
  std::complex<double> complex_number(std::string_view argument) {
    std::string shown;
    bool same = true;
    c10::complex<double> const expected = get(argument).toScalar().toComplexDouble();
    auto const equal = [](double a, double b) { return a == b || (a != a && b != b); };
    for (std::size_t run = 0; run < matched_.runs.size(); ++run) {
      c10::complex<double> const value = get(argument, run).toScalar().toComplexDouble();
      same = same && equal(value.real(), expected.real()) && equal(value.imag(), expected.imag());
      shown += (run == 0 ? "" : run + 1 < matched_.runs.size() ? ", " : " and ") + number_text(value.real());
    }
    if (!same) bake(argument, shown);
    return {expected.real(), expected.imag()};
  }
  at::Scalar scalar(std::string_view argument) {
    std::complex<double> const number = complex_number(argument);
    at::Scalar const given = get(argument).toScalar();
    if (part_ < 0 && !given.isComplex()) return given;
    if (part_ < 0) decline("argument \"" + std::string(argument) + "\" is complex");
    return part_ == 0 ? number.real() : number.imag();
  }
  /// Is a number the same in all runs?
  bool is_same(std::string_view argument) const {
    for (std::size_t run = 1; run < matched_.runs.size(); ++run)
      if (get(argument, run).toScalar().toDouble() != get(argument).toScalar().toDouble()) return false;
    return true;
  }
  double real(std::string_view argument) { return scalar(argument).toDouble(); }
  /// A list of numbers that must be the same in all runs.
  std::vector<double> reals(std::string_view argument) {
    std::vector<double> const result = get(argument).toDoubleVector();
    for (std::size_t run = 1; run < matched_.runs.size(); ++run)
      if (get(argument, run).toDoubleVector() != result) bake(argument, "different lists of numbers");
    return result;
  }
  /// An integer given as a number may be a size; other numbers must be the same in all runs. As a 0-dimensional value.
  value_id number(std::string_view argument, dtype type) {
    if (get(argument).isInt() && part_ < 1) {
      dim const found = size(argument);
      if (!b_.g.dims.is_number(found)) return b_.cast(b_.size_scalar(found), type);
    } else if (get(argument).isDouble()) {
      if (value_id const found = number_of_sizes(argument, type); found != no_value) return found;
    } else if (get(argument).isBool()) {
      if (value_id const found = answer(argument); found != no_value) return b_.cast(found, type);
    }
    return b_.scalar(scalar(argument), type);
  }
  /// A size, and the power of two by which a number is smaller than it; none if the number is nothing of that kind.
  struct scaled_size {
    dim size;
    std::int64_t divisor;
  };
  std::optional<scaled_size> as_size(std::string_view argument) {
    if (get(argument).isInt()) return scaled_size{size(argument), 1};
    if (!get(argument).isDouble()) return std::nullopt;
    for (std::int64_t divisor = 1; divisor <= 4096; divisor *= 2)
      if (auto const found = size_behind(
              argument, [&](double seen) { return seen * static_cast<double>(divisor); },
              [&](double of_size) { return of_size / static_cast<double>(divisor); }))
        return scaled_size{*found, divisor};
    return std::nullopt;
  }
  std::string text(std::string_view argument) const { return get(argument).toStringRef(); }

  // ---- results, as LibTorch made them

  std::size_t result_count() const {
    std::size_t count = 0;
    for (c10::IValue const& each : first().results)
      detail::for_each_tensor_in(each, [&](at::Tensor const&) { ++count; });
    return count;
  }
  /// Type of the `index`-th tensor among the results; of complex numbers, that of their parts.
  dtype result_type(std::size_t index = 0) const { return to_dtype(c10::toRealValueType(result(index).scalar_type())); }
  at::Tensor result(std::size_t index, std::size_t run = 0) const {
    at::Tensor found;
    std::size_t count = 0;
    for (c10::IValue const& each : matched_.runs[run]->results)
      detail::for_each_tensor_in(each, [&](at::Tensor const& t) {
        if (count++ == index) found = t;
      });
    return found;
  }

  /// Is an argument or a result complex?
  bool is_complex() const {
    bool found = false;
    auto const look = [&](at::Tensor const& t) { found = found || t.is_complex(); };
    for (c10::IValue const& each : first().arguments) detail::for_each_tensor_in(each, look);
    for (c10::IValue const& each : first().results) detail::for_each_tensor_in(each, look);
    return found;
  }
  /// The same call on the real (0) or imaginary (1) parts of its complex tensors and numbers.
  call on_part(std::int64_t part) const {
    call result = *this;
    result.part_ = part;
    return result;
  }
  /// Does a tensor of real numbers with a fraction stand among complex ones?
  bool mixes_real_and_complex() const {
    bool complex = false, real = false;
    for (c10::IValue const& each : first().arguments)
      detail::for_each_tensor_in(each, [&](at::Tensor const& t) {
        complex = complex || t.is_complex();
        real = real || t.is_floating_point();
      });
    return complex && real;
  }
  /// The size of a result that data decide, as a new symbol named after the operator.
  dim data_size(std::size_t result_index, std::int64_t axis) {
    std::string name = first().schema->name();
    if (auto const colon = name.rfind(':'); colon != std::string::npos) name.erase(0, colon + 1);
    seen_values seen;
    for (std::size_t run = 0; run < matched_.runs.size(); ++run) seen.push_back(result(result_index, run).size(axis));
    return b_.data_size(name, seen);
  }
  /// The size that an integer stands for which is not an argument, for example an element of a tensor.
  dim explained(std::string_view what, seen_values const& seen) { return explain(what, seen); }

  // ---- what a lowering may say

  /// This lowering does not cover the case.
  [[noreturn]] void decline(std::string reason) const { throw declined{std::move(reason)}; }
  [[noreturn]] void fail(std::string const& what) const {
    throw not_reproducible(name() + " (" + where() + "): " + what + ".");
  }

 private:
  recorded_call const& first() const { return *matched_.runs[0]; }
  c10::IValue const& at(std::size_t run, std::int64_t index) const {
    return matched_.runs[run]->arguments[static_cast<std::size_t>(index)];
  }
  std::int64_t find(std::string_view argument) const {
    auto const& arguments = first().schema->arguments();
    for (std::size_t i = 0; i < arguments.size(); ++i)
      if (arguments[i].name() == argument) return static_cast<std::int64_t>(i);
    return -1;
  }
  c10::IValue const& get(std::string_view argument, std::size_t run = 0) const {
    std::int64_t const index = find(argument);
    if (index < 0) decline("this overload has no argument \"" + std::string(argument) + "\"");
    return at(run, index);
  }

  value_id value_of(std::string_view argument, std::int64_t element) const {
    value_id result = no_value;
    for (std::size_t run = 0; run < matched_.runs.size(); ++run) {
      c10::IValue const& given = get(argument, run);
      c10::IValue const& one = element < 0 ? given : given.toListRef()[static_cast<std::size_t>(element)];
      if (!one.isTensor() || !one.toTensor().defined()) return no_value;
      at::Tensor const& tensor = one.toTensor();
      auto const found = values_[run].find(tensor.unsafeGetTensorImpl());
      value_id const value = found != values_[run].end() ? found->second : no_value;
      if (run == 0) result = value;
      if (value != result || value == no_value)
        fail("argument \"" + std::string(argument) +
             "\" is not the same tensor in all runs; choose between values with torch::where");
      if (!b_.g[value].note.empty() && b_.g[value].type == dtype::undefined)
        throw unsupported_operator(name() + " (" + where() + "): argument \"" + std::string(argument) + "\" is given " +
                                       b_.g[value].note + ". Compute it with other operators.",
                                   {});
    }
    if (part_ >= 0 && b_.g[result].is_complex) return b_.gather(result, b_.scalar(part_, dtype::int64), -1);
    return result;
  }

  // The size of which a number is a function in all runs: `back(number)` must be a whole number, and `of` that number
  // what was seen, but for the last bit.
  template <class Back, class Of>
  std::optional<dim> size_behind(std::string_view argument, Back&& back, Of&& of) {
    seen_values sizes;
    for (std::size_t run = 0; run < matched_.runs.size(); ++run) {
      double const seen = get(argument, run).toDouble(), whole = std::nearbyint(back(seen));
      if (!(std::abs(whole) < 1e15) || std::abs(of(whole) - seen) > 4e-16 * std::abs(seen)) return std::nullopt;
      sizes.push_back(static_cast<std::int64_t>(whole));
    }
    try {
      return explain(argument, sizes);
    } catch (baked_value const&) {
      return std::nullopt;
    }
  }

  // A number that differs between runs: an element that the module read out of a tensor, or a size, a part of one, its
  // root, or the reciprocal of these.
  value_id number_of_sizes(std::string_view argument, dtype type) {
    bool differs = false;
    for (std::size_t run = 0; run < matched_.runs.size(); ++run)
      differs = differs || get(argument, run).toDouble() != get(argument).toDouble();
    if (!differs) return no_value;
    for (builder::read_number const& each : b_.read_numbers) {
      bool same = true;
      for (std::size_t run = 0; run < matched_.runs.size(); ++run)
        same = same && each.seen[run].toDouble() == get(argument, run).toDouble();
      if (same) return b_.cast(each.value, type);
    }
    auto const wide = [&](dim found) { return b_.cast(b_.size_scalar(found), dtype::float64); };
    if (auto const found = as_size(argument)) {
      value_id made = wide(found->size);
      if (found->divisor != 1) made = b_.broadcast("Div", {made, b_.scalar(found->divisor, dtype::float64)});
      return b_.cast(made, type);
    }
    auto const reciprocal = [](double x) { return 1 / x; };
    auto const square = [](double x) { return x * x; };
    auto const root = [](double x) { return std::sqrt(x); };
    if (auto const found = size_behind(argument, reciprocal, reciprocal))
      return b_.cast(b_.unary("Reciprocal", wide(*found)), type);
    if (auto const found = size_behind(argument, square, root)) return b_.cast(b_.unary("Sqrt", wide(*found)), type);
    if (auto const found = size_behind(
            argument, [](double x) { return 1 / (x * x); }, [](double x) { return 1 / std::sqrt(x); }))
      return b_.cast(b_.unary("Reciprocal", b_.unary("Sqrt", wide(*found))), type);
    return no_value;
  }

  // What the module asked of a tensor and got different answers to.
  value_id answer(std::string_view argument) const {
    for (builder::read_number const& each : b_.read_numbers) {
      bool same = each.seen[0].isBoolean(), differs = false;
      for (std::size_t run = 0; same && run < matched_.runs.size(); ++run) {
        bool const seen = get(argument, run).toBool();
        same = each.seen[run].toBool() == seen;
        differs = differs || seen != get(argument).toBool();
      }
      if (same && differs) return each.value;
    }
    return no_value;
  }
  // `factor * number + offset` for an integer that the module read out of a tensor.
  std::optional<dim> of_read_number(seen_values const& seen) {
    for (builder::read_number& each : b_.read_numbers) {
      if (!each.seen[0].isIntegral(true)) continue;
      seen_values numbers;
      for (at::Scalar const& of : each.seen) numbers.push_back(of.to<std::int64_t>());
      std::size_t other = 1;
      while (other < numbers.size() && numbers[other] == numbers[0]) ++other;
      if (other == numbers.size() || (seen[other] - seen[0]) % (numbers[other] - numbers[0]) != 0) continue;
      std::int64_t const factor = (seen[other] - seen[0]) / (numbers[other] - numbers[0]);
      std::int64_t const offset = seen[0] - factor * numbers[0];
      bool fits = factor != 0;
      for (std::size_t run = 0; run < seen.size(); ++run) fits = fits && seen[run] == factor * numbers[run] + offset;
      if (fits) return b_.g.dims.add(b_.g.dims.multiply(b_.data_size(each), factor), offset);
    }
    return std::nullopt;
  }

  dim explain(std::string_view argument, seen_values const& seen) {
    if (all_equal(seen)) return b_.g.dims.number(seen.front());
    for (dim const each : b_.known_sizes)
      if (evaluate(b_.g.dims, each, b_.runs()) == seen) return each;
    for (builder::read_number& each : b_.read_numbers) {
      bool same = each.seen[0].isIntegral(true);
      for (std::size_t run = 0; same && run < seen.size(); ++run) same = each.seen[run].to<std::int64_t>() == seen[run];
      if (same) return b_.data_size(each);
    }
    dim_list own, inputs, earlier;
    auto const add = [&](dim_list& to, value_id id) {
      for (dim const each : b_.dims(id))
        if (!b_.g.dims.is_number(each) && std::find(to.begin(), to.end(), each) == to.end()) to.push_back(each);
    };
    value_list given;
    for (c10::IValue const& each : first().arguments)
      detail::for_each_tensor_in(each, [&](at::Tensor const& t) {
        if (auto const found = values_[0].find(t.unsafeGetTensorImpl()); found != values_[0].end())
          given.push_back(found->second);
      });
    for (value_id const id : given) add(own, id);
    for (value_id const id : b_.g.inputs) add(inputs, id);
    for (std::size_t i = 0; i < b_.g.dims.symbols().size(); ++i)
      if (dim const axis = b_.g.dims.symbol(i);
          b_.runs()[0][i] != unknown && std::find(inputs.begin(), inputs.end(), axis) == inputs.end())
        inputs.push_back(axis);
    for (value_id id = 0; id < b_.g.values.size(); ++id) add(earlier, id);
    explainer search(b_.g.dims, b_.runs());
    // A size that data decide can be that of an axis in all runs by accident (the longest of some lengths): the axis
    // comes first.
    for (dim_list const* sources : {&own, &inputs, &earlier}) {
      dim_list plain;
      for (dim const each : *sources)
        if (!b_.g.dims.depends_on_data(each)) plain.push_back(each);
      if (explanation const exact = search.among(seen, plain); exact.found) return *exact.found;
    }
    // How many elements a tensor has.
    dim_list counts;
    auto const count = [&](value_id id) {
      dim_list const sizes = b_.dims(id);
      if (sizes.size() > 2) counts.push_back(b_.g.dims.product(sizes));
    };
    for (value_list const* ids : {&given, &b_.g.inputs})
      for (value_id const id : *ids) count(id);
    if (explanation const exact = search.among(seen, counts); exact.found) return *exact.found;
    explanation const result = search(seen, own, inputs, earlier);
    if (result.found) return *result.found;
    if (!result.rivals.empty())
      throw baked_value(name() + " (" + where() + "): argument \"" + std::string(argument) + "\" was " + text_of(seen) +
                        ", which both " + b_.g.dims.text(result.rivals[0]) + " and " +
                        b_.g.dims.text(result.rivals[1]) +
                        " explain. Fix one of these axes, or give them other ranges.");
    if (auto const found = of_read_number(seen)) return *found;
    bake(argument, text_of(seen));
  }

  std::int64_t fixed(std::string_view argument, dim found) const {
    if (!b_.g.dims.is_number(found))
      bake(argument, text_of(evaluate(b_.g.dims, found, b_.runs())) + " (" + b_.g.dims.text(found) + ")");
    return b_.g.dims.value(found);
  }

  [[noreturn]] void bake(std::string_view argument, std::string const& seen) const {
    std::string sizes;
    auto const symbols = b_.g.dims.symbols();
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      seen_values values;
      for (symbol_values const& run : b_.runs()) values.push_back(run[i]);
      if (symbols[i].is_axis && !all_equal(values))
        sizes += (sizes.empty() ? "" : "; ") + std::string(symbols[i].name) + " " + text_of(values);
    }
    throw baked_value(name() + " (" + where() + "): argument \"" + std::string(argument) + "\" was " + seen +
                      " in runs with " + (sizes.empty() ? "different data" : sizes) +
                      ", and no expression over these sizes that ONNX could compute gives it. Compute it with tensor "
                      "operations, or fix the axis in the configuration.");
  }
  static std::string number_text(double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.9g", value);
    return buffer;
  }

  builder& b_;
  matched_call const& matched_;
  std::vector<value_map> const& values_;
  std::int64_t part_ = -1;
};

}  // namespace constexport
