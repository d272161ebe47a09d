/// config/text_decoder.hpp: the middle-end classes of decoder-based text models.
///
/// Room: config. Includes core/ and with_past.hpp. A model derives from a class here and names its parameters.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/config/with_past.hpp>

namespace constexport {

/// Decoder-based text models (Optimum's TextDecoderOnnxConfig).
template <class Derived, auto... Options>
struct TextDecoderOnnxConfig : OnnxConfigWithPast<Derived, Options...> {
  using base = OnnxConfigWithPast<Derived, Options...>;
  static constexpr auto tasks = supports(feature_extraction.with_past, text_generation.with_past);
  static constexpr auto output_size = hidden_size;  ///< of a token in `last_hidden_state`
  static constexpr bool generates = base::task.name == text_generation.name;
  static constexpr bool past_in_inputs = base::past_in_inputs;

  static consteval auto declared_inputs() {
    if constexpr (!past_in_inputs)
      return tensors<input_ids, attention_mask>;
    else if constexpr (generates)
      return base::add_past_key_values(tensors<input_ids, past_attention_mask>, direction::inputs);
    else  // Optimum's dummies feed one token here, and a mask as long as the cache.
      return base::add_past_key_values(tensors<dummy_shaped<input_ids, batch_size, 1>,
                                               dummy_shaped<past_attention_mask, batch_size, past_sequence_length>>,
                                       direction::inputs);
  }

  static consteval auto declared_outputs() {
    constexpr auto list = [] {
      constexpr std::string_view task = base::task.name;
      if constexpr (task == text_generation.name)
        return tensors<token_logits<sequence_length>>;
      else if constexpr (task == text_classification.name || task == image_classification.name)
        return tensors<label_logits>;
      else if constexpr (task == token_classification.name)
        return tensors<token_label_logits<sequence_length>>;
      else if constexpr (task == question_answering.name)
        return span_logits;
      else if constexpr (past_in_inputs)  // one new token, which Optimum does not list as an axis
        return tensors<last_hidden_state<1, Derived::output_size>>;
      else
        return tensors<last_hidden_state<sequence_length, Derived::output_size>>;
    }();
    if constexpr (base::past_in_outputs)
      return base::add_past_key_values(list, direction::outputs);
    else
      return list;
  }
};

/// Decoders that are given the positions of their tokens (Optimum's TextDecoderWithPositionIdsOnnxConfig).
template <class Derived, auto... Options>
struct TextDecoderWithPositionIdsOnnxConfig : TextDecoderOnnxConfig<Derived, Options...> {
  using base = TextDecoderOnnxConfig<Derived, Options...>;

  static consteval auto declared_inputs() {
    if constexpr (base::generates)
      return join(base::declared_inputs(), tensors<position_ids>);
    else if constexpr (base::task.name != feature_extraction.name)
      return base::declared_inputs();
    else if constexpr (base::past_in_inputs)
      return join(base::declared_inputs(), tensors<dummy_shaped<position_ids, batch_size, 1>>);
    else
      return join(base::declared_inputs(), tensors<position_ids>);
  }
};

}  // namespace constexport
