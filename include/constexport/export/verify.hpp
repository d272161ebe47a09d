/// export/verify.hpp: a written file in ONNX Runtime against the module in LibTorch.
///
/// Room: export. Includes export/, and the adapters of LibTorch and ONNX Runtime; the only header of export/ that needs
/// ONNX Runtime. ONNX Runtime does not check symbolic dimensions or output shapes, so they are compared with the
/// contract here.
#pragma once

#include <constexport/adapters/onnxruntime.hpp>
#include <constexport/export/error_distribution.hpp>
#include <constexport/export/export.hpp>
#include <constexport/export/test_data.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace constexport {

/// One output at one assignment of the axes.
struct verified_output {
  std::string name;
  error_distribution errors{};         ///< of all elements, where type and shape are right
  double largest_error = 0;            ///< largest absolute difference; infinity where one is not a number
  bool within_tolerance = true;        ///< |difference| <= atol + rtol * |expected|, everywhere
  std::vector<std::int64_t> shape;     ///< what ONNX Runtime made
  std::vector<std::int64_t> declared;  ///< what the contract says
  bool obeys_contract() const { return shape == declared; }
};

/// One assignment of the axes.
struct verified_assignment {
  std::string sizes;  ///< "batch_size 3; sequence_length 17"
  std::vector<verified_output> outputs;
  std::string refused;  ///< what LibTorch said where the module does not take these sizes; there are no outputs then
  double libtorch_seconds = 0, onnxruntime_seconds = 0;
};

/// What `verify` saw.
struct verification {
  std::vector<verified_assignment> assignments;
  double atol = 0, rtol = 0;
  precision types;      ///< the module's real type, and the file's
  std::string profile;  ///< the file with ONNX Runtime's times, if they were asked for

  double largest_error() const {
    double largest = 0;
    for (verified_assignment const& each : assignments)
      for (verified_output const& output : each.outputs) largest = std::max(largest, output.largest_error);
    return largest;
  }
  /// Were values and dimensions right at every assignment that the module takes, and was there one?
  bool ok() const {
    bool compared = false;
    for (verified_assignment const& each : assignments)
      for (verified_output const& output : each.outputs) {
        if (!output.within_tolerance || !output.obeys_contract()) return false;
        compared = true;
      }
    return compared;
  }
};

/// How exactly values must agree.
struct verify_options {
  double atol = -1;          ///< absolute; below 0: the configuration's `atol_for_validation`, or that of `tolerances`
  double rtol = -1;          ///< relative to LibTorch's value; below 0: that of `tolerances`
  double child_seconds = 0;  ///< as in export_options
  std::vector<std::pair<std::size_t, std::int64_t>> fixed{};  ///< axes, by index, with the one size to compare at
  std::filesystem::path test_data{};  ///< not empty: a folder for inputs and expected outputs (test_data.hpp)
  std::string profile{};              ///< not empty: ONNX Runtime writes times to a file whose name begins so
  std::optional<data_family> data{};  ///< what integer inputs hold; not said: what the module takes
};

namespace detail {

/// The smallest sizes, odd ones near the defaults, and larger ones: none of them is a size that was recorded for all
/// axes at once.
inline run_sizes sizes_to_verify(bound_contract const& bound) {
  run_sizes result(3, bound.values);
  std::int64_t position = 0;
  for (std::size_t const axis : free_axes(bound)) {
    symbol_row const& row = bound.table->symbols[axis];
    std::int64_t const usual = usual_size_of(bound, axis).size;
    bool const is_long = usual > 8;
    result[0][axis] = legal_size(row, row.minimum);
    result[1][axis] = legal_size(row, is_long ? usual + 1 + 4 * position : 3 + 2 * position);
    result[2][axis] = legal_size(row, is_long ? (usual > 64 ? usual + usual / 2 : 4 * usual) + position : 8 + position);
    ++position;
  }
  return result;
}

/// Sizes instead of the `which`th of these, where the module refuses them: between the smallest and the usual ones, or
/// multiples of these, because windows and patches need whole numbers of them.
inline run_sizes sizes_instead(bound_contract const& bound, std::size_t which, symbol_values const& sizes) {
  run_sizes result;
  for (std::int64_t const sixtyfourths : which == 0 ? std::vector<std::int64_t>{2, 4, 8, 16, 32, 64}
                                                    : std::vector<std::int64_t>{which == 1 ? 192 : 128, 96, 64, 32}) {
    symbol_values others = sizes;
    for (std::size_t const axis : free_axes(bound)) {
      symbol_row const& row = bound.table->symbols[axis];
      std::int64_t const usual = usual_size_of(bound, axis).size;
      if (usual > 8) others[axis] = legal_size(row, usual * sixtyfourths / 64);
    }
    result.push_back(others);
  }
  return result;
}

/// An axis that the file has fixed has this size.
inline void fix_as_written(bound_contract& bound, onnxruntime_session const& session) {
  symbol_values const values = bound.values;
  for_each_tensor(bound.table->inputs, {values.data(), bound.table->symbols.size()},
                  [&](tensor_row const& row, std::int64_t layer) {
                    std::string name;
                    tensor_name{row.name, layer}.print([&](char c) { name += c; });
                    for (onnxruntime_info const& input : session.inputs())
                      for (std::size_t i = 0; input.name == name && i < std::min(row.dims.size(), input.dims.size());
                           ++i)
                        for (std::size_t const axis : free_axes(bound))
                          if (input.dims[i] >= 0 && is_axis_alone(row.dims[i].size, axis))
                            bound.values[axis] = input.dims[i];
                  });
}

/// Does a size depend only on symbols that have a value?
inline bool is_known(program size, std::span<std::int64_t const> values) {
  for (instruction const step : size)
    if (step.code == operation::symbol && values[static_cast<std::size_t>(step.value)] == unknown) return false;
  return true;
}

/// `type` is what the file should make of the module's `expected`.
inline verified_output compare_output(onnxruntime_output const& made, at::Tensor const& expected, dtype type,
                                      verify_options const& options) {
  verified_output result;
  result.name = made.name();
  result.shape = made.shape();
  if (at::IntArrayRef(result.shape) != expected.sizes() || made.type() != type) {
    result.largest_error = std::numeric_limits<double>::infinity();
    result.within_tolerance = false;
    return result;
  }
  at::Tensor const ours = at::from_blob(const_cast<std::byte*>(made.bytes().data()), expected.sizes(),
                                        at::TensorOptions(scalar_type_of(type)))
                              .to(at::kDouble);
  at::Tensor reference = expected.to(at::kDouble);
  if (reference.numel() == 0) return result;
  // What the file's type cannot hold is its largest number there.
  if (is_floating(type) && bits_of(type) < bits_of(to_dtype(expected.scalar_type()))) {
    double const largest = range_of(type).largest;
    reference = at::where(reference.isfinite(), reference.clamp(-largest, largest), reference);
  }
  // Infinities and NaNs must stand in the same places.
  at::Tensor const same = (ours == reference).logical_or(ours.isnan().logical_and(reference.isnan()));
  at::Tensor const difference = at::where(same, at::zeros_like(ours), (ours - reference).abs());
  bool const finite = difference.isfinite().all().item<bool>();
  result.errors = error_distribution::of(difference);
  result.largest_error = finite ? difference.max().item<double>() : std::numeric_limits<double>::infinity();
  result.within_tolerance =
      finite && (difference <= options.atol + options.rtol * reference.abs()).logical_or(same).all().item<bool>();
  return result;
}

inline verified_assignment verify_at(exportable const& what, bound_contract const& bound, onnxruntime_session& session,
                                     symbol_values const& sizes, precision const& types, verify_options const& options,
                                     std::size_t& data_sets) {
  using clock = std::chrono::steady_clock;
  auto const since = [](clock::time_point start) {
    return std::chrono::duration<double>(clock::now() - start).count();
  };
  verified_assignment result;
  result.sizes = sizes_text(bound, {sizes});
  bound_contract at = bound;
  at.values = sizes;
  // Data that no recording has seen.
  named_tensors inputs = make_tensors(at, {}, 0x7e57);
  std::vector<at::Tensor> values;
  for (named_tensor const& each : inputs) values.push_back(each.value);
  change_data(values, options.data.value_or(data_family::declared), 0x7e57);
  for (std::size_t i = 0; i < values.size(); ++i) inputs[i].value = values[i].contiguous();
  // The module computes with the numbers that the file's type can hold.
  for (at::Tensor& each : values)
    if (types.is_converted() && to_dtype(each.scalar_type()) == types.written)
      each = each.to(to_scalar_type(types.recorded));
  std::vector<at::Tensor> expected;
  auto start = clock::now();
  try {
    if (options.child_seconds > 0) {
      child_outcome const tried = try_in_child(
          [&] {
            single_thread const one;  // the threads of the parent are not in the child
            what.forward(values);
          },
          options.child_seconds);
      if (!tried.ended_itself) throw std::runtime_error("the process that tried it: " + tried.message);
    }
    start = clock::now();
    expected = what.forward(values);
  } catch (export_error const&) {
    throw;
  } catch (std::exception const& error) {
    result.refused = message_of(error);
    if (options.data) return result;
    for (data_family const family : data_families) {
      if (family == data_family::declared) continue;
      verify_options again = options;
      again.data = family;
      if (verified_assignment other = verify_at(what, bound, session, sizes, types, again, data_sets);
          other.refused.empty())
        return other;
    }
    return result;
  }
  result.libtorch_seconds = since(start);
  std::vector<onnxruntime_input> feeds;
  for (named_tensor const& each : inputs)
    feeds.push_back({each.name,
                     dtype_of(each.value.scalar_type()),
                     {each.value.sizes().data(), each.value.sizes().size()},
                     each.value.data_ptr()});
  start = clock::now();
  std::vector<onnxruntime_output> const made = session.run(feeds);
  result.onnxruntime_seconds = since(start);
  if (made.size() != expected.size())
    throw verification_error("The file has " + std::to_string(made.size()) + " outputs, but the module returns " +
                             std::to_string(expected.size()) + " tensors. Export the file again with this module.");
  if (!options.test_data.empty()) {
    std::vector<named_tensor> outputs;
    for (std::size_t i = 0; i < made.size(); ++i) {
      bool const converts = types.is_converted() && to_dtype(expected[i].scalar_type()) == types.recorded;
      outputs.push_back({made[i].name(), converts ? expected[i].to(to_scalar_type(types.written)) : expected[i]});
    }
    write_test_data(options.test_data, data_sets++, inputs, outputs);
  }
  std::size_t index = 0;
  for_each_tensor(bound.table->outputs, bound.sizes(), [&](tensor_row const& row, std::int64_t) {
    if (index == made.size()) return;
    dtype const own = to_dtype(expected[index].scalar_type());
    dtype const wanted = types.is_converted() && own == types.recorded ? types.written : own;
    verified_output output = compare_output(made[index], expected[index].contiguous(), wanted, options);
    std::size_t axis = 0;
    for (dimension const& dim : row.dims) {
      // What data decide, or what is not stated, LibTorch says.
      output.declared.push_back(is_known(dim.size, at.sizes()) ? evaluate(dim.size, at.sizes())
                                : axis < output.shape.size()   ? expected[index].size(static_cast<std::int64_t>(axis))
                                                               : -1);
      ++axis;
    }
    result.outputs.push_back(std::move(output));
    ++index;
  });
  return result;
}

/// The real type of a file's tensors if they have one in common.
inline dtype real_type(onnxruntime_session const& session) {
  dtype result = dtype::undefined;
  for (auto const* const tensors : {&session.inputs(), &session.outputs()})
    for (onnxruntime_info const& each : *tensors)
      if (is_floating(each.type)) {
        if (result != dtype::undefined && result != each.type) return dtype::undefined;
        result = each.type;
      }
  return result;
}

inline verification verify_file(exportable const& what, bound_contract const& given, std::filesystem::path const& path,
                                verify_options options) {
  at::NoGradGuard const no_grad;
  evaluation_mode const evaluation(what.module);
  onnxruntime_session session(path, {.profile = options.profile});
  verification result;
  std::size_t data_sets = 0;
  // The file may have been written in another type than the contract's.
  dtype const in_file = real_type(session), declared_type = real_type(given);
  bool const differs = in_file != dtype::undefined && declared_type != dtype::undefined && in_file != declared_type;
  result.types = choose_precision(state_of(what), given, differs ? in_file : dtype::undefined);
  real_contracts const contracts(given, result.types);
  bound_contract bound = contracts.written();
  fix_as_written(bound, session);
  tolerance const& limit = tolerance_of(result.types.written);
  if (options.atol < 0) options.atol = std::max(limit.atol, bound.table->identity.atol_for_validation);
  if (options.rtol < 0) options.rtol = limit.rtol;
  result.atol = options.atol;
  result.rtol = options.rtol;
  std::vector<symbol_values> known;
  auto const fix = [&](symbol_values& sizes) {
    for (auto const& [axis, size] : options.fixed) sizes[axis] = size;
  };
  std::size_t next = 0;
  for (symbol_values sizes : sizes_to_verify(bound)) {
    fix(sizes);
    std::size_t const which = next++;
    // With few legal sizes the three are not three.
    if (std::find(known.begin(), known.end(), sizes) != known.end()) continue;
    known.push_back(sizes);
    verified_assignment seen = verify_at(what, bound, session, sizes, result.types, options, data_sets);
    // A module with a limit of its own (a table of positions): half the distance to the smallest sizes, until it fits.
    for (int attempt = 0; attempt < 12 && !seen.refused.empty(); ++attempt) {
      for (std::size_t const axis : free_axes(bound)) {
        symbol_row const& row = bound.table->symbols[axis];
        sizes[axis] = legal_size(row, row.minimum + (sizes[axis] - row.minimum) / 2);
      }
      fix(sizes);
      verified_assignment smaller = verify_at(what, bound, session, sizes, result.types, options, data_sets);
      if (smaller.refused.empty()) seen = std::move(smaller);
    }
    if (!seen.refused.empty()) {
      std::vector<std::size_t> const same = same_axes(bound, size_family::equal_where_defaults_are);
      for (std::size_t i = 0; i < same.size(); ++i) sizes[i] = sizes[same[i]];
      if (verified_assignment equal = verify_at(what, bound, session, sizes, result.types, options, data_sets);
          equal.refused.empty())
        seen = std::move(equal);
    }
    if (!seen.refused.empty())
      for (symbol_values others : sizes_instead(bound, which, sizes)) {
        fix(others);
        verified_assignment other = verify_at(what, bound, session, others, result.types, options, data_sets);
        if (!other.refused.empty()) continue;
        seen = std::move(other);
        break;
      }
    result.assignments.push_back(std::move(seen));
  }
  result.profile = session.end_profiling();
  return result;
}

}  // namespace detail

/// Runs a file in ONNX Runtime and the module in LibTorch with the same inputs, at the smallest sizes of all axes, at
/// odd ones and at large ones, and compares values and every output dimension. Throws onnxruntime_error if the file
/// cannot be run; what differs is in the result.
template <class Module, class Config>
verification verify(Module&& module, Config const& config, std::filesystem::path const& path,
                    verify_options const& options = {}) {
  if constexpr (std::is_same_v<Config, bound_contract>)
    return detail::verify_file(make_exportable(std::forward<Module>(module)), config, path, options);
  else
    return detail::verify_file(make_exportable(std::forward<Module>(module)), config.bind(), path, options);
}

}  // namespace constexport
