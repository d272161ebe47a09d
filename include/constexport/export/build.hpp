/// export/build.hpp: adds ONNX nodes to a graph, with the exact shape rule of each.
///
/// Room: export. Includes graph.hpp and explain.hpp. The lowerings are written with it. Every function returns the new
/// value; where nothing is to be done, the old one. Negative axes count from the end.
#pragma once

#include <constexport/export/explain.hpp>
#include <constexport/export/graph.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace constexport {

/// Sequences of unequal lengths of which LibTorch keeps only the steps that are there (lower/packed.hpp).
struct packed_rows {
  value_id padded = no_value;   ///< [time, batch, ...], with anything after the end of a sequence
  value_id lengths = no_value;  ///< int64 [batch]
  value_id mask = no_value;     ///< bool [time * batch]: is this step there?
  bool zero_after_end = false;  ///< and what comes after the end of a sequence is zero
};

/// Adds nodes to a graph. `runs` are the sizes at which the module was recorded: where a rule needs to know which of
/// two sizes is larger, the contract's ranges decide, else the runs, and that is noted as an assumption.
class builder {
 public:
  builder(graph& to, run_sizes& runs) : g(to), runs_(runs) {}

  graph& g;
  std::set<std::string> assumptions;                     ///< what held in the runs and is not in the contract
  std::map<std::string, std::size_t> folded;             ///< operators that LibTorch has computed, how often
  std::map<std::string, std::set<std::string>> lowered;  ///< LibTorch's operators, and ONNX's that they became
  std::map<value_id, packed_rows> packed;                ///< by the rows, and by the number of sequences at each step

  dtype type(value_id of) const { return g[of].type; }
  /// A copy: the next node may move what the graph holds.
  dim_list dims(value_id of) const { return g[of].dims; }
  std::int64_t rank(value_id of) const { return static_cast<std::int64_t>(g[of].dims.size()); }
  dim dim_of(value_id of, std::int64_t axis) const { return g[of].dims[index(axis, rank(of))]; }
  static std::size_t index(std::int64_t axis, std::int64_t rank) {
    return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
  }
  run_sizes const& runs() const { return runs_; }

  /// Integers without dimensions that are sizes, in the order in which the module computed them.
  dim_list known_sizes;
  /// What the module read out of tensors that depend on its inputs: one number per run.
  struct read_number {
    value_id value;
    std::vector<at::Scalar> seen;
    std::optional<dim> size{};  ///< the symbol that stands for it where it is a size
  };
  std::vector<read_number> read_numbers;

  /// A size that data decide, as a new symbol, with what every run saw.
  dim data_size(std::string const& name, seen_values const& seen) {
    std::string unique = name;
    auto const taken = [&] {
      for (symbol_row const& row : g.dims.symbols())
        if (row.name == unique) return true;
      return false;
    };
    for (int i = 1; taken(); ++i) unique = name + "_" + std::to_string(i);
    dim const made = g.dims.data_symbol(unique);
    for (std::size_t run = 0; run < seen.size(); ++run) runs_[run][g.dims.symbols().size() - 1] = seen[run];
    return made;
  }
  /// The same for an integer without dimensions that the module reads out of a tensor.
  dim data_size(read_number& number) {
    if (number.size) return *number.size;
    seen_values seen;
    for (at::Scalar const& each : number.seen) seen.push_back(each.to<std::int64_t>());
    number.size = data_size("number", seen);
    value_id const value = cast(number.value, dtype::int64);
    size_tensors_.emplace(number.size->id,
                          rank(value) == 0 ? unsqueeze(value, {0}) : reshape(value, {g.dims.number(1)}));
    return *number.size;
  }
  /// How many elements of a value are not zero, where a symbol stands for that: one for all that ask.
  std::map<value_id, dim> nonzero_counts;
  /// Says that a value holds pairs of real and imaginary parts, in its last dimension.
  value_id complex(value_id pairs) {
    g[pairs].is_complex = true;
    return pairs;
  }

  /// What `undo` goes back to.
  struct mark {
    std::size_t nodes;
    std::map<std::uint32_t, value_id> size_tensors;
  };
  mark here() const { return {g.nodes.size(), size_tensors_}; }
  /// Takes back the nodes that were added since.
  void undo(mark const& to) {
    g.nodes.resize(to.nodes);
    size_tensors_ = to.size_tensors;
  }

  // ---- nodes in general

  value_id node(std::string op, value_list inputs, std::vector<attribute> attributes, dtype type, dim_list sizes) {
    return g.node(std::move(op), std::move(inputs), std::move(attributes), {{type, std::move(sizes)}})[0];
  }
  /// A node whose result is like its first input.
  value_id unary(std::string op, value_id x, std::vector<attribute> attributes = {}) {
    return node(std::move(op), {x}, std::move(attributes), type(x), dims(x));
  }
  /// A node that broadcasts its inputs; `result` is `undefined` for the type of the first.
  value_id broadcast(std::string op, value_list inputs, dtype result = dtype::undefined) {
    dim_list sizes = dims(inputs[0]);
    for (std::size_t i = 1; i < inputs.size(); ++i) sizes = broadcast_dims(sizes, dims(inputs[i]));
    dtype const made = result == dtype::undefined ? type(inputs[0]) : result;
    return node(std::move(op), std::move(inputs), {}, made, std::move(sizes));
  }
  value_id cast(value_id x, dtype to) {
    if (type(x) == to) return x;
    at::ScalarType const same = to_scalar_type(to);  // LibTorch has no wide unsigned integers
    if (g.is_constant(x) && g[x].data.numel() <= 64 && same != at::ScalarType::Undefined)
      return g.constant(g[x].data.to(same));
    return node("Cast", {x}, {{"to", static_cast<std::int64_t>(to)}}, to, dims(x));
  }
  value_id scalar(at::Scalar const& number, dtype of_type) { return g.scalar(number, of_type); }

  dim_list broadcast_dims(dim_list const& a, dim_list const& b) {
    dim_list result(std::max(a.size(), b.size()));
    for (std::size_t i = 0; i < result.size(); ++i) {
      dim const one = g.dims.number(1);
      dim const x = i < a.size() ? a[a.size() - 1 - i] : one, y = i < b.size() ? b[b.size() - 1 - i] : one;
      dim chosen = x;
      if (x == one || (x != y && y != one && evaluate(g.dims, x, runs_) == seen_values(runs_.size(), 1)))
        chosen = y;
      else if (x != y && y != one && g.dims.is_number(y))
        chosen = y;  // LibTorch accepts only equal sizes or 1, so the other is this number too
      result[result.size() - 1 - i] = chosen;
    }
    return result;
  }

  // ---- sizes as tensors

  /// int64 [1]: a constant, one dimension of a value, or arithmetic on these.
  value_id size_tensor(dim size) {
    if (g.dims.is_number(size)) return g.integers({g.dims.value(size)});
    if (auto const found = size_tensors_.find(size.id); found != size_tensors_.end()) return found->second;
    value_id const made = make_size_tensor(size);
    size_tensors_.emplace(size.id, made);
    return made;
  }
  /// The same without dimensions.
  value_id size_scalar(dim size) {
    if (g.dims.is_number(size)) return g.scalar(g.dims.value(size), dtype::int64);
    value_id const made = node("Squeeze", {size_tensor(size), g.integers({0})}, {}, dtype::int64, {});
    g[made].known_ratio = size_ratio{size};
    return made;
  }
  /// int64 [rank].
  value_id shape_tensor(dim_list const& sizes) {
    value_list parts;
    std::vector<std::int64_t> numbers;
    bool all_numbers = true;
    for (dim const each : sizes) all_numbers = all_numbers && g.dims.is_number(each);
    if (all_numbers) {
      for (dim const each : sizes) numbers.push_back(g.dims.value(each));
      return g.integers(numbers);
    }
    auto const flush = [&] {
      if (!numbers.empty()) parts.push_back(g.integers(std::exchange(numbers, {})));
    };
    for (dim const each : sizes)
      if (g.dims.is_number(each)) {
        numbers.push_back(g.dims.value(each));
      } else {
        flush();
        parts.push_back(size_tensor(each));
      }
    flush();
    return concat(parts, 0);
  }

  // ---- shapes

  value_id transpose(value_id x, std::vector<std::int64_t> perm) {
    dim_list sizes;
    bool same = true;
    for (std::size_t i = 0; i < perm.size(); ++i) {
      perm[i] = static_cast<std::int64_t>(index(perm[i], rank(x)));
      same = same && perm[i] == static_cast<std::int64_t>(i);
      sizes.push_back(dims(x)[static_cast<std::size_t>(perm[i])]);
    }
    return same ? x : node("Transpose", {x}, {{"perm", perm}}, type(x), std::move(sizes));
  }
  value_id swap(value_id x, std::int64_t a, std::int64_t b) {
    if (rank(x) == 0) return x;
    std::vector<std::int64_t> perm(static_cast<std::size_t>(rank(x)));
    std::iota(perm.begin(), perm.end(), 0);
    std::swap(perm[index(a, rank(x))], perm[index(b, rank(x))]);
    return transpose(x, perm);
  }
  /// `axes` count in the result and are not negative.
  value_id unsqueeze(value_id x, std::vector<std::int64_t> const& axes) {
    if (axes.empty()) return x;
    dim_list sizes = dims(x);
    for (std::int64_t const axis : axes) sizes.insert(sizes.begin() + axis, g.dims.number(1));
    return node("Unsqueeze", {x, g.integers(axes)}, {}, type(x), std::move(sizes));
  }
  value_id squeeze(value_id x, std::vector<std::int64_t> axes) {
    if (axes.empty()) return x;
    for (std::int64_t& axis : axes) axis = static_cast<std::int64_t>(index(axis, rank(x)));
    dim_list sizes;
    for (std::int64_t i = 0; i < rank(x); ++i)
      if (std::find(axes.begin(), axes.end(), i) == axes.end()) sizes.push_back(dims(x)[static_cast<std::size_t>(i)]);
    return node("Squeeze", {x, g.integers(axes)}, {}, type(x), std::move(sizes));
  }
  /// The number of sizes of `to` that neither stay in their place nor are numbers: more than one must be computed.
  std::size_t open_sizes(dim_list const& from, dim_list const& to) const {
    std::size_t open = 0;
    for (std::size_t i = 0; i < to.size(); ++i)
      open += !g.dims.is_number(to[i]) && !(i < from.size() && from[i] == to[i]);
    return open;
  }
  /// The same elements in another shape.
  value_id reshape(value_id x, dim_list const& sizes) {
    dim_list const from = dims(x);
    if (from == sizes) return x;
    // A size that is 0 must not mean "as before", and nothing can be worked out where another one is 0.
    std::size_t empty = 0, open = 0, open_empty = 0;
    bool zero = false;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      bool const stays = i < from.size() && from[i] == sizes[i], number = g.dims.is_number(sizes[i]);
      bool const may_be_empty = !proven_at_most(g.dims.number(1), sizes[i]);
      zero = zero || g.dims.is_number(sizes[i], 0);
      open += !number && !stays;
      empty += may_be_empty;
      open_empty += may_be_empty && !number && !stays;
    }
    bool const written_out = zero || (open > 0 && empty > 0 && !(open == 1 && empty == 1 && open_empty == 1));
    if (written_out) return node("Reshape", {x, shape_tensor(sizes)}, {{"allowzero", std::int64_t{1}}}, type(x), sizes);
    return node("Reshape", {x, reshape_target(from, sizes)}, {}, type(x), sizes);
  }
  value_id expand(value_id x, dim_list const& sizes) {
    if (dims(x) == sizes) return x;
    return node("Expand", {x, shape_tensor(sizes)}, {}, type(x), sizes);
  }

  /// Elements `start`, `start + step`, ... before `end` along one axis, as LibTorch's `slice` counts: negative numbers
  /// from the end, and what lies outside is cut off.
  value_id slice(value_id x, std::int64_t axis, dim start, dim end, std::int64_t step = 1) {
    axis = static_cast<std::int64_t>(index(axis, rank(x)));
    dim const size = dim_of(x, axis);
    dim const first = clamped(start, size), last = clamped(end, size);
    if (step == 1 && first == g.dims.number(0) && last == size) return x;
    dim_list sizes = dims(x);
    dim const length = positive(g.dims.subtract(last, first));
    sizes[static_cast<std::size_t>(axis)] = step == 1 ? length : g.dims.ceil_divide(length, step);
    // What goes to the end stays open, so that no size needs to be computed.
    dim const until = last == size ? g.dims.number(std::numeric_limits<std::int64_t>::max()) : end;
    value_list inputs{x, size_tensor(start), size_tensor(until), g.integers({axis})};
    if (step != 1) inputs.push_back(g.integers({step}));
    return node("Slice", std::move(inputs), {}, type(x), std::move(sizes));
  }
  value_id concat(value_list const& parts, std::int64_t axis) {
    if (parts.size() == 1) return parts[0];
    std::size_t const at = index(axis, rank(parts[0]));
    dim_list sizes = dims(parts[0]);
    for (std::size_t i = 1; i < parts.size(); ++i) sizes[at] = g.dims.add(sizes[at], dims(parts[i])[at]);
    return node("Concat", parts, {{"axis", static_cast<std::int64_t>(at)}}, type(parts[0]), std::move(sizes));
  }
  value_id gather(value_id x, value_id indices, std::int64_t axis) {
    std::size_t const at = index(axis, rank(x));
    dim_list sizes = dims(x);
    dim_list const picked = dims(indices);
    sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(at));
    sizes.insert(sizes.begin() + static_cast<std::ptrdiff_t>(at), picked.begin(), picked.end());
    return node("Gather", {x, indices}, {{"axis", static_cast<std::int64_t>(at)}}, type(x), std::move(sizes));
  }
  /// int64 [size]: 0, 1, 2, ...
  value_id range(dim size) {
    if (g.dims.is_number(size)) return g.constant(at::arange(g.dims.value(size), at::kLong));
    return node("Range", {g.scalar(0, dtype::int64), size_scalar(size), g.scalar(1, dtype::int64)}, {}, dtype::int64,
                {size});
  }
  /// One number everywhere.
  value_id full(dim_list const& sizes, at::Scalar const& number, dtype of_type) {
    return expand(scalar(number, of_type), sizes);
  }

  // ---- arithmetic of several elements

  value_id matmul(value_id a, value_id b) {
    dim_list left = dims(a), right = dims(b);
    bool const row = left.size() == 1, column = right.size() == 1;
    dim const m = row ? g.dims.number(1) : left[left.size() - 2], n = right.back();
    left.resize(left.size() - (row ? 1 : 2));
    right.resize(right.size() - (column ? 1 : 2));
    dim_list sizes = broadcast_dims(left, right);
    if (!row) sizes.push_back(m);
    if (!column) sizes.push_back(n);
    return node("MatMul", {a, b}, {}, type(a), std::move(sizes));
  }
  /// alpha * a b + beta * c, matrices; `c` may be `no_value`.
  value_id gemm(value_id a, value_id b, value_id c, double alpha = 1, double beta = 1) {
    dim_list const sizes{dims(a)[0], dims(b)[1]};
    value_list inputs{a, b};
    std::vector<attribute> attributes;
    if (c != no_value) inputs.push_back(c);
    if (alpha != 1) attributes.push_back({"alpha", alpha});
    if (c != no_value && beta != 1) attributes.push_back({"beta", beta});
    return node("Gemm", std::move(inputs), std::move(attributes), type(a), sizes);
  }
  /// ReduceMean, ReduceSum and the like over `axes`; none: over all.
  value_id reduce(std::string const& op, value_id x, std::vector<std::int64_t> axes, bool keep) {
    if (rank(x) == 0) return x;
    if (axes.empty())
      for (std::int64_t i = 0; i < rank(x); ++i) axes.push_back(i);
    dim_list sizes;
    for (std::int64_t& axis : axes) axis = static_cast<std::int64_t>(index(axis, rank(x)));
    std::sort(axes.begin(), axes.end());
    for (std::int64_t i = 0; i < rank(x); ++i) {
      bool const reduced = std::find(axes.begin(), axes.end(), i) != axes.end();
      if (!reduced)
        sizes.push_back(dims(x)[static_cast<std::size_t>(i)]);
      else if (keep)
        sizes.push_back(g.dims.number(1));
    }
    std::vector<attribute> attributes{{"keepdims", std::int64_t{keep ? 1 : 0}}};
    value_list inputs{x};
    if (g.opset >= 18 || op == "ReduceSum")
      inputs.push_back(g.integers(axes));
    else
      attributes.push_back({"axes", axes});
    return node(op, std::move(inputs), std::move(attributes), type(x), std::move(sizes));
  }

  // ---- which of two sizes is larger

  /// Is a <= b for all sizes within the contract's ranges?
  bool proven_at_most(dim a, dim b) const {
    std::vector<interval> ranges;
    for (symbol_row const& each : g.dims.symbols()) ranges.push_back({each.minimum, each.maximum});
    return bounds(program{g.dims.code(g.dims.subtract(b, a))}, ranges).minimum >= 0;
  }
  /// Is it so within the ranges, or does a tensor have this size? A maximum with 0 would be another size than the
  /// tensor's.
  bool not_negative(dim size) const { return proven_at_most(g.dims.number(0), size) || g.place_of(size); }
  /// Is a <= b in every run?
  bool seen_at_most(dim a, dim b) const {
    for (symbol_values const& values : runs_)
      if (g.dims.evaluate(a, values) > g.dims.evaluate(b, values)) return false;
    return true;
  }
  /// An index as LibTorch understands it: from the end if negative, then within [0, size].
  dim clamped(dim at, dim size) {
    dim const zero = g.dims.number(0);
    // "To the end" is some very large number, which one differs between versions of LibTorch.
    if (g.dims.is_number(at) && g.dims.value(at) >= std::int64_t{1} << 48) return size;
    if (!seen_at_most(zero, at)) {
      if (seen_at_most(zero, g.dims.add(at, size)) || seen_at_most(at, g.dims.number(-1))) at = g.dims.add(at, size);
      if (!not_negative(at)) at = seen_at_most(at, zero) ? zero : g.dims.maximum(zero, at);
    }
    if (at == size || proven_at_most(at, size)) return at;
    if (proven_at_most(size, at)) return size;
    if (!g.dims.is_number(at) && seen_at_most(at, size)) {
      assume(at, size);
      return at;
    }
    return g.dims.minimum(at, size);
  }
  /// A length, not below 0.
  dim positive(dim length) {
    dim const zero = g.dims.number(0);
    if (not_negative(length)) return length;
    if (proven_at_most(length, zero)) return zero;
    // The difference of two axes is the module's business; of one axis and a number, small sizes are met in practice.
    if (!seen_at_most(zero, length) || g.dims.symbol_count(length) < 2) return g.dims.maximum(zero, length);
    assume(zero, length);
    return length;
  }

 private:
  void assume(dim small, dim large) { assumptions.insert(g.dims.text(small) + " <= " + g.dims.text(large)); }

  value_id make_size_tensor(dim size) {
    if (auto const seen = g.place_of(size))
      return node("Shape", {seen->value}, {{"start", seen->axis}, {"end", seen->axis + 1}}, dtype::int64,
                  {g.dims.number(1)});
    // No value has this size: compute it from its parts.
    std::vector<value_id> stack;
    for (instruction const step : g.dims.code(size)) {
      if (step.code == operation::constant) {
        stack.push_back(g.integers({step.value}));
      } else if (step.code == operation::symbol) {
        dim const symbol = g.dims.symbol(static_cast<std::size_t>(step.value));
        stack.push_back(symbol == size ? solve(static_cast<std::size_t>(step.value)) : size_tensor(symbol));
      } else {
        value_id const right = stack.back();
        stack.pop_back();
        stack.back() = node(op_of(step.code, size), {stack.back(), right}, {}, dtype::int64, {g.dims.number(1)});
      }
    }
    return stack.back();
  }
  // A symbol that is no tensor's size, from a size that is linear in it.
  value_id solve(std::size_t symbol) {
    dim const wanted = g.dims.symbol(symbol);
    if (solving_.insert(symbol).second)
      for (value_id const id : g.values_made())
        for (std::size_t axis = 0; id != no_value && axis < g[id].dims.size(); ++axis) {
          dim const size = g[id].dims[axis];
          std::int64_t const factor = g.dims.linear_in(size, symbol);
          if (factor == 0) continue;
          dim const rest = g.dims.subtract(size, g.dims.multiply(wanted, factor));
          try {
            dim_list const one{g.dims.number(1)};
            value_id result = size_tensor(size);
            if (!g.dims.is_number(rest, 0)) result = node("Sub", {result, size_tensor(rest)}, {}, dtype::int64, one);
            if (factor != 1) result = node("Div", {result, g.integers({factor})}, {}, dtype::int64, one);
            solving_.erase(symbol);
            return result;
          } catch (export_error const&) {
            // The rest cannot be computed either; another size may do.
          }
        }
    solving_.erase(symbol);
    throw export_error("No tensor of the model has a size from which " + g.dims.text(wanted) +
                       " could be computed. Fix the axes in it in the configuration.");
  }
  std::string op_of(operation code, dim size) const {
    switch (code) {
      case operation::add:
        return "Add";
      case operation::subtract:
        return "Sub";
      case operation::multiply:
        return "Mul";
      case operation::floor_divide:
        return "Div";  // sizes are not negative, so rounding to zero is rounding down
      case operation::modulo:
        return "Mod";
      case operation::minimum:
        return "Min";
      case operation::maximum:
        return "Max";
      default:
        throw export_error("The size " + g.dims.text(size) +
                           " cannot be computed by ONNX operators. Fix the axes in it in the configuration.");
    }
  }

  // Constants where a size is a number, 0 where it stays in its place, one -1; only then computed sizes.
  value_id reshape_target(dim_list const& from, dim_list const& to) {
    std::vector<std::int64_t> target;
    std::size_t open = 0;
    for (std::size_t i = 0; i < to.size(); ++i)
      if (g.dims.is_number(to[i]))
        target.push_back(g.dims.value(to[i]));
      else if (i < from.size() && from[i] == to[i])
        target.push_back(0);
      else {
        target.push_back(-1);
        ++open;
      }
    if (open <= 1) return g.integers(target);
    // All but the last open one are computed.
    value_list parts;
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (target[i] == -1 && --open > 0) {
        if (!numbers.empty()) parts.push_back(g.integers(std::exchange(numbers, {})));
        parts.push_back(size_tensor(to[i]));
      } else {
        numbers.push_back(target[i]);
      }
    }
    if (!numbers.empty()) parts.push_back(g.integers(numbers));
    return concat(parts, 0);
  }

  run_sizes& runs_;
  std::map<std::uint32_t, value_id> size_tensors_;
  std::set<std::size_t> solving_;
};

}  // namespace constexport
