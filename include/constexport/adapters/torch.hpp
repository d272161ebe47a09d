/// adapters/torch.hpp: dummy inputs as LibTorch tensors.
///
/// Room: adapters. Includes dummy/, the standard library and LibTorch's tensor (not torch/nn.h, which takes half a minute
/// to compile). The exporter and its verification get their inputs here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <constexport/adapters/dummy_inputs_error.hpp>
#include <constexport/dummy/fill.hpp>

namespace constexport {

/// The element type of LibTorch, or `Undefined` if it has none.
constexpr at::ScalarType scalar_type_of(dtype type) {
  switch (type) {
    case dtype::float32: return at::kFloat;
    case dtype::float64: return at::kDouble;
    case dtype::float16: return at::kHalf;
    case dtype::bfloat16: return at::kBFloat16;
    case dtype::boolean: return at::kBool;
    case dtype::int8: return at::kChar;
    case dtype::int16: return at::kShort;
    case dtype::int32: return at::kInt;
    case dtype::int64: return at::kLong;
    case dtype::uint8: return at::kByte;
    case dtype::complex64: return at::kComplexFloat;
    case dtype::complex128: return at::kComplexDouble;
    default: return at::ScalarType::Undefined;
  }
}

/// The ONNX element type of a LibTorch tensor, or `undefined` if ONNX has none (quantised types).
constexpr dtype dtype_of(at::ScalarType type) {
  for (std::int32_t each = 1; each <= static_cast<std::int32_t>(dtype::int2); ++each)
    if (scalar_type_of(static_cast<dtype>(each)) == type && type != at::ScalarType::Undefined)
      return static_cast<dtype>(each);
  return dtype::undefined;
}

/// A tensor and its name in the ONNX file.
struct named_tensor {
  std::string name;
  at::Tensor value;
};

/// Tensors by position and by name.
class named_tensors : public std::vector<named_tensor> {
 public:
  using std::vector<named_tensor>::vector;
  using std::vector<named_tensor>::at;
  /// The tensor called `name`; std::out_of_range names it if there is none.
  at::Tensor const& at(std::string_view name) const {
    for (named_tensor const& each : *this)
      if (each.name == name) return each.value;
    throw std::out_of_range("constexport: there is no input called \"" + std::string(name) + "\"");
  }
};

namespace detail {

// An uninitialised contiguous tensor. Fresh memory costs a page fault for every 4 KiB, which is more than making the
// values; with large pages, for which the memory must be aligned, it is a fifth. A hint only: where the system does not
// follow it, nothing changes.
inline at::Tensor allocate(at::IntArrayRef sizes, at::ScalarType type, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::size_t page = std::size_t{1} << 21, worth_it = 4 * page;
  if (bytes >= worth_it) {
    std::size_t const rounded = (bytes + page - 1) / page * page;
    if (void* const memory = std::aligned_alloc(page, rounded)) {
      ::madvise(memory, rounded, MADV_HUGEPAGE);
      return at::from_blob(memory, sizes, [](void* done) { std::free(done); }, at::TensorOptions(type));
    }
  }
#endif
  return at::empty(sizes, at::TensorOptions(type));
}

}  // namespace detail

/// One dummy as a contiguous CPU tensor: allocated once, filled in place.
inline at::Tensor make_tensor(dummy_tensor const& dummy) {
  at::ScalarType const type = scalar_type_of(dummy.type);
  if (type == at::ScalarType::Undefined) throw dummy_inputs_error({dummy_error::unsupported_dtype, dummy.name});
  at::Tensor result =
      detail::allocate(at::IntArrayRef(dummy.shape.sizes.data(), dummy.shape.rank), type, dummy.bytes());
  dummy_status const status = fill_bytes({static_cast<std::byte*>(result.data_ptr()), dummy.bytes()}, dummy);
  if (!status.ok()) throw dummy_inputs_error(status);
  return result;
}

/// A tensor for every input. With `shape_source::contract` (export, verification) in the contract's order and with its
/// shapes; with `shape_source::dummy` as Optimum makes them. `seed` chooses the values, `sizes` the axes that do not have
/// their defaults. Throws dummy_inputs_error.
inline named_tensors make_tensors(bound_contract const& bound, std::span<setting const> sizes = {},
                                  std::uint64_t seed = 0, shape_source source = shape_source::contract) {
  named_tensors result;
  dummy_status const status = for_each_dummy_tensor(bound, sizes, seed, source, [&](dummy_tensor const& dummy) {
    std::string name;
    dummy.name.print([&](char c) { name += c; });
    result.push_back({std::move(name), make_tensor(dummy)});
  });
  if (!status.ok()) throw dummy_inputs_error(status);
  return result;
}

/// Back end: `gpt2.generate_dummy_inputs<libtorch>(batch_size = 4)` gives `named_tensors`, in Optimum's order.
struct libtorch_backend {
  static named_tensors generate(bound_contract const& bound, std::span<setting const> sizes, std::uint64_t seed = 0) {
    return make_tensors(bound, sizes, seed, shape_source::dummy);
  }
};
inline constexpr libtorch_backend libtorch{};

}  // namespace constexport
