/// models/encoder_decoder.hpp: an encoder and a decoder of texts that were trained apart.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_seq2seq.hpp>

#include <boost/hana/drop_back.hpp>

namespace constexport {

// clang-format off
struct encoder_layers_parameter final
    : parameter<encoder_layers_parameter, "encoder_num_layers", 1, "encoder.num_hidden_layers|encoder.n_layers"> {
  using parameter::operator=; };
struct encoder_heads_parameter final
    : parameter<encoder_heads_parameter, "encoder_num_attention_heads", 1, "encoder.num_attention_heads|encoder.n_heads"> {
  using parameter::operator=; };
struct encoder_hidden_size_parameter final
    : parameter<encoder_hidden_size_parameter, "encoder_hidden_size", 1, "encoder.hidden_size|encoder.dim|encoder.emb_dim"> {
  using parameter::operator=; };
struct encoder_vocab_size_parameter final
    : parameter<encoder_vocab_size_parameter, "encoder_vocab_size", 1, "encoder.vocab_size"> {
  using parameter::operator=; };
// clang-format on
inline constexpr encoder_layers_parameter encoder_num_layers{};
inline constexpr encoder_heads_parameter encoder_num_attention_heads{};
inline constexpr encoder_hidden_size_parameter encoder_hidden_size{};
inline constexpr encoder_vocab_size_parameter encoder_vocab_size{};

/// Any encoder with any decoder (`model_type` "encoder-decoder"; transformers' EncoderDecoderConfig, by default BERT
/// with GPT-2). The cache is the decoder's, and Optimum names its axes as for the decoder alone; but it makes the dummy
/// of the cache with the layers and heads of the encoder.
template <auto... Options>
struct EncoderDecoderOnnxConfig : TextSeq2SeqOnnxConfig<EncoderDecoderOnnxConfig<Options...>, Options...> {
  using base = TextSeq2SeqOnnxConfig<EncoderDecoderOnnxConfig<Options...>, Options...>;
  static constexpr std::string_view model_type = "encoder-decoder";
  static constexpr bool has_use_cache = false;
  static constexpr bool writes_constant_entries = false;
  static constexpr auto tasks = supports(text2text_generation.with_past);
  static constexpr auto past_length = past_sequence_length;
  static constexpr auto past_key_values =
      decoder_cache<num_attention_heads, exactly(hidden_size / num_attention_heads)>;
  static constexpr auto parameters = normalized(
      num_layers.named<"decoder.num_hidden_layers|decoder.n_layer|decoder.num_layers"> = 12,
      num_attention_heads.named<"decoder.num_attention_heads|decoder.n_head|decoder.num_heads"> = 12,
      hidden_size.named<"decoder.hidden_size|decoder.n_embd"> = 768, vocab_size.named<"decoder.vocab_size"> = 50257,
      encoder_num_layers = 12, encoder_num_attention_heads = 12, encoder_hidden_size = 768, encoder_vocab_size = 30522);

  static consteval auto present_length() {
    return named<"past_sequence_length + sequence_length", past_sequence_length + decoder_sequence_length>;
  }
  static consteval auto declared_inputs() { return map<of_encoder>(base::declared_inputs()); }
  static consteval auto declared_outputs() { return map<of_encoder>(base::declared_outputs()); }
  static consteval auto declared_dummies() {
    if constexpr (base::past_in_inputs)
      return join(boost::hana::drop_back(declared_inputs()),
                  detail::cache_tensors<"past_key_values", past_length, tensor_role::past, true>(dummy_cache{}));
    else
      return tensors<>;
  }

 private:
  template <fixed_string Name>
  using dummy_entry = cache_entry<Name, batch_size, encoder_num_attention_heads, growing,
                                  encoder_hidden_size / encoder_num_attention_heads>;
  using dummy_cache = cache<encoder_num_layers, dummy_entry<"key">, dummy_entry<"value">>;
  template <class T>
  struct encoder_ids : T {
    static constexpr auto values = uniform<0, encoder_vocab_size>;
  };
  template <class T>
  using of_encoder = std::conditional_t<
      T::name == encoder_input_ids::name, encoder_ids<T>,
      std::conditional_t<
          T::name == encoder_outputs::name || T::name == "last_hidden_state",
          reshaped<T, expressions<batch_size_axis, encoder_sequence_length_axis, encoder_hidden_size_parameter>>, T>>;
};

}  // namespace constexport
