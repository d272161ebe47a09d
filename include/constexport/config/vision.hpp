/// config/vision.hpp: the middle-end classes for images, and for images with text.
///
/// Room: config. Includes core/ and onnx_config.hpp.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/config/onnx_config.hpp>

namespace constexport {

/// Vision models (Optimum's VisionOnnxConfig). Optimum lists no axis of their outputs but the batch: the number of
/// patches is that of the model's own image size.
template <class Derived, auto... Options>
struct VisionOnnxConfig : OnnxConfig<Derived, Options...> {
  using base = OnnxConfig<Derived, Options...>;

  static consteval auto declared_inputs() { return tensors<pixel_values>; }

  static consteval auto declared_outputs() {
    constexpr std::string_view task = base::task.name;
    constexpr auto patches = image_size / patch_size;
    if constexpr (task == image_classification.name)
      return tensors<label_logits>;
    else if constexpr (task == masked_im.name)
      return tensors<tensor<"reconstruction", dtype::float32, batch_size, num_channels, patches * encoder_stride,
                            patches * encoder_stride>>;
    else  // one more for the class token
      return tensors<last_hidden_state<patches * patches + int_c<1>>>;
  }
};

/// Models that embed images and texts into one space (Optimum's TextAndVisionOnnxConfig): every text is compared with
/// every image, and each side has a batch of its own. Optimum calls the images' batch `batch_size` in the inputs and
/// `image_batch_size` in the outputs: one axis, two names.
template <class Derived, auto... Options>
struct TextAndVisionOnnxConfig : OnnxConfig<Derived, Options...> {
  using base = OnnxConfig<Derived, Options...>;

  static consteval auto declared_inputs() {
    if constexpr (base::task.name == image_classification.name)
      return tensors<image_pixels>;
    else
      return tensors<image_pixels, text_input_ids, text_attention_mask>;
  }

  static consteval auto declared_outputs() {
    if constexpr (base::task.name == image_classification.name)
      return tensors<label_logits>;
    else
      return tensors<tensor<"logits_per_image", dtype::float32, image_batch, text_batch_size>,
                     tensor<"logits_per_text", dtype::float32, text_batch_size, image_batch>,
                     tensor<"text_embeds", dtype::float32, text_batch_size, projection_dim>,
                     tensor<"image_embeds", dtype::float32, image_batch, projection_dim>>;
  }

 private:
  static constexpr auto image_batch = named<"image_batch_size", batch_size>;
  using text_dims = expressions<text_batch_size_axis, sequence_length_axis>;
  using text_input_ids = reshaped<input_ids, text_dims>;
  using text_attention_mask = reshaped<attention_mask, text_dims>;
  using image_pixels =
      dummy_shaped<reshaped<pixel_values, expressions<batch_size_axis, image_channels_axis, height_axis, width_axis>>,
                   batch_size, num_channels, image_size, image_size>;
};

}  // namespace constexport
