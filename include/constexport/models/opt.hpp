/// models/opt.hpp: OPT.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/gpt2.hpp>

namespace constexport {

// clang-format off
struct word_embed_proj_dim_parameter final : parameter<word_embed_proj_dim_parameter, "word_embed_proj_dim"> {
  using parameter::operator=; };
// clang-format on
inline constexpr word_embed_proj_dim_parameter word_embed_proj_dim{};

/// OPT (`model_type` "opt"). Its last layer may project to another size.
template <auto... Options>
struct OPTOnnxConfig : TextDecoderWithPositionIdsOnnxConfig<OPTOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "opt";
  static constexpr auto tasks = GPTJOnnxConfig<>::tasks;
  static constexpr auto output_size = word_embed_proj_dim;
  static constexpr auto parameters = normalized(num_layers = 12, num_attention_heads = 12, hidden_size = 768,
                                                vocab_size = 50272, word_embed_proj_dim = hidden_size);
};

}  // namespace constexport
