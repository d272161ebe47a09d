/// config/text_encoder.hpp: the middle-end class of encoder-based text models.
///
/// Room: config. Includes core/ and onnx_config.hpp. A model derives from a class here and names its parameters.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/config/onnx_config.hpp>

namespace constexport {

/// Encoder-based text models: BERT and its kin (Optimum's TextEncoderOnnxConfig).
template <class Derived, auto... Options>
struct TextEncoderOnnxConfig : OnnxConfig<Derived, Options...> {
  using base = OnnxConfig<Derived, Options...>;
  static constexpr auto tasks = supports(feature_extraction, fill_mask, multiple_choice, question_answering,
                                         text_classification, token_classification);
  static constexpr auto model_inputs = tensors<input_ids, attention_mask>;

  static consteval auto declared_inputs() {
    if constexpr (base::template has<multiple_choice>)
      return map<with_choices>(Derived::model_inputs);
    else
      return Derived::model_inputs;
  }

  static consteval auto declared_outputs() {
    constexpr std::string_view task = base::task.name;
    if constexpr (task == fill_mask.name)
      return tensors<token_logits<sequence_length>>;
    else if constexpr (task == token_classification.name)
      return tensors<token_label_logits<sequence_length>>;
    else if constexpr (task == text_classification.name)
      return tensors<label_logits>;
    else if constexpr (task == multiple_choice.name)
      return tensors<tensor<"logits", dtype::float32, batch_size, num_choices>>;
    else if constexpr (task == question_answering.name)
      return span_logits;
    else
      return tensors<last_hidden_state<sequence_length>>;
  }

 private:
  template <class T>
  using with_choices = reshaped<T, expressions<batch_size_axis, num_choices_axis, sequence_length_axis>>;
};

}  // namespace constexport
