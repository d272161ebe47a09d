/// models/bart.hpp: BART and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_decoder.hpp>
#include <constexport/config/text_seq2seq.hpp>

namespace constexport {

// clang-format off
struct encoder_attention_heads_parameter final : parameter<encoder_attention_heads_parameter, "encoder_attention_heads",
                                                           1, "num_attention_heads|encoder_attention_heads"> {
  using parameter::operator=; };
struct eos_token_id_parameter final : parameter<eos_token_id_parameter, "eos_token_id", 0, "eos_token_id[0]"> {
  using parameter::operator=; };
// clang-format on
inline constexpr encoder_attention_heads_parameter encoder_attention_heads{};
inline constexpr eos_token_id_parameter eos_token_id{};  ///< of the end of a text

namespace detail {

// `text_generation` and the classifications take one text and know nothing of encoder and decoder, unless the encoder
// alone is exported.
template <auto... Options>
inline constexpr bool is_text_to_text =
    option_set<Options...>::template has<encoder> || option_set<Options...>::task.name == feature_extraction.name ||
    option_set<Options...>::task.name == text2text_generation.name;

// Optimum makes some dummies with the encoder's heads, where the model has the decoder's.
inline constexpr auto bart_head_size = exactly(hidden_size / num_attention_heads);
template <fixed_string Name, auto Length>
using bart_entry = cache_entry<Name, batch_size, num_attention_heads, Length, bart_head_size>;
template <fixed_string Name, auto Length>
using bart_dummy_entry = dummy_shaped<bart_entry<Name, Length>, batch_size, encoder_attention_heads, Length,
                                      hidden_size / encoder_attention_heads>;

}  // namespace detail

/// What BART and its kin have in common: an encoder and a decoder...
template <class Derived, bool IsTextToText, auto... Options>
struct BartLikeBase : TextSeq2SeqOnnxConfig<Derived, Options...> {
  static constexpr auto past_key_values =
      cache<num_layers, detail::bart_entry<"decoder.key", growing>, detail::bart_entry<"decoder.value", growing>,
            detail::bart_dummy_entry<"encoder.key", encoder_sequence_length>,
            detail::bart_dummy_entry<"encoder.value", encoder_sequence_length>>{};
};
/// ... or, for tasks on one text, the decoder alone.
template <class Derived, auto... Options>
struct BartLikeBase<Derived, false, Options...> : WithBehaviors<Derived, TextDecoderOnnxConfig<Derived, Options...>> {
  using base = WithBehaviors<Derived, TextDecoderOnnxConfig<Derived, Options...>>;
  static constexpr auto past_key_values =
      cache<num_layers, detail::bart_dummy_entry<"key", growing>, detail::bart_dummy_entry<"value", growing>>{};

  // A text is classified by what the model makes of its end.
  static consteval auto declared_inputs() {
    if constexpr (base::task.name == text_classification.name)
      return map<with_end>(base::declared_inputs());
    else
      return base::declared_inputs();
  }

 private:
  template <class T>
  struct ended_ids : T {
    static constexpr auto values = ended<eos_token_id, vocab_size>;
  };
  template <class T>
  using with_end = std::conditional_t<T::name == input_ids::name, ended_ids<T>, T>;
};

/// BART and its kin.
template <class Derived, auto... Options>
struct BartLikeOnnxConfig : BartLikeBase<Derived, detail::is_text_to_text<Options...>, Options...> {
  static constexpr auto tasks =
      supports(feature_extraction.with_past, text_generation.with_past, text2text_generation.with_past);
};

/// The parameters of BART and its kin under the names they have in config.json.
consteval auto bart_parameters(std::int64_t layers, std::int64_t heads, std::int64_t size, std::int64_t vocabulary,
                               std::int64_t end = 2) {
  return normalized(num_layers.named<"decoder_layers"> = layers,
                    num_attention_heads.named<"decoder_attention_heads"> = heads, encoder_attention_heads = heads,
                    hidden_size.named<"hidden_size|d_model"> = size, vocab_size = vocabulary, eos_token_id = end);
}

/// BART (`model_type` "bart"; transformers' BartConfig).
template <auto... Options>
struct BartOnnxConfig : BartLikeOnnxConfig<BartOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "bart";
  static constexpr auto tasks = supports(feature_extraction.with_past, text_generation.with_past,
                                         text2text_generation.with_past, text_classification, question_answering);
  static constexpr auto parameters = bart_parameters(12, 16, 1024, 50265);
};

/// mBART (`model_type` "mbart").
template <auto... Options>
struct MBartOnnxConfig : BartLikeOnnxConfig<MBartOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mbart";
  static constexpr auto tasks = BartOnnxConfig<>::tasks;
  static constexpr auto parameters = bart_parameters(12, 16, 1024, 50265);
};

/// M2M-100 (`model_type` "m2m_100").
template <auto... Options>
struct M2M100OnnxConfig : BartLikeOnnxConfig<M2M100OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "m2m_100";
  static constexpr auto tasks = supports(feature_extraction.with_past, text2text_generation.with_past);
  static constexpr auto parameters = bart_parameters(12, 16, 1024, 128112);
};

/// Blenderbot (`model_type` "blenderbot").
template <auto... Options>
struct BlenderbotOnnxConfig : BartLikeOnnxConfig<BlenderbotOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "blenderbot";
  static constexpr auto parameters = bart_parameters(24, 32, 2560, 8008);
};

/// Blenderbot, small (`model_type` "blenderbot-small").
template <auto... Options>
struct BlenderbotSmallOnnxConfig : BartLikeOnnxConfig<BlenderbotSmallOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "blenderbot-small";
  static constexpr auto parameters = bart_parameters(8, 16, 512, 50265);
};

/// BigBird-Pegasus (`model_type` "bigbird_pegasus").
template <auto... Options>
struct BigBirdPegasusOnnxConfig : BartLikeOnnxConfig<BigBirdPegasusOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "bigbird_pegasus";
  static constexpr auto tasks = BartOnnxConfig<>::tasks;
  static constexpr auto parameters = bart_parameters(16, 16, 1024, 96103, 1);
};

/// Pegasus (`model_type` "pegasus").
template <auto... Options>
struct PegasusOnnxConfig : BartLikeOnnxConfig<PegasusOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "pegasus";
  static constexpr auto parameters = bart_parameters(12, 16, 1024, 50265, 1);
};

/// Marian (`model_type` "marian").
template <auto... Options>
struct MarianOnnxConfig : BartLikeOnnxConfig<MarianOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "marian";
  static constexpr auto parameters = bart_parameters(12, 16, 1024, 58101, 0);
};

}  // namespace constexport
