/// models/clip_text.hpp: the text models of CLIP and SigLIP.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/text_encoder.hpp>

namespace constexport {

// clang-format off
struct output_hidden_states_parameter final : parameter<output_hidden_states_parameter, "output_hidden_states", 0> {
  using parameter::operator=; };
// clang-format on
inline constexpr output_hidden_states_parameter output_hidden_states{};  ///< 1: the outputs of every layer too

/// The text side of models that embed images and texts into one space, as pipelines use it alone. `Outputs...` come
/// first.
template <class Derived, auto... Options>
struct ClipTextLikeOnnxConfig : TextEncoderOnnxConfig<Derived, Options...> {
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto model_inputs = tensors<input_ids>;
  static constexpr auto parameters = normalized(num_layers = 12, hidden_size = 512, vocab_size = 49408,
                                                projection_dim = 512, output_hidden_states = 0);

  static consteval auto declared_outputs() {
    using layer = tensor<"hidden_states.*", dtype::float32, batch_size, sequence_length, hidden_size>;
    return join(Derived::embeddings, tensors<repeat<(num_layers + int_c<1>)*output_hidden_states, layer>>);
  }
};

/// The text model of CLIP (diffusers, "clip-text").
template <auto... Options>
struct CLIPTextOnnxConfig : ClipTextLikeOnnxConfig<CLIPTextOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view library = "diffusers";
  static constexpr std::string_view model_type = "clip-text";
  static constexpr auto embeddings =
      tensors<last_hidden_state<sequence_length>, tensor<"pooler_output", dtype::float32, batch_size, hidden_size>>;
};

/// The text model of CLIP with its projection (diffusers, "clip-text-with-projection"). Optimum calls the width of the
/// projection `sequence_length`.
template <auto... Options>
struct CLIPTextWithProjectionOnnxConfig
    : ClipTextLikeOnnxConfig<CLIPTextWithProjectionOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view library = "diffusers";
  static constexpr std::string_view model_type = "clip-text-with-projection";
  static constexpr auto embeddings =
      tensors<tensor<"text_embeds", dtype::float32, batch_size, named<"sequence_length", projection_dim>>,
              last_hidden_state<sequence_length>>;
};

/// The text model of SigLIP (`model_type` "siglip-text").
template <auto... Options>
struct SiglipTextOnnxConfig : ClipTextLikeOnnxConfig<SiglipTextOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "siglip-text";
  static constexpr auto embeddings = CLIPTextOnnxConfig<>::embeddings;
  static constexpr auto parameters = normalized(CLIPTextOnnxConfig<>::parameters, hidden_size = 768, vocab_size = 32000,
                                                projection_dim.named<"projection_size"> = hidden_size);
};

/// The text model of SigLIP with its projection (`model_type` "siglip-text-with-projection").
template <auto... Options>
struct SiglipTextWithProjectionOnnxConfig
    : ClipTextLikeOnnxConfig<SiglipTextWithProjectionOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "siglip-text-with-projection";
  static constexpr auto embeddings = CLIPTextWithProjectionOnnxConfig<>::embeddings;
  static constexpr auto parameters = SiglipTextOnnxConfig<>::parameters;
};

}  // namespace constexport
