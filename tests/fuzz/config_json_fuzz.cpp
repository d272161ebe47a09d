// Any bytes as a config.json: read, or refused with a message that names a path; never a crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <constexport/adapters/config_json.hpp>
#include <constexport/models/clip.hpp>
#include <constexport/models/gpt2.hpp>
#include <constexport/models/whisper.hpp>

namespace {

using namespace constexport;

// Every notation of a field.
struct stages_parameter final : parameter<stages_parameter, "stages", 0, "down_block_types#|stage_count"> {};
struct is_text_time_parameter final : parameter<is_text_time_parameter, "is_text_time", 0, "addition_embed_type=text_time"> {};
struct patches_parameter final : parameter<patches_parameter, "patches", 1, "@image_processor.max_patches"> {};
struct kernels final : parameter_array<"conv_kernel"> {};

constexpr symbol_row rows[] = {stages_parameter::row, is_text_time_parameter::row, patches_parameter::row,
                               kernels::element<0>::row, kernels::element<15>::row};
constexpr contract notations{{}, rows, {}, {}};

void read(contract const& table, nlohmann::json const& config) {
  try {
    bound_contract const bound = read_config(table, config, &config);
    for (std::size_t i = 0; i < table.symbols.size(); ++i)
      if (bound.values[i] != table.symbols[i].value && bound.values[i] < table.symbols[i].minimum) std::abort();
  } catch (config_error const& error) {
    if (error.what()[0] == '\0') std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  nlohmann::json const config = nlohmann::json::parse(data, data + size, nullptr, false);
  if (config.is_discarded()) return 0;
  read(GPT2OnnxConfig<>::contract(), config);
  read(CLIPOnnxConfig<>::contract(), config);
  read(WhisperOnnxConfig<>::contract(), config);
  read(notations, config);
  return 0;
}
