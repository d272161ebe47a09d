/// export/export.hpp: from a LibTorch module to an ONNX file, without Python.
///
/// Room: export. Includes all of export/. The front door:
///   `export_report report = export_onnx(module, BertOnnxConfig<>{hidden_size = 384}, "bert.onnx");`
/// Record the module at several sizes, reconcile the recordings into one graph, optimise it, compare its outputs with
/// the contract, write it.
#pragma once

#include <constexport/export/ask_axes.hpp>
#include <constexport/export/assignment.hpp>
#include <constexport/export/convert.hpp>
#include <constexport/export/derived_contract.hpp>
#include <constexport/export/lower.hpp>
#include <constexport/export/lowering_table.hpp>
#include <constexport/export/module_state.hpp>
#include <constexport/export/optimise.hpp>
#include <constexport/export/precision.hpp>
#include <constexport/export/reconcile.hpp>
#include <constexport/export/runtime_forms.hpp>
#include <constexport/export/runtime_types.hpp>
#include <constexport/export/write.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace constexport {

/// Choices in an export.
struct export_options {
  int opset = 0;                                   ///< 17 to 23; 0: the contract's (18 unless it says otherwise)
  lowering_table lowerings = default_lowerings();  ///< operators of your own go in here
  dim_naming naming = dim_naming::identifiers;     ///< how dynamic dimensions are named in the file
  external_data_mode external_data = external_data_mode::automatic;  ///< weights in the file, or beside it
  constexport::dtype dtype = constexport::dtype::undefined;  ///< real type of the file; undefined: the contract's
  std::size_t recordings = 4;                                ///< runs of the module, at least 3; all must agree
  /// Above 0: sizes are tried in a child process first, for at most so many seconds, because some layers end the
  /// process on a wrong size. No other thread of the process may hold a lock that LibTorch needs while this works.
  double child_seconds = 0;
};

/// What an export did.
struct export_report {
  std::filesystem::path path;
  std::uint64_t file_bytes = 0;
  std::uint64_t external_bytes = 0;  ///< of the external data beside the file; 0: there is none
  std::uint64_t weight_bytes = 0;    ///< of all initialisers, each once
  std::size_t nodes = 0;
  std::size_t nodes_before = 0;  ///< as lowered, before optimisation
  int opset = 0;
  precision types;                                 ///< the real type that was recorded, and the file's
  conversion converted;                            ///< what changing the one to the other did
  std::map<std::string, std::size_t> node_counts;  ///< by operator
  std::vector<std::string> inputs, outputs;        ///< "input_ids int64 [batch_size, sequence_length]"
  std::string sizes;                               ///< "batch_size 3, 2, 5 and 7; sequence_length ..."
  std::vector<std::string> assumptions;            ///< "sequence_length <= 512": held in all runs, beyond the contract
  std::map<std::string, std::set<std::string>> lowered;  ///< LibTorch's operators, and ONNX's before optimisation
  std::map<std::string, std::size_t> folded;  ///< operators on weights and constants that LibTorch computed, how often
  data_family data = data_family::declared;   ///< what integer inputs held in the runs
  std::shared_ptr<derived_contract const> contract;  ///< the given one, with what was derived
  /// Keeps alive what `contract` points into, where the given one asked for axes.
  std::shared_ptr<derived_contract const> answered;
  bool was_training = false;  ///< the module was in training mode; it was recorded in eval mode
  double record_seconds = 0, reconcile_seconds = 0, optimise_seconds = 0, write_seconds = 0;
};

namespace detail {

/// Which axes the module does not let vary when every other one has its usual size.
struct stubborn_axes {
  symbol_values usual{};
  bool runs = false;  ///< does it take the usual sizes at all?
  std::vector<std::size_t> axes{};
};

inline stubborn_axes find_stubborn_axes(exportable const& what, bound_contract const& bound, double child_seconds) {
  stubborn_axes found{bound.values};
  std::vector<std::size_t> const axes = free_axes(bound);
  for (std::size_t const axis : axes)
    found.usual[axis] =
        legal_size(bound.table->symbols[axis], std::max<std::int64_t>(usual_size_of(bound, axis).size, 1));
  auto const runs_at = [&](symbol_values const& sizes) {
    return succeeds([&] { what.forward(make_inputs(bound, sizes, 1)); }, child_seconds);
  };
  found.runs = runs_at(found.usual);
  if (!found.runs) return found;
  for (std::size_t const axis : axes) {
    bool varies = false;
    std::int64_t const step = bound.table->symbols[axis].multiple;
    for (std::int64_t const change : {step, -step, 2 * step, found.usual[axis]}) {
      symbol_values sizes = found.usual;
      sizes[axis] = legal_size(bound.table->symbols[axis], sizes[axis] + change);
      varies = varies || (sizes[axis] != found.usual[axis] && runs_at(sizes));
    }
    if (!varies) found.axes.push_back(axis);
  }
  return found;
}

/// What to do about a module that refuses sizes.
inline std::string advice(stubborn_axes const& found, bound_contract const& bound) {
  if (!found.runs)
    return "It does not even run at the contract's default sizes (" + sizes_text(bound, {found.usual}) +
           "): set the configuration's parameters to those of the module, and fix axes that have only one size for it "
           "(for example Config{height = 224, width = 224}).";
  std::string names;
  for (std::size_t const axis : found.axes)
    names += (names.empty() ? "" : ", ") + std::string(bound.table->symbols[axis].name) + " = " +
             std::to_string(found.usual[axis]);
  return names.empty() ? "Give the axes ranges in which every combination of sizes is legal."
                       : "It takes only one size of some axes; fix them in the configuration: Config{" + names + "}.";
}

/// Runs of a module that it accepts.
struct accepted_runs {
  std::vector<recording> runs;
  run_sizes sizes;
  std::vector<std::size_t> same;  ///< which axes are one (same_axes)
  data_family data = data_family::declared;
  std::size_t family = 0;  ///< which of `size_families` it was
};

/// What the module says about itself where LibTorch's message alone would not help; rethrows.
[[noreturn]] inline void explain_refusal(std::string const& message) {
  if (message.find("non-functional tensor") != std::string::npos)
    throw module_error(
        "The module writes what it computes from its inputs into a tensor that exists before the run, "
        "such as a parameter or buffer, or one made from these. An ONNX graph has no state: return "
        "the new value as an output. LibTorch says: " +
        message);
  throw not_reproducible(
      "The module reads or writes the memory of a tensor that it computes (data_ptr, accessor). "
      "Nothing can be recorded of that; use tensor operations. LibTorch says: " +
      message.substr(0, message.find('\n')));
}

/// Recordings at sizes and on data that the module accepts, if need be with matrix products although they were not
/// asked for.
/// Where the contract itself states the only size that the module takes of an axis (the image size of its
/// configuration), the axis gets this size in `bound`.
/// Families of sizes before `first_family` are not tried.
inline accepted_runs record_all(exportable const& what, bound_contract& bound, storage_set const& state,
                                export_options const& options, bool products, std::size_t first_family) {
  single_thread const one;
  std::string refused, refused_at;
  accepted_runs found;
  // The whole family, or an exception.
  auto const record_family = [&](record_options const& how) {
    std::vector<recording> runs;
    for (std::size_t run = 0; run < found.sizes.size(); ++run)
      runs.push_back(record(what.forward, make_inputs(bound, found.sizes[run], run + 1, found.data), state, how));
    return runs;
  };
  for (data_family const data : data_families)
    for (bool const computed : {false, true}) {
      if (!computed && (products || data != data_family::declared)) continue;
      for (std::size_t index = first_family; index < std::size(size_families); ++index) {
        size_family const family = size_families[index];
        found = {{}, choose_sizes(bound, options.recordings, family), same_axes(bound, family), data, index};
        record_options const how{computed, what.follows_numbers, what.where};
        std::string message;
        try {
          if (options.child_seconds > 0) {
            child_outcome const tried = try_in_child([&] { record_family(how); }, options.child_seconds);
            if (!tried.ended_itself) message = "The process that tried it: " + tried.message + ".";
          }
          if (message.empty()) {
            found.runs = record_family(how);
            return found;
          }
        } catch (export_error const&) {
          throw;
        } catch (std::exception const& error) {
          message = message_of(error);
          if (message.find("non-functional tensor") != std::string::npos ||
              message.find("data is not allocated yet") != std::string::npos)
            explain_refusal(message);
        }
        // The family with large sizes comes first and is the least telling.
        if (refused.empty() || (family == size_family::primes && data == data_family::declared)) {
          refused = message;
          refused_at = sizes_text(bound, {found.sizes[0]});
        }
      }
    }
  stubborn_axes const stubborn = find_stubborn_axes(what, bound, options.child_seconds);
  bool fixed = false;
  for (std::size_t const axis : stubborn.axes)
    if (usual_size_of(bound, axis).is_stated) {
      bound.values[axis] = stubborn.usual[axis];
      fixed = true;
    }
  if (fixed) return record_all(what, bound, state, options, products, first_family);
  throw module_error("The module refuses every combination of sizes that was tried" +
                     (refused_at.empty() ? std::string(".") : "; for example " + refused_at + ".") +
                     " It said: " + refused + "\n" + advice(stubborn, bound));
}

inline std::string describe(graph const& g, value_id id, std::string const& name) {
  return name + " " + std::string(name_of(g[id].type)) + " " + g.dims.text(g[id].dims);
}

/// Outputs must be what the contract declares.
inline void compare_outputs(graph& g, std::vector<declared_tensor> const& declared_outputs) {
  if (declared_outputs.empty()) return;
  if (g.outputs.size() != declared_outputs.size())
    throw contract_mismatch("The module returns " + std::to_string(g.outputs.size()) +
                            " tensors, but the contract declares " + std::to_string(declared_outputs.size()) +
                            " outputs. Return them in the contract's order, or use another task.");
  std::string differences;
  // A size that the contract leaves free has the contract's name, the same one everywhere.
  std::map<std::uint32_t, std::uint32_t> names;
  auto const agree = [&](dim made, dim wanted) {
    if (g.dims.is_number(wanted, unknown)) return true;                 // left open
    if (made == g.dims.maximum(g.dims.number(0), wanted)) return true;  // sizes are not negative
    if (made == wanted) return true;
    auto const symbol = g.dims.as_symbol(wanted);
    if (!symbol || !g.dims.symbols()[*symbol].is_free) return false;
    return names.emplace(wanted.id, made.id).first->second == made.id;
  };
  for (std::size_t i = 0; i < g.outputs.size(); ++i) {
    graph_value const& made = g[g.outputs[i]];
    declared_tensor const& wanted = declared_outputs[i];
    bool same = wanted.is_unstated || made.dims.size() == wanted.dims.size();
    for (std::size_t k = 0; same && k < wanted.dims.size(); ++k) same = agree(made.dims[k], wanted.dims[k]);
    if (same && (made.type == wanted.type || wanted.type == dtype::undefined)) continue;
    differences += "\n  " + wanted.name + ": declared " + std::string(name_of(wanted.type)) + " " +
                   g.dims.text(wanted.dims) + ", but the module makes " + std::string(name_of(made.type)) + " " +
                   g.dims.text(made.dims);
  }
  if (!differences.empty())
    throw contract_mismatch("The module's outputs are not those of the contract:" + differences +
                            "\nSet the configuration's parameters to those of the module, or change the module.");
}

inline export_report export_graph(exportable const& what, bound_contract const& given,
                                  std::filesystem::path const& path, export_options const& options) {
  using clock = std::chrono::steady_clock;
  auto last = clock::now();
  auto const lap = [&] {
    auto const now = clock::now();
    return std::chrono::duration<double>(now - std::exchange(last, now)).count();
  };
  export_report report;
  report.path = path;
  report.opset = options.opset != 0 ? options.opset : given.table->identity.opset;
  if (report.opset < 17 || report.opset > 23)
    throw export_error("Operator set " + std::to_string(report.opset) + " is not supported; choose 17 to 23.");
  if (options.recordings < 3) throw export_error("At least 3 recordings are needed to tell sizes from constants.");

  at::NoGradGuard const no_grad;
  evaluation_mode const evaluation(what.module);
  report.was_training = evaluation.was_training();
  std::vector<named_tensor> const state = state_of(what);
  storage_set storages;
  for (named_tensor const& each : state)
    if (each.value.defined()) storages.insert(storage_of(each.value));

  std::shared_ptr<derived_contract> const answered = ask_axes(what, given, options.child_seconds);
  bound_contract const contract_as_given = answered ? answered->bound() : given;

  // The module is recorded in the type of its weights, and the file written in that of its contract.
  report.types = choose_precision(state, contract_as_given, options.dtype);
  real_contracts const contracts(contract_as_given, report.types);
  bound_contract written = contracts.written(), bound = without_single_sizes(contracts.recorded());

  graph g(bound.table->symbols, report.opset);
  run_sizes sizes;
  std::vector<std::size_t> same;
  std::vector<declared_tensor> inputs, outputs;
  symbol_values const stated = bound.values;
  std::size_t family = 0;
  auto const derive = [&](bool products, std::size_t first_family) {
    g = graph(bound.table->symbols, report.opset);
    accepted_runs accepted = record_all(what, bound, storages, options, products, first_family);
    family = accepted.family;
    sizes = accepted.sizes;
    same = accepted.same;
    report.data = accepted.data;
    inputs = declared(bound.table->inputs, bound, accepted.same, g.dims);
    outputs = declared(bound.table->outputs, bound, accepted.same, g.dims);
    report.record_seconds += lap();
    builder b(g, sizes);
    for (std::size_t i = 0; i < accepted.same.size(); ++i)
      if (accepted.same[i] != i)
        b.assumptions.insert(std::string(bound.table->symbols[i].name) +
                             " == " + std::string(bound.table->symbols[accepted.same[i]].name));
    for (std::size_t i = 0; i < bound.table->symbols.size(); ++i)
      if (bound.values[i] != stated[i]) {
        written.values[i] = bound.values[i];
        b.assumptions.insert(std::string(bound.table->symbols[i].name) + " == " + std::to_string(bound.values[i]));
      }
    reconcile(b, accepted.runs, inputs, state, options.lowerings);
    report.assumptions.assign(b.assumptions.begin(), b.assumptions.end());
    report.folded = b.folded;
    report.lowered = b.lowered;
    compare_outputs(g, outputs);
    report.reconcile_seconds += lap();
  };
  // Sizes can be too small to tell expressions apart, or too near to each other to move the length of an output: then
  // the next family of sizes may, and if none does, the first error is the one that says most.
  std::exception_ptr first_error;
  for (std::size_t first_family = 0, left = std::size(size_families);; first_family = family + 1) {
    try {
      try {
        derive(false, first_family);
      } catch (not_reproducible const&) {
        // Products that were left out can be why: equal zeros are equal tensors. With them the error is the module's.
        derive(true, first_family);
      }
      break;
    } catch (export_error const& error) {
      if (!first_error) first_error = std::current_exception();
      if (dynamic_cast<contract_mismatch const*>(&error) != nullptr)
        left = std::min<std::size_t>(left, 2);
      else if (dynamic_cast<baked_value const*>(&error) == nullptr)
        left = 0;
      if (left <= 1 || family + 1 >= std::size(size_families)) std::rethrow_exception(first_error);
      --left;
    }
  }
  report.sizes = sizes_text(bound, sizes);
  report.nodes_before = g.nodes.size();
  if (report.types.is_converted())
    report.converted = convert_reals(g, sizes, report.types.recorded, report.types.written);
  for (value_id const id : g.outputs)
    if (g[id].is_complex)
      throw contract_mismatch(
          "An output of the module is complex, which ONNX Runtime does not know. Return "
          "torch.view_as_real of it.");
  optimise(g, sizes);
  use_runtime_forms(g, sizes);
  use_runtime_types(g, sizes);
  report.optimise_seconds = lap();

  std::vector<std::string> names;
  for (declared_tensor const& each : outputs) names.push_back(each.name);
  for (std::size_t i = names.size(); outputs.empty() && i < g.outputs.size(); ++i)
    names.push_back("output_" + std::to_string(i));
  auto const final_contract = std::make_shared<derived_contract>(written, same);
  final_contract->fill(g, names);
  report.contract = final_contract;
  report.answered = answered;
  for (std::size_t i = 0; i < inputs.size(); ++i) report.inputs.push_back(describe(g, g.inputs[i], inputs[i].name));
  for (std::size_t i = 0; i < names.size(); ++i) report.outputs.push_back(describe(g, g.outputs[i], names[i]));
  report.nodes = g.nodes.size();
  for (graph_node const& node : g.nodes) ++report.node_counts[node.op];
  written_bytes const bytes =
      write_graph(g, report.contract->bound(), names, path, {options.naming, options.external_data});
  report.file_bytes = bytes.model;
  report.external_bytes = bytes.external_data;
  for (value_id const id : constants_of(g)) report.weight_bytes += g[id].data.nbytes();
  report.write_seconds = lap();
  return report;
}

}  // namespace detail

/// Exports a module, or any callable on tensors, through a configuration or a bound contract. Throws `export_error`;
/// what went wrong then has left no file, and an existing one as it was.
template <class Module, class Config>
export_report export_onnx(Module&& module, Config const& config, std::filesystem::path const& path,
                          export_options const& options = {}) {
  if constexpr (std::is_same_v<Config, bound_contract>)
    return detail::export_graph(make_exportable(std::forward<Module>(module)), config, path, options);
  else
    return detail::export_graph(make_exportable(std::forward<Module>(module)), config.bind(), path, options);
}

}  // namespace constexport
