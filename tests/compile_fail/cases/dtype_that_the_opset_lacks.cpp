// EXPECT: the operator set has no such element type; use a newer opset<> or another dtype
#include <constexport/config/text_decoder.hpp>
using namespace constexport;

template <auto... Options>
struct MyOnnxConfig : OnnxConfig<MyOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mine";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized(hidden_size = 8, vocab_size = 9, num_layers = 2);
  static consteval auto declared_inputs() { return tensors<input_ids, tensor<"packed", dtype::int4, batch_size>>; }
  static consteval auto declared_outputs() { return tensors<last_hidden_state<sequence_length>>; }
};
constexpr auto list = MyOnnxConfig<>::inputs();
