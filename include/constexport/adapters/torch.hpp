/// adapters/torch.hpp: dummy inputs as LibTorch tensors.
///
/// Room: adapters. Includes dummy/, the standard library and LibTorch's tensor (not torch/nn.h, which takes half a
/// minute to compile). The exporter and its verification get their inputs here.
#pragma once

#include <constexport/adapters/dummy_inputs_error.hpp>
#include <constexport/dummy/fill.hpp>

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport {

/// The element type of LibTorch, or `Undefined` if it has none.
constexpr at::ScalarType scalar_type_of(dtype type) {
  switch (type) {
    case dtype::float32:
      return at::kFloat;
    case dtype::float64:
      return at::kDouble;
    case dtype::float16:
      return at::kHalf;
    case dtype::bfloat16:
      return at::kBFloat16;
    case dtype::boolean:
      return at::kBool;
    case dtype::int8:
      return at::kChar;
    case dtype::int16:
      return at::kShort;
    case dtype::int32:
      return at::kInt;
    case dtype::int64:
      return at::kLong;
    case dtype::uint8:
      return at::kByte;
    case dtype::complex64:
      return at::kComplexFloat;
    case dtype::complex128:
      return at::kComplexDouble;
    default:
      return at::ScalarType::Undefined;
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
    throw detail::no_input(name);
  }
};

namespace detail {

// Large blocks that tensors have given back, for the next dummies: inputs are made again and again at the same sizes,
// and fresh memory costs a page fault for every 4 KiB, ten times as much as making the values.
class block_cache {
 public:
  static constexpr std::size_t alignment = std::size_t{1} << 21;  // of large pages, where the system gives them
  static constexpr std::size_t smallest = 4 * alignment;
  static constexpr std::size_t limit = std::size_t{1} << 30;

  static block_cache& instance() {
    // Never destroyed: a tensor may be freed later than any static object.
    static block_cache& cache = *new block_cache;
    return cache;
  }

  // A block of at least `bytes`, or null if there is no memory.
  void* take(std::size_t bytes) {
    std::size_t const wanted = rounded(bytes);
    {
      std::lock_guard const lock(mutex_);
      auto const found = blocks_.find(wanted);
      if (found != blocks_.end()) {
        void* const memory = found->second;
        blocks_.erase(found);
        held_ -= wanted;
        return memory;
      }
    }
    return std::aligned_alloc(alignment, wanted);
  }

  // A deleter calls this: it does not throw.
  void give(void* memory, std::size_t bytes) noexcept {
    std::size_t const size = rounded(bytes);
    std::lock_guard const lock(mutex_);
    // Sizes that nobody asks for any more must not fill the place for ever.
    if (held_ + size > limit) free_all();
    try {
      if (size <= limit) {
        blocks_.emplace(size, memory);
        held_ += size;
        return;
      }
    } catch (std::bad_alloc const&) {
      // Then it is not kept.
    }
    std::free(memory);
  }

  void clear() {
    std::lock_guard const lock(mutex_);
    free_all();
  }

 private:
  static std::size_t rounded(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

  void free_all() {
    for (auto const& [size, memory] : blocks_) std::free(memory);
    blocks_.clear();
    held_ = 0;
  }

  std::mutex mutex_;
  std::multimap<std::size_t, void*> blocks_;
  std::size_t held_ = 0;
};

// An uninitialised contiguous tensor.
inline at::Tensor allocate(at::IntArrayRef sizes, at::ScalarType type, std::size_t bytes) {
  if (bytes >= block_cache::smallest)
    if (void* const memory = block_cache::instance().take(bytes))
      return at::from_blob(
          memory, sizes, [bytes](void* done) { block_cache::instance().give(done, bytes); }, at::TensorOptions(type));
  return at::empty(sizes, at::TensorOptions(type));
}

}  // namespace detail

/// Frees the memory that large dummy tensors (8 MiB and more) have given back. Without it up to 1 GiB, never more than
/// was in use at once, is kept for the next dummies.
inline void release_dummy_memory() { detail::block_cache::instance().clear(); }

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
/// shapes; with `shape_source::dummy` as Optimum makes them. `seed` chooses the values, `sizes` the axes that do not
/// have their defaults. Throws dummy_inputs_error.
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
