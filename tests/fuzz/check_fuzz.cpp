// Any bytes as an ONNX file: checked against a contract, compared with itself, described and pinned; never a crash,
// never a difference from itself, and never a pinned file that cannot be read.
#include <constexport/check/check.hpp>
#include <constexport/emit/file_header.hpp>
#include <constexport/emit/pin.hpp>
#include <constexport/models/gpt2.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void emit(std::string_view bytes, constexport::wire::model_view const& model) {
  using namespace constexport;
  try {
    file_header(model, "io", "file");
  } catch (emit_error const&) {
  }
  try {
    std::string made;
    for (file_piece const& each : pin(bytes, model, {{"batch_size", 3}}))
      made += each.bytes + std::string(bytes.substr(each.offset, each.size));
    if (!wire::read_model(made)) std::abort();
  } catch (emit_error const&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace constexport;
  static bound_contract const wanted =
      GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>{num_layers = 2}.bind();
  static check_options const options{"/nowhere", find_target("tensorrt")};
  std::string_view const bytes{reinterpret_cast<char const*>(data), size};
  wire::model_file const file = wire::read_model(bytes);
  if (file.status.offset > size) std::abort();
  if (!file) return 0;
  for (file_finding const& each : check(file.model, wanted, options))
    if (each.message.empty() || each.id.empty()) std::abort();
  check(file.model);
  emit(bytes, file.model);
  file_interface const shown = interface_of(file.model);
  for (change const& each : compare(shown.shown, shown.shown))
    // Of two tensors of one name the first is meant, so that the second is a tensor more.
    if (each.kind != change_kind::input_added && each.kind != change_kind::output_added &&
        each.kind != change_kind::input_removed && each.kind != change_kind::output_removed &&
        each.kind != change_kind::inputs_reordered && each.kind != change_kind::outputs_reordered)
      std::abort();
  return 0;
}
