/// config/tasks.hpp: the tags a configuration is made with: `GPT2OnnxConfig<text_generation, use_past>`.
///
/// Room: config. Includes core/ only. onnx_config.hpp reads the tags; models name the tasks that they support.
#pragma once

#include <constexport/core/dtype.hpp>
#include <constexport/core/fixed_string.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace constexport {

/// A task that a model supports, and whether it can be exported with past key/values.
struct task_support {
  std::string_view task;
  bool past = false;
};

/// What an option is about. A configuration has at most one of a kind.
enum class option_kind : std::uint8_t {
  none,
  task,
  behavior,
  part,
  variant,
  past,
  past_in_inputs,
  int_dtype,
  float_dtype,
  opset,
};

/// A task of Optimum's TasksManager.
template <fixed_string Name>
struct task_tag {
  static constexpr option_kind kind = option_kind::task;
  static constexpr std::string_view name = Name;
  /// In a model's list of tasks: the task is supported with past key/values too.
  static constexpr task_support with_past{Name, true};
  constexpr operator task_support() const { return {Name, false}; }
};

inline constexpr task_tag<"audio-classification"> audio_classification{};
inline constexpr task_tag<"audio-frame-classification"> audio_frame_classification{};
inline constexpr task_tag<"audio-xvector"> audio_xvector{};
inline constexpr task_tag<"automatic-speech-recognition"> automatic_speech_recognition{};
inline constexpr task_tag<"depth-estimation"> depth_estimation{};
inline constexpr task_tag<"feature-extraction"> feature_extraction{};
inline constexpr task_tag<"fill-mask"> fill_mask{};
inline constexpr task_tag<"image-classification"> image_classification{};
inline constexpr task_tag<"image-segmentation"> image_segmentation{};
inline constexpr task_tag<"image-to-image"> image_to_image{};
inline constexpr task_tag<"image-to-text"> image_to_text{};
inline constexpr task_tag<"keypoint-detection"> keypoint_detection{};
inline constexpr task_tag<"masked-im"> masked_im{};
inline constexpr task_tag<"multiple-choice"> multiple_choice{};
inline constexpr task_tag<"object-detection"> object_detection{};
inline constexpr task_tag<"question-answering"> question_answering{};
inline constexpr task_tag<"reinforcement-learning"> reinforcement_learning{};
inline constexpr task_tag<"semantic-segmentation"> semantic_segmentation{};
inline constexpr task_tag<"sentence-similarity"> sentence_similarity{};
inline constexpr task_tag<"text-classification"> text_classification{};
inline constexpr task_tag<"text-generation"> text_generation{};
inline constexpr task_tag<"text-to-audio"> text_to_audio{};
inline constexpr task_tag<"text2text-generation"> text2text_generation{};
inline constexpr task_tag<"time-series-forecasting"> time_series_forecasting{};
inline constexpr task_tag<"token-classification"> token_classification{};
inline constexpr task_tag<"zero-shot-image-classification"> zero_shot_image_classification{};
inline constexpr task_tag<"zero-shot-object-detection"> zero_shot_object_detection{};

/// The tasks of a model: `supports(feature_extraction.with_past, text_classification)`.
template <class... Task>
consteval std::array<task_support, sizeof...(Task)> supports(Task... tasks) {
  return {task_support(tasks)...};
}

/// Which part of an encoder-decoder model is exported (Optimum's `ConfigBehavior`).
template <fixed_string Name>
struct behavior_tag {
  static constexpr option_kind kind = option_kind::behavior;
  static constexpr std::string_view name = Name;
};
inline constexpr behavior_tag<"monolith"> monolith{};  ///< encoder and decoder in one file
inline constexpr behavior_tag<"encoder"> encoder{};
inline constexpr behavior_tag<"decoder"> decoder{};

/// Which file of a model that is exported in parts: `part<"vision_encoder">`.
template <fixed_string Name>
struct part_tag {
  static constexpr option_kind kind = option_kind::part;
  static constexpr std::string_view name = Name;
};
template <fixed_string Name>
inline constexpr part_tag<Name> part{};

/// Which of the ways to export a model: `variant<"split">`.
template <fixed_string Name>
struct variant_tag {
  static constexpr option_kind kind = option_kind::variant;
  static constexpr std::string_view name = Name;
};
template <fixed_string Name>
inline constexpr variant_tag<Name> variant{};

/// The decoder writes its key/value cache: outputs `present.*`.
inline constexpr struct use_past_option {
  static constexpr option_kind kind = option_kind::past;
} use_past{};
/// The decoder also reads the cache of earlier runs: inputs `past_key_values.*`. Needs `use_past`.
inline constexpr struct use_past_in_inputs_option {
  static constexpr option_kind kind = option_kind::past_in_inputs;
} use_past_in_inputs{};

/// Element type of token ids, masks and positions, instead of int64.
template <dtype Type>
struct int_dtype_option {
  static constexpr option_kind kind = option_kind::int_dtype;
  static_assert(Type == dtype::int32 || Type == dtype::int64,
                "constexport: int_dtype must be dtype::int32 or dtype::int64");
  static constexpr dtype type = Type;
};
template <dtype Type>
inline constexpr int_dtype_option<Type> int_dtype{};

/// Element type of floating-point tensors, instead of float32.
template <dtype Type>
struct float_dtype_option {
  static constexpr option_kind kind = option_kind::float_dtype;
  static_assert(is_floating(Type),
                "constexport: float_dtype must be a floating-point type, for example dtype::float16");
  static constexpr dtype type = Type;
};
template <dtype Type>
inline constexpr float_dtype_option<Type> float_dtype{};

/// Version of the ai.onnx operator set, instead of the model's.
template <int Version>
struct opset_option {
  static constexpr option_kind kind = option_kind::opset;
  static_assert(Version >= 7, "constexport: opset must be at least 7, the oldest that ONNX Runtime supports");
  static constexpr int version = Version;
};
template <int Version>
inline constexpr opset_option<Version> opset{};

/// Whether a cache is added to the inputs or the outputs (second argument of `add_past_key_values`).
namespace direction {
inline constexpr struct inputs_direction {
} inputs{};
inline constexpr struct outputs_direction {
} outputs{};
}  // namespace direction

}  // namespace constexport
