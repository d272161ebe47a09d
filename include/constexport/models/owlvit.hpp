/// models/owlvit.hpp: OWL-ViT and its second version.
///
/// Room: models. Includes config/ and clip.hpp; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/clip.hpp>

namespace constexport {

/// OWL-ViT and its second version: finds in images what texts describe. A batch of images shares its texts.
template <class Derived, auto... Options>
struct OwlOnnxConfig : ContrastiveOnnxConfig<Derived, Options...> {
  using base = ContrastiveOnnxConfig<Derived, Options...>;
  static constexpr auto tasks = supports(feature_extraction, zero_shot_object_detection);

  // What Optimum calls `max_text_queries` is the width of the embeddings where nothing is detected.
  static consteval auto declared_outputs() {
    constexpr auto images = base::image_batch;
    constexpr auto queries = text_batch_size / batch_size;
    constexpr auto boxes = patch_rows * patch_columns;
    if constexpr (base::task.name == zero_shot_object_detection.name)
      return tensors<
          tensor<"logits", dtype::float32, images, boxes, named<"num_queries", queries>>,
          tensor<"pred_boxes", dtype::float32, images, named<"num_boxes", boxes>, 4>,
          typename base::template text_embeds<named<"text_batch_size", batch_size>, named<"max_text_queries", queries>>,
          tensor<"image_embeds", dtype::float32, images, patch_rows, patch_columns, hidden_size>>;
    else
      return tensors<tensor<"logits_per_image", dtype::float32, images, text_batch_size>,
                     tensor<"logits_per_text", dtype::float32, text_batch_size, images>,
                     tensor<"text_embeds", dtype::float32, text_batch_size, named<"max_text_queries", projection_dim>>,
                     typename base::template image_embeds<images>>;
  }
};

/// OWL-ViT (`model_type` "owlvit"; transformers' OwlViTConfig).
template <auto... Options>
struct OwlViTOnnxConfig : OwlOnnxConfig<OwlViTOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "owlvit";
  static constexpr auto parameters = normalized(
      CLIPOnnxConfig<>::parameters, image_size<"vision_config.image_size">(768),
      hidden_size.named<"vision_config.hidden_size"> = 768, patch_size.named<"vision_config.patch_size"> = 32);
};

/// OWLv2 (`model_type` "owlv2"; transformers' Owlv2Config).
template <auto... Options>
struct OwlV2OnnxConfig : OwlOnnxConfig<OwlV2OnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "owlv2";
  static constexpr auto parameters =
      normalized(OwlViTOnnxConfig<>::parameters, patch_size.named<"vision_config.patch_size"> = 16);
};

}  // namespace constexport
