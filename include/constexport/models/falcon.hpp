/// models/falcon.hpp: Falcon.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/gpt_bigcode.hpp>

namespace constexport {

// clang-format off
struct alibi_parameter final : parameter<alibi_parameter, "alibi", 0> { using parameter::operator=; };
struct num_kv_heads_parameter final : parameter<num_kv_heads_parameter, "num_kv_heads"> { using parameter::operator=; };
struct new_decoder_architecture_parameter final
    : parameter<new_decoder_architecture_parameter, "new_decoder_architecture", 0> { using parameter::operator=; };
// clang-format on
inline constexpr alibi_parameter alibi{};  ///< 1: attention biases instead of positions
inline constexpr num_kv_heads_parameter num_kv_heads{};
inline constexpr new_decoder_architecture_parameter new_decoder_architecture{};  ///< 1: grouped queries

/// Falcon (`model_type` "falcon").
template <auto... Options>
struct FalconOnnxConfig : TextDecoderWithPositionIdsOnnxConfig<FalconOnnxConfig<Options...>, Options...> {
  using base = TextDecoderWithPositionIdsOnnxConfig<FalconOnnxConfig<Options...>, Options...>;
  static constexpr std::string_view model_type = "falcon";
  static constexpr auto tasks =
      supports(feature_extraction.with_past, text_generation.with_past, question_answering, token_classification);
  static constexpr auto past_key_values =
      decoder_cache<either(max(new_decoder_architecture, int_c<1> - multi_query) * num_kv_heads, int_c<1>),
                    hidden_size / num_attention_heads>;
  static constexpr auto parameters = normalized(
      num_layers = 32, num_attention_heads = 71, hidden_size.named<"n_embed|hidden_size"> = 4544, vocab_size = 65024,
      num_kv_heads = num_attention_heads, multi_query = 1, new_decoder_architecture = 0, alibi = 0);

  static consteval auto declared_inputs() { return map<unless_alibi>(base::declared_inputs()); }

 private:
  template <class T>
  using unless_alibi = std::conditional_t<T::name == position_ids::name, when<int_c<1> - alibi, T>, T>;
};

}  // namespace constexport
