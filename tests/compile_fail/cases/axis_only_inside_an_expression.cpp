// EXPECT: an axis occurs only inside expressions, so that no shape tells its size
#include <constexport/config/text_decoder.hpp>
using namespace constexport;

template <auto... Options>
struct MyOnnxConfig : OnnxConfig<MyOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mine";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized(hidden_size = 8, vocab_size = 9, num_layers = 2);
  static consteval auto declared_inputs() { return tensors<input_ids, past_attention_mask>; }
  static consteval auto declared_outputs() { return tensors<last_hidden_state<sequence_length>>; }
};
constexpr auto list = MyOnnxConfig<>::inputs();
