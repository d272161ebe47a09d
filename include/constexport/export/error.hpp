/// export/error.hpp: what can go wrong between a LibTorch module and an ONNX file.
///
/// Room: export. Standard library only. Every header of export/ throws these; callers catch `export_error`.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace constexport {

/// Base of all errors of an export. The message says what is wrong, where, and how to mend it. No file was written and
/// an existing file is as it was.
struct export_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The module uses operators that have no lowering to ONNX; all of them are named at once.
struct unsupported_operator : export_error {
  unsupported_operator(std::string const& message, std::vector<std::string> names)
      : export_error(message), operators(std::move(names)) {}
  std::vector<std::string> operators;  ///< "aten::fft_fft", each once
};

/// The runs of the module at different sizes and with different data do not agree on one program: control flow depends
/// on data or sizes, or a value was computed outside LibTorch's operators.
struct not_reproducible : export_error {
  using export_error::export_error;
};

/// An argument or a constant changes with the sizes or the data in a way that no expression over the axes explains.
struct baked_value : not_reproducible {
  using not_reproducible::not_reproducible;
};

/// The module and the contract disagree: number, types or dimensions of inputs or outputs.
struct contract_mismatch : export_error {
  using export_error::export_error;
};

/// The module cannot be exported in this state (training mode, writes to its own weights) or refuses every size.
struct module_error : export_error {
  using export_error::export_error;
};

/// The file could not be written.
struct write_error : export_error {
  using export_error::export_error;
};

/// ONNX Runtime and LibTorch do not agree about the written file.
struct verification_error : export_error {
  using export_error::export_error;
};

}  // namespace constexport
