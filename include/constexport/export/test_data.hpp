/// export/test_data.hpp: inputs and expected outputs as ONNX's own tools read them.
///
/// Room: export. Includes adapters/torch.hpp, onnx/ and pending_file.hpp. verify.hpp writes it. Source: ONNX, the
/// layout of its backend tests: `test_data_set_N/input_K.pb` and `output_K.pb`, one TensorProto each.
#pragma once

#include <constexport/adapters/torch.hpp>
#include <constexport/export/error.hpp>
#include <constexport/export/pending_file.hpp>
#include <constexport/onnx/tensor_message.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace constexport {

/// Writes one set of test data into `folder`, which is made if it is not there. Throws `write_error`.
inline void write_test_data(std::filesystem::path const& folder, std::size_t set,
                            std::vector<named_tensor> const& inputs, std::vector<named_tensor> const& outputs) {
  std::filesystem::path const own = folder / ("test_data_set_" + std::to_string(set));
  std::error_code error;
  std::filesystem::create_directories(own, error);
  if (error) throw detail::cannot_write(own, error.message());
  auto const write = [&](char const* kind, std::vector<named_tensor> const& tensors) {
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      at::Tensor const data = tensors[i].value.contiguous();
      detail::pending_file file(own / (std::string(kind) + "_" + std::to_string(i) + ".pb"));
      wire::tensor_file(file,
                        {tensors[i].name, dtype_of(data.scalar_type()), {data.sizes().data(), data.sizes().size()}},
                        std::string_view(static_cast<char const*>(data.data_ptr()), data.nbytes()));
      file.commit();
    }
  };
  write("input", inputs);
  write("output", outputs);
}

}  // namespace constexport
