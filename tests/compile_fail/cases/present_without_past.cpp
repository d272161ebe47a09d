// EXPECT: a present output has no past input of the same name after the first dot; declare both in one cache
#include <constexport/config/text_decoder.hpp>
using namespace constexport;
template <auto... Options>
struct MyOnnxConfig : TextDecoderOnnxConfig<MyOnnxConfig<Options...>, Options...> {
  using base = TextDecoderOnnxConfig<MyOnnxConfig<Options...>, Options...>;
  static constexpr std::string_view model_type = "mine";
  static constexpr auto tasks = supports(text_generation.with_past);
  static constexpr auto parameters =
      normalized(num_layers = 2, num_attention_heads = 2, hidden_size = 8, vocab_size = 9);
  using keys = with_role<tensor<"present.*.state", dtype::float32, batch_size, hidden_size>, tensor_role::present>;
  static consteval auto declared_outputs() { return join(base::declared_outputs(), tensors<repeat<num_layers, keys>>); }
};
constexpr auto list = MyOnnxConfig<text_generation, use_past, use_past_in_inputs>::outputs();
