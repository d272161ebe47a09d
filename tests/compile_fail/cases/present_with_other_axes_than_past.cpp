// EXPECT: a present output may differ from its past input in the sequence axis only; declare both in one cache
#include <constexport/config/text_decoder.hpp>
using namespace constexport;
template <auto... Options>
struct MyOnnxConfig : TextDecoderOnnxConfig<MyOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mine";
  static constexpr auto tasks = supports(text_generation.with_past);
  static constexpr auto parameters =
      normalized(num_layers = 2, num_attention_heads = 2, hidden_size = 8, vocab_size = 9);
  using key = with_role<tensor<"present.*.key", dtype::float32, batch_size, sequence_length, num_attention_heads, hidden_size>,
                        tensor_role::present>;
  static consteval auto declared_outputs() {
    return tensors<token_logits<sequence_length>, repeat<num_layers, key>>;
  }
};
constexpr auto list = MyOnnxConfig<text_generation, use_past, use_past_in_inputs>::outputs();
