/// models/deepseek.hpp: DeepSeek.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_decoder.hpp>

namespace constexport {

// clang-format off
struct qk_rope_head_dim_parameter final : parameter<qk_rope_head_dim_parameter, "qk_rope_head_dim"> {
  using parameter::operator=; };
struct qk_nope_head_dim_parameter final : parameter<qk_nope_head_dim_parameter, "qk_nope_head_dim", 0> {
  using parameter::operator=; };
struct v_head_dim_parameter final : parameter<v_head_dim_parameter, "v_head_dim"> { using parameter::operator=; };
// clang-format on
inline constexpr qk_rope_head_dim_parameter qk_rope_head_dim{};  ///< of a key, what knows its position
inline constexpr qk_nope_head_dim_parameter qk_nope_head_dim{};  ///< of a key, what does not
inline constexpr v_head_dim_parameter v_head_dim{};

/// DeepSeek V3 (`model_type` "deepseek_v3"): multi-head latent attention, keys and values of different sizes.
template <auto... Options>
struct DeepSeekV3OnnxConfig : TextDecoderWithPositionIdsOnnxConfig<DeepSeekV3OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "deepseek_v3";
  static constexpr auto past_key_values =
      decoder_cache<num_attention_heads, qk_rope_head_dim + qk_nope_head_dim, v_head_dim>;
  static constexpr auto parameters =
      normalized(num_layers = 61, num_attention_heads = 128, hidden_size = 7168, vocab_size = 129280,
                 qk_rope_head_dim = 64, qk_nope_head_dim = 128, v_head_dim = 128);
};

}  // namespace constexport
