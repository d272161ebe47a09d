/// models/t5.hpp: T5 and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_encoder.hpp>
#include <constexport/config/text_seq2seq.hpp>

namespace constexport {

/// The parameters of T5 and its kin under the names they have in config.json. Its heads have a size of their own,
/// `d_kv`.
consteval auto t5_parameters(std::int64_t layers, std::int64_t heads, std::int64_t size, std::int64_t vocabulary) {
  return normalized(num_layers.named<"num_decoder_layers|num_hidden_layers|num_layers"> = layers,
                    num_attention_heads.named<"num_attention_heads|num_heads"> = heads,
                    hidden_size.named<"hidden_size|d_model"> = size, head_dim.named<"head_dim|d_kv"> = 64,
                    vocab_size = vocabulary);
}

/// T5 (`model_type` "t5"; transformers' T5Config).
template <auto... Options>
struct T5OnnxConfig : TextSeq2SeqOnnxConfig<T5OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "t5";
  static constexpr auto past_key_values = encoder_decoder_cache<head_dim>;
  static constexpr auto parameters = t5_parameters(6, 8, 512, 32128);
};

/// mT5 (`model_type` "mt5").
template <auto... Options>
struct MT5OnnxConfig : TextSeq2SeqOnnxConfig<MT5OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mt5";
  static constexpr auto past_key_values = encoder_decoder_cache<head_dim>;
  static constexpr auto parameters = t5_parameters(8, 6, 512, 250112);
};

/// LongT5 (`model_type` "longt5").
template <auto... Options>
struct LongT5OnnxConfig : TextSeq2SeqOnnxConfig<LongT5OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "longt5";
  static constexpr auto past_key_values = encoder_decoder_cache<head_dim>;
  static constexpr auto parameters = t5_parameters(6, 8, 512, 32128);
};

/// The encoder of T5 as the text encoder of a pipeline (diffusers, "t5-encoder").
template <auto... Options>
struct T5EncoderOnnxConfig : TextEncoderOnnxConfig<T5EncoderOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view library = "diffusers";
  static constexpr std::string_view model_type = "t5-encoder";
  static constexpr bool has_use_cache = true;
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto model_inputs = tensors<input_ids>;
  static constexpr auto parameters = T5OnnxConfig<>::parameters;
};

}  // namespace constexport
