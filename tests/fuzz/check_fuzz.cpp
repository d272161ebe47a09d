// Any bytes as an ONNX file: checked against a contract and compared with itself; never a crash, and never a difference
// from itself.
#include <constexport/check/check.hpp>
#include <constexport/models/gpt2.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace constexport;
  static bound_contract const wanted =
      GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>{num_layers = 2}.bind();
  static check_options const options{"/nowhere", find_target("tensorrt")};
  wire::model_file const file = wire::read_model({reinterpret_cast<char const*>(data), size});
  if (file.status.offset > size) std::abort();
  if (!file) return 0;
  for (file_finding const& each : check(file.model, wanted, options))
    if (each.message.empty() || each.id.empty()) std::abort();
  check(file.model);
  file_interface const shown = interface_of(file.model);
  for (change const& each : compare(shown.shown, shown.shown))
    // Of two tensors of one name the first is meant, so that the second is a tensor more.
    if (each.kind != change_kind::input_added && each.kind != change_kind::output_added &&
        each.kind != change_kind::input_removed && each.kind != change_kind::output_removed &&
        each.kind != change_kind::inputs_reordered && each.kind != change_kind::outputs_reordered)
      std::abort();
  return 0;
}
