/// check/model_interface.hpp: what a consumer sees of a model: its tensors one by one, over the axes that are free.
///
/// Room: check. Includes core, onnx and the standard library. contract_interface.hpp makes it of a bound contract,
/// file_interface.hpp of an ONNX file; compare.hpp compares two. Unlike a contract it has no parameters, no folded
/// layers, no limit, and a place for what files leave open.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/core/program.hpp>
#include <constexport/core/tensor.hpp>
#include <constexport/onnx/value_view.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace constexport {

/// A free axis. Files do not state ranges.
struct interface_axis {
  std::string name;
  bool has_range = false;
  std::int64_t minimum = 0, maximum = unbounded, multiple = 1;
  friend bool operator==(interface_axis const&, interface_axis const&) = default;
};

/// One dimension: a number, an expression over the axes (`code` holds their indices), or not stated.
struct interface_dim {
  std::optional<std::int64_t> number{};
  std::vector<instruction> code{};
  std::string text;  ///< as a person reads it: "768", "past_sequence_length + sequence_length", "?"

  bool is_stated() const { return number.has_value() || !code.empty(); }
  /// The axis that the dimension is, if it is one and nothing else.
  std::optional<std::size_t> axis() const {
    if (code.size() != 1 || code[0].code != operation::symbol) return {};
    return static_cast<std::size_t>(code[0].value);
  }
};

/// The values of integers that an input takes.
struct interface_values {
  value_kind kind = value_kind::uniform;
  std::int64_t smallest = 0, largest = unbounded;
  std::int64_t end = 0;  ///< of `ended`
  friend bool operator==(interface_values const&, interface_values const&) = default;
};

/// One input or output.
struct interface_tensor {
  std::string name;
  wire::value_type what = wire::value_type::tensor;
  std::string kind{};             ///< of what is no tensor, whole: "sequence(map(int64, float32[N]))"
  dtype type = dtype::undefined;  ///< undefined: not stated
  bool is_ranked = true;
  bool has_default = false;  ///< of an input: the file has a value for it, and callers need not give one
  std::vector<interface_dim> dims{};
  std::string past{};  ///< of an output: the input that it becomes in the next run
  std::optional<interface_values> values{};
};

/// Inputs and outputs in order.
struct model_interface {
  std::string title;
  std::vector<interface_axis> axes{};
  std::vector<interface_tensor> inputs{}, outputs{};
  bool is_contract = false;  ///< does it say which output becomes which input, and more that files do not state?
  std::int64_t opset = 0;    ///< of ai.onnx; 0: not stated
};

}  // namespace constexport
