/// config/tensors.hpp: the tensors that the catalogue's models share.
///
/// Room: config. Includes core/ and the vocabulary. A value rule says what Optimum's dummy input generator of the
/// tensor draws (optimum/utils/input_generators.py).
#pragma once

#include <constexport/config/vocabulary.hpp>
#include <constexport/core/tensor_list.hpp>

namespace constexport {

/// Integer token data of a text model, (batch, sequence); the ids are below `vocab_size`.
template <fixed_string Name, auto Sequence>
struct token_ids : tensor<Name, dtype::int64, batch_size, Sequence> {
  static constexpr auto values = uniform<0, vocab_size>;
};
/// 1 where there is a token, then 0 for padding.
template <fixed_string Name, auto Sequence>
struct token_mask : tensor<Name, dtype::int64, batch_size, Sequence> {
  static constexpr auto values = mask;
};

struct input_ids : token_ids<"input_ids", sequence_length> {};
struct attention_mask : token_mask<"attention_mask", sequence_length> {};
struct token_type_ids : tensor<"token_type_ids", dtype::int64, batch_size, sequence_length> {};
struct position_ids : tensor<"position_ids", dtype::int64, batch_size, sequence_length> {
  static constexpr auto values = positions;
};
/// Covers the cached tokens as well as the new ones.
struct past_attention_mask : token_mask<"attention_mask", past_sequence_length + sequence_length> {};

struct encoder_input_ids : token_ids<"input_ids", encoder_sequence_length> {};
struct encoder_attention_mask : token_mask<"attention_mask", encoder_sequence_length> {};
struct decoder_input_ids : token_ids<"decoder_input_ids", decoder_sequence_length> {};
struct encoder_outputs : tensor<"encoder_outputs", dtype::float32, batch_size, encoder_sequence_length, hidden_size> {};

/// Images.
struct pixel_values : tensor<"pixel_values", dtype::float32, batch_size, num_channels, height, width> {};

/// Where the tokens are on the page: (left, top, right, bottom). Optimum's dummies are 0.
struct bbox : tensor<"bbox", dtype::int64, batch_size, sequence_length, 4> {
  static constexpr auto values = uniform<0, 1>;
};

/// Log-mel spectrogram: (batch, mel bins, frames).
struct input_features
    : dummy_shaped<tensor<"input_features", dtype::float32, batch_size, feature_size, int_c<2> * max_source_positions>,
                   batch_size, feature_size, nb_max_frames> {
  static constexpr auto values = uniform<-1, 1>;
};

/// Frames of features, one after the other in time: (batch, frames, features).
template <auto Frames>
struct frames_of_sound : dummy_shaped<tensor<"input_features", dtype::float32, batch_size, Frames, feature_size>,
                                      batch_size, audio_sequence_length, feature_size> {
  static constexpr auto values = uniform<-1, 1>;
};

/// Outputs of a language model; `Sequence` is the axis of its tokens.
template <auto Sequence, auto Size = hidden_size>
using last_hidden_state = tensor<"last_hidden_state", dtype::float32, batch_size, Sequence, Size>;
template <auto Sequence>
using token_logits = tensor<"logits", dtype::float32, batch_size, Sequence, vocab_size>;
/// One score per label and token.
template <auto Sequence>
using token_label_logits = tensor<"logits", dtype::float32, batch_size, Sequence, num_labels>;
/// Scores of each token to be an answer's first or last.
inline constexpr auto span_logits = tensors<tensor<"start_logits", dtype::float32, batch_size, sequence_length>,
                                            tensor<"end_logits", dtype::float32, batch_size, sequence_length>>;
/// One score per label: for a sequence, an image or a recording.
using label_logits = tensor<"logits", dtype::float32, batch_size, num_labels>;

}  // namespace constexport
