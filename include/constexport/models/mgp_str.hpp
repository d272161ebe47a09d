/// models/mgp_str.hpp: MGP-STR.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/vision.hpp>

namespace constexport {

struct num_character_labels_parameter final : parameter<num_character_labels_parameter, "num_character_labels"> {
  using parameter::operator=;
};
inline constexpr num_character_labels_parameter num_character_labels{};

struct num_bpe_labels_parameter final : parameter<num_bpe_labels_parameter, "num_bpe_labels"> {
  using parameter::operator=;
};
inline constexpr num_bpe_labels_parameter num_bpe_labels{};

struct num_wordpiece_labels_parameter final : parameter<num_wordpiece_labels_parameter, "num_wordpiece_labels"> {
  using parameter::operator=;
};
inline constexpr num_wordpiece_labels_parameter num_wordpiece_labels{};

struct max_token_length_parameter final : parameter<max_token_length_parameter, "max_token_length"> {
  using parameter::operator=;
};
inline constexpr max_token_length_parameter max_token_length{};

/// MGP-STR (`model_type` "mgp-str"; transformers' MgpstrConfig) reads text: characters, and tokens of two vocabularies.
template <auto... Options>
struct MgpstrOnnxConfig : VisionOnnxConfig<MgpstrOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mgp-str";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters =
      normalized(image_size(32, 128), num_channels = 3, max_token_length = 27, num_character_labels = 38,
                 num_bpe_labels = 50257, num_wordpiece_labels = 30522);
  static consteval auto declared_outputs() {
    return tensors<scores<"char_logits", num_character_labels>, scores<"bpe_logits", num_bpe_labels>,
                   scores<"wp_logits", num_wordpiece_labels>>;
  }

 private:
  template <fixed_string Name, auto Labels>
  using scores = tensor<Name, dtype::float32, batch_size, max_token_length, Labels>;
};

}  // namespace constexport
