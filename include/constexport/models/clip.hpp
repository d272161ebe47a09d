/// models/clip.hpp: CLIP and its kin.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// Models that embed images and texts into one space: every text is compared with every image, and each side has a
/// batch of its own. Optimum calls the images' batch `batch_size` in the inputs and `image_batch_size` in the outputs.
template <class Derived, auto... Options>
struct ContrastiveOnnxConfig : TextAndVisionOnnxConfig<Derived, Options...> {
  using base = TextAndVisionOnnxConfig<Derived, Options...>;
  static constexpr bool classifies = base::task.name == image_classification.name;

  /// The images' batch in the outputs.
  static constexpr auto image_batch = named<"image_batch_size", batch_size>;
  using pixels = typename base::template images<batch_size, image_channels, height, width>;
  using text_ids = reshaped<input_ids, expressions<text_batch_size_axis, sequence_length_axis>>;
  using text_mask = reshaped<attention_mask, expressions<text_batch_size_axis, sequence_length_axis>>;

  static consteval auto declared_inputs() {
    if constexpr (classifies)
      return tensors<pixels>;
    else
      return tensors<pixels, text_ids, text_mask>;
  }

  static consteval auto declared_outputs() {
    if constexpr (classifies)
      return tensors<label_logits>;
    else
      return similarities<Derived::image_batch>();
  }

  /// Scores of all pairs, and the embeddings of both sides.
  template <auto ImageBatch>
  static consteval auto similarities() {
    return tensors<tensor<"logits_per_image", dtype::float32, ImageBatch, text_batch_size>,
                   tensor<"logits_per_text", dtype::float32, text_batch_size, ImageBatch>, text_embeds<text_batch_size>,
                   image_embeds<ImageBatch>>;
  }
  template <auto... Sizes>
  using text_embeds = tensor<"text_embeds", dtype::float32, Sizes..., projection_dim>;
  template <auto... Sizes>
  using image_embeds = tensor<"image_embeds", dtype::float32, Sizes..., projection_dim>;
};

/// CLIP (`model_type` "clip"; transformers' CLIPConfig).
template <auto... Options>
struct CLIPOnnxConfig : ContrastiveOnnxConfig<CLIPOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "clip";
  static constexpr auto tasks = supports(feature_extraction, zero_shot_image_classification, image_classification);
  static constexpr auto parameters =
      normalized(vocab_size.named<"text_config.vocab_size"> = 49408, image_size<"vision_config.image_size">(224),
                 num_channels.named<"vision_config.num_channels"> = 3, projection_dim = 512);
};

/// Chinese CLIP (`model_type` "chinese_clip"; transformers' ChineseCLIPConfig).
template <auto... Options>
struct ChineseCLIPOnnxConfig : ContrastiveOnnxConfig<ChineseCLIPOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "chinese_clip";
  static constexpr auto tasks = supports(feature_extraction, zero_shot_image_classification);
  static constexpr auto parameters =
      normalized(CLIPOnnxConfig<>::parameters, vocab_size.named<"text_config.vocab_size"> = 30522);
};

/// GroupViT (`model_type` "groupvit"; transformers' GroupViTConfig).
template <auto... Options>
struct GroupViTOnnxConfig : ContrastiveOnnxConfig<GroupViTOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "groupvit";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized(CLIPOnnxConfig<>::parameters, projection_dim = 256);
};

/// CLIP in Sentence Transformers (`model_type` "clip"): the embeddings alone.
template <auto... Options>
struct SentenceTransformersCLIPOnnxConfig
    : ContrastiveOnnxConfig<SentenceTransformersCLIPOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view library = "sentence_transformers";
  static constexpr std::string_view model_type = "clip";
  static constexpr auto tasks = supports(feature_extraction, sentence_similarity);
  static constexpr auto parameters = normalized(CLIPOnnxConfig<>::parameters);
  static consteval auto declared_inputs() {
    using base = ContrastiveOnnxConfig<SentenceTransformersCLIPOnnxConfig, Options...>;
    if constexpr (base::task.name == feature_extraction.name)
      return base::declared_inputs();
    else  // Optimum feeds no texts here, and still lists their embeddings.
      return tensors<typename base::pixels>;
  }
  static consteval auto declared_outputs() {
    using base = ContrastiveOnnxConfig<SentenceTransformersCLIPOnnxConfig, Options...>;
    constexpr auto texts = [] {
      if constexpr (base::task.name == feature_extraction.name)
        return text_batch_size;
      else
        return named<"text_batch_size", batch_size>;
    }();
    return tensors<typename base::template text_embeds<texts>, typename base::template image_embeds<base::image_batch>>;
  }
};

/// MetaCLIP 2 (`model_type` "metaclip_2"; transformers' MetaClip2Config): one file, or one for each side.
template <auto... Options>
struct MetaCLIP2OnnxConfig : ContrastiveOnnxConfig<MetaCLIP2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "metaclip_2";
  static constexpr auto tasks = supports(feature_extraction, zero_shot_image_classification, image_classification);
  static constexpr auto parameters = normalized(CLIPOnnxConfig<>::parameters);
  static constexpr std::array<std::string_view, 2> variants{"monolith", "split"};
  static constexpr std::array<std::string_view, 3> parts{"monolith", "vision_model", "text_model"};
  static consteval bool is_exported() { return (part_name() == "monolith") == (base::variant_name() == "monolith"); }

  static consteval auto declared_inputs() {
    if constexpr (part_name() == "vision_model")
      return tensors<typename base::pixels>;
    else if constexpr (part_name() == "text_model")
      return tensors<typename base::text_ids, typename base::text_mask>;
    else
      return base::declared_inputs();
  }
  static consteval auto declared_outputs() {
    if constexpr (part_name() == "vision_model")
      return tensors<typename base::template image_embeds<batch_size>>;
    else if constexpr (part_name() == "text_model")
      return tensors<typename base::template text_embeds<named<"batch_size", text_batch_size>>>;
    else
      return base::declared_outputs();
  }

 private:
  using base = ContrastiveOnnxConfig<MetaCLIP2OnnxConfig, Options...>;
  static consteval std::string_view part_name() { return base::part_name(); }
};

}  // namespace constexport
