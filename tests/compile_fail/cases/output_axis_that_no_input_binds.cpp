// EXPECT: an output has an axis that no input has, so that its size is unknown
#include <constexport/config/text_decoder.hpp>
using namespace constexport;

template <auto... Options>
struct MyOnnxConfig : OnnxConfig<MyOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mine";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized(hidden_size = 8, vocab_size = 9, num_layers = 2);
  static consteval auto declared_inputs() { return tensors<input_ids>; }
  static consteval auto declared_outputs() { return tensors<tensor<"logits", dtype::float32, batch_size, num_choices>>; }
};
constexpr auto list = MyOnnxConfig<>::inputs();
