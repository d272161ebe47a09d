/// check/described_file.hpp: the inputs and outputs of an ONNX file as constants, as `constexport header` writes them.
///
/// Room: check. Includes core and freestanding standard headers; no heap, no exceptions. Generated headers include it,
/// matches.hpp compares with it.
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
};

/// What a file declares. Inputs with a default in the file are left out.
struct described_file {
  std::span<described_tensor const> inputs, outputs;
  std::int64_t opset = 0;
};

/// A type that stands for a file: its `value` is known when its type is.
template <class T>
concept DescribesFile = requires {
  { T::value.opset };
  { T::value.inputs.size() };
};

}  // namespace constexport
