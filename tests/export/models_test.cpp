// Whole models, written in torch::nn, against LibTorch through ONNX Runtime.
#include "models/bert.hpp"
#include "models/gpt2.hpp"
#include "models/vit.hpp"
#include "support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <iostream>

using export_tests::list;
using export_tests::run_export;

TEST_CASE("BERT of MiniLM's shape has few nodes, at every operator set") {
  torch::manual_seed(1);
  examples::bert_config config;
  config.vocab_size = 100;
  config.hidden_size = 48;
  config.num_hidden_layers = 6;
  config.intermediate_size = 96;
  examples::bert model(config);
  for (int const opset : {17, 18, 19, 20, 21}) {
    auto const made = run_export(
        {{"input_ids int64<100> [batch, length]", "attention_mask int64<2> [batch, length]",
          "token_type_ids int64<2> [batch, length]"},
         {"last_hidden_state float32 [batch, length, 48]"},
         {"length:16:1:512"}},
        model, [&](list const& x) -> list { return {model.forward(x[0], x[1], x[2])}; }, opset);
    CHECK(made.error == "");
    CHECK(made.nodes <= (opset >= 20 ? 195u : 220u));
    CHECK(made.node_counts.count("Concat") == 0);
    CHECK(made.node_counts.at("Shape") == 1);
    CHECK(made.assumptions.empty());
  }
}

TEST_CASE("GPT-2 with its past, whose lengths add up") {
  torch::manual_seed(2);
  examples::gpt2_config config;
  config.vocab_size = 60;
  config.n_embd = 32;
  config.n_layer = 2;
  config.n_head = 4;
  examples::gpt2 model(config);
  export_tests::interface shape {
    {"input_ids int64<60> [batch, length]", "attention_mask int64<2> [batch, past + length]"},
        {"logits float32 [batch, length, 60]"}, {
      "length:16", "past:16:0"
    }
  };
  for (char const* layer : {"0", "1"})
    for (char const* part : {".key", ".value"}) {
      shape.inputs.push_back(std::string("past_key_values.") + layer + part + " float32 [batch, 4, past, 8]");
      shape.outputs.push_back(std::string("present.") + layer + part + " float32 [batch, 4, past + length, 8]");
    }
  shape.inputs.push_back("position_ids int64<60> [batch, length]");
  auto const made = run_export(shape, model, [&](list const& x) -> list { return model.forward(x); });
  CHECK(made.error == "");
  CHECK(made.nodes <= 95);
  // Without a past: the tied head is a view of the embeddings.
  auto const fresh = run_export({{"input_ids int64<60> [batch, length]", "attention_mask int64<2> [batch, length]",
                                  "position_ids int64<60> [batch, length]"},
                                 {"logits float32 [batch, length, 60]"}},
                                model, [&](list const& x) -> list { return {model.forward(x)[0]}; });
  CHECK(fresh.error == "");
}

TEST_CASE("ViT") {
  torch::manual_seed(3);
  examples::vit_config config;
  config.hidden_size = 32;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 4;
  config.intermediate_size = 64;
  config.image_size = 32;
  config.patch_size = 8;
  examples::vit_for_image_classification model(config, 5);
  auto const made = run_export({{"pixel_values float32 [batch, 3, 32, 32]"}, {"logits float32 [batch, 5]"}}, model,
                               [&](list const& x) -> list { return {model.forward(x[0])}; });
  CHECK(made.error == "");
  CHECK(made.nodes <= 80);
}

TEST_CASE("LibTorch's own attention and transformer layers") {
  torch::manual_seed(4);
  torch::nn::MultiheadAttention attention(torch::nn::MultiheadAttentionOptions(16, 4));
  auto const made = run_export({{"q float32 [length, batch, 16]", "k float32 [source, batch, 16]"},
                                {"y float32 [length, batch, 16]", "weights float32 [batch, length, source]"}},
                               *attention, [&](list const& x) -> list {
                                 auto const [y, weights] = attention->forward(x[0], x[1], x[1]);
                                 return {y, weights};
                               });
  CHECK(made.error == "");
  torch::nn::TransformerEncoder encoder(
      torch::nn::TransformerEncoderOptions(torch::nn::TransformerEncoderLayerOptions(16, 4).dim_feedforward(32), 2));
  auto const stack = run_export({{"x float32 [length, batch, 16]"}, {"y float32 [length, batch, 16]"}}, *encoder,
                                [&](list const& x) -> list { return {encoder->forward(x[0])}; });
  CHECK(stack.error == "");
}

TEST_CASE("a small convolutional network") {
  torch::manual_seed(5);
  using namespace torch::nn;
  Sequential net(Conv2d(Conv2dOptions(1, 4, 3).padding(1)), BatchNorm2d(4), ReLU(ReLUOptions(true)),
                 MaxPool2d(MaxPool2dOptions(2)), Conv2d(Conv2dOptions(4, 8, 3).stride(2)), Functional(torch::relu),
                 AdaptiveAvgPool2d(AdaptiveAvgPool2dOptions({1, 1})), Flatten(), Linear(8, 3));
  auto const made =
      run_export({{"x float32 [batch, 1, height, width]"}, {"y float32 [batch, 3]"}, {"height:32:10", "width:32:10"}},
                 *net, [&](list const& x) -> list { return {net->forward(x[0])}; });
  CHECK(made.error == "");
  CHECK(made.nodes <= 9);
}
