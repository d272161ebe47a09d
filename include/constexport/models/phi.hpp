/// models/phi.hpp: Phi.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/llama.hpp>

namespace constexport {

/// Phi (`model_type` "phi"). Optimum makes a dummy cache with as many heads as there are queries.
template <auto... Options>
struct PhiOnnxConfig : TextDecoderWithPositionIdsOnnxConfig<PhiOnnxConfig<Options...>, Options...> {
  template <fixed_string Name>
  using entry = dummy_shaped<cache_entry<Name, batch_size, num_key_value_heads, growing, head_dim>, batch_size,
                             num_attention_heads, growing, hidden_size / num_attention_heads>;
  static constexpr std::string_view model_type = "phi";
  static constexpr auto tasks = LlamaOnnxConfig<>::tasks;
  static constexpr auto past_key_values = cache<num_layers, entry<"key">, entry<"value">>{};
  static constexpr auto parameters =
      normalized(LlamaOnnxConfig<>::parameters, num_layers = 24, hidden_size = 2048, vocab_size = 51200);
};

/// Phi 3 (`model_type` "phi3").
template <auto... Options>
struct Phi3OnnxConfig : LlamaLikeOnnxConfig<Phi3OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "phi3";
  static constexpr auto tasks = LlamaOnnxConfig<>::tasks;
  static constexpr auto parameters = normalized(LlamaOnnxConfig<>::parameters, hidden_size = 3072, vocab_size = 32064);
};

}  // namespace constexport
