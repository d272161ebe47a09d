/// models/visual_bert.hpp: VisualBERT.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

struct visual_embedding_dim_parameter final : parameter<visual_embedding_dim_parameter, "visual_embedding_dim"> {
  using parameter::operator=;
};
inline constexpr visual_embedding_dim_parameter visual_embedding_dim{};

/// VisualBERT (`model_type` "visual_bert"; transformers' VisualBertConfig): tokens followed by regions of an image.
template <auto... Options>
struct VisualBertOnnxConfig : TextAndVisionOnnxConfig<VisualBertOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "visual_bert";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized(hidden_size = 768, vocab_size = 30522, visual_embedding_dim = 512);
  struct visual_token_type_ids : tensor<"visual_token_type_ids", dtype::int64, batch_size, visual_seq_length> {
    static constexpr auto values = uniform<0, 1>;
  };
  struct visual_attention_mask : tensor<"visual_attention_mask", dtype::int64, batch_size, visual_seq_length> {
    static constexpr auto values = mask;
  };
  static constexpr auto model_inputs = tensors<input_ids, attention_mask,
                                               tensor<"visual_embeds", dtype::float32, batch_size, visual_seq_length,
                                                      named<"visual_embedding_dim", visual_embedding_dim>>,
                                               visual_attention_mask, visual_token_type_ids>;

  static consteval auto declared_outputs() { return tensors<last_hidden_state<sequence_length + visual_seq_length>>; }
};

}  // namespace constexport
