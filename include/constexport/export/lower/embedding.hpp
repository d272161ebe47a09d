/// export/lower/embedding.hpp: rows of a table, and bags of them.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// `padding_idx` matters to gradients only.
inline value_list embedding(call& c, builder& b) { return {b.gather(c.tensor("weight"), c.tensor("indices"), 0)}; }

inline value_list embedding_renorm(call& c, builder&) {
  throw module_error(c.name() + " (" + c.where() +
                     ") writes to the table of an embedding while the module runs (max_norm). An ONNX graph has no "
                     "state: scale the table once, before the export, and set max_norm to none.");
}

/// Sums, means or largest elements of rows in bags.
class embedding_bag_writer {
 public:
  embedding_bag_writer(call& c, builder& b) : c_(c), b_(b), table_(c.tensor("weight")), type_(b.type(table_)) {
    indices_ = b.cast(c.tensor("indices"), dtype::int64);
    offsets_ = b.cast(c.tensor("offsets"), dtype::int64);
    count_ = b.dim_of(indices_, 0);
    bags_ = b.dim_of(offsets_, 0);
    if (c.flag("include_last_offset")) {
      bags_ = b.g.dims.subtract(bags_, b.g.dims.number(1));
      offsets_ = b.slice(offsets_, 0, b.g.dims.number(0), bags_);
    }
    rows_ = b.gather(table_, indices_, 0);
    if (value_id const weights = c.optional_tensor("per_sample_weights"); weights != no_value)
      rows_ = b.broadcast("Mul", {rows_, b.unsqueeze(b.cast(weights, type_), {1})});
    find_padding();
  }

  value_id operator()() {
    constexpr std::int64_t sum = 0, mean = 1;
    std::int64_t const mode = c_.integer("mode");
    if (mode == sum) return total(of_interest(0));
    value_id const counted = counts();
    value_id const zero = b_.scalar(0, type_);
    if (mode == mean) {
      value_id const divisor = b_.broadcast("Max", {counted, b_.scalar(1, type_)});
      return b_.broadcast("Div", {total(of_interest(0)), b_.unsqueeze(divisor, {1})});
    }
    value_id const any = b_.unsqueeze(b_.broadcast("Greater", {counted, zero}, dtype::boolean), {1});
    return b_.broadcast("Where", {any, largest(of_interest(lowest())), zero}, type_);
  }

 private:
  static double lowest() { return -std::numeric_limits<double>::infinity(); }
  dim_list sizes() const { return {bags_, b_.dims(table_)[1]}; }

  // Rows of the padding index are as if they were not there.
  void find_padding() {
    if (c_.is_none("padding_idx")) return;
    dim const given = c_.size("padding_idx"), rows = b_.dims(table_)[0];
    if (!b_.g.dims.is_number(given)) c_.decline("the padding index is dynamic");
    dim index = given;
    if (b_.g.dims.value(given) < 0) {
      // Inside LibTorch -1 is no padding; where a module gives it, it counts from the end.
      if (c_.name() != "aten::embedding_bag.padding_idx") return;
      index = b_.g.dims.add(rows, given);
    }
    value_id const is_padding = b_.broadcast("Equal", {indices_, b_.size_scalar(index)}, dtype::boolean);
    kept_ = b_.unary("Not", is_padding);
  }
  value_id of_interest(double instead) {
    if (kept_ == no_value) return rows_;
    return b_.broadcast("Where", {b_.unsqueeze(kept_, {1}), rows_, b_.scalar(instead, type_)}, type_);
  }
  value_id counts() {
    value_id const ones = kept_ == no_value ? b_.full({count_}, 1, type_) : b_.cast(kept_, type_);
    if (value_id const apart = folded(ones); apart != no_value) return b_.reduce("ReduceSum", apart, {1}, false);
    return scattered(b_.full({bags_}, 0, type_), ones, "add");
  }
  value_id total(value_id rows) {
    if (value_id const apart = folded(rows); apart != no_value) return b_.reduce("ReduceSum", apart, {1}, false);
    return scattered(b_.full(sizes(), 0, type_), rows, "add");
  }
  value_id largest(value_id rows) {
    if (value_id const apart = folded(rows); apart != no_value) return b_.reduce("ReduceMax", apart, {1}, false);
    if (b_.g.opset >= 18) return scattered(b_.full(sizes(), lowest(), type_), rows, "max");
    // [bags, rows, width], because nothing scatters the largest yet.
    value_id const inside = b_.broadcast("Equal", {b_.unsqueeze(b_.range(bags_), {1}), bag_of_each()}, dtype::boolean);
    value_id const all = b_.broadcast("Where", {b_.unsqueeze(inside, {2}), rows, b_.scalar(lowest(), type_)}, type_);
    return b_.reduce("ReduceMax", all, {1}, false);
  }

  // [bags, each, ...] where every bag has the same number of rows, as those of a matrix of indices have.
  value_id folded(value_id x) {
    std::optional<dim> const each = bag_size();
    if (!each) return no_value;
    dim_list to = b_.dims(x);
    to[0] = *each;
    to.insert(to.begin(), bags_);
    return b_.reshape(x, to);
  }
  std::optional<dim> bag_size() const {
    if (b_.g.is_constant(offsets_)) {
      at::Tensor const data = b_.g[offsets_].data;
      if (!b_.g.dims.is_number(count_) || data.numel() == 0) return std::nullopt;
      std::int64_t const bags = data.numel(), all = b_.g.dims.value(count_);
      if (all % bags != 0 || !at::equal(data, at::arange(bags, at::kLong) * (all / bags))) return std::nullopt;
      return b_.g.dims.number(all / bags);
    }
    for (auto node = b_.g.nodes.rbegin(); node != b_.g.nodes.rend(); ++node) {
      if (node->outputs.empty() || node->outputs[0] != offsets_) continue;
      if (node->op != "Range") return std::nullopt;
      std::optional<dim> const start = known(node->inputs[0]), step = known(node->inputs[2]);
      if (!start || !step || !b_.g.dims.is_number(*start, 0)) return std::nullopt;
      return b_.g.dims.multiply(*step, bags_) == count_ ? step : std::nullopt;
    }
    return std::nullopt;
  }
  std::optional<dim> known(value_id x) const {
    if (auto const known = b_.g[x].known_ratio; known && known->divisor == 1) return known->size;
    if (!b_.g.is_constant(x) || b_.g[x].data.numel() != 1) return std::nullopt;
    return b_.g.dims.number(b_.g[x].data.item<std::int64_t>());
  }

  // int64 [rows]: how many bags begin up to here, less one.
  value_id bag_of_each() {
    if (bag_ != no_value) return bag_;
    dim const all = b_.g.dims.add(count_, 1);
    value_id const none = b_.full({all}, 0, dtype::int64), one = b_.full({bags_}, 1, dtype::int64);
    value_id const begins =
        b_.node("ScatterElements", {none, offsets_, one}, {{"reduction", std::string("add")}}, dtype::int64, {all});
    value_id const until = b_.slice(begins, 0, b_.g.dims.number(0), count_);
    value_id const begun = b_.node("CumSum", {until, b_.scalar(0, dtype::int64)}, {}, dtype::int64, {count_});
    return bag_ = b_.broadcast("Sub", {begun, b_.scalar(1, dtype::int64)});
  }
  value_id scattered(value_id into, value_id x, char const* how) {
    value_id const places = b_.unsqueeze(bag_of_each(), {1});
    return b_.node("ScatterND", {into, places, x}, {{"reduction", std::string(how)}}, type_, b_.dims(into));
  }

  call& c_;
  builder& b_;
  value_id table_, indices_ = no_value, offsets_ = no_value, rows_ = no_value, kept_ = no_value, bag_ = no_value;
  dtype type_;
  dim count_{}, bags_{};
};

/// What LibTorch keeps for the gradients is not made.
inline value_list embedding_bag(call& c, builder& b) {
  value_list results{embedding_bag_writer(c, b)()};
  results.resize(c.result_count(), no_value);
  return results;
}

inline void add_embedding(lowering_table& table) {
  table.add("aten::embedding", embedding);
  table.add({"aten::embedding_renorm", "aten::embedding_renorm_"}, embedding_renorm);
  table.add({"aten::embedding_bag", "aten::_embedding_bag", "aten::_embedding_bag_forward_only"}, embedding_bag);
}

}  // namespace constexport::lower
