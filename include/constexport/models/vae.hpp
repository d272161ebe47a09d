/// models/vae.hpp: the autoencoders of diffusion models.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

/// An image, or its smaller encoding, of a variational autoencoder.
template <fixed_string Name, auto Channels, auto Rows, auto Columns>
using picture = tensor<Name, dtype::float32, batch_size, Channels, Rows, Columns>;
template <fixed_string Name, auto Channels, auto Rows, auto Columns>
using dummy_picture =
    dummy_shaped<picture<Name, Channels, Rows, Columns>, batch_size, Channels, dummy_rows, dummy_columns>;

/// The autoencoders of diffusers. Each stage but the first halves or doubles the size.
template <class Derived, auto... Options>
struct AutoencoderOnnxConfig : VisionOnnxConfig<Derived, Options...> {
  static constexpr std::string_view library = "diffusers";
  static constexpr auto tasks = supports(semantic_segmentation);
  static constexpr double atol_for_validation = 3e-4;
  static constexpr auto factor = power(int_c<2>, num_stages - int_c<1>);
};

/// Images to the means and variances of latents (diffusers, "vae-encoder").
template <auto... Options>
struct VaeEncoderOnnxConfig : AutoencoderOnnxConfig<VaeEncoderOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "vae-encoder";
  static constexpr auto parameters =
      normalized(num_channels.named<"in_channels"> = 3, latent_channels = 4, image_size<"sample_size">(512),
                 num_stages.named<"down_block_types#"> = 4);
  static consteval auto declared_inputs() {
    return tensors<dummy_picture<"sample", num_channels, sample_height, sample_width>>;
  }
  static consteval auto declared_outputs() {
    constexpr auto factor = VaeEncoderOnnxConfig::factor;
    return tensors<
        picture<"latent_parameters", int_c<2> * latent_channels, sample_height / factor, sample_width / factor>>;
  }
};

/// Latents to images (diffusers, "vae-decoder").
template <auto... Options>
struct VaeDecoderOnnxConfig : AutoencoderOnnxConfig<VaeDecoderOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "vae-decoder";
  static constexpr auto parameters =
      normalized(latent_channels = 4, out_channels = 3, num_stages.named<"up_block_types#"> = 4);
  static consteval auto declared_inputs() {
    return tensors<dummy_picture<"latent_sample", latent_channels, latent_height, latent_width>>;
  }
  static consteval auto declared_outputs() {
    constexpr auto factor = VaeDecoderOnnxConfig::factor;
    return tensors<picture<"sample", out_channels, latent_height * factor, latent_width * factor>>;
  }
};

/// Images to latents, 32 times smaller (diffusers, "dcae-encoder").
template <auto... Options>
struct DcaeEncoderOnnxConfig : AutoencoderOnnxConfig<DcaeEncoderOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "dcae-encoder";
  static constexpr auto parameters =
      normalized(num_channels.named<"in_channels"> = 3, latent_channels = 4, image_size<"sample_size">(512),
                 num_stages.named<"encoder_block_out_channels#"> = 6);
  static consteval auto declared_inputs() { return tensors<dummy_picture<"sample", num_channels, height, width>>; }
  static consteval auto declared_outputs() {
    constexpr auto factor = DcaeEncoderOnnxConfig::factor;
    return tensors<picture<"latent_sample", latent_channels, height / factor, width / factor>>;
  }
};

/// Such latents to images (diffusers, "dcae-decoder"), with as many channels as its encoder takes.
template <auto... Options>
struct DcaeDecoderOnnxConfig : AutoencoderOnnxConfig<DcaeDecoderOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "dcae-decoder";
  static constexpr auto parameters = normalized(latent_channels = 4, out_channels.named<"in_channels"> = 3,
                                                num_stages.named<"decoder_block_out_channels#"> = 6);
  static consteval auto declared_inputs() {
    return tensors<dummy_picture<"latent_sample", latent_channels, latent_height, latent_width>>;
  }
  static consteval auto declared_outputs() {
    constexpr auto factor = DcaeDecoderOnnxConfig::factor;
    return tensors<picture<"sample", out_channels, latent_height * factor, latent_width * factor>>;
  }
};

}  // namespace constexport
