/// config/seq2seq.hpp: OnnxSeq2SeqConfigWithPast, what encoder-decoder models have in common.
///
/// Room: config. Includes core/ and with_past.hpp. text.hpp and audio.hpp put their modality on top.
#pragma once

#include <constexport/config/with_past.hpp>

namespace constexport {

/// The cache of an encoder-decoder model: the decoder's own keys and values, which grow, and the encoder's, which do
/// not.
template <auto HeadDim>
inline constexpr cache<num_layers,  //
                       cache_entry<"decoder.key", batch_size, num_attention_heads, growing, HeadDim>,
                       cache_entry<"decoder.value", batch_size, num_attention_heads, growing, HeadDim>,
                       cache_entry<"encoder.key", batch_size, num_attention_heads, encoder_sequence_length, HeadDim>,
                       cache_entry<"encoder.value", batch_size, num_attention_heads, encoder_sequence_length, HeadDim>>
    encoder_decoder_cache{};

namespace detail {

// `Config<Options...>` with the behavior and the past flags replaced by `New...`.
template <class T>
inline constexpr bool is_replaced =
    T::kind == option_kind::behavior || T::kind == option_kind::past || T::kind == option_kind::past_in_inputs;

template <template <auto...> class Config, class Kept, auto... New>
struct rebind;
template <auto...>
struct values {};
template <template <auto...> class Config, auto... Kept, auto... New>
struct rebind<Config, values<Kept...>, New...> {
  using type = Config<Kept..., New...>;
};

template <class Kept, auto... Rest>
struct without_replaced {
  using type = Kept;
};
template <auto... Kept, auto First, auto... Rest>
struct without_replaced<values<Kept...>, First, Rest...>
    : without_replaced<std::conditional_t<is_replaced<std::remove_const_t<decltype(First)>>, values<Kept...>,
                                          values<Kept..., First>>,
                       Rest...> {};

template <class Config, auto... New>
struct rebound;
template <template <auto...> class Config, auto... Options, auto... New>
struct rebound<Config<Options...>, New...>
    : rebind<Config, typename without_replaced<values<>, Options...>::type, New...> {};

}  // namespace detail

/// What models have that are exported as an encoder and a decoder, or both in one, on top of `Base`. The behavior says
/// which file: `encoder`, `decoder` or `monolith`, the default.
template <class Derived, class Base>
struct WithBehaviors : Base {
  static constexpr bool has_behaviors = true;
  static constexpr bool is_encoder = Base::template has<constexport::encoder>;
  static constexpr bool is_decoder = Base::template has<constexport::decoder>;

  /// This configuration with another behavior and other flags; its task, dtypes and parameters stay:
  /// `t5.with_behavior<decoder, use_past, use_past_in_inputs>()`.
  template <auto Behavior, auto... Past>
  constexpr auto with_behavior() const {
    typename detail::rebound<Derived, Behavior, Past...>::type result{};
    for (std::size_t i = 0; i < std::size(this->settings); ++i) result.settings[i] = this->settings[i];
    return result;
  }

  static constexpr auto torch_to_onnx_input_map() {
    if constexpr (is_decoder)
      return std::array{
          name_pair{"decoder_input_ids", "input_ids"}, name_pair{"decoder_attention_mask", "attention_mask"},
          name_pair{"encoder_outputs", "encoder_hidden_states"}, name_pair{"attention_mask", "encoder_attention_mask"}};
    else
      return std::array<name_pair, 0>{};
  }
};

/// Encoder-decoder models (Optimum's OnnxSeq2SeqConfigWithPast).
template <class Derived, auto... Options>
struct OnnxSeq2SeqConfigWithPast : WithBehaviors<Derived, OnnxConfigWithPast<Derived, Options...>> {
  using base = WithBehaviors<Derived, OnnxConfigWithPast<Derived, Options...>>;

  static constexpr auto past_length = past_decoder_sequence_length;
  static constexpr auto new_length = decoder_sequence_length;
  // The decoder's first run computes the encoder's keys and values; later runs only read them.
  static constexpr bool writes_constant_entries = base::is_decoder && !base::past_in_inputs;
  static constexpr auto past_key_values = encoder_decoder_cache<exactly(hidden_size / num_attention_heads)>;

  /// The decoder's own inputs after whatever its encoder side gives: its token ids and the cache.
  template <class List>
  static consteval auto add_decoder_inputs(List encoder_side) {
    if constexpr (base::past_in_inputs) {
      // Optimum's dummies feed one token once there is a cache.
      return Derived::add_past_key_values(join(encoder_side, tensors<dummy_shaped<decoder_input_ids, batch_size, 1>>),
                                          direction::inputs);
    } else {
      return join(encoder_side, tensors<decoder_input_ids>);
    }
  }

  /// The decoder's output and the cache.
  static consteval auto decoder_outputs() {
    // Optimum calls the axis of the new tokens "1" once there is a cache; models take and return as many as one likes.
    constexpr auto length = [] {
      if constexpr (base::past_in_inputs)
        return named<"1", decoder_sequence_length>;
      else
        return decoder_sequence_length;
    }();
    constexpr auto list = [length] {
      if constexpr (base::task.name == feature_extraction.name)
        return tensors<last_hidden_state<length>>;
      else
        return tensors<token_logits<length>>;
    }();
    if constexpr (base::past_in_outputs)
      return Derived::add_past_key_values(list, direction::outputs);
    else
      return list;
  }
};

}  // namespace constexport
