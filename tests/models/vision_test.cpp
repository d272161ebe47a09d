// Models of images, of images with texts, and of diffusion: sizes, parts and what the parameters determine. Values by
// hand, and where images have another size than the model's, as the models of transformers answer.
#include "../support/twice.hpp"
#include "legal.hpp"
#include "sizes.hpp"
#include <constexport/models.hpp>

using namespace constexport;
using constexport_tests::count_inputs;
using constexport_tests::count_outputs;
using constexport_tests::size_of;
using constexport_tests::size_of_input;

namespace {

static_assert(constexport_tests::every_task_is_exported(vision_models{}));
static_assert(constexport_tests::every_task_is_exported(text_and_vision_models{}));
static_assert(constexport_tests::every_task_is_exported(diffusion_models{}));

// Rows and columns of `last_hidden_state` after the channels, for an image of 98 by 130.
constexpr bool map_is(auto const& config, std::int64_t rows, std::int64_t columns) {
  return size_of(config, 0, 2, height = 98, width = 130) == rows &&
         size_of(config, 0, 3, height = 98, width = 130) == columns;
}
// Positions of `last_hidden_state` for an image of 96 by 160.
constexpr bool positions_are(auto const& config, std::int64_t count) {
  return size_of(config, 0, 1, height = 96, width = 160) == count;
}

constexpr bool test_feature_maps() {
  return map_is(ResNetOnnxConfig<>{}, 4, 5) && map_is(ResNetOnnxConfig<>{downsample_in_first_stage = 1}, 2, 3) &&
         map_is(RegNetOnnxConfig<>{num_stages = 3}, 7, 9) && map_is(ConvNextOnnxConfig<>{}, 3, 4) &&
         map_is(SegformerOnnxConfig<>{}, 4, 5) && map_is(MobileViTOnnxConfig<>{output_stride = 16}, 7, 9) &&
         map_is(EfficientNetOnnxConfig<>{}, 3, 4) &&
         // (98 + 4 - 7) / 4 + 1 = 24 and 32 first, then three and two halvings
         map_is(PoolFormerOnnxConfig<>{}, 3, 4) && map_is(CvTOnnxConfig<>{}, 6, 8) &&
         map_is(Swin2srOnnxConfig<>{}, 104, 136) &&  // whole windows of 8
         size_of(Swin2srOnnxConfig<image_to_image>{upscale = 4}, 0, 2, height = 98) == 392 &&
         size_of(Swin2srOnnxConfig<image_to_image>{num_channels = 1}, 0, 1) == 1 &&
         size_of(MobileNetV1OnnxConfig<>{hidden_size = 256}, 0, 1) == 256 &&
         size_of(MobileNetV1OnnxConfig<>{hidden_size = 256, min_depth = 300}, 0, 1) == 300 &&
         size_of(MobileNetV2OnnxConfig<>{hidden_size = 448}, 0, 1) == 1280 &&
         size_of(MobileNetV2OnnxConfig<>{image_height = 97}, 0, 2) == 4;
}

constexpr bool test_positions() {
  return size_of(ViTOnnxConfig<>{image_height = 96, image_width = 64}, 0, 1) == 25 &&
         size_of(DeiTOnnxConfig<>{}, 0, 1) == 198 && size_of(VitMAEOnnxConfig<>{mask_ratio = 600}, 0, 1) == 79 &&
         positions_are(Dinov2OnnxConfig<>{}, 67) &&  // 6 x 11 patches of 14
         positions_are(DptOnnxConfig<>{}, 61) && positions_are(YolosOnnxConfig<>{}, 161) &&
         positions_are(SwinOnnxConfig<>{}, 15) && positions_are(SwinV2OnnxConfig<>{num_stages = 3}, 60) &&
         positions_are(PvtOnnxConfig<>{}, 16) && size_of(LevitOnnxConfig<>{}, 0, 1) == 16 &&
         size_of(HieraOnnxConfig<>{}, 0, 1) == 49 && size_of(HieraOnnxConfig<>{}, 0, 2) == 768 &&
         size_of(ViTOnnxConfig<masked_im>{image_height = 96, image_width = 64}, 0, 2) == 96 &&
         size_of(SwinOnnxConfig<masked_im>{}, 0, 3, width = 160) == 160;
}

constexpr bool test_detectors() {
  using segments = DetrOnnxConfig<image_segmentation>;
  return segments::outputs().at("pred_masks").axes() ==
             "batch_size, num_queries, (height + 4 - 1) // 4, "
             "(width + 4 - 1) // 4" &&
         size_of(segments{num_queries = 17, num_labels = 5}, 0, 2) == 6 &&
         size_of(segments{num_queries = 17}, 1, 1) == 17 &&
         size_of(RTDetrOnnxConfig<object_detection>{num_labels = 80}, 0, 2) == 80 &&
         size_of(YolosOnnxConfig<object_detection>{num_queries = 13}, 1, 1) == 13 &&
         size_of(MaskFormerOnnxConfig<image_segmentation>{}, 1, 2, height = 98) == 25 &&
         size_of(VitPoseOnnxConfig<keypoint_detection>{image_height = 256, image_width = 192}, 0, 3) == 48 &&
         size_of(SegformerOnnxConfig<semantic_segmentation>{}, 0, 2, height = 98) == 25 &&
         !is_valid<RTDetrOnnxConfig<>> && !is_valid<YolosOnnxConfig<image_classification>>;
}

constexpr bool test_parts() {
  using split = SamOnnxConfig<variant<"split">, part<"vision_encoder">>;
  using whole = SamOnnxConfig<variant<"monolith">, part<"monolith">>;
  return size_of(split{patch_size = 8}, 0, 2) == 128 && count_inputs(whole{}) == 3 &&
         size_of(whole{image_embedding_size = 16}, 1, 3) == 64 && is_valid<SamOnnxConfig<>> &&
         !is_valid<SamOnnxConfig<variant<"monolith">, part<"vision_encoder">>> &&
         count_inputs(MetaCLIP2OnnxConfig<variant<"split">, part<"text_model">>{}) == 2 &&
         count_inputs(ColPaliOnnxConfig<>{}) == 3 && count_inputs(ColPaliOnnxConfig<variant<"text">>{}) == 2;
}

constexpr bool test_texts_and_images() {
  using finds = OwlViTOnnxConfig<zero_shot_object_detection>;
  return CLIPOnnxConfig<>::outputs().at("logits_per_image").axes() == "image_batch_size, text_batch_size" &&
         SiglipOnnxConfig<>::inputs().at("pixel_values").axes() == "image_batch_size, num_channels, height, width" &&
         !SiglipOnnxConfig<>::inputs().contains("attention_mask") &&
         size_of(finds{}, 0, 2, text_batch_size = 12, batch_size = 4) == 3 && size_of(finds{}, 1, 1) == 576 &&
         size_of(LayoutLMv3OnnxConfig<>{}, 0, 1, sequence_length = 16) == 213 &&
         size_of(LayoutLMv3OnnxConfig<token_classification>{}, 0, 1, sequence_length = 16) == 16 &&
         size_of(VisualBertOnnxConfig<>{}, 0, 1, sequence_length = 9, visual_seq_length = 5) == 14 &&
         size_of(PerceiverOnnxConfig<fill_mask>{max_position_embeddings = 64}, 0, 1) == 64;
}

constexpr bool test_encoders_and_decoders() {
  using reads = Pix2StructOnnxConfig<image_to_text, decoder, use_past, use_past_in_inputs>;
  using sees = VisionEncoderDecoderOnnxConfig<image_to_text, encoder>;
  using tells = VisionEncoderDecoderOnnxConfig<image_to_text, use_past, use_past_in_inputs>;
  return size_of_input(reads{max_patches = 50}, "attention_mask", 1) == 50 &&
         size_of_input(reads{max_patches = 50}, "past_key_values.*.encoder.key", 2, true) == 50 &&
         size_of_input(reads{}, "past_key_values.*.decoder.key", 3) == 64 &&
         tells::inputs().at("past_key_values.*.key").axes() ==
             "batch_size, num_key_value_heads, past_sequence_length, head_dim" &&
         size_of(sees{}, 0, 1) == 197 && size_of(sees{encoder_is_distilled = 1}, 0, 1) == 198 &&
         size_of(sees{encoder_hidden_size = 48}, 0, 2) == 48 &&
         // Donut's: 2560 x 1920, in patches of 4, halved three times
         size_of(sees{encoder_is_pyramid = 1, num_stages = 4, patch_size = 4, image_height = 2560, image_width = 1920},
                 0, 1) == 4800;
}

constexpr bool test_diffusion() {
  using denoises = UNetOnnxConfig<semantic_segmentation>;
  return count_inputs(denoises{}) == 3 && count_inputs(denoises{adds_text_time = 1}) == 5 &&
         count_inputs(denoises{adds_text_time = 1, time_cond_proj_dim = 256}) == 6 &&
         size_of_input(denoises{requires_aesthetics_score = 1}, "time_ids", 1) == 5 &&
         size_of(VaeEncoderOnnxConfig<semantic_segmentation>{num_stages = 3}, 0, 2, sample_height = 48) == 12 &&
         size_of(VaeDecoderOnnxConfig<semantic_segmentation>{}, 0, 3, latent_width = 5) == 40 &&
         size_of(DcaeEncoderOnnxConfig<semantic_segmentation>{}, 0, 2, height = 96) == 3 &&
         count_inputs(FluxTransformerOnnxConfig<semantic_segmentation>{guidance_embeds = 0}) == 6 &&
         size_of(SD3TransformerOnnxConfig<semantic_segmentation>{num_channels = 6}, 0, 1) == 6 &&
         UNetOnnxConfig<semantic_segmentation>::inputs().at("timestep").rank() == 0;
}

}  // namespace

TEST_CASE("models of images, of images with texts, and of diffusion") {
  SECTION("feature maps have the sizes that the models' stages make") { CHECK_TWICE(test_feature_maps); }
  SECTION("patches and tokens") { CHECK_TWICE(test_positions); }
  SECTION("queries, boxes and masks") { CHECK_TWICE(test_detectors); }
  SECTION("models in several files") { CHECK_TWICE(test_parts); }
  SECTION("texts and images") { CHECK_TWICE(test_texts_and_images); }
  SECTION("encoders and decoders") { CHECK_TWICE(test_encoders_and_decoders); }
  SECTION("diffusion") { CHECK_TWICE(test_diffusion); }
}
