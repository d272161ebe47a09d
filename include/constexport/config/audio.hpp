/// config/audio.hpp: the middle-end classes for audio.
///
/// Room: config. Includes core/ and seq2seq.hpp.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/config/seq2seq.hpp>

namespace constexport {

/// Models that turn a spectrogram into text (Optimum's AudioToTextOnnxConfig). The encoder halves the frames, to
/// `max_source_positions`.
template <class Derived, auto... Options>
struct AudioToTextOnnxConfig : OnnxSeq2SeqConfigWithPast<Derived, Options...> {
  using base = OnnxSeq2SeqConfigWithPast<Derived, Options...>;
  static constexpr bool classifies = base::task.name == audio_classification.name;

  static consteval auto declared_inputs() {
    if constexpr (classifies || base::is_encoder)
      return tensors<input_features>;
    else if constexpr (base::is_decoder)
      return base::add_decoder_inputs(tensors<encoder_outputs>);
    else
      return base::add_decoder_inputs(tensors<input_features>);
  }

  static consteval auto declared_outputs() {
    if constexpr (base::is_encoder)
      return tensors<last_hidden_state<max_source_positions>>;
    else if constexpr (classifies)
      return tensors<label_logits>;
    else if constexpr (base::is_decoder)
      return base::decoder_outputs();
    else
      return join(
          base::decoder_outputs(),
          tensors<tensor<"encoder_last_hidden_state", dtype::float32, batch_size, max_source_positions, hidden_size>>);
  }
};

}  // namespace constexport
