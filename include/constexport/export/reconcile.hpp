/// export/reconcile.hpp: from recordings at different sizes to one graph whose every size is an expression.
///
/// Room: export. Includes LibTorch, call.hpp and record.hpp. export.hpp calls it. The recordings are walked in step:
/// calls, dataflow and outputs must agree, constants must be equal, every size is explained or follows from its
/// operator's shape rule and is compared with what was recorded.
#pragma once

#include <constexport/adapters/torch.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/export/known_sizes.hpp>
#include <constexport/export/lowering_table.hpp>
#include <constexport/export/recorded_facts.hpp>
#include <constexport/export/state_names.hpp>
#include <constexport/export/unsupported.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace constexport {

/// What a contract declares of one tensor.
struct declared_tensor {
  std::string name;
  dtype type = dtype::undefined;
  dim_list dims;
  bool is_unstated = false;  ///< the dimensions are not declared
};

namespace detail {

class reconciler {
 public:
  reconciler(builder& b, std::vector<recording> const& runs, std::vector<named_tensor> const& state,
             lowering_table const& lowerings)
      : b_(b), runs_(runs), lowerings_(lowerings), values_(runs.size()), sizes_(b, values_), state_(state) {}

  /// Adds the graph's inputs, nodes and outputs.
  void operator()(std::vector<declared_tensor> const& inputs) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      value_id const id = b_.g.add({graph_value::kind::input, inputs[i].name, inputs[i].type, inputs[i].dims});
      b_.g.inputs.push_back(id);
      for (std::size_t run = 0; run < runs_.size(); ++run)
        values_[run][runs_[run].inputs[i].unsafeGetTensorImpl()] = id;
    }
    std::vector<level> tops;
    for (recording const& run : runs_) tops.push_back(run.top);
    walk(tops, "the module");
    unsupported_.refuse();
    for (std::size_t i = 0; i < runs_[0].outputs.size(); ++i) add_output(i);
  }

 private:
  using level = std::vector<recorded_call*>;
  // ---- the calls, in step

  void walk(std::vector<level> const& calls, std::string const& parent) {
    std::vector<level> kept(calls.size());
    for (std::size_t run = 0; run < calls.size(); ++run)
      for (recorded_call* const each : calls[run])
        if (!each->on_meta) kept[run].push_back(each);
    std::size_t longest = 0;
    for (level const& each : kept) longest = std::max(longest, each.size());
    for (std::size_t i = 0; i < longest; ++i) {
      matched_call matched;
      for (std::size_t run = 0; run < kept.size(); ++run) {
        auto const name = [&](std::size_t k) { return i < kept[k].size() ? name_of(*kept[k][i]) : "nothing"; };
        if (i >= kept[run].size() || kept[run][i]->schema != kept[0][i]->schema)
          throw not_reproducible(
              "The runs differ: within " + parent + ", after " + place() + ", one run calls " + name(0) +
              " and another " + name(run) +
              ". The module's control flow depends on sizes or data; write it with tensor operations "
              "(for example where), or fix the axis that decides it.");
        matched.runs.push_back(kept[run][i]);
      }
      counter_ += parent == "the module";
      matched.where = place(matched.runs[0]);
      visit(matched);
    }
  }

  void visit(matched_call const& matched) {
    recorded_call const& first = *matched.runs[0];
    note_weights(first);
    if (first.writes && !first.wrapped) return adopt_results(matched);
    if (adopt_filled(matched)) return;
    if (all_arguments_constant(matched) && fold(matched)) return;
    if (sizes_.carry(matched)) return;
    lowering const* const how = first.writes || returns_no_tensor(first) ? nullptr : lowering_of(matched);
    std::string reason = "it has no lowering";
    if (how != nullptr) {
      if (poisoned(matched)) return poison(matched);
      builder::mark const before = b_.here();
      try {
        call given(b_, matched, values_);
        bind_results(matched, (*how)(given, b_), false);
        auto& made = b_.lowered[name_of(first)];
        for (std::size_t i = before.nodes; i < b_.g.nodes.size(); ++i) {
          b_.g.nodes[i].scope = first.where;
          made.insert(b_.g.nodes[i].op);
        }
        return;
      } catch (declined const& why) {
        b_.undo(before);
        reason = why.reason;
      } catch (no_such_dimension const& why) {
        b_.undo(before);
        reason = why.what();
      }
    }
    if (returns_no_tensor(first)) {
      if (asks_for_shape(*first.schema) || reads_number(matched) || is_settled(matched)) return;
      throw not_reproducible(
          name_of(first) + " (" + matched.where +
          "): the module reads a value out of a tensor that it computes from its inputs. What C++ code does "
          "with it depends on data and cannot be exported. Keep it a tensor, for example with "
          "torch::where.");
    }
    if (!first.children.empty()) {
      std::vector<level> children;
      for (recorded_call const* each : matched.runs) children.push_back(each->children);
      return walk(children, name_of(first));
    }
    if (returns_arguments(matched)) return;
    if (is_random(*first.schema)) refuse_chance(matched);
    unsupported_.add(name_of(first), reason, matched.where);
    poison(matched);
  }

  // ---- constants

  // The value of a tensor in one run; tensors that no call made are weights or constants.
  value_id value_of(std::size_t run, at::Tensor const& tensor) const {
    auto const found = values_[run].find(tensor.unsafeGetTensorImpl());
    return found != values_[run].end() ? found->second : no_value;
  }

  bool all_arguments_constant(matched_call const& matched) {
    bool constant = true;
    for (std::size_t i = 0; i < matched.runs[0]->arguments.size(); ++i) {
      std::vector<std::vector<at::Tensor>> tensors(runs_.size());
      for (std::size_t run = 0; run < runs_.size(); ++run)
        for_each_tensor_in(matched.runs[run]->arguments[i], [&](at::Tensor const& t) { tensors[run].push_back(t); });
      for (std::size_t k = 0; k < tensors[0].size(); ++k) {
        std::vector<at::Tensor> same;
        for (auto const& row : tensors)
          if (k < row.size()) same.push_back(row[k]);
        if (same.size() == runs_.size()) adopt(same, matched);
        value_id const value = value_of(0, tensors[0][k]);
        constant = constant && (value == no_value ? false : b_.g.is_constant(value));
      }
    }
    return constant;
  }

  // A tensor that no recorded call made: a weight, or a constant if it is equal in all runs.
  void adopt(std::vector<at::Tensor> const& same, matched_call const& matched) {
    std::size_t known = 0;
    for (std::size_t run = 0; run < runs_.size(); ++run) known += value_of(run, same[run]) != no_value;
    if (known == runs_.size()) return;
    named_tensor const* const weight = state_.find(same[0]);
    at::Tensor const first = content(0, same[0]);
    if (known == 0 && weight == nullptr && sizes_.adopt(contents(same), same, matched)) return;
    for (std::size_t run = 1; run < runs_.size(); ++run)
      if (!same[run].is_same(same[0]) &&
          (known != 0 || weight != nullptr || !same_content(content(run, same[run]), first)))
        throw baked_value(
            name_of(*matched.runs[0]) + " (" + matched.where +
            "): it reads a tensor that was not made by LibTorch operators and that differs between runs: " +
            shown(first) + " and " + shown(content(run, same[run])) +
            ". It depends on sizes or data; build it with tensor operations (arange, full, cat).");
    value_id const id = weight != nullptr ? add_weight(*weight) : constant_of(first);
    for (std::size_t run = 0; run < runs_.size(); ++run) values_[run][same[run].unsafeGetTensorImpl()] = id;
  }

  value_id constant_of(at::Tensor const& tensor, std::string const& name = {}) {
    if (!tensor.is_complex()) return b_.g.constant(tensor.detach(), name);
    return b_.complex(b_.g.constant(at::view_as_real(tensor.detach().resolve_conj()), name));
  }

  // TorchScript's `torch.tensor([...])` writes numbers into the memory of an `empty`, which is zero otherwise.
  bool adopt_filled(matched_call const& matched) {
    if (!runs_[0].follows_numbers || matched.runs[0]->schema->name() != "aten::empty") return false;
    std::vector<at::Tensor> held;
    bool filled = false, same = true;
    for (recorded_call const* const each : matched.runs) {
      held.push_back(each->results[0].toTensor());
      filled = filled || (held.back().device().is_cpu() && held.back().ne(0).any().item<bool>());
      same = same && same_content(held.back(), held.front());
    }
    if (!filled) return false;
    value_id made = no_value;
    if (same) {
      made = b_.g.constant(held[0].detach());
    } else {
      call given(b_, matched, values_);
      value_list elements;
      for (std::int64_t i = 0; i < held[0].numel(); ++i) {
        seen_values seen;
        for (at::Tensor const& each : held)
          if (each.scalar_type() == at::kLong && each.sizes() == held[0].sizes())
            seen.push_back(each.flatten()[i].item<std::int64_t>());
        if (seen.size() != held.size())
          throw baked_value("torch.tensor (" + matched.where + "): it holds " + shown(held[0]) + " in one run and " +
                            shown(held.back()) +
                            " in another, and only whole numbers that are sizes can be followed. Build it with tensor "
                            "operations (arange, full, stack).");
        elements.push_back(b_.size_tensor(given.explained("an element of torch.tensor", seen)));
      }
      dim_list sizes;
      for (std::int64_t const size : held[0].sizes()) sizes.push_back(b_.g.dims.number(size));
      made = b_.reshape(b_.concat(elements, 0), sizes);
    }
    for (std::size_t run = 0; run < held.size(); ++run) values_[run][held[run].unsafeGetTensorImpl()] = made;
    return true;
  }
  // A number out of a tensor: a size, or an element of a tensor that depends on data, which is followed where the
  // module is known not to steer by it.
  bool reads_number(matched_call const& matched) {
    recorded_call const& first = *matched.runs[0];
    std::string const& name = first.schema->name();
    bool const is_element = name == "aten::item" || name == "aten::_local_scalar_dense";
    value_id value = no_value;
    if (is_element) value = value_of(0, first.arguments[0].toTensor());
    if (is_element && (value == no_value || !first.results[0].isScalar())) return false;
    if (is_element && sizes_.read(value)) return true;
    if (!runs_[0].follows_numbers) return false;
    if (!is_element && (value = answer_of(matched)) == no_value) return false;
    builder::read_number made{value, {}};
    bool same = true;
    for (recorded_call const* const each : matched.runs) {
      made.seen.push_back(each->results[0].isBool() ? at::Scalar(each->results[0].toBool())
                                                    : each->results[0].toScalar());
      same = same && made.seen.back().toDouble() == made.seen.front().toDouble();
    }
    if (same && !is_element) return false;
    if (same && !b_.g.is_constant(value))
      b_.assumptions.insert(name + " is " + std::to_string(made.seen[0].toDouble()) + " at " + matched.where);
    b_.read_numbers.push_back(std::move(made));
    return true;
  }

  // What an operator says of its arguments (are they equal?), as a boolean without dimensions, if it has a lowering.
  value_id answer_of(matched_call const& matched) {
    recorded_call const& first = *matched.runs[0];
    lowering const* const how = first.results[0].isBool() ? lowering_of(matched) : nullptr;
    if (how == nullptr) return no_value;
    builder::mark const before = b_.here();
    try {
      call given(b_, matched, values_);
      return (*how)(given, b_).at(0);
    } catch (declined const&) {
      b_.undo(before);
      return no_value;
    }
  }
  lowering const* lowering_of(matched_call const& matched) {
    return lowerings_.find(*matched.runs[0]->schema, call(b_, matched, values_).is_complex());
  }

  // A constant is being built; what it holds in the end counts.
  void adopt_results(matched_call const& matched) {
    call given(b_, matched, values_);
    for (std::size_t i = 0; i < given.result_count(); ++i) {
      std::vector<at::Tensor> same;
      for (std::size_t run = 0; run < runs_.size(); ++run) same.push_back(given.result(i, run));
      if (value_id const known = value_of(0, same[0]); known != no_value && !b_.g.is_constant(known))
        throw not_reproducible(name_of(*matched.runs[0]) + " (" + matched.where +
                               ") writes into a tensor that is made of weights in a size that varies, which LibTorch "
                               "does not report as part of the program. Use the form that returns a new tensor.");
      adopt(same, matched);
    }
  }

  value_id add_weight(named_tensor const& weight) {
    if (value_id const twin = state_.twin(weight.value); twin != no_value) return twin;
    value_id const id = constant_of(weight.value, weight.name);
    b_.g[id].is_weight = true;
    state_.bind(weight.value, id);
    return id;
  }

  // What a tensor that no call made held when it was first used.
  at::Tensor content(std::size_t run, at::Tensor const& tensor) const {
    auto const found = runs_[run].snapshots.find(tensor.unsafeGetTensorImpl());
    return found != runs_[run].snapshots.end() ? found->second : tensor;
  }

  std::vector<at::Tensor> contents(std::vector<at::Tensor> const& same) const {
    std::vector<at::Tensor> result;
    for (std::size_t run = 0; run < same.size(); ++run) result.push_back(content(run, same[run]));
    return result;
  }

  // What depends on constants only, LibTorch has computed already.
  bool fold(matched_call const& matched) {
    recorded_call const& first = *matched.runs[0];
    if (is_random(*first.schema)) refuse_chance(matched);
    std::int64_t before = 0, after = 0;
    bool tensors_only = true, is_written = false, released = false;
    for (recorded_call const* const each : matched.runs)
      for (std::size_t i = 0; i < each->arguments.size(); ++i)
        if (!same_numbers(each->arguments[i], first.arguments[i])) return false;
    for (c10::IValue const& each : first.arguments)
      for_each_tensor_in(each, [&](at::Tensor const& t) { before += static_cast<std::int64_t>(t.nbytes()); });
    for (c10::IValue const& each : first.results) {
      bool any = false;
      for_each_tensor_in(each, [&](at::Tensor const& t) {
        any = true;
        released = released || (is_released(t) && t.numel() > 0);
        is_written = is_written || runs_[0].written.count(storage_of(t)) != 0;
        after += static_cast<std::int64_t>(t.nbytes());
      });
      tensors_only = tensors_only && any;
    }
    if (released) return false;      // it depends on inputs for LibTorch, although a lowering found a constant
    if (!tensors_only) return true;  // a number or a flag that is the same in all runs
    // What is written in place afterwards holds what it was made into, which a node does not.
    bool const can_lower =
        !first.writes && !is_written && (lowerings_.find(*first.schema) != nullptr || !first.children.empty());
    if (can_lower && after > std::max<std::int64_t>(before, 65536)) return false;
    // A transposed weight is a node for now: whether it is worth a second copy is seen when all uses are known.
    if (can_lower && is_permutation(*first.schema)) return false;
    ++b_.folded[name_of(first)];
    std::size_t index = 0;
    for (std::size_t i = 0; i < first.results.size(); ++i)
      for_each_tensor_in(first.results[i], [&](at::Tensor const& result) {
        // A result that is its own argument keeps that value.
        value_id id = value_of(0, result);
        if (id == no_value) id = constant_of(result);
        call given(b_, matched, values_);
        for (std::size_t run = 0; run < runs_.size(); ++run)
          values_[run][given.result(index, run).unsafeGetTensorImpl()] = id;
        ++index;
      });
    return true;
  }

  [[noreturn]] static void refuse_chance(matched_call const& matched) {
    throw module_error(
        name_of(*matched.runs[0]) + " (" + matched.where +
        ") is random, and an ONNX graph is a function of its inputs. Take the random tensor as an input, "
        "or call the module's eval().");
  }

  // ---- results

  void bind_results(matched_call const& matched, value_list const& made, bool unchecked) {
    call given(b_, matched, values_);
    std::size_t const count = given.result_count();
    if (made.size() < count && !unchecked)
      throw export_error("Correct the lowering of " + given.name() + ": it returns " + std::to_string(made.size()) +
                         " of " + std::to_string(count) + " results.");
    // What a lowering does not make is an error only for who uses it.
    value_list unmade(count, no_value);
    for (std::size_t i = 0; i < count && !unchecked; ++i)
      if (made[i] == no_value) {
        unmade[i] = b_.g.add({});
        b_.g[unmade[i]].note = "result " + std::to_string(i) + " of " + given.name() + ", which is not exported";
      }
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t run = 0; run < runs_.size(); ++run) {
        at::Tensor const result = given.result(i, run);
        if (!unchecked && made[i] != no_value) check(given, made[i], result, run);
        values_[run][result.unsafeGetTensorImpl()] = unchecked ? poison_ : made[i] != no_value ? made[i] : unmade[i];
      }
  }

  void check(call const& given, value_id made, at::Tensor const& result, std::size_t run) const {
    graph_value const& value = b_.g[made];
    std::size_t const rank = static_cast<std::size_t>(result.dim());
    bool same = value.dims.size() == rank + (result.is_complex() ? 1 : 0) && value.is_complex == result.is_complex();
    for (std::size_t i = 0; same && i < rank; ++i)
      same = b_.g.dims.evaluate(value.dims[i], b_.runs()[run]) == result.size(static_cast<std::int64_t>(i));
    if (!same) {
      std::ostringstream seen;
      seen << result.sizes();
      throw not_reproducible(given.name() + " (" + given.where() + "): its result should have the shape " +
                             b_.g.dims.text(value.dims) + ", but had " + seen.str() + " in run " +
                             std::to_string(run + 1) + ". Sizes must follow from the axes.");
    }
    if (value.type != to_dtype(c10::toRealValueType(result.scalar_type())))
      throw export_error("Correct the lowering of " + given.name() + ": it gives " + std::string(name_of(value.type)) +
                         " where LibTorch gives " + std::string(name_of(to_dtype(result.scalar_type()))) + ".");
  }

  void add_output(std::size_t index) {
    value_id output = no_value;
    for (std::size_t run = 0; run < runs_.size(); ++run) {
      if (index >= runs_[run].outputs.size())
        throw not_reproducible("The runs differ: the module returned " + std::to_string(runs_[0].outputs.size()) +
                               " tensors in one run and " + std::to_string(runs_[run].outputs.size()) +
                               " in another. Return the same number at all sizes.");
      at::Tensor const& tensor = runs_[run].outputs[index];
      if (value_of(run, tensor) == no_value) {
        std::vector<at::Tensor> same;
        for (recording const& each : runs_) same.push_back(each.outputs[index]);
        static c10::FunctionSchema const schema("output", "", {}, {});
        recorded_call stand_in;
        stand_in.schema = &schema;
        adopt(same, {{&stand_in}, "output " + std::to_string(index)});
      }
      value_id const value = value_of(run, tensor);
      if (run > 0 && value != output)
        throw not_reproducible("Output " + std::to_string(index) +
                               " is not the same value in all runs. Choose between values with torch::where.");
      output = value;
    }
    if (b_.g[output].type == dtype::undefined)
      throw unsupported_operator(
          "Output " + std::to_string(index) + " is " + b_.g[output].note + ". Return another tensor.", {});
    b_.g.outputs.push_back(output);
  }

  // ---- what has no lowering

  bool poisoned(matched_call const& matched) const {
    bool found = false;
    for (c10::IValue const& each : matched.runs[0]->arguments)
      for_each_tensor_in(each, [&](at::Tensor const& t) { found = found || value_of(0, t) == poison_; });
    return found && poison_ != no_value;
  }
  void poison(matched_call const& matched) {
    if (poison_ == no_value) poison_ = b_.g.add({});
    bind_results(matched, {}, true);
  }
  // Composite operators with nothing to do return what they were given.
  bool returns_arguments(matched_call const& matched) const {
    for (std::size_t run = 0; run < matched.runs.size(); ++run)
      for (c10::IValue const& each : matched.runs[run]->results) {
        bool known = true;
        for_each_tensor_in(each, [&](at::Tensor const& t) { known = known && value_of(run, t) != no_value; });
        if (!known) return false;
      }
    return !returns_no_tensor(*matched.runs[0]);
  }
  // LibTorch's own attention asks whether query, key and value are one tensor by comparing elements. A tensor is equal
  // to itself; two that were different in all runs, on different data, are taken to be different always.
  bool is_settled(matched_call const& matched) {
    recorded_call const& first = *matched.runs[0];
    if (first.schema->name() != "aten::equal") return false;
    value_id const left = value_of(0, first.arguments[0].toTensor()),
                   right = value_of(0, first.arguments[1].toTensor());
    bool same = left == right, different = left != right;
    for (recorded_call const* const each : matched.runs) {
      same = same && each->results[0].toBool();
      different = different && !each->results[0].toBool();
    }
    if (different) b_.assumptions.insert("aten::equal is false at " + matched.where);
    return same || different;
  }
  // ---- where we are: LibTorch does not tell the module, but the last weight that was read does

  void note_weights(recorded_call const& of) {
    for (c10::IValue const& each : of.arguments) for_each_tensor_in(each, [&](at::Tensor const& t) { state_.note(t); });
  }
  std::string place(recorded_call const* of = nullptr) const {
    std::string const number = "call " + std::to_string(counter_) + " of the module";
    if (of != nullptr && !of->where.empty()) return number + ", in " + of->where;
    return state_.near().empty() ? number : number + ", near " + state_.near();
  }

  builder& b_;
  std::vector<recording> const& runs_;
  lowering_table const& lowerings_;
  std::vector<value_map> values_;
  size_carrier sizes_;
  state_names state_;
  unsupported_operators unsupported_;
  value_id poison_ = no_value;
  std::size_t counter_ = 0;
};

}  // namespace detail

/// Fills the builder's graph from recordings at its run sizes. Throws `unsupported_operator`, `not_reproducible`,
/// `baked_value`.
inline void reconcile(builder& b, std::vector<recording> const& runs, std::vector<declared_tensor> const& inputs,
                      std::vector<named_tensor> const& state, lowering_table const& lowerings) {
  for (recording const& run : runs) {
    if (!run.wrote_state.empty())
      throw module_error(run.wrote_state +
                         " writes to a parameter or buffer of the module while it runs. An ONNX graph has "
                         "no state: call eval(), or return the new value as an output.");
    if (!run.wrote_again.empty())
      throw module_error(run.wrote_again +
                         " changes a tensor that does not depend on the inputs after it was used. Make such "
                         "a constant once, outside of forward, or work on a clone.");
  }
  detail::reconciler(b, runs, state, lowerings)(inputs);
}

}  // namespace constexport
