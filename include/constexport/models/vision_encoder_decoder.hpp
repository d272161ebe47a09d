/// models/vision_encoder_decoder.hpp: an encoder of images and a decoder of texts that were trained apart.
///
/// Room: models. Includes config/, encoder_decoder.hpp and swin.hpp; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>
#include <constexport/models/encoder_decoder.hpp>
#include <constexport/models/swin.hpp>

namespace constexport {

// clang-format off
struct encoder_is_pyramid_parameter final
    : parameter<encoder_is_pyramid_parameter, "encoder_is_pyramid", 0, "encoder.model_type=donut-swin,swin,swinv2"> {
  using parameter::operator=; };
struct encoder_is_distilled_parameter final
    : parameter<encoder_is_distilled_parameter, "encoder_is_distilled", 0, "encoder.model_type=deit"> {
  using parameter::operator=; };
// clang-format on
/// 1: the encoder has stages that halve, and no class token (Donut).
inline constexpr encoder_is_pyramid_parameter encoder_is_pyramid{};
/// 1: the encoder has a distillation token besides its class token.
inline constexpr encoder_is_distilled_parameter encoder_is_distilled{};

/// Any encoder of images with any decoder of texts (`model_type` "vision-encoder-decoder"; transformers'
/// VisionEncoderDecoderConfig, by default ViT with GPT-2). The cache is the decoder's, whose names Optimum keeps.
template <auto... Options>
struct VisionEncoderDecoderOnnxConfig
    : WithDecoderOfItsOwn<VisionEncoderDecoderOnnxConfig<Options...>,
                          OnnxSeq2SeqConfigWithPast<VisionEncoderDecoderOnnxConfig<Options...>, Options...>> {
  using base = WithDecoderOfItsOwn<VisionEncoderDecoderOnnxConfig,
                                   OnnxSeq2SeqConfigWithPast<VisionEncoderDecoderOnnxConfig, Options...>>;
  static constexpr std::string_view model_type = "vision-encoder-decoder";
  static constexpr auto tasks = supports(image_to_text.with_past);
  static constexpr auto parameters =
      normalized(base::parameters, encoder_hidden_size = 768, image_size<"encoder.image_size">(224),
                 num_channels.named<"encoder.num_channels"> = 3, patch_size.named<"encoder.patch_size[0]"> = 16,
                 num_stages.named<"encoder.depths#"> = 1, encoder_is_pyramid = 0, encoder_is_distilled = 0);

  static consteval auto declared_inputs() {
    using pixels = dummy_shaped<tensor<"pixel_values", dtype::float32, batch_size, image_channels, height, width>,
                                batch_size, num_channels, dummy_rows, dummy_columns>;
    if constexpr (base::is_encoder)
      return tensors<pixels>;
    else if constexpr (base::is_decoder)
      return base::add_decoder_inputs(
          tensors<tensor<"encoder_outputs", dtype::float32, batch_size, encoder_sequence_length, encoder_hidden_size>>);
    else
      return base::add_decoder_inputs(tensors<pixels>);
  }
  static consteval auto declared_outputs() {
    constexpr auto special_tokens = int_c<1> - encoder_is_pyramid + encoder_is_distilled;
    constexpr auto tokens = (image_height / swin_step) * (image_width / swin_step) + special_tokens;
    if constexpr (base::is_encoder)
      return tensors<tensor<"last_hidden_state", dtype::float32, batch_size, tokens, encoder_hidden_size>>;
    else
      return base::decoder_outputs();
  }
};

}  // namespace constexport
