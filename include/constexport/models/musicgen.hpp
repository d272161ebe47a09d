/// models/musicgen.hpp: MusicGen.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/seq2seq.hpp>

namespace constexport {

/// With guidance the decoder runs on twice the batch.
struct total_batch_size_axis final : axis<total_batch_size_axis, "total_batch_size", 2> {
  using axis::operator=;
  static constexpr std::string_view follows = "batch_size";
};
/// Frames of audio codes.
struct chunk_length_axis final : axis<chunk_length_axis, "chunk_length", 16> {
  using axis::operator=;
  static constexpr std::string_view follows = "sequence_length";
};
/// The value of the input of that name.
struct mask_length_axis final : axis<mask_length_axis, "max_length"> {
  using axis::operator=;
  static constexpr bool is_free = true;
};
struct num_codebooks_parameter final : parameter<num_codebooks_parameter, "num_codebooks", 1, "decoder.num_codebooks"> {
  using parameter::operator=;
};
struct decoder_hidden_size_parameter final
    : parameter<decoder_hidden_size_parameter, "decoder_hidden_size", 1, "decoder.hidden_size"> {
  using parameter::operator=;
};
struct decoder_vocab_size_parameter final
    : parameter<decoder_vocab_size_parameter, "decoder_vocab_size", 1, "decoder.vocab_size"> {
  using parameter::operator=;
};
struct audio_channels_parameter final
    : parameter<audio_channels_parameter, "audio_channels", 1, "audio_encoder.audio_channels"> {
  using parameter::operator=;
};
struct upsampling_ratios_array final : parameter_array<"audio_encoder.upsampling_ratios", 8> {};
inline constexpr total_batch_size_axis total_batch_size{};
inline constexpr chunk_length_axis chunk_length{};
inline constexpr mask_length_axis mask_length{};
inline constexpr num_codebooks_parameter num_codebooks{};
inline constexpr decoder_hidden_size_parameter decoder_hidden_size{};
inline constexpr decoder_vocab_size_parameter decoder_vocab_size{};
inline constexpr audio_channels_parameter audio_channels{};
inline constexpr upsampling_ratios_array upsampling_ratios{};

/// MusicGen (`model_type` "musicgen"; transformers' MusicgenConfig): the text encoder, the decoder (always with past),
/// what arranges its codes, and what turns codes into sound. Optimum fails on the decoder under the task that it is
/// registered for; here it has the outputs that the model's code computes.
template <auto... Options>
struct MusicgenOnnxConfig : OnnxSeq2SeqConfigWithPast<MusicgenOnnxConfig<Options...>, Options...> {
  using base = OnnxSeq2SeqConfigWithPast<MusicgenOnnxConfig<Options...>, Options...>;
  static constexpr std::string_view model_type = "musicgen";
  static constexpr auto tasks = supports(text_to_audio.with_past);
  static constexpr auto parts =
      std::to_array<std::string_view>({"text_encoder", "encodec_decode", "decoder", "build_delay_pattern_mask"});
  static constexpr auto variants = std::to_array<std::string_view>({"text-conditional-with-past"});
  static constexpr auto parameters = normalized(
      hidden_size.named<"text_encoder.hidden_size|text_encoder.d_model"> = 512,
      vocab_size.named<"text_encoder.vocab_size"> = 32128, num_layers.named<"decoder.num_hidden_layers"> = 24,
      num_attention_heads.named<"decoder.num_attention_heads"> = 16, decoder_hidden_size = 1024,
      decoder_vocab_size = 2048, num_codebooks = 4, audio_channels = 1, upsampling_ratios.of<8, 5, 4, 2>());
  static constexpr auto past_key_values = encoder_decoder_cache<exactly(decoder_hidden_size / num_attention_heads)>;

  static consteval bool is_exported() {
    return base::is_part("decoder") ? base::is_decoder && base::past_in_outputs : base::is_encoder;
  }

  static constexpr auto values_override() { return std::array<value_override, 0>{}; }

  // One new token a run, so the outputs' sums are the past and that token.
  static consteval auto fixed_axes() {
    if constexpr (base::past_in_inputs)
      return normalized(decoder_sequence_length = 1);
    else
      return base::fixed_axes();
  }

  static consteval auto declared_inputs() {
    if constexpr (base::is_part("text_encoder")) {
      return tensors<encoder_input_ids, encoder_attention_mask>;
    } else if constexpr (base::is_part("encodec_decode")) {
      return tensors<audio_codes>;
    } else if constexpr (base::is_part("build_delay_pattern_mask")) {
      return tensors<dummy_shaped<tensor<"input_ids", dtype::int64,
                                         named<"batch_size_x_num_codebooks", batch_size * num_codebooks>, unspecified>,
                                  batch_size * num_codebooks, sequence_length>,
                     a_number<"pad_token_id">, a_number<"max_length">>;
    } else {
      constexpr auto side =
          tensors<decoder_ids,
                  tensor<"encoder_outputs", dtype::float32, total_batch_size, encoder_sequence_length, hidden_size>,
                  encoder_attention_mask>;
      if constexpr (base::past_in_inputs)
        return base::add_past_key_values(side, direction::inputs);
      else
        return side;
    }
  }

  static consteval auto declared_outputs() {
    if constexpr (base::is_part("text_encoder"))
      return tensors<last_hidden_state<encoder_sequence_length>>;
    else if constexpr (base::is_part("encodec_decode"))
      return tensors<tensor<"audio_values", dtype::float32, batch_size, audio_channels,
                            named<"audio_length", chunk_length * product_of(upsampling_ratios)>>>;
    else if constexpr (base::is_part("build_delay_pattern_mask"))
      return tensors<tensor<"input_ids_edited", dtype::int64, total_codes<batch_size>, unspecified>,
                     tensor<"delay_pattern_mask", dtype::int64, total_codes<batch_size>, mask_length>>;
    else
      return base::add_past_key_values(
          tensors<tensor<"logits", dtype::float32, total_codes<total_batch_size>, new_tokens(), decoder_vocab_size>>,
          direction::outputs);
  }

 private:
  template <auto Batch>
  static constexpr auto total_codes = named<"total_batch_size_x_num_codebooks", Batch * num_codebooks>;
  // One token at a time once there is a cache, which Optimum does not list as an axis of the input.
  static consteval auto new_tokens() {
    if constexpr (base::past_in_inputs)
      return int_c<1>;
    else
      return decoder_sequence_length;
  }
  struct audio_codes : tensor<"audio_codes", dtype::int64, 1, batch_size, num_codebooks, chunk_length> {
    static constexpr auto values = uniform<0, 50>;
  };
  template <fixed_string Name>
  struct a_number : tensor<Name, dtype::int64, 1> {
    static constexpr auto values = uniform<20, 22>;
  };
  using decoder_ids =
      dummy_shaped<tensor<"decoder_input_ids", dtype::int64, total_codes<total_batch_size>, new_tokens()>,
                   total_batch_size * num_codebooks, new_tokens()>;
};

}  // namespace constexport
