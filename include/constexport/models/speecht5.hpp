/// models/speecht5.hpp: SpeechT5.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/seq2seq.hpp>

namespace constexport {

struct reduction_factor_parameter final : parameter<reduction_factor_parameter, "reduction_factor"> {
  using parameter::operator=;
};
struct speaker_embedding_dim_parameter final : parameter<speaker_embedding_dim_parameter, "speaker_embedding_dim"> {
  using parameter::operator=;
};
struct n_spectrums_axis final : axis<n_spectrums_axis, "n_spectrums", 10> {
  using axis::operator=;
};
inline constexpr reduction_factor_parameter reduction_factor{};
inline constexpr speaker_embedding_dim_parameter speaker_embedding_dim{};
inline constexpr n_spectrums_axis n_spectrums{};

/// SpeechT5 (`model_type` "speecht5"; transformers' SpeechT5Config): three files, for one text at a time. The decoder
/// is given the whole sequence of mel frames and writes it longer by one.
template <auto... Options>
struct SpeechT5OnnxConfig : OnnxSeq2SeqConfigWithPast<SpeechT5OnnxConfig<Options...>, Options...> {
  using base = OnnxSeq2SeqConfigWithPast<SpeechT5OnnxConfig<Options...>, Options...>;
  static constexpr std::string_view model_type = "speecht5";
  static constexpr auto tasks = supports(text_to_audio);
  static constexpr auto parts = std::to_array<std::string_view>({"encoder", "decoder", "postnet_and_vocoder"});
  static constexpr auto variants = std::to_array<std::string_view>({"with-past", "without-past"});
  static constexpr auto parameters =
      normalized(hidden_size = 768, vocab_size = 81, feature_size.named<"num_mel_bins"> = 80, reduction_factor = 2,
                 speaker_embedding_dim = 512);

  static consteval bool is_exported() {
    return base::is_part("encoder") == base::is_encoder && base::is_part("decoder") == base::is_decoder;
  }

  static consteval auto declared_inputs() {
    if constexpr (base::is_encoder)
      return tensors<reshaped<input_ids, one_text>>;
    else if constexpr (base::is_decoder)
      return tensors<tensor<"output_sequence", dtype::float32, 1, decoder_sequence_length, feature_size>,
                     tensor<"speaker_embeddings", dtype::float32, 1, speaker_embedding_dim>, hidden_states,
                     reshaped<token_mask<"encoder_attention_mask", encoder_sequence_length>, one_text>>;
    else  // the number of frames in dummies is arbitrary, and Optimum's alone
      return tensors<
          dummy_shaped<tensor<"spectrogram", dtype::float32,
                              named<"n_spectrums x reduction_factor", n_spectrums * reduction_factor>, feature_size>,
                       20, feature_size>>;
  }

  static consteval auto declared_outputs() {
    if constexpr (base::is_encoder)
      return tensors<hidden_states, reshaped<token_mask<"encoder_attention_mask", encoder_sequence_length>, one_text>>;
    else if constexpr (base::is_decoder)
      return tensors<tensor<"output_sequence_out", dtype::float32, 1, decoder_sequence_length + int_c<1>, feature_size>,
                     tensor<"spectrum", dtype::float32, reduction_factor, feature_size>,
                     tensor<"prob", dtype::float32, reduction_factor>>;
    else  // the vocoder is a model of its own
      return tensors<tensor<"waveform", dtype::float32, n_samples>>;
  }

 private:
  using one_text = expressions<constant<1>, encoder_sequence_length_axis>;
  using hidden_states = tensor<"encoder_outputs", dtype::float32, 1, encoder_sequence_length, hidden_size>;
};

}  // namespace constexport
