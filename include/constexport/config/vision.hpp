/// config/vision.hpp: the middle-end classes for images, and for images with text.
///
/// Room: config. Includes core/ and text_encoder.hpp.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/config/text_encoder.hpp>

namespace constexport {

/// Patches of an image of the model's own size.
inline constexpr auto patch_rows = image_height / patch_size;
inline constexpr auto patch_columns = image_width / patch_size;

/// Size of the images in dummies: the model's own where its configuration states one, whatever the axes say.
inline constexpr auto dummy_rows = either(image_height, height);
inline constexpr auto dummy_columns = either(image_width, width);

namespace detail {

template <class T, class Dims>
struct with_sizes;
template <fixed_string Name, dtype Type, auto... Dims, class... E>
struct with_sizes<tensor<Name, Type, Dims...>, expressions<E...>> {
  using type = tensor<Name, Type, Dims..., unlisted<E{}>...>;
};

}  // namespace detail

/// Vision models (Optimum's VisionOnnxConfig). Optimum lists few axes of their outputs but the batch. What a model's
/// sizes depend on is said here all the same: a model that takes images of its own size only has static outputs
/// (`image_height`), one that takes any has outputs over `height` and `width`.
///
/// A model says how its outputs differ: `grid_rows` and `grid_columns` are the positions of its features, `features()`
/// the sizes of `last_hidden_state` after the batch.
template <class Derived, auto... Options>
struct VisionOnnxConfig : OnnxConfig<Derived, Options...> {
  using base = OnnxConfig<Derived, Options...>;

  static constexpr auto grid_rows = patch_rows;
  static constexpr auto grid_columns = patch_columns;
  /// One position more for the class token.
  static consteval auto features() { return sizes<Derived::grid_rows * Derived::grid_columns + int_c<1>, hidden_size>; }
  /// Size of a segmentation's masks.
  static constexpr auto mask_rows = height;
  static constexpr auto mask_columns = width;
  /// Scores of a detection: the labels and "nothing".
  static constexpr auto detection_labels = num_labels + int_c<1>;
  /// Channels and size of the images in dummies.
  static constexpr auto dummy_channels = num_channels;
  static constexpr auto dummy_height = dummy_rows;
  static constexpr auto dummy_width = dummy_columns;

  static consteval auto common_parameters() { return normalized(num_labels = 2, image_height = 0, image_width = 0); }

  static consteval auto declared_inputs() {
    return tensors<
        dummy_shaped<pixel_values, batch_size, Derived::dummy_channels, Derived::dummy_height, Derived::dummy_width>>;
  }

  static consteval auto declared_outputs() {
    constexpr std::string_view task = base::task.name;
    constexpr auto queries = named<"num_queries", num_queries>;
    if constexpr (task == image_classification.name)
      return tensors<label_logits>;
    else if constexpr (task == masked_im.name)
      return tensors<image<"reconstruction", num_channels, unlisted<Derived::grid_rows * encoder_stride>,
                           unlisted<Derived::grid_columns * encoder_stride>>>;
    else if constexpr (task == object_detection.name)
      return tensors<tensor<"logits", dtype::float32, batch_size, queries, Derived::detection_labels>,
                     tensor<"pred_boxes", dtype::float32, batch_size, queries, 4>>;
    else if constexpr (task == depth_estimation.name)
      return tensors<tensor<"predicted_depth", dtype::float32, batch_size, height, width>>;
    else if constexpr (task == image_segmentation.name)
      return tensors<image<"logits", num_labels, Derived::mask_rows, Derived::mask_columns>>;
    else if constexpr (task == semantic_segmentation.name)
      return tensors<image<"logits", named<"num_labels", num_labels>, Derived::mask_rows, Derived::mask_columns>>;
    else
      return tensors<typename detail::with_sizes<tensor<"last_hidden_state", dtype::float32, batch_size>,
                                                 std::remove_const_t<decltype(Derived::features())>>::type>;
  }

 private:
  template <fixed_string Name, auto... Sizes>
  using image = tensor<Name, dtype::float32, batch_size, Sizes...>;
};

/// Vision models whose features are a map (channels, rows, columns): convolutional networks and pyramids.
template <class Derived, auto... Options>
struct FeatureMapOnnxConfig : VisionOnnxConfig<Derived, Options...> {
  static consteval auto features() { return sizes<hidden_size, Derived::grid_rows, Derived::grid_columns>; }
};

/// Models of texts and images (Optimum's TextAndVisionOnnxConfig), most of them text encoders that also see boxes or
/// pixels.
template <class Derived, auto... Options>
struct TextAndVisionOnnxConfig : TextEncoderOnnxConfig<Derived, Options...> {
  using base = TextEncoderOnnxConfig<Derived, Options...>;

  /// Images with an axis for their channels too.
  template <auto Batch, auto... Sizes>
  using images = dummy_shaped<tensor<"pixel_values", dtype::float32, Batch, Sizes...>, Batch, num_channels, dummy_rows,
                              dummy_columns>;

  static consteval auto declared_outputs() {
    if constexpr (base::task.name == image_classification.name)
      return tensors<label_logits>;
    else
      return base::declared_outputs();
  }
};

}  // namespace constexport
