/// models/sam.hpp: SAM, which cuts out what a point is on.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

struct image_embedding_size_parameter final : parameter<image_embedding_size_parameter, "image_embedding_size"> {
  using parameter::operator=;
};
inline constexpr image_embedding_size_parameter image_embedding_size{};

struct output_channels_parameter final : parameter<output_channels_parameter, "output_channels"> {
  using parameter::operator=;
};
inline constexpr output_channels_parameter output_channels{};

struct prompt_hidden_size_parameter final : parameter<prompt_hidden_size_parameter, "prompt_hidden_size"> {
  using parameter::operator=;
};
inline constexpr prompt_hidden_size_parameter prompt_hidden_size{};

struct num_multimask_outputs_parameter final : parameter<num_multimask_outputs_parameter, "num_multimask_outputs"> {
  using parameter::operator=;
};
inline constexpr num_multimask_outputs_parameter num_multimask_outputs{};

struct point_labels : tensor<"input_labels", dtype::int64, batch_size, point_batch_size, nb_points_per_image> {
  static constexpr auto values = uniform<0, 1>;
};

/// SAM (`model_type` "sam"; transformers' SamConfig): in two files, so that an image is encoded once for many points.
template <auto... Options>
struct SamOnnxConfig : VisionOnnxConfig<SamOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "sam";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized(
      image_size<"vision_config.image_size">(1024), num_channels.named<"vision_config.num_channels"> = 3,
      patch_size.named<"vision_config.patch_size"> = 16, output_channels.named<"vision_config.output_channels"> = 256,
      image_embedding_size.named<"prompt_encoder_config.image_embedding_size"> = 64,
      prompt_hidden_size.named<"prompt_encoder_config.hidden_size"> = 256,
      num_multimask_outputs.named<"mask_decoder_config.num_multimask_outputs"> = 3);
  static constexpr std::array<std::string_view, 2> variants{"split", "monolith"};
  static constexpr std::array<std::string_view, 3> parts{"vision_encoder", "prompt_encoder_mask_decoder", "monolith"};
  static consteval bool is_exported() { return (part_name() == "monolith") == (base::variant_name() == "monolith"); }

  static consteval auto declared_inputs() {
    constexpr auto points =
        tensors<tensor<"input_points", dtype::float32, batch_size, point_batch_size, nb_points_per_image, 2>,
                point_labels>;
    constexpr auto pixels =
        tensors<tensor<"pixel_values", dtype::float32, batch_size, num_channels, image_height, image_width>>;
    if constexpr (part_name() == "vision_encoder")
      return pixels;
    else if constexpr (part_name() == "monolith")
      return join(pixels, points);
    else
      return join(
          tensors<
              embeddings<"image_positional_embeddings", output_channels, image_embedding_size, image_embedding_size>,
              embeddings<"image_embeddings", output_channels, image_embedding_size, image_embedding_size>>,
          points);
  }
  static consteval auto declared_outputs() {
    if constexpr (part_name() == "vision_encoder")
      return tensors<
          embeddings<"image_embeddings", output_channels, patch_rows, patch_columns>,
          embeddings<"image_positional_embeddings", prompt_hidden_size, image_embedding_size, image_embedding_size>>;
    else  // masks have four times the embeddings' size
      return tensors<tensor<"iou_scores", dtype::float32, batch_size, point_batch_size, num_multimask_outputs>,
                     tensor<"pred_masks", dtype::float32, batch_size, point_batch_size, num_multimask_outputs,
                            int_c<4> * image_embedding_size, int_c<4> * image_embedding_size>>;
  }

 private:
  using base = VisionOnnxConfig<SamOnnxConfig, Options...>;
  static consteval std::string_view part_name() { return base::part_name(); }
  template <fixed_string Name, auto... Sizes>
  using embeddings = tensor<Name, dtype::float32, batch_size, Sizes...>;
};

}  // namespace constexport
