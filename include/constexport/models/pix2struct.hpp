/// models/pix2struct.hpp: Pix2Struct.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/seq2seq.hpp>

namespace constexport {

struct max_patches_parameter final
    : parameter<max_patches_parameter, "max_patches", 1, "@image_processor.max_patches|@max_patches"> {
  using parameter::operator=;
};
inline constexpr max_patches_parameter max_patches{};

struct patch_height_parameter final
    : parameter<patch_height_parameter, "patch_height", 1, "@image_processor.patch_size.height|@patch_size.height"> {
  using parameter::operator=;
};
inline constexpr patch_height_parameter patch_height{};

struct patch_width_parameter final
    : parameter<patch_width_parameter, "patch_width", 1, "@image_processor.patch_size.width|@patch_size.width"> {
  using parameter::operator=;
};
inline constexpr patch_width_parameter patch_width{};

struct patch_embed_hidden_size_parameter final
    : parameter<patch_embed_hidden_size_parameter, "patch_embed_hidden_size"> {
  using parameter::operator=;
};
inline constexpr patch_embed_hidden_size_parameter patch_embed_hidden_size{};

struct vision_hidden_size_parameter final : parameter<vision_hidden_size_parameter, "vision_hidden_size"> {
  using parameter::operator=;
};
inline constexpr vision_hidden_size_parameter vision_hidden_size{};

struct vision_attention_heads_parameter final : parameter<vision_attention_heads_parameter, "vision_attention_heads"> {
  using parameter::operator=;
};
inline constexpr vision_attention_heads_parameter vision_attention_heads{};

/// Pix2Struct (`model_type` "pix2struct"; transformers' Pix2StructConfig). Images come as patches of their own sizes,
/// as many as its preprocessor makes.
template <auto... Options>
struct Pix2StructOnnxConfig : OnnxSeq2SeqConfigWithPast<Pix2StructOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "pix2struct";
  static constexpr auto tasks = supports(image_to_text.with_past);
  static constexpr auto parameters = normalized(
      num_layers.named<"text_config.num_layers"> = 12, num_attention_heads.named<"text_config.num_heads"> = 12,
      hidden_size.named<"text_config.hidden_size"> = 768, head_dim.named<"text_config.d_kv"> = 64,
      vocab_size.named<"text_config.vocab_size"> = 50244, vision_hidden_size.named<"vision_config.hidden_size"> = 768,
      vision_attention_heads.named<"vision_config.num_attention_heads"> = 12,
      patch_embed_hidden_size.named<"vision_config.patch_embed_hidden_size"> = 768, max_patches = 2048,
      patch_height = 16, patch_width = 16);
  static constexpr bool has_use_cache = false;

 private:
  // Optimum makes the heads' size of the decoder's hidden size.
  template <fixed_string Name>
  using own_entry = dummy_shaped<cache_entry<Name, batch_size, num_attention_heads, growing, head_dim>, batch_size,
                                 num_attention_heads, growing, hidden_size / num_attention_heads>;
  template <fixed_string Name>
  using image_entry = dummy_shaped<
      cache_entry<Name, batch_size, num_attention_heads, named<"encoder_sequence_length", max_patches>, head_dim>,
      batch_size, vision_attention_heads, max_patches, hidden_size / vision_attention_heads>;

 public:
  static constexpr auto past_key_values = cache<num_layers, own_entry<"decoder.key">, own_entry<"decoder.value">,
                                                image_entry<"encoder.key">, image_entry<"encoder.value">>{};

  static consteval auto declared_inputs() {
    if constexpr (base::is_encoder)
      return tensors<patches, patch_mask>;
    else if constexpr (base::is_decoder)
      return add_decoder(
          tensors<dummy_shaped<encoded<"encoder_outputs">, batch_size, max_patches, hidden_size>, patch_mask>);
    else
      return add_decoder(tensors<patches, patch_mask>);
  }
  static consteval auto declared_outputs() {
    if constexpr (base::is_encoder)
      return tensors<encoded<"last_hidden_state">>;
    else if constexpr (base::is_decoder)
      return base::decoder_outputs();
    else
      return join(base::decoder_outputs(), tensors<encoded<"encoder_last_hidden_state">>);
  }

 private:
  using base = OnnxSeq2SeqConfigWithPast<Pix2StructOnnxConfig, Options...>;
  // Where a patch is (two numbers), and its pixels; Optimum's dummies count the channels of the dummy shapes.
  using patches = dummy_shaped<
      tensor<"flattened_patches", dtype::float32, batch_size, max_patches, int_c<2> + patch_embed_hidden_size>,
      batch_size, max_patches, int_c<2> + patch_height * patch_width * image_channels>;
  using patch_mask = token_mask<"attention_mask", max_patches>;
  template <fixed_string Name>
  using encoded = tensor<Name, dtype::float32, batch_size, max_patches, vision_hidden_size>;
  template <class List>
  static consteval auto add_decoder(List image_side) {
    constexpr auto length = decoder_sequence_length;
    if constexpr (base::past_in_inputs)
      return join(base::add_decoder_inputs(image_side),
                  tensors<dummy_shaped<decoder_mask<past_decoder_sequence_length + length>, batch_size,
                                       past_decoder_sequence_length + int_c<1>>>);
    else
      return join(base::add_decoder_inputs(image_side), tensors<decoder_mask<length>>);
  }
  template <auto Length>
  using decoder_mask = tensor<"decoder_attention_mask", dtype::int64, batch_size, Length>;
};

}  // namespace constexport
