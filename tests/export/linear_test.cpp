// Products, attention, normalisation, activations, convolutions, reductions, against LibTorch through ONNX Runtime.
#include "support.hpp"

#include <catch2/catch_test_macros.hpp>

using export_tests::list;
using export_tests::run_export;

TEST_CASE("products of matrices") {
  CHECK(run_export({{"a float32 [n, m]", "b float32 [m, k]"}, {"y float32 [n, k]"}}, [](list const& x) -> list {
          return {torch::mm(x[0], x[1])};
        }).error == "");
  CHECK(
      run_export({{"a float32 [n, 2, m, 3]", "b float32 [2, 3, k]"}, {"y float32 [n, 2, m, k]", "z float32 [n, 2, m]"}},
                 [](list const& x) -> list {
                   return {torch::matmul(x[0], x[1]), torch::matmul(x[0], torch::ones({3}))};
                 })
          .error == "");
  CHECK(run_export({{"a float32 [n, m, 3]", "b float32 [n, 3, k]", "c float32 [n, 1, k]"},
                    {"y float32 [n, m, k]", "z float32 [n, m, k]"}},
                   [](list const& x) -> list {
                     return {torch::bmm(x[0], x[1]), torch::baddbmm(x[2], x[0], x[1], 0.5, 2)};
                   })
            .error == "");
  CHECK(run_export({{"a float32 [n, m]", "b float32 [m, k]", "c float32 [k]"}, {"y float32 [n, k]"}},
                   [](list const& x) -> list { return {torch::addmm(x[2], x[0], x[1], 0.5, 2)}; })
            .error == "");
}

TEST_CASE("a linear layer is one node on rows and two on batches") {
  torch::manual_seed(5);
  torch::nn::Linear layer(6, 4);
  auto const rows = run_export({{"x float32 [n, 6]"}, {"y float32 [n, 4]"}}, *layer,
                               [=](list const& x) mutable -> list { return {layer(x[0])}; });
  CHECK(rows.error == "");
  CHECK(rows.nodes == 1);
  auto const batches = run_export({{"x float32 [n, m, 6]"}, {"y float32 [n, m, 4]"}}, *layer,
                                  [=](list const& x) mutable -> list { return {layer(x[0])}; });
  CHECK(batches.error == "");
  CHECK(batches.nodes == 2);
  // The rows of a batch and back: neither needs a node.
  auto const flat =
      run_export({{"x float32 [n, m, 6]"}, {"y float32 [n, m, 4]"}}, *layer, [=](list const& x) mutable -> list {
        return {layer(x[0].reshape({-1, 6})).view({x[0].size(0), x[0].size(1), 4})};
      });
  CHECK(flat.error == "");
  CHECK(flat.nodes == 2);
}

#if TORCH_VERSION_MAJOR >= 2
TEST_CASE("scaled dot-product attention") {
  for (bool const causal : {false, true})
    CHECK(run_export({{"q float32 [n, 2, m, 8]", "k float32 [n, 2, p, 8]", "v float32 [n, 2, p, 8]"},
                      {"y float32 [n, 2, m, 8]"}},
                     [causal](list const& x) -> list {
                       return {torch::scaled_dot_product_attention(x[0], x[1], x[2], {}, 0.0, causal)};
                     })
              .error == "");
  CHECK(run_export({{"q float32 [n, 2, m, 8]", "k float32 [n, 2, p, 8]", "mask float32 [n, 1, 1, p]"},
                    {"y float32 [n, 2, m, 8]"}},
                   [](list const& x) -> list {
                     return {torch::scaled_dot_product_attention(x[0], x[1], x[1], x[2], 0.0, false)};
                   })
            .error == "");
}
#endif

TEST_CASE("normalisation is one node") {
  torch::nn::LayerNorm norm(torch::nn::LayerNormOptions({5}));
  auto const layer = run_export({{"x float32 [n, m, 5]"}, {"y float32 [n, m, 5]"}}, *norm,
                                [=](list const& x) mutable -> list { return {norm(x[0])}; });
  CHECK(layer.error == "");
  CHECK(layer.nodes == 1);
  CHECK(run_export({{"x float32 [n, 3, 5]"}, {"y float32 [n, 3, 5]"}}, [](list const& x) -> list {
          return {torch::layer_norm(x[0], {3, 5})};
        }).error == "");
  torch::manual_seed(7);
  torch::nn::BatchNorm2d batch(3);
  batch->running_mean.uniform_();
  batch->running_var.uniform_(0.5, 2);
  auto const made = run_export({{"x float32 [n, 3, h, w]"}, {"y float32 [n, 3, h, w]"}}, *batch,
                               [=](list const& x) mutable -> list { return {batch(x[0])}; });
  CHECK(made.error == "");
  CHECK(made.nodes == 1);
}

TEST_CASE("activations at every operator set") {
  for (int const opset : {17, 18, 19, 20, 21}) {
    auto const made = run_export(
        {{"x float32 [n, m]"}, {"a float32 [n, m]", "b float32 [n, m]", "c float32 [n, m]", "d float32 [n]"}},
        [](list const& x) -> list {
          auto const y = 4 * x[0] - 2;
          return {torch::gelu(y), torch::gelu(y, "tanh"), torch::softmax(y, 0), y.mean(1)};
        },
        opset);
    CHECK(made.error == "");
    CHECK(made.node_counts.count("Gelu") == (opset >= 20 ? 1u : 0u));
  }
  CHECK(run_export(
            {{"x float32 [n, m]"}, {"a float32 [n, m]", "b float32 [n, m]", "c float32 [n, m]", "d float32 [n, m]"}},
            [](list const& x) -> list {
              auto const y = 4 * x[0] - 2;
              return {torch::silu(y), torch::leaky_relu(y, 0.1), torch::log_softmax(y, -1),
                      torch::hardtanh(y, -0.5, 1.5)};
            })
            .error == "");
}

TEST_CASE("convolutions and pooling follow their length formulas") {
  torch::manual_seed(11);
  export_tests::interface const image{
      {"x float32 [n, 3, h, w]"},
      {"a float32 [n, 4, (h - 1) // 2 + 1, w - 2]", "b float32 [n, 4, 1, 1]", "c float32 [n, 3, h // 2, w // 2]"},
      {"h:16:8", "w:16:8"}};
  torch::nn::Conv2d conv(torch::nn::Conv2dOptions(3, 4, 3).stride({2, 1}).padding({1, 0}));
  CHECK(run_export(image, *conv, [=](list const& x) mutable -> list {
          auto const y = conv(x[0]);
          return {y, torch::adaptive_avg_pool2d(y, {1, 1}), torch::max_pool2d(x[0], 2)};
        }).error == "");
  export_tests::interface const sound{
      {"x float32 [n, 2, t]"}, {"y float32 [n, 4, t // 3 - 1]", "z float32 [n, 2, t - 2]"}, {"t:40:12"}};
  torch::nn::Conv1d wide(torch::nn::Conv1dOptions(2, 4, 6).stride(3).groups(2).bias(false));
  CHECK(run_export(sound, *wide, [=](list const& x) mutable -> list {
          return {wide(x[0]), torch::avg_pool1d(x[0], 3, 1)};
        }).error == "");
}

TEST_CASE("reductions") {
  CHECK(run_export({{"x float32 [n, m, 4]"},
                    {"a float32 [n, 4]", "b float32 [n, 1, 1]", "c float32 []", "d float32 [n, m, 4]",
                     "e float32 [m, 4]", "f int64 [n, m]"}},
                   [](list const& x) -> list {
                     return {x[0].mean(1),   x[0].sum({1, 2}, true), x[0].mean(),
                             x[0].cumsum(1), torch::amax(x[0], {0}), x[0].argmax(-1)};
                   })
            .error == "");
  CHECK(run_export({{"x int64<9> [n, m]"}, {"a int64 [n]", "b int64 [n, m]"}}, [](list const& x) -> list {
          return {x[0].sum(1), (x[0] != 0).cumsum(1)};
        }).error == "");
}
