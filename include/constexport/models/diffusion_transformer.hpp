/// models/diffusion_transformer.hpp: the transformers of diffusion models.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

struct joint_attention_dim_parameter final : parameter<joint_attention_dim_parameter, "joint_attention_dim"> {
  using parameter::operator=;
};
inline constexpr joint_attention_dim_parameter joint_attention_dim{};

struct pooled_projection_dim_parameter final : parameter<pooled_projection_dim_parameter, "pooled_projection_dim"> {
  using parameter::operator=;
};
inline constexpr pooled_projection_dim_parameter pooled_projection_dim{};

struct attention_head_dim_parameter final : parameter<attention_head_dim_parameter, "attention_head_dim"> {
  using parameter::operator=;
};
inline constexpr attention_head_dim_parameter attention_head_dim{};

/// 1 if the guidance scale is an input.
struct guidance_embeds_parameter final : parameter<guidance_embeds_parameter, "guidance_embeds", 0> {
  using parameter::operator=;
};
inline constexpr guidance_embeds_parameter guidance_embeds{};

/// Time steps; Optimum draws them up to the size of a head, or of the vocabulary, for want of anything better.
template <auto Upper, auto Steps>
struct time_steps : dummy_shaped<tensor<"timestep", dtype::float32, Steps>, batch_size> {
  static constexpr auto values = uniform<0, Upper>;
};
/// Where tokens and patches are: (.., 3). Optimum's dummies are 0.
template <fixed_string Name, auto Count, auto DummyCount>
struct places : dummy_shaped<tensor<Name, dtype::int64, Count, 3>, DummyCount, 3> {
  static constexpr auto values = uniform<0, 1>;
};

/// The transformers of diffusers.
template <class Derived, auto... Options>
struct DiffusionTransformerOnnxConfig : VisionOnnxConfig<Derived, Options...> {
  static constexpr std::string_view library = "diffusers";
  static constexpr auto tasks = supports(semantic_segmentation);

  using noise = dummy_shaped<tensor<"hidden_states", dtype::float32, batch_size, num_channels, height, width>,
                             batch_size, num_channels, dummy_rows, dummy_columns>;
  using text = tensor<"encoder_hidden_states", dtype::float32, batch_size, sequence_length, joint_attention_dim>;
  using pooled_text = tensor<"pooled_projections", dtype::float32, batch_size, pooled_projection_dim>;

  static consteval auto declared_outputs() {
    return tensors<tensor<"out_hidden_states", dtype::float32, batch_size, out_channels, height, width>>;
  }
  static constexpr auto torch_to_onnx_output_map() { return std::array{name_pair{"sample", "out_hidden_states"}}; }
};

/// Stable Diffusion 3 (diffusers, "sd3-transformer-2d").
template <auto... Options>
struct SD3TransformerOnnxConfig : DiffusionTransformerOnnxConfig<SD3TransformerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "sd3-transformer-2d";
  static constexpr auto parameters =
      normalized(num_channels.named<"in_channels"> = 16, out_channels = num_channels, image_size<"sample_size">(128),
                 joint_attention_dim = 4096, pooled_projection_dim = 2048, attention_head_dim = 128);
  static consteval auto declared_inputs() {
    using base = DiffusionTransformerOnnxConfig<SD3TransformerOnnxConfig, Options...>;
    return tensors<typename base::noise, typename base::text, typename base::pooled_text,
                   time_steps<attention_head_dim, denoising_step>>;
  }
};

/// FLUX (diffusers, "flux-transformer-2d"): latents come as a sequence of patches of 2 by 2.
template <auto... Options>
struct FluxTransformerOnnxConfig : DiffusionTransformerOnnxConfig<FluxTransformerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "flux-transformer-2d";
  static constexpr auto parameters = normalized(SD3TransformerOnnxConfig<>::parameters, guidance_embeds = 1);
  static consteval auto declared_inputs() {
    using base = DiffusionTransformerOnnxConfig<FluxTransformerOnnxConfig, Options...>;
    constexpr auto patches = (dummy_rows / int_c<2>)*(dummy_columns / int_c<2>);
    return tensors<dummy_shaped<tensor<"hidden_states", dtype::float32, batch_size, packed_height_width, num_channels>,
                                batch_size, patches, num_channels>,
                   typename base::text, typename base::pooled_text, time_steps<attention_head_dim, denoising_step>,
                   places<"txt_ids", sequence_length, sequence_length>, places<"img_ids", packed_height_width, patches>,
                   when<guidance_embeds, tensor<"guidance", dtype::float32, batch_size>>>;
  }
  static consteval auto declared_outputs() {
    return tensors<tensor<"out_hidden_states", dtype::float32, batch_size, packed_height_width, out_channels>>;
  }
};

/// SANA (diffusers, "sana-transformer").
template <auto... Options>
struct SanaTransformerOnnxConfig : DiffusionTransformerOnnxConfig<SanaTransformerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "sana-transformer";
  static constexpr auto parameters =
      normalized(num_channels.named<"in_channels"> = 16, out_channels = num_channels,
                 joint_attention_dim.named<"caption_channels"> = 2304, vocab_size = 256000);
  static consteval auto declared_inputs() {
    using base = DiffusionTransformerOnnxConfig<SanaTransformerOnnxConfig, Options...>;
    return tensors<typename base::noise, typename base::text, token_mask<"encoder_attention_mask", sequence_length>,
                   time_steps<vocab_size, batch_size>>;
  }
};

}  // namespace constexport
