/// models/gpt_bigcode.hpp: GPT BigCode.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/gpt2.hpp>

namespace constexport {

// clang-format off
struct multi_query_parameter final : parameter<multi_query_parameter, "multi_query", 0> { using parameter::operator=; };
// clang-format on
inline constexpr multi_query_parameter multi_query{};  ///< 1: all heads share one key and one value

/// GPT BigCode (`model_type` "gpt_bigcode").
template <auto... Options>
struct GPTBigCodeOnnxConfig : TextDecoderWithPositionIdsOnnxConfig<GPTBigCodeOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "gpt_bigcode";
  static constexpr auto tasks = GPT2OnnxConfig<>::tasks;
  static constexpr auto past_key_values =
      decoder_cache<either((int_c<1> - multi_query) * num_attention_heads, int_c<1>),
                    exactly(hidden_size / num_attention_heads)>;
  static constexpr auto parameters = normalized(gpt2_parameters(12, 12, 768, 50257), multi_query = 1);
};

}  // namespace constexport
