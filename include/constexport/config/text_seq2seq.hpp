/// config/text_seq2seq.hpp: the middle-end class of encoder-decoder text models.
///
/// Room: config. Includes core/ and seq2seq.hpp. A model derives from a class here and names its parameters.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/config/seq2seq.hpp>

namespace constexport {

/// Encoder-decoder text models (Optimum's TextSeq2SeqOnnxConfig).
template <class Derived, auto... Options>
struct TextSeq2SeqOnnxConfig : OnnxSeq2SeqConfigWithPast<Derived, Options...> {
  using base = OnnxSeq2SeqConfigWithPast<Derived, Options...>;
  static constexpr auto tasks = supports(feature_extraction.with_past, text2text_generation.with_past);

  static consteval auto declared_inputs() {
    if constexpr (base::is_encoder)
      return tensors<encoder_input_ids, encoder_attention_mask>;
    else if constexpr (base::is_decoder)
      return base::add_decoder_inputs(tensors<encoder_outputs, encoder_attention_mask>);
    else if constexpr (base::past_in_inputs)
      return base::add_decoder_inputs(tensors<dummy_shaped<encoder_input_ids, batch_size, 1>, encoder_attention_mask>);
    else
      return base::add_decoder_inputs(tensors<encoder_input_ids, encoder_attention_mask>);
  }

  static consteval auto declared_outputs() {
    if constexpr (base::is_encoder)
      return tensors<last_hidden_state<encoder_sequence_length>>;
    else
      return base::decoder_outputs();
  }
};

}  // namespace constexport
