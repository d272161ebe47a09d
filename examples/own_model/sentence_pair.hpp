/// A model that the library does not know, in a file of its own: two texts in, one score out.
#pragma once

#include <constexport/config/text_encoder.hpp>

namespace my_company {

using namespace constexport;

// An axis and a parameter of its own. Named structs, so that the compiler's messages print these names.
struct candidates_axis final : axis<candidates_axis, "candidates", 8> {
  using axis::operator=;
};
inline constexpr candidates_axis candidates{};
struct score_size_parameter final : parameter<score_size_parameter, "score_size"> {
  using parameter::operator=;
};
inline constexpr score_size_parameter score_size{};

// A tensor with a value rule for its dummies: ids below the vocabulary, (batch, candidates, tokens).
struct candidate_ids : tensor<"candidate_ids", dtype::int64, batch_size, candidates, sequence_length> {
  static constexpr auto values = uniform<0, vocab_size>;
};

template <auto... Options>
struct SentencePairOnnxConfig : TextEncoderOnnxConfig<SentencePairOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "sentence-pair";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized(hidden_size = 256, vocab_size = 8000, score_size.named<"head.width"> = 4);
  static constexpr auto model_inputs = tensors<input_ids, attention_mask, candidate_ids>;
  static consteval auto declared_outputs() {
    return tensors<tensor<"scores", dtype::float32, batch_size, candidates, score_size>>;
  }
};

}  // namespace my_company
