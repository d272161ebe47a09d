/// export/precision.hpp: the element type of a module, of its contract, and of the file.
///
/// Room: export. Includes core, adapters/torch.hpp and graph.hpp. export.hpp decides here what is recorded in which
/// type and what becomes of it; verify.hpp how exactly values must agree.
#pragma once

#include <constexport/adapters/torch.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/export/error.hpp>
#include <constexport/export/graph.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace constexport {

/// How exactly a file's values must be the module's: |difference| <= atol + rtol * |expected|.
struct tolerance {
  dtype type;   ///< of the file's weights
  double atol;  ///< at least this; a larger one of the configuration counts
  double rtol;
};

/// Accuracy limits by type. The unit roundoffs are 1.1e-16, 6.0e-8, 4.9e-4 and 3.9e-3; errors add up over a model's
/// layers, and some sums cancel.
inline constexpr std::array<tolerance, 4> tolerances{{
    {dtype::float64, 0, 1e-5},
    {dtype::float32, 0, 1e-5},
    {dtype::float16, 1e-2, 1e-2},
    {dtype::bfloat16, 1e-1, 5e-2},
}};

inline tolerance const& tolerance_of(dtype type) {
  for (tolerance const& each : tolerances)
    if (each.type == type) return each;
  return tolerances[1];
}

/// A contract whose real tensors have another type. It owns its rows and points into the other one for the rest.
class retyped_contract {
 public:
  /// Real tensors of type `from` become `to`.
  retyped_contract(bound_contract const& bound, dtype from, dtype to)
      : inputs_(changed(bound.table->inputs, from, to)),
        outputs_(changed(bound.table->outputs, from, to)),
        dummies_(changed(bound.table->dummies, from, to)),
        table_(*bound.table),
        bound_(bound) {
    table_.inputs = inputs_;
    table_.outputs = outputs_;
    table_.dummies = dummies_;
    bound_.table = &table_;
  }
  retyped_contract(retyped_contract const&) = delete;
  retyped_contract& operator=(retyped_contract const&) = delete;

  bound_contract const& bound() const { return bound_; }

 private:
  static std::vector<tensor_row> changed(std::span<tensor_row const> rows, dtype from, dtype to) {
    std::vector<tensor_row> result(rows.begin(), rows.end());
    for (tensor_row& row : result)
      if (row.type == from) row.type = to;
    return result;
  }

  std::vector<tensor_row> inputs_, outputs_, dummies_;
  contract table_;
  bound_contract bound_;
};

/// The type in which a module is recorded, and the one of the file.
struct precision {
  dtype recorded = dtype::undefined;
  dtype written = dtype::undefined;
  bool is_converted() const { return recorded != written; }
};

namespace detail {

/// The real type that most of the module's weights have; `undefined` if there are none.
inline dtype weight_type(std::vector<named_tensor> const& state) {
  std::map<dtype, std::uint64_t> bytes;
  for (named_tensor const& each : state)
    if (each.value.defined() && each.value.is_floating_point())
      bytes[to_dtype(each.value.scalar_type())] += each.value.nbytes();
  dtype result = dtype::undefined;
  for (auto const& [type, count] : bytes)
    if (result == dtype::undefined || count > bytes[result]) result = type;
  return result;
}

/// The real type of a contract's tensors if they have one in common, else `undefined`.
inline dtype real_type(bound_contract const& bound) {
  dtype result = dtype::undefined;
  bool one = true;
  auto const note = [&](tensor_row const& row, std::int64_t) {
    if (!is_floating(row.type)) return;
    one = one && (result == dtype::undefined || result == row.type);
    result = row.type;
  };
  for_each_tensor(bound.table->inputs, bound.sizes(), note);
  for_each_tensor(bound.table->outputs, bound.sizes(), note);
  return one ? result : dtype::undefined;
}

/// What to record and what to write. `wanted` is the file's type if it was asked for, else `undefined`: the contract
/// decides then.
inline precision choose_precision(std::vector<named_tensor> const& state, bound_contract const& bound, dtype wanted) {
  dtype const weights = weight_type(state), declared_type = real_type(bound);
  if (wanted != dtype::undefined) {
    if (wanted != dtype::float16 && wanted != dtype::bfloat16 && wanted != dtype::float32 && wanted != dtype::float64)
      throw export_error("A file's weights cannot be " + std::string(name_of(wanted)) +
                         "; choose float16, bfloat16, float32 or float64.");
    return {weights == dtype::undefined ? wanted : weights, wanted};
  }
  if (weights == dtype::undefined || declared_type == dtype::undefined || weights == declared_type)
    return {declared_type, declared_type};
  if (weights == dtype::float32) return {weights, declared_type};
  throw contract_mismatch("The module's weights are " + std::string(name_of(weights)) + ", but the contract declares " +
                          std::string(name_of(declared_type)) + ". Say which one is meant: the configuration's " +
                          "float_dtype, export_options::dtype, or module->to(torch::kFloat).");
}

/// A contract in the type that is recorded, and in the type that is written.
class real_contracts {
 public:
  real_contracts(bound_contract const& given, precision const& types) : recorded_(given), written_(given) {
    dtype const common = real_type(given), declared_type = common != dtype::undefined ? common : dtype::float32;
    auto const change = [&](std::optional<retyped_contract>& to, bound_contract& bound, dtype type) {
      if (type != dtype::undefined && type != declared_type) bound = to.emplace(given, declared_type, type).bound();
    };
    change(retyped_to_record_, recorded_, types.recorded);
    change(retyped_to_write_, written_, types.written);
  }
  bound_contract const& recorded() const { return recorded_; }
  bound_contract const& written() const { return written_; }

 private:
  std::optional<retyped_contract> retyped_to_record_, retyped_to_write_;
  bound_contract recorded_, written_;
};

}  // namespace detail
}  // namespace constexport
