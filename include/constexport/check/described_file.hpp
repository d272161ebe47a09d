/// check/described_file.hpp: the inputs and outputs of an ONNX file as values without a heap.
///
/// Room: check. Includes core and freestanding standard headers; no heap, no exceptions. mismatch.hpp compares with it.
/// The headers that `constexport header` writes have types of the same members of their own: they include nothing of
/// this library.
#pragma once

#include <constexport/core/dtype.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace constexport {

/// One declared dimension: a size, or a name, or neither (size -1).
struct described_dim {
  std::int64_t size = -1;
  std::string_view param{};
};

/// One declared tensor.
struct described_tensor {
  std::string_view name;
  dtype type = dtype::undefined;
  std::span<described_dim const> dims{};
  bool is_ranked = true;
  bool has_default = false;  ///< of an input: the file has a value for it, and callers need not give one
};

/// What a file declares.
struct described_file {
  std::span<described_tensor const> inputs, outputs;
  std::int64_t opset = 0;
};

/// A described_file, or a type with its members.
template <class T>
concept FileDescription = requires(T const& file) {
  file.opset;
  std::string_view{file.inputs[0].name};
  static_cast<dtype>(file.inputs[0].type);
  std::string_view{file.inputs[0].dims[0].param};
  file.outputs[0].is_ranked;
  file.outputs[0].has_default;
};

/// A type that stands for a file: its `value` is known when its type is.
template <class T>
concept DescribesFile = FileDescription<decltype(T::value)>;

}  // namespace constexport
