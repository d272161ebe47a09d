/// models/encoder_decoder.hpp: an encoder and a decoder of texts that were trained apart.
///
/// Room: models. Includes config/ and bart.hpp; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/bart.hpp>

#include <boost/hana/drop_back.hpp>

namespace constexport {

// clang-format off
struct encoder_layers_parameter final
    : parameter<encoder_layers_parameter, "encoder_num_layers", 1, "encoder.num_hidden_layers|encoder.n_layers"> {
  using parameter::operator=; };
struct encoder_heads_parameter final
    : parameter<encoder_heads_parameter, "encoder_num_attention_heads", 1,
                "encoder.num_attention_heads|encoder.n_heads"> {
  using parameter::operator=; };
struct encoder_hidden_size_parameter final
    : parameter<encoder_hidden_size_parameter, "encoder_hidden_size", 1,
                "encoder.hidden_size|encoder.dim|encoder.emb_dim"> {
  using parameter::operator=; };
struct encoder_vocab_size_parameter final
    : parameter<encoder_vocab_size_parameter, "encoder_vocab_size", 1, "encoder.vocab_size"> {
  using parameter::operator=; };
struct decoder_has_cross_cache_parameter final
    : parameter<decoder_has_cross_cache_parameter, "decoder_has_cross_cache", 0,
                "decoder.model_type=bart,bigbird_pegasus,blenderbot,blenderbot-small,m2m_100,marian,mbart,pegasus,"
                "trocr"> {
  using parameter::operator=; };
// clang-format on
inline constexpr encoder_layers_parameter encoder_num_layers{};
inline constexpr encoder_heads_parameter encoder_num_attention_heads{};
inline constexpr encoder_hidden_size_parameter encoder_hidden_size{};
inline constexpr encoder_vocab_size_parameter encoder_vocab_size{};
/// 1: the decoder comes from a text-to-text model, and its cache keeps what it knows of the encoder too.
inline constexpr decoder_has_cross_cache_parameter decoder_has_cross_cache{};

namespace detail {

// Optimum makes dummies without groups of heads.
template <fixed_string Name>
using decoder_entry = dummy_shaped<cache_entry<Name, batch_size, num_key_value_heads, growing, head_dim>, batch_size,
                                   num_attention_heads, growing, hidden_size / num_attention_heads>;
using cross_cache =
    cache<num_layers, bart_dummy_entry<"decoder.key", growing>, bart_dummy_entry<"decoder.value", growing>,
          bart_dummy_entry<"encoder.key", encoder_sequence_length>,
          bart_dummy_entry<"encoder.value", encoder_sequence_length>>;

}  // namespace detail

/// A model whose decoder is another model, on top of `Base`: the cache is the decoder's, and Optimum names it and its
/// axes as for the decoder alone.
template <class Derived, class Base>
struct WithDecoderOfItsOwn : Base {
  static constexpr bool has_use_cache = false;
  static constexpr auto past_length = past_sequence_length;
  static constexpr auto past_key_values =
      cache<num_layers, detail::decoder_entry<"key">, detail::decoder_entry<"value">>{};
  static constexpr auto parameters = normalized(
      num_layers.named<"decoder.decoder_layers|decoder.num_hidden_layers|decoder.n_layer|decoder.num_layers"> = 12,
      num_attention_heads.named<"decoder.decoder_attention_heads|decoder.num_attention_heads|decoder.n_head|"
                                "decoder.num_heads"> = 12,
      hidden_size.named<"decoder.hidden_size|decoder.n_embd|decoder.d_model"> = 768,
      vocab_size.named<"decoder.vocab_size"> = 50257,
      num_key_value_heads.named<"decoder.num_key_value_heads"> = num_attention_heads,
      head_dim.named<"decoder.head_dim"> = hidden_size / num_attention_heads, decoder_has_cross_cache = 0,
      encoder_attention_heads.named<"decoder.num_attention_heads|decoder.encoder_attention_heads"> =
          num_attention_heads);

  template <class List>
  static consteval auto add_past_key_values(List list, decltype(direction::inputs)) {
    return join(list,
                only_if<int_c<1> - decoder_has_cross_cache>(
                    detail::cache_tensors<"past_key_values", past_length, tensor_role::past, true>(past_key_values)),
                cross_past);
  }
  template <class List>
  static consteval auto add_past_key_values(List list, decltype(direction::outputs)) {
    constexpr auto length = past_decoder_sequence_length + decoder_sequence_length;
    return join(list,
                only_if<int_c<1> - decoder_has_cross_cache>(
                    detail::cache_tensors<"present", present_length(), tensor_role::present, true>(past_key_values)),
                only_if<decoder_has_cross_cache>(
                    detail::cache_tensors<"present", length, tensor_role::present, Base::writes_constant_entries>(
                        detail::cross_cache{})));
  }
  static consteval auto present_length() {
    return named<"past_sequence_length + sequence_length", past_sequence_length + decoder_sequence_length>;
  }
  static consteval auto fixed_axes() {
    if constexpr (Base::past_in_outputs && !Base::past_in_inputs)
      return normalized(past_sequence_length = 0, past_decoder_sequence_length = 0);
    else
      return normalized();
  }

 protected:
  static constexpr auto cross_past = only_if<decoder_has_cross_cache>(
      detail::cache_tensors<"past_key_values", past_decoder_sequence_length, tensor_role::past, true>(
          detail::cross_cache{}));
};

/// Any encoder with any decoder (`model_type` "encoder-decoder"; transformers' EncoderDecoderConfig, by default BERT
/// with GPT-2). Optimum makes the dummy of a cache without cross-attention with the layers and heads of the encoder.
template <auto... Options>
struct EncoderDecoderOnnxConfig
    : WithDecoderOfItsOwn<EncoderDecoderOnnxConfig<Options...>,
                          TextSeq2SeqOnnxConfig<EncoderDecoderOnnxConfig<Options...>, Options...>> {
  using base =
      WithDecoderOfItsOwn<EncoderDecoderOnnxConfig, TextSeq2SeqOnnxConfig<EncoderDecoderOnnxConfig, Options...>>;
  static constexpr std::string_view model_type = "encoder-decoder";
  static constexpr auto tasks = supports(text2text_generation.with_past);
  static constexpr auto parameters =
      normalized(base::parameters, encoder_num_layers = 12, encoder_num_attention_heads = 12, encoder_hidden_size = 768,
                 encoder_vocab_size = 30522);

  static consteval auto declared_inputs() { return map<of_encoder>(base::declared_inputs()); }
  static consteval auto declared_outputs() { return map<of_encoder>(base::declared_outputs()); }
  static consteval auto declared_dummies() {
    if constexpr (base::past_in_inputs)
      return join(
          boost::hana::drop_back(declared_inputs(), boost::hana::size_c<2>),
          only_if<int_c<1> - decoder_has_cross_cache>(
              detail::cache_tensors<"past_key_values", past_sequence_length, tensor_role::past, true>(dummy_cache{})),
          base::cross_past);
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
