/// models/unet.hpp: the U-Net of diffusion models.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

struct cross_attention_dim_parameter final : parameter<cross_attention_dim_parameter, "cross_attention_dim"> {
  using parameter::operator=;
};
inline constexpr cross_attention_dim_parameter cross_attention_dim{};

struct norm_num_groups_parameter final : parameter<norm_num_groups_parameter, "norm_num_groups"> {
  using parameter::operator=;
};
inline constexpr norm_num_groups_parameter norm_num_groups{};

/// 1 if the conditions are a text and time ids (Stable Diffusion XL).
struct adds_text_time_parameter final
    : parameter<adds_text_time_parameter, "adds_text_time", 0, "addition_embed_type=text_time"> {
  using parameter::operator=;
};
inline constexpr adds_text_time_parameter adds_text_time{};

struct text_encoder_projection_dim_parameter final
    : parameter<text_encoder_projection_dim_parameter, "text_encoder_projection_dim"> {
  using parameter::operator=;
};
inline constexpr text_encoder_projection_dim_parameter text_encoder_projection_dim{};

struct requires_aesthetics_score_parameter final
    : parameter<requires_aesthetics_score_parameter, "requires_aesthetics_score", 0> {
  using parameter::operator=;
};
inline constexpr requires_aesthetics_score_parameter requires_aesthetics_score{};

/// 0: no embedding of the guidance scale.
struct time_cond_proj_dim_parameter final : parameter<time_cond_proj_dim_parameter, "time_cond_proj_dim", 0> {
  using parameter::operator=;
};
inline constexpr time_cond_proj_dim_parameter time_cond_proj_dim{};

/// Noise, time steps and conditions: Optimum draws the latter up to the number of groups.
template <fixed_string Name, auto... Sizes>
struct condition : tensor<Name, dtype::float32, Sizes...> {
  static constexpr auto values = uniform<0, norm_num_groups>;
};

/// The U-Net of Stable Diffusion and its kin (diffusers, "unet-2d-condition").
template <auto... Options>
struct UNetOnnxConfig : VisionOnnxConfig<UNetOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view library = "diffusers";
  static constexpr std::string_view model_type = "unet-2d-condition";
  static constexpr auto tasks = supports(semantic_segmentation);
  static constexpr auto parameters =
      normalized(num_channels.named<"in_channels"> = 4, out_channels = 4, image_size<"sample_size">(64),
                 cross_attention_dim.named<"cross_attention_dim[0]"> = 768, norm_num_groups = 32, adds_text_time = 0,
                 text_encoder_projection_dim = 1280, requires_aesthetics_score = 0, time_cond_proj_dim = 0);
  static consteval auto declared_inputs() { return join(noise, tensors<text_time, guidance>); }
  static consteval auto declared_outputs() {
    return tensors<tensor<"out_sample", dtype::float32, batch_size, out_channels, height, width>>;
  }
  // In the module's arguments, a dictionary of text and time comes last.
  static consteval auto declared_dummies() { return join(noise, tensors<guidance, text_time>); }
  static constexpr auto torch_to_onnx_output_map() { return std::array{name_pair{"sample", "out_sample"}}; }

 private:
  static constexpr auto noise =
      tensors<dummy_shaped<tensor<"sample", dtype::float32, batch_size, num_channels, height, width>, batch_size,
                           num_channels, dummy_rows, dummy_columns>,
              condition<"timestep">,
              tensor<"encoder_hidden_states", dtype::float32, batch_size, sequence_length, cross_attention_dim>>;
  using text_time = when<adds_text_time, condition<"text_embeds", batch_size, text_encoder_projection_dim>,
                         condition<"time_ids", batch_size, int_c<6> - requires_aesthetics_score>>;
  using guidance = when<time_cond_proj_dim, condition<"timestep_cond", batch_size, time_cond_proj_dim>>;
};

}  // namespace constexport
