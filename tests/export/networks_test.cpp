// Whole networks for images and sound, written in torch::nn, against LibTorch through ONNX Runtime.
#include "models/networks.hpp"

#include "models/clip.hpp"
#include "models/speech.hpp"
#include "models/vit.hpp"
#include "support.hpp"
#include <constexport/models/clip.hpp>
#include <constexport/models/mobilenet.hpp>
#include <constexport/models/resnet.hpp>
#include <constexport/models/vit.hpp>
#include <constexport/models/wav2vec2.hpp>
#include <constexport/models/whisper.hpp>

#include <catch2/catch_test_macros.hpp>

using export_tests::list;
using export_tests::run_export;
using namespace constexport;

namespace {

/// Statistics as training would leave them, so that a normalisation that is lost shows.
void give_statistics(torch::nn::Module& module) {
  torch::NoGradGuard const no_grad;
  for (auto& each : module.named_buffers())
    if (each.key().ends_with("running_mean"))
      each.value().normal_(0, 0.2);
    else if (each.key().ends_with("running_var"))
      each.value().uniform_(0.5, 2);
}

template <class Model>
auto one_input(Model& model) {
  return [&model](list const& x) -> list { return {model.forward(x[0])}; };
}

}  // namespace

TEST_CASE("a perceptron") {
  torch::manual_seed(1);
  test_models::mlp model(6, 16, 4);
  auto const made = run_export({{"x float32 [batch, 6]"}, {"y float32 [batch, 4]"}}, model, one_input(model));
  CHECK(made.error == "");
  CHECK(made.nodes <= 11);
}

TEST_CASE("LeNet") {
  torch::manual_seed(2);
  test_models::lenet model;
  auto const made =
      run_export({{"image float32 [batch, 1, 28, 28]"}, {"y float32 [batch, 10]"}}, model, one_input(model));
  CHECK(made.error == "");
  CHECK(made.nodes <= 12);
}

TEST_CASE("ResNet-18 through its configuration") {
  torch::manual_seed(3);
  test_models::resnet18 model(4, 5);
  give_statistics(model);
  constexpr ResNetOnnxConfig<image_classification> config{num_labels = 5};
  auto const made = run_export(config.bind(), model, one_input(model));
  CHECK(made.error == "");
  CHECK(made.nodes <= 69);
}

TEST_CASE("MobileNet through its configuration") {
  torch::manual_seed(4);
  test_models::mobilenet model(5);
  give_statistics(model);
  constexpr MobileNetV2OnnxConfig<image_classification> config{num_labels = 5, image_height = 32, image_width = 32};
  auto const made = run_export(config.bind(), model, one_input(model));
  CHECK(made.error == "");
}

TEST_CASE("U-Net, whose image is a multiple of 4") {
  torch::manual_seed(5);
  test_models::u_net model(3, 4, 2);
  auto const made = run_export({{"image float32 [batch, 3, 4 * rows, 4 * columns]"},
                                {"classes float32 [batch, 2, 4 * rows, 4 * columns]"},
                                {"rows:4:1:16", "columns:4:1:16"}},
                               model, one_input(model));
  CHECK(made.error == "");
}

TEST_CASE("ViT through its configuration") {
  torch::manual_seed(6);
  examples::vit_config sizes;
  sizes.hidden_size = 32;
  sizes.num_hidden_layers = 2;
  sizes.num_attention_heads = 4;
  sizes.intermediate_size = 64;
  sizes.image_size = 32;
  sizes.patch_size = 8;
  examples::vit_for_image_classification model(sizes, 5);
  constexpr ViTOnnxConfig<image_classification> config{hidden_size = 32, image_height = 32, image_width = 32,
                                                       patch_size = 8, num_labels = 5};
  auto const made = run_export(config.bind(), model, one_input(model));
  CHECK(made.error == "");
  CHECK(made.nodes <= 80);
}

TEST_CASE("CLIP through its configuration, with a batch for each side") {
  torch::manual_seed(7);
  test_models::clip model(60, 32, 24, 16);
  constexpr CLIPOnnxConfig<zero_shot_image_classification> config{vocab_size = 60, image_channels = 3, height = 32,
                                                                  width = 32, projection_dim = 16};
  auto const made =
      run_export(config.bind(), model, [&](list const& x) -> list { return model.forward(x[0], x[1], x[2]); });
  CHECK(made.error == "");
}

TEST_CASE("Whisper's encoder and its decoder with a past, through their configurations") {
  torch::manual_seed(8);
  test_models::whisper_config const sizes;
  constexpr WhisperOnnxConfig<automatic_speech_recognition, encoder> encodes{
      num_layers = 2,  num_attention_heads = 4, hidden_size = 24,
      vocab_size = 50, feature_size = 8,        max_source_positions = 15};
  test_models::whisper_encoder reader(sizes);
  auto const read = run_export(encodes.bind(), reader, one_input(reader));
  CHECK(read.error == "");

  constexpr auto decodes = encodes.with_behavior<decoder, use_past, use_past_in_inputs>();
  test_models::whisper_decoder writer(sizes);
  auto const written = run_export(decodes.bind(), writer, [&](list const& x) -> list { return writer.forward(x); });
  CHECK(written.error == "");
}

TEST_CASE("wav2vec 2.0 through its configuration: frames of samples") {
  torch::manual_seed(9);
  test_models::wav2vec2 model(16, 12);
  constexpr Wav2Vec2OnnxConfig<automatic_speech_recognition> config{hidden_size = 16, vocab_size = 12};
  auto const made = run_export(config.bind(), model, one_input(model));
  CHECK(made.error == "");
}
