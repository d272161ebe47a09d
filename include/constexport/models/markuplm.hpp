/// models/markuplm.hpp: MarkupLM.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/models/bert.hpp>

namespace constexport {

// clang-format off
struct xpath_depth_parameter final : parameter<xpath_depth_parameter, "max_depth"> { using parameter::operator=; };
struct tag_pad_id_parameter final : parameter<tag_pad_id_parameter, "tag_pad_id"> { using parameter::operator=; };
struct subs_pad_id_parameter final : parameter<subs_pad_id_parameter, "subs_pad_id"> { using parameter::operator=; };
// clang-format on
inline constexpr xpath_depth_parameter xpath_depth{};  ///< of the markup tree
inline constexpr tag_pad_id_parameter tag_pad_id{};
inline constexpr subs_pad_id_parameter subs_pad_id{};

/// Per token, one number for each step of its path in the markup tree: below `Padding`, which stands for no step.
template <fixed_string Name, auto Padding>
struct xpath_steps : tensor<Name, dtype::int64, batch_size, sequence_length, named<"max_depth", xpath_depth>> {
  static constexpr auto values = uniform<0, Padding>;
};

/// MarkupLM (`model_type` "markuplm").
template <auto... Options>
struct MarkupLMOnnxConfig : TextEncoderOnnxConfig<MarkupLMOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "markuplm";
  static constexpr bool has_use_cache = true;
  static constexpr auto tasks =
      supports(feature_extraction, text_classification, token_classification, question_answering);
  static constexpr auto model_inputs =
      join(BertOnnxConfig<>::model_inputs,
           tensors<xpath_steps<"xpath_subs_seq", subs_pad_id>, xpath_steps<"xpath_tags_seq", tag_pad_id>>);
  static constexpr auto parameters =
      normalized(BertOnnxConfig<>::parameters, xpath_depth = 50, tag_pad_id = 216, subs_pad_id = 1001);
};

}  // namespace constexport
