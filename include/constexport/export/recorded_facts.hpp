/// export/recorded_facts.hpp: what can be said of one recorded call or tensor by itself.
///
/// Room: export. Includes record.hpp. reconcile.hpp asks.
#pragma once

#include <constexport/export/record.hpp>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>

namespace constexport::detail {

/// Has the recording given back what the tensor held?
inline bool is_released(at::Tensor const& tensor) { return !tensor.has_storage(); }

inline bool same_content(at::Tensor const& a, at::Tensor const& b) {
  if (a.scalar_type() != b.scalar_type() || a.sizes() != b.sizes()) return false;
  if (is_released(a) || is_released(b)) return a.is_same(b);
  return a.is_floating_point() ? at::allclose(a, b, 0, 0, true) : at::equal(a, b);
}
inline std::string shown(at::Tensor const& tensor) {
  std::ostringstream text;
  if (is_released(tensor)) {
    text << "[...] of shape " << tensor.sizes();
    return text.str();
  }
  text << "[";
  at::Tensor const flat = tensor.detach().flatten().to(at::kDouble);
  for (std::int64_t i = 0; i < std::min<std::int64_t>(flat.numel(), 4); ++i)
    text << (i > 0 ? ", " : "") << flat[i].item<double>();
  text << (flat.numel() > 4 ? ", ...] of shape " : "] of shape ") << tensor.sizes();
  return text.str();
}

inline bool is_permutation(c10::FunctionSchema const& schema) {
  std::string const& name = schema.name();
  return name == "aten::t" || name == "aten::transpose" || name == "aten::permute" || name == "aten::numpy_T";
}
inline bool is_random(c10::FunctionSchema const& schema) {
  for (auto const& each : schema.arguments())
    if (each.name() == "generator") return true;
  std::string const& name = schema.name();
  for (char const* random : {"aten::rand", "aten::randn", "aten::randint", "aten::randperm", "aten::rand_like",
                             "aten::randn_like", "aten::randint_like", "aten::bernoulli", "aten::normal"})
    if (name == random) return true;
  return false;
}
inline bool same_numbers(c10::IValue const& a, c10::IValue const& b) {
  if (a.isTensor()) return true;
  if (a.isInt() && b.isInt()) return a.toInt() == b.toInt();
  if (a.isDouble() && b.isDouble()) return a.toDouble() == b.toDouble();
  if (a.isBool() && b.isBool()) return a.toBool() == b.toBool();
  if (a.isString() && b.isString()) return a.toStringRef() == b.toStringRef();
  if (a.isIntList() && b.isIntList()) return a.toIntVector() == b.toIntVector();
  if (a.isList() && b.isList()) {
    if (a.toListRef().size() != b.toListRef().size()) return false;
    for (std::size_t i = 0; i < a.toListRef().size(); ++i)
      if (!same_numbers(a.toListRef()[i], b.toListRef()[i])) return false;
    return true;
  }
  return a.tagKind() == b.tagKind();
}

inline bool returns_no_tensor(recorded_call const& of) {
  for (c10::IValue const& each : of.results)
    if (each.isTensor() || each.isList()) return false;
  return !of.results.empty();
}
// Answers that the recorded sizes explain wherever they are used.
inline bool asks_for_shape(c10::FunctionSchema const& schema) {
  for (char const* name : {"aten::size", "aten::sym_size", "aten::stride", "aten::sym_stride", "aten::numel",
                           "aten::sym_numel", "aten::dim", "aten::is_same_size", "aten::is_floating_point",
                           "aten::is_complex", "aten::is_signed", "aten::result_type", "aten::can_cast",
                           "aten::storage_offset", "aten::sym_storage_offset", "aten::is_contiguous"})
    if (schema.name() == name) return true;
  return false;
}

}  // namespace constexport::detail
