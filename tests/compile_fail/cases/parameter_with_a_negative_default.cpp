// EXPECT: a parameter is zero, negative or otherwise below its minimum; give it a legal value
#include <constexport/config/text_decoder.hpp>
using namespace constexport;

template <auto... Options>
struct MyOnnxConfig : OnnxConfig<MyOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mine";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized(hidden_size = -8, vocab_size = 9);
  static consteval auto declared_inputs() { return tensors<input_ids>; }
  static consteval auto declared_outputs() { return tensors<last_hidden_state<sequence_length>>; }
};
constexpr auto list = MyOnnxConfig<>::inputs();
