// Whole models of texts and sequences, written in torch::nn, against LibTorch through ONNX Runtime.
#include "models/bert.hpp"
#include "models/gpt2.hpp"
#include "models/sequences.hpp"
#include "models/t5.hpp"
#include "support.hpp"
#include <constexport/models/bert.hpp>
#include <constexport/models/gpt2.hpp>
#include <constexport/models/t5.hpp>

#include <catch2/catch_test_macros.hpp>

#include <iostream>

using export_tests::list;
using export_tests::run_export;
using namespace constexport;

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

TEST_CASE("BERT through its configuration") {
  torch::manual_seed(1);
  examples::bert_config sizes;
  sizes.vocab_size = 50;
  sizes.hidden_size = 24;
  sizes.num_hidden_layers = 2;
  sizes.num_attention_heads = 2;
  sizes.intermediate_size = 40;
  examples::bert model(sizes);
  constexpr BertOnnxConfig<feature_extraction> config{num_layers = 2, hidden_size = 24, num_attention_heads = 2,
                                                      vocab_size = 50};
  auto const made =
      run_export(config.bind(), model, [&](list const& x) -> list { return {model.forward(x[0], x[1], x[2])}; });
  CHECK(made.error == "");
}

TEST_CASE("GPT-2 as a decoder step, whose lengths add up, through its configuration") {
  torch::manual_seed(2);
  examples::gpt2_config sizes;
  sizes.vocab_size = 60;
  sizes.n_embd = 32;
  sizes.n_layer = 2;
  sizes.n_head = 4;
  examples::gpt2 model(sizes);
  constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> config{
      num_layers = 2, hidden_size = 32, num_attention_heads = 4, vocab_size = 60};
  auto const made = run_export(config.bind(), model, [&](list const& x) -> list { return model.forward(x); });
  CHECK(made.error == "");
  CHECK(made.nodes <= 95);
  // Without a past: the tied head is a view of the embeddings.
  constexpr GPT2OnnxConfig<text_generation> without{num_layers = 2, hidden_size = 32, num_attention_heads = 4,
                                                    vocab_size = 60};
  auto const fresh = run_export(without.bind(), model, [&](list const& x) -> list { return {model.forward(x)[0]}; });
  CHECK(fresh.error == "");
}

TEST_CASE("T5's encoder and its decoder with a past, through their configurations") {
  torch::manual_seed(6);
  test_models::t5_config const sizes;
  constexpr T5OnnxConfig<text2text_generation, encoder> encodes{num_layers = 2, num_attention_heads = 4,
                                                                hidden_size = 24, head_dim = 6, vocab_size = 40};
  test_models::t5_encoder reader(sizes);
  auto const read =
      run_export(encodes.bind(), reader, [&](list const& x) -> list { return {reader.forward(x[0], x[1])}; });
  CHECK(read.error == "");

  constexpr auto decodes = encodes.with_behavior<decoder, use_past, use_past_in_inputs>();
  test_models::t5_decoder writer(sizes);
  auto const written = run_export(decodes.bind(), writer, [&](list const& x) -> list { return writer.forward(x); });
  CHECK(written.error == "");
}

TEST_CASE("an LSTM and a GRU that tag words") {
  torch::manual_seed(7);
  test_models::lstm_tagger lstm(30, 8, 5);
  auto const long_term =
      run_export({{"words int64<30> [batch, length]"}, {"tags float32 [batch, length, 5]", "last float32 [batch, 16]"}},
                 lstm, [&](list const& x) -> list {
                   auto const [tags, last] = lstm.forward(x[0]);
                   return {tags, last};
                 });
  CHECK(long_term.error == "");
  CHECK(long_term.node_counts.at("LSTM") == 2);
  test_models::gru_tagger gru(30, 8, 5);
  auto const gated = run_export({{"words int64<30> [batch, length]"}, {"tags float32 [batch, length, 5]"}}, gru,
                                [&](list const& x) -> list { return {gru.forward(x[0])}; });
  CHECK(gated.error == "");
  CHECK(gated.node_counts.at("GRU") == 1);
}

TEST_CASE("LibTorch's own Transformer translates") {
  torch::manual_seed(8);
  test_models::translator model(30, 16);
  auto const made = run_export({{"source int64<30> [batch, length]", "target int64<30> [batch, written]"},
                                {"words float32 [batch, written, 30]"}},
                               model, [&](list const& x) -> list { return {model.forward(x[0], x[1])}; });
  CHECK(made.error == "");
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
