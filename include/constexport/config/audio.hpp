/// config/audio.hpp: the middle-end classes for audio.
///
/// Room: config. Includes core/ and seq2seq.hpp.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/config/seq2seq.hpp>

namespace constexport {

/// Sound as samples from -1 to 1: (batch, samples).
template <auto Samples>
struct sound : dummy_shaped<tensor<"input_values", dtype::float32, batch_size, Samples>,  //
                            batch_size, audio_sequence_length> {
  static constexpr auto values = uniform<-1, 1>;
};

/// Models of sound (Optimum's AudioOnnxConfig). `frames` is the length after the model's feature extractor, where
/// Optimum says it; `width` the size of a hidden state.
template <class Derived, auto... Options>
struct AudioOnnxConfig : OnnxConfig<Derived, Options...> {
  using base = OnnxConfig<Derived, Options...>;
  static constexpr auto frames = sequence_length;
  static constexpr auto width = hidden_size;

  static consteval auto declared_inputs() { return tensors<sound<sequence_length>>; }

  static consteval auto declared_outputs() {
    constexpr std::string_view task = base::task.name;
    if constexpr (task == automatic_speech_recognition.name)
      return tensors<tensor<"logits", dtype::float32, batch_size, Derived::frames, vocab_size>>;
    else if constexpr (task == audio_classification.name)
      return tensors<label_logits>;
    else if constexpr (task == audio_frame_classification.name)
      return tensors<tensor<"logits", dtype::float32, batch_size, sequence_length, num_labels>>;
    else if constexpr (task == audio_xvector.name)
      return tensors<tensor<"logits", dtype::float32, batch_size, xvector_output_dim>,
                     tensor<"embeddings", dtype::float32, batch_size, xvector_output_dim>>;
    else
      return tensors<tensor<"last_hidden_state", dtype::float32, batch_size, sequence_length, Derived::width>>;
  }
};

/// Models that turn sound into text (Optimum's AudioToTextOnnxConfig). A model says what its encoder reads
/// (`encoder_inputs`), what the decoder has of the encoder (`encoder_side`) and the length of what the encoder writes.
template <class Derived, auto... Options>
struct AudioToTextOnnxConfig : OnnxSeq2SeqConfigWithPast<Derived, Options...> {
  using base = OnnxSeq2SeqConfigWithPast<Derived, Options...>;
  static constexpr bool classifies = base::task.name == audio_classification.name;
  static constexpr auto encoder_inputs = tensors<input_features>;
  static constexpr auto encoder_side = tensors<encoder_outputs>;
  static constexpr auto encoder_length = max_source_positions;

  static consteval auto declared_inputs() {
    if constexpr (classifies || base::is_encoder)
      return Derived::encoder_inputs;
    else if constexpr (base::is_decoder)
      return base::add_decoder_inputs(Derived::encoder_side);
    else
      return base::add_decoder_inputs(Derived::encoder_inputs);
  }

  static consteval auto declared_outputs() {
    if constexpr (base::is_encoder)
      return tensors<last_hidden_state<Derived::encoder_length>>;
    else if constexpr (classifies)
      return tensors<label_logits>;
    else if constexpr (base::is_decoder)
      return base::decoder_outputs();
    else
      return join(
          base::decoder_outputs(),
          tensors<
              tensor<"encoder_last_hidden_state", dtype::float32, batch_size, Derived::encoder_length, hidden_size>>);
  }
};

}  // namespace constexport
