// EXPECT: an axis has a negative minimum size; use 0 or more
#include <constexport/config/text_decoder.hpp>
using namespace constexport;
struct window_axis final : axis<window_axis, "window", 4, -1> {};
inline constexpr window_axis window{};
template <auto... Options>
struct MyOnnxConfig : OnnxConfig<MyOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "mine";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized(hidden_size = 8, vocab_size = 9, num_layers = 2);
  static consteval auto declared_inputs() { return tensors<tensor<"x", dtype::float32, window>>; }
  static consteval auto declared_outputs() { return tensors<tensor<"y", dtype::float32, window>>; }
};
constexpr auto list = MyOnnxConfig<>::inputs();
