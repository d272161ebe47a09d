/// models/maskformer.hpp: MaskFormer.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// MaskFormer (`model_type` "maskformer"; transformers' MaskFormerConfig). Masks have a quarter of the image's size.
template <auto... Options>
struct MaskFormerOnnxConfig : VisionOnnxConfig<MaskFormerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "maskformer";
  static constexpr auto tasks = supports(feature_extraction, image_segmentation);
  static constexpr auto parameters = normalized(
      hidden_size.named<"decoder_config.d_model|decoder_config.hidden_size"> = 256,
      num_queries.named<"decoder_config.num_queries"> = 100, num_channels.named<"backbone_config.num_channels"> = 3);
  static constexpr auto dummy_channels = image_channels;
  static consteval auto features() { return sizes<num_queries, hidden_size>; }

  static consteval auto declared_outputs() {
    using base = VisionOnnxConfig<MaskFormerOnnxConfig, Options...>;
    constexpr auto queries = named<"num_queries", num_queries>;
    if constexpr (base::task.name == image_segmentation.name)
      return tensors<
          tensor<"class_queries_logits", dtype::float32, batch_size, queries, base::detection_labels>,
          tensor<"masks_queries_logits", dtype::float32, batch_size, queries,
                 named<"height", ceil_divided(height, int_c<4>)>, named<"width", ceil_divided(width, int_c<4>)>>>;
    else
      return base::declared_outputs();
  }

  static constexpr auto torch_to_onnx_output_map() {
    return std::array{name_pair{"transformer_decoder_last_hidden_state", "last_hidden_state"}};
  }
};

}  // namespace constexport
