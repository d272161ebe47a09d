/// models/sentence_transformer.hpp: text encoders of sentence-transformers.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_encoder.hpp>

namespace constexport {

/// Any text encoder with its pooling (sentence-transformers' Transformer).
template <auto... Options>
struct SentenceTransformersTransformerOnnxConfig
    : TextEncoderOnnxConfig<SentenceTransformersTransformerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view library = "sentence_transformers";
  static constexpr std::string_view model_type = "transformer";
  static constexpr bool has_use_cache = true;
  static constexpr auto tasks = supports(feature_extraction, sentence_similarity);
  static constexpr auto parameters =
      normalized(hidden_size.named<"hidden_size|dim|d_model|n_embd|emb_dim"> = 768, vocab_size = 30522);

  static consteval auto declared_outputs() {
    return tensors<tensor<"token_embeddings", dtype::float32, batch_size, sequence_length, hidden_size>,
                   tensor<"sentence_embedding", dtype::float32, batch_size, hidden_size>>;
  }
};

}  // namespace constexport
